/**
 * Packs a folder into a zip whose bytes follow from its files alone: entries sorted by name, no times, fixed modes. The same
 * code gives the same hash, so an unchanged function is recognized. Symbolic links are followed only within the folder.
 * Source: PKWARE APPNOTE 6.3, sections 4.3.7 and 4.3.12; Lambda's bound of 250 MB of unpacked code.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { crc32, deflateRaw } from 'node:zlib'

export interface ZipEntry {
  readonly name: string
  readonly data: Uint8Array
  readonly isExecutable?: boolean
}

const UNPACKED_BYTES_MAX = 250 * 1024 * 1024
const SKIPPED = new Set(['.git', '.aws-sam', 'cdk.out', '.DS_Store', '__pycache__', '.venv'])
const deflate = promisify(deflateRaw)

export async function zipFolder(folder: string): Promise<Buffer> {
  const root = await realpath(folder)
  const entries: ZipEntry[] = []
  let bytes = 0
  const visit = async (directory: string, name: string): Promise<void> => {
    for (const entry of await readdir(directory)) {
      if (SKIPPED.has(entry)) continue
      const path = await realpath(join(directory, entry))
      const inside = relative(root, path)
      if (inside === '..' || inside.startsWith(`..${sep}`)) continue
      const status = await stat(path)
      const entryName = name === '' ? entry : `${name}/${entry}`
      if (entryName.split('/').length > 60) continue
      if (status.isDirectory()) await visit(path, entryName)
      else if (status.isFile()) {
        bytes += status.size
        if (bytes > UNPACKED_BYTES_MAX) throw new Error(`${folder} has more than 250 MB of code.`)
        entries.push({ name: entryName, data: await readFile(path), isExecutable: (status.mode & 0o111) !== 0 })
      }
    }
  }
  await visit(root, '')
  return zipEntries(entries)
}

export async function zipEntries(entries: readonly ZipEntry[]): Promise<Buffer> {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = Buffer.from(entry.name)
    const packed = await deflate(entry.data, { level: 9 })
    const facts = { crc: crc32(entry.data), packed: packed.length, size: entry.data.length, name: name.length }
    const local = localHeader(facts)
    bodies.push(local, name, packed)
    directory.push(centralHeader(facts, offset, entry.isExecutable === true), name)
    offset += local.length + name.length + packed.length
  }
  const central = Buffer.concat(directory)
  return Buffer.concat([...bodies, central, endRecord(entries.length, central.length, offset)])
}

/** As Lambda reports it: CodeSha256. */
export const codeSha256 = (zip: Uint8Array): string => createHash('sha256').update(zip).digest('base64')

interface Facts {
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly name: number
}

const VERSION = 20
const UTF8_NAMES = 0x0800
const DEFLATED = 8
/** 1 January 1980, the first day that the format knows. */
const DATE = 0x21

function localHeader({ crc, packed, size, name }: Facts): Buffer {
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(VERSION, 4)
  header.writeUInt16LE(UTF8_NAMES, 6)
  header.writeUInt16LE(DEFLATED, 8)
  header.writeUInt16LE(DATE, 12)
  header.writeUInt32LE(crc, 14)
  header.writeUInt32LE(packed, 18)
  header.writeUInt32LE(size, 22)
  header.writeUInt16LE(name, 26)
  return header
}

function centralHeader({ crc, packed, size, name }: Facts, offset: number, isExecutable: boolean): Buffer {
  const header = Buffer.alloc(46)
  const UNIX = 3 << 8
  header.writeUInt32LE(0x02014b50, 0)
  header.writeUInt16LE(UNIX | VERSION, 4)
  header.writeUInt16LE(VERSION, 6)
  header.writeUInt16LE(UTF8_NAMES, 8)
  header.writeUInt16LE(DEFLATED, 10)
  header.writeUInt16LE(DATE, 14)
  header.writeUInt32LE(crc, 16)
  header.writeUInt32LE(packed, 20)
  header.writeUInt32LE(size, 24)
  header.writeUInt16LE(name, 28)
  header.writeUInt32LE(((0o100000 | (isExecutable ? 0o755 : 0o644)) << 16) >>> 0, 38)
  header.writeUInt32LE(offset, 42)
  return header
}

function endRecord(entries: number, bytes: number, offset: number): Buffer {
  if (entries > 0xffff) throw new Error('A zip file cannot hold more than 65,535 files.')
  const record = Buffer.alloc(22)
  record.writeUInt32LE(0x06054b50, 0)
  record.writeUInt16LE(entries, 8)
  record.writeUInt16LE(entries, 10)
  record.writeUInt32LE(bytes, 12)
  record.writeUInt32LE(offset, 16)
  return record
}
