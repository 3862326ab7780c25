/**
 * Packs a folder into a zip whose bytes follow from its files alone: entries sorted by name, no times, fixed modes. The same
 * code gives the same hash, so an unchanged function is recognized. Symbolic links are followed only within the folder.
 * Source: Lambda's bound of 250 MB of unpacked code.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'

import { isDataFolder, isIgnoredName } from './ignored-paths.ts'
import { PropertyError } from './resources/resource.ts'

export interface ZipEntry {
  readonly name: string
  readonly data: Buffer
  readonly isExecutable?: boolean
}

const UNPACKED_BYTES_MAX = 250 * 1024 * 1024
/** The first day that the format knows: it has no time zones, so this is everybody's. */
const NO_TIME = new Date(1980, 0, 1)

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
        if (bytes > UNPACKED_BYTES_MAX) throw new PropertyError(`${folder} has more than 250 MB of code.`, 'CodeUri')
        entries.push({ name: entryName, data: await readFile(path), isExecutable: (status.mode & 0o111) !== 0 })
      }
    }
  }
  await visit(root, '')
  return entries
}

/** One entry after the other: yazl packs buffers all at once, and 5,000 small files took 1.2 GB. */
export function zipEntries(entries: readonly ZipEntry[]): Promise<Buffer> {
  const zip = new ZipFile()
  for (const { name, data, isExecutable } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const mode = 0o100000 | (isExecutable ? 0o755 : 0o644)
    const options = { mode, size: data.length, mtime: NO_TIME, forceDosTimestamp: true, compressionLevel: 9 }
    zip.addReadStreamLazy(name, options, (give) => give(null, Readable.from([data])))
  }
  zip.end()
  return buffer(zip.outputStream)
}

/** As Lambda reports it: CodeSha256. */
export const codeSha256 = (zip: Uint8Array): string => createHash('sha256').update(zip).digest('base64')
