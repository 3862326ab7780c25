/**
 * Tar archives, as far as a backup needs them: files and symbolic links. Written as POSIX.1-2001 (pax) where a name is too long
 * or a file too large for ustar; read also as GNU tar writes them.
 * Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header".
 */
import { assert } from '../base/assert.ts'

export interface TarEntry {
  readonly path: string
  readonly mode: number
  readonly bytes: number
  /** Of a symbolic link, which has no bytes. */
  readonly link?: string
}

const BLOCK = 512
const NAME_BYTES = 100
const SIZE_MAX = 8 ** 11 - 1
const TYPE = { file: '0', oldFile: '\0', link: '2', folder: '5', pax: 'x', paxForAll: 'g', gnuName: 'L', gnuLink: 'K' }

/** An archive that cannot be read, and why. */
export class TarError extends Error {
  override readonly name = 'TarError'
}

/** The header of an entry, whose bytes follow it, padded to whole blocks. */
export function tarHeader({ path, mode, bytes, link }: TarEntry): Buffer {
  const long = {
    ...(isLong(path) && { path }),
    ...(link !== undefined && isLong(link) && { linkpath: link }),
    ...(bytes > SIZE_MAX && { size: String(bytes) }),
  }
  const type = link === undefined ? TYPE.file : TYPE.link
  const own = block({ path, mode, bytes: bytes > SIZE_MAX ? 0 : bytes, type, link: link ?? '' })
  if (Object.keys(long).length === 0) return own
  const records = Buffer.concat(Object.entries(long).map(([name, value]) => paxRecord(name, value)))
  const pax = block({ path: 'pax', mode: 0o600, bytes: records.length, type: TYPE.pax, link: '' })
  return Buffer.concat([pax, records, tarPadding(records.length), own])
}

export const tarPadding = (bytes: number): Buffer => Buffer.alloc((BLOCK - (bytes % BLOCK)) % BLOCK)
export const tarEnd = (): Buffer => Buffer.alloc(2 * BLOCK)

const isLong = (text: string): boolean => Buffer.byteLength(text) > NAME_BYTES || !/^[\x20-\x7e]*$/.test(text)

interface Block {
  readonly path: string
  readonly mode: number
  readonly bytes: number
  readonly type: string
  readonly link: string
}

function block({ path, mode, bytes, type, link }: Block): Buffer {
  const header = Buffer.alloc(BLOCK)
  const octal = (value: number, at: number, width: number) =>
    header.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1')
  header.write(path.slice(0, NAME_BYTES), 0, NAME_BYTES, 'latin1')
  octal(mode, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(bytes, 124, 12)
  octal(0, 136, 12)
  header.write('        ', 148, 'latin1')
  header.write(type, 156, 'latin1')
  header.write(link.slice(0, NAME_BYTES), 157, NAME_BYTES, 'latin1')
  header.write('ustar\x0000', 257, 'latin1')
  header.write(`${sumOf(header).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}

const sumOf = (header: Buffer): number => header.reduce((sum, byte) => sum + byte, 0)

/** `length name=value\n`, where the length counts itself. */
function paxRecord(name: string, value: string): Buffer {
  const rest = ` ${name}=${value}\n`
  const bytes = Buffer.byteLength(rest)
  let length = bytes
  while (String(length).length + bytes !== length) length = String(length).length + bytes
  return Buffer.from(`${length}${rest}`)
}

/** The entries of an archive, in their order. The body of each must be read before the next is asked for. */
export async function* readTar(
  source: AsyncIterable<Buffer>,
): AsyncGenerator<TarEntry & { readonly body: AsyncIterable<Buffer> }> {
  const pieces = new Pieces(source)
  let given: Partial<Record<string, string>> = {}
  for (;;) {
    const header = await pieces.whole(BLOCK)
    if (header.every((byte) => byte === 0)) return
    const sum = Number.parseInt(textAt(header, 148, 8), 8)
    if (sum !== sumOf(Buffer.concat([header.subarray(0, 148), Buffer.from('        '), header.subarray(156)])))
      throw new TarError('it is no tar archive, or damaged')
    const type = String.fromCharCode(header[156] ?? 0)
    const bytes = given['size'] === undefined ? sizeOf(header) : Number(given['size'])
    const text = async () => (await pieces.padded(bytes)).toString('utf8')
    if (type === TYPE.pax) given = { ...given, ...paxOf(await text()) }
    else if (type === TYPE.gnuName) given = { ...given, path: (await text()).replace(/\0.*$/s, '') }
    else if (type === TYPE.gnuLink) given = { ...given, linkpath: (await text()).replace(/\0.*$/s, '') }
    else if (type === TYPE.paxForAll) await text()
    else {
      const path = given['path'] ?? nameOf(header)
      const mode = Number.parseInt(textAt(header, 100, 8), 8)
      const link = type === TYPE.link ? (given['linkpath'] ?? textAt(header, 157, NAME_BYTES)) : undefined
      given = {}
      if (type === TYPE.folder) continue
      if (type !== TYPE.file && type !== TYPE.oldFile && type !== TYPE.link)
        throw new TarError(`it holds more than files: ${path}`)
      yield { path, mode, bytes, ...(link !== undefined && { link }), body: pieces.body(bytes) }
      await pieces.skipBody()
    }
  }
}

const textAt = (header: Buffer, at: number, width: number): string =>
  header
    .subarray(at, at + width)
    .toString('utf8')
    .replace(/\0.*$/s, '')
    .trim()

/** GNU writes sizes beyond 8 GiB as a binary number. */
function sizeOf(header: Buffer): number {
  if (((header[124] ?? 0) & 0x80) !== 0) return Number(header.readBigUInt64BE(128))
  return Number.parseInt(textAt(header, 124, 12) || '0', 8)
}

function nameOf(header: Buffer): string {
  const prefix = textAt(header, 257, 5) === 'ustar' ? textAt(header, 345, 155) : ''
  return prefix === '' ? textAt(header, 0, NAME_BYTES) : `${prefix}/${textAt(header, 0, NAME_BYTES)}`
}

function paxOf(text: string): Record<string, string> {
  const given: Record<string, string> = {}
  for (let rest = Buffer.from(text); rest.length > 0; ) {
    const length = Number.parseInt(rest.toString('latin1', 0, 20), 10)
    const [, name, value] = /^\d+ ([^=]+)=(.*)\n$/s.exec(rest.toString('utf8', 0, length)) ?? []
    if (name === undefined || value === undefined) throw new TarError('it is damaged: a header cannot be read')
    given[name] = value
    rest = rest.subarray(length)
  }
  return given
}

/** Takes so many bytes at a time from a stream of pieces. */
class Pieces {
  readonly #source: AsyncIterator<Buffer>
  #held: Buffer = Buffer.alloc(0)
  #bodyLeft = 0
  #paddingLeft = 0

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** At most `bytes`, at least one. */
  async #some(bytes: number): Promise<Buffer> {
    while (this.#held.length === 0) {
      const next = await this.#source.next()
      if (next.done === true) throw new TarError('it is cut off')
      this.#held = next.value
    }
    const taken = this.#held.subarray(0, bytes)
    this.#held = this.#held.subarray(taken.length)
    return taken
  }

  async whole(bytes: number): Promise<Buffer> {
    const parts: Buffer[] = []
    for (let left = bytes; left > 0; ) {
      const part = await this.#some(left)
      parts.push(part)
      left -= part.length
    }
    return Buffer.concat(parts, bytes)
  }

  async padded(bytes: number): Promise<Buffer> {
    const content = await this.whole(bytes)
    await this.whole(tarPadding(bytes).length)
    return content
  }

  async *body(bytes: number): AsyncGenerator<Buffer> {
    assert(this.#bodyLeft === 0, 'the body before it has been read')
    this.#bodyLeft = bytes
    this.#paddingLeft = tarPadding(bytes).length
    while (this.#bodyLeft > 0) {
      const part = await this.#some(this.#bodyLeft)
      this.#bodyLeft -= part.length
      yield part
    }
  }

  async skipBody(): Promise<void> {
    assert(this.#bodyLeft === 0, 'the body has been read')
    await this.whole(this.#paddingLeft)
    this.#paddingLeft = 0
  }
}
