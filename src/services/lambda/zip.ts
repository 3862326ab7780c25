/**
 * Reads a zip archive that a stranger wrote. Only the central directory is believed, and only as far as it can be checked:
 * entries stay inside the target, are plain files or directories, and cannot unpack to more than `bytesMax`.
 * Source: PKWARE APPNOTE 4.3 and 4.4 (stored and deflated entries; zip64 is past what Lambda accepts).
 */
import { crc32, inflateRawSync } from 'node:zlib'

export interface ZipEntry {
  /** Path with forward slashes, relative, without `.` and `..` parts; a directory's ends without a slash. */
  readonly path: string
  readonly isDirectory: boolean
  readonly isExecutable: boolean
  readonly size: number
  readonly compressedSize: number
  readonly method: number
  readonly crc: number
  readonly headerOffset: number
}

export interface ZipBounds {
  readonly bytesMax: number
  readonly entriesMax: number
}

/** What Lambda takes: 250 MB unzipped. */
export const LAMBDA_ZIP_BOUNDS: ZipBounds = { bytesMax: 262_144_000, entriesMax: 65_535 }

/** The archive is not a zip, is damaged, or tries something that an archive of code has no need for. */
export class ZipError extends Error {
  override readonly name: string = 'ZipError'
}

/** Unzips to more than the bounds allow. */
export class ZipTooLargeError extends ZipError {
  override readonly name = 'ZipTooLargeError'
}

const END_SIGNATURE = 0x06054b50
const CENTRAL_SIGNATURE = 0x02014b50
const LOCAL_SIGNATURE = 0x04034b50
const END_BYTES = 22
const COMMENT_BYTES_MAX = 65_535
const STORED = 0
const DEFLATED = 8
/** Deflate cannot do better than about 1032 to 1, so a larger claim is a lie. */
const DEFLATE_RATIO_MAX = 1100

/** The entries in the order of the central directory. Throws ZipError. */
export function readZipEntries(archive: Buffer, bounds: ZipBounds): ZipEntry[] {
  const end = findEnd(archive)
  const count = archive.readUInt16LE(end + 10)
  const directoryOffset = archive.readUInt32LE(end + 16)
  if (count > bounds.entriesMax) throw new ZipTooLargeError('too many entries')
  if (count === 0xffff || directoryOffset === 0xffffffff) throw new ZipError('zip64 archives are not supported')
  const entries: ZipEntry[] = []
  const seen = new Map<string, boolean>()
  let offset = directoryOffset
  let total = 0
  for (let i = 0; i < count; i++) {
    if (offset + 46 > end || archive.readUInt32LE(offset) !== CENTRAL_SIGNATURE) throw new ZipError('damaged central directory')
    const next =
      offset + 46 + archive.readUInt16LE(offset + 28) + archive.readUInt16LE(offset + 30) + archive.readUInt16LE(offset + 32)
    if (next > end) throw new ZipError('damaged central directory')
    const entry = readCentralEntry(archive, offset)
    offset = next
    if (entry === undefined) continue
    total += entry.size
    if (total > bounds.bytesMax) throw new ZipTooLargeError('unzips to more than allowed')
    const before = seen.get(entry.path)
    if (before !== undefined && !(before && entry.isDirectory)) throw new ZipError(`entry appears twice: ${entry.path}`)
    seen.set(entry.path, entry.isDirectory)
    entries.push(entry)
  }
  return entries
}

/** The content of one file entry, its size and checksum verified. Throws ZipError. */
export function readZipEntry(archive: Buffer, entry: ZipEntry): Buffer {
  const local = entry.headerOffset
  if (local + 30 > archive.length || archive.readUInt32LE(local) !== LOCAL_SIGNATURE) throw new ZipError('damaged local header')
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28)
  const packed = archive.subarray(start, start + entry.compressedSize)
  if (packed.length !== entry.compressedSize) throw new ZipError(`entry is cut off: ${entry.path}`)
  const content = entry.method === STORED ? packed : inflateBounded(packed, entry)
  if (content.length !== entry.size) throw new ZipError(`size does not match: ${entry.path}`)
  if (crc32(content) !== entry.crc) throw new ZipError(`checksum does not match: ${entry.path}`)
  return content
}

function inflateBounded(packed: Buffer, entry: ZipEntry): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.size) })
  } catch (cause) {
    throw new ZipError(`cannot inflate ${entry.path}`, { cause })
  }
}

function findEnd(archive: Buffer): number {
  const lowest = Math.max(0, archive.length - END_BYTES - COMMENT_BYTES_MAX)
  for (let at = archive.length - END_BYTES; at >= lowest; at--) {
    if (archive.readUInt32LE(at) !== END_SIGNATURE) continue
    if (at + END_BYTES + archive.readUInt16LE(at + 20) === archive.length) return at
  }
  throw new ZipError('not a zip archive')
}

function readCentralEntry(archive: Buffer, offset: number): ZipEntry | undefined {
  const flags = archive.readUInt16LE(offset + 8)
  const method = archive.readUInt16LE(offset + 10)
  const compressedSize = archive.readUInt32LE(offset + 20)
  const size = archive.readUInt32LE(offset + 24)
  const nameLength = archive.readUInt16LE(offset + 28)
  const mode = archive.readUInt8(offset + 5) === 3 ? archive.readUInt32LE(offset + 38) >>> 16 : 0
  const name = archive.toString('utf8', offset + 46, offset + 46 + nameLength)
  if ((flags & 1) !== 0) throw new ZipError(`entry is encrypted: ${name}`)
  if (method !== STORED && method !== DEFLATED) throw new ZipError(`entry is packed with method ${method}: ${name}`)
  if (method === STORED && size !== compressedSize) throw new ZipError(`size does not match: ${name}`)
  if (size > compressedSize * DEFLATE_RATIO_MAX + 1024) throw new ZipError(`size is not possible: ${name}`)
  const kind = mode & 0o170000
  if (kind !== 0 && kind !== 0o100000 && kind !== 0o040000) throw new ZipError(`entry is neither file nor directory: ${name}`)
  const path = safePath(name)
  if (path === undefined) return undefined
  return {
    path,
    isDirectory: name.endsWith('/') || kind === 0o040000,
    isExecutable: (mode & 0o111) !== 0,
    size,
    compressedSize,
    method,
    crc: archive.readUInt32LE(offset + 16),
    headerOffset: archive.readUInt32LE(offset + 42),
  }
}

/** The name as a path that stays inside, or a ZipError; undefined for the root itself (`./`). */
function safePath(name: string): string | undefined {
  const refuse = () => new ZipError(`entry has an unsafe name: ${JSON.stringify(name.slice(0, 200))}`)
  if (name === '' || name.startsWith('/') || /[\\\0:]/.test(name.slice(0, 2)) || name.includes('\0') || name.includes('\\'))
    throw refuse()
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw refuse()
  return parts.length === 0 ? undefined : parts.join('/')
}
