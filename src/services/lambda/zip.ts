/**
 * Reads a zip archive that a stranger wrote. `yauzl` reads the format; of what the central directory says only so much is
 * believed as can be checked: entries stay inside the target, are plain files or directories, and cannot unpack to more than
 * `bytesMax`. Contents are inflated at once and never past the size that was told: a stream an entry costs more than the entry.
 */
import { crc32, inflateRawSync } from 'node:zlib'
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, validateFileName, type ZipFile } from 'yauzl'

export interface ZipEntry {
  /** Path with forward slashes, relative, without `.` and `..` parts; a directory's ends without a slash. */
  readonly path: string
  readonly isDirectory: boolean
  readonly isExecutable: boolean
  /** The content of a file, its size and checksum verified. Rejects with ZipError. */
  read(): Promise<Buffer>
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

const STORED = 0
const DEFLATED = 8
/** Deflate cannot do better than about 1032 to 1, so a larger claim is a lie. */
const DEFLATE_RATIO_MAX = 1100
const UNIX = 3

/** The entries in the order of the central directory. Rejects with ZipError. */
export async function readZipEntries(archive: Buffer, bounds: ZipBounds): Promise<readonly ZipEntry[]> {
  const zip = await reading(fromRandomAccessReaderPromise(new ArchiveReader(archive), archive.length, { decodeStrings: false }))
  if (zip.entryCount > bounds.entriesMax) throw new ZipTooLargeError('too many entries')
  const entries: ZipEntry[] = []
  const kinds = new Map<string, 'file' | 'directory'>()
  let total = 0
  const each = zip.eachEntry()
  for (let next = await reading(each.next()); !next.done; next = await reading(each.next())) {
    const entry = next.value
    const path = pathOf(entry)
    if (path === undefined) continue
    total += entry.uncompressedSize
    if (total > bounds.bytesMax) throw new ZipTooLargeError('unzips to more than allowed')
    const kind = kindOf(entry)
    const before = kinds.get(path)
    if (before !== undefined && !(before === 'directory' && kind === 'directory')) {
      throw new ZipError(`entry appears twice: ${path}`)
    }
    kinds.set(path, kind)
    checkPacking(entry)
    const isExecutable = (modeOf(entry) & 0o111) !== 0
    entries.push({ path, isDirectory: kind === 'directory', isExecutable, read: () => readContent(archive, zip, entry) })
  }
  return entries
}

/** Answers at once; the library's own lets the event loop turn for each header, which takes five times as long. */
class ArchiveReader extends RandomAccessReader {
  readonly #archive: Buffer

  constructor(archive: Buffer) {
    super()
    this.#archive = archive
  }

  override read(
    target: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null, bytes?: number) => void,
  ): void {
    const from = Math.min(position, this.#archive.length)
    done(null, this.#archive.copy(target, offset, from, from + length))
  }
}

/** What the library objects to is the archive's fault. */
async function reading<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise
  } catch (cause) {
    throw new ZipError(cause instanceof Error ? cause.message : 'not a zip archive', { cause })
  }
}

async function readContent(archive: Buffer, zip: ZipFile, entry: Entry): Promise<Buffer> {
  const { fileDataStart } = await reading(zip.readLocalFileHeaderPromise(entry, { minimal: true }))
  const packed = archive.subarray(fileDataStart, fileDataStart + entry.compressedSize)
  const content = entry.compressionMethod === STORED ? packed : inflateBounded(packed, entry)
  if (content.length !== entry.uncompressedSize) throw new ZipError(`size does not match: ${nameOf(entry)}`)
  if (crc32(content) !== entry.crc32) throw new ZipError(`checksum does not match: ${nameOf(entry)}`)
  return content
}

function inflateBounded(packed: Buffer, entry: Entry): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.uncompressedSize) })
  } catch (cause) {
    throw new ZipError(`cannot inflate ${nameOf(entry)}`, { cause })
  }
}

function checkPacking(entry: Entry): void {
  const { compressionMethod: method, compressedSize, uncompressedSize } = entry
  if (entry.isEncrypted()) throw new ZipError(`entry is encrypted: ${nameOf(entry)}`)
  if (method !== STORED && method !== DEFLATED) throw new ZipError(`entry is packed with method ${method}: ${nameOf(entry)}`)
  if (uncompressedSize > compressedSize * DEFLATE_RATIO_MAX + 1024) throw new ZipError(`size is not possible: ${nameOf(entry)}`)
}

const nameOf = (entry: Entry): string => entry.fileNameRaw.toString('utf8')

const modeOf = (entry: Entry): number => (entry.versionMadeBy >> 8 === UNIX ? entry.externalFileAttributes >>> 16 : 0)

function kindOf(entry: Entry): 'file' | 'directory' {
  const type = modeOf(entry) & 0o170000
  if (type !== 0 && type !== 0o100000 && type !== 0o040000) {
    throw new ZipError(`entry is neither file nor directory: ${nameOf(entry)}`)
  }
  return type === 0o040000 || nameOf(entry).endsWith('/') ? 'directory' : 'file'
}

/** The name as a path that stays inside, or a ZipError; undefined for the root itself (`./`). */
function pathOf(entry: Entry): string | undefined {
  const name = nameOf(entry)
  if (name === '' || name.includes('\0') || name.slice(0, 2).includes(':') || validateFileName(name) !== null) {
    throw new ZipError(`entry has an unsafe name: ${JSON.stringify(name.slice(0, 200))}`)
  }
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  return parts.length === 0 ? undefined : parts.join('/')
}
