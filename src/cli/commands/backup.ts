/** `regente backup`: all that lasts of a data folder in one file or folder. */
import { backUp } from '../../upkeep/backup.ts'
import { readConfig } from '../../config.ts'

import { countOf, sizeOf } from '../sizes.ts'

export interface BackupFlags {
  readonly data?: string
}

export async function backup(target: string, { data }: BackupFlags): Promise<number> {
  const { dataDirectory } = readConfig({ dataDirectory: data }, process.env)
  const { files, bytes } = await backUp(dataDirectory, target)
  process.stdout.write(`${dataDirectory} is backed up in ${target}: ${countOf(files, 'file')}, ${sizeOf(bytes)}.\n`)
  return 0
}
