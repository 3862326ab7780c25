/**
 * The files of a folder of code. Symbolic links are followed only within the folder.
 * Source: Lambda's bound of 250 MB of unpacked code.
 */
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'

import { PropertyError } from '../cloudformation/resources/resource.ts'
import { type ZipEntry, zipEntries } from '../cloudformation/zip.ts'

import { isDataFolder, isIgnoredName } from './ignored-paths.ts'

const UNPACKED_BYTES_MAX = 250 * 1024 * 1024

export const zipFolder = async (folder: string, excluded: readonly string[] = []): Promise<Buffer> =>
  zipEntries(await readFolder(folder, excluded))

/** The files of a folder, without what is no code (`ignored-paths.ts`). `excluded` folders are absolute. */
export async function readFolder(folder: string, excluded: readonly string[]): Promise<ZipEntry[]> {
  const root = await realpath(folder)
  const entries: ZipEntry[] = []
  let bytes = 0
  const visit = async (directory: string, name: string): Promise<void> => {
    for (const entry of await readdir(directory)) {
      if (isIgnoredName(entry, basename(directory))) continue
      const path = await realpath(join(directory, entry)).catch(() => undefined)
      const inside = path === undefined ? '..' : relative(root, path)
      if (path === undefined || inside === '..' || inside.startsWith(`..${sep}`)) continue
      const status = await stat(path)
      const entryName = name === '' ? entry : `${name}/${entry}`
      if (entryName.split('/').length > 60) continue
      if (status.isDirectory()) {
        if (!(await isDataFolder(path, excluded))) await visit(path, entryName)
      } else if (status.isFile()) {
        bytes += status.size
        if (bytes > UNPACKED_BYTES_MAX) throw new PropertyError(`${folder} has more than 250 MB of code.`, 'Code')
        entries.push({ name: entryName, data: await readFile(path), isExecutable: (status.mode & 0o111) !== 0 })
      }
    }
  }
  await visit(root, '')
  return entries
}
