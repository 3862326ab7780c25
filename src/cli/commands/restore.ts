/** `regente restore`: a data folder made of a backup. */
import { restore as restoreInto } from '../../upkeep/restore.ts'
import { readConfig } from '../../config.ts'

import { countOf, sizeOf } from '../sizes.ts'

export interface RestoreFlags {
  readonly data?: string
}

export async function restore(source: string, { data }: RestoreFlags): Promise<number> {
  const { dataDirectory } = readConfig({ dataDirectory: data }, process.env)
  const { files, bytes } = await restoreInto(source, dataDirectory)
  process.stdout.write(`${source} is restored in ${dataDirectory}: ${countOf(files, 'file')}, ${sizeOf(bytes)}.\n`)
  return 0
}
