import { open } from 'node:fs/promises'

/** Makes new names in a folder safe against a power cut, as far as the platform knows how: a file is as safe as its name is. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  await folder.sync().finally(() => folder.close())
}
