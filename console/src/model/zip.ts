/**
 * A zip archive of a few texts, stored as they are: what UpdateFunctionCode takes. Executable, as a bootstrap has to be.
 * Source: PKWARE's APPNOTE, sections 4.3 and 4.4.
 */
export interface TextFile {
  readonly path: string
  readonly text: string
}

const VERSION = 20
const UNIX = 3
/** Names are UTF-8. */
const FLAGS = 0x0800
/** 1980-01-01, the first day that the format knows: the same texts give the same bytes. */
const DATE = 0x0021
const MODE = 0o100755

export function zipOf(files: readonly TextFile[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder()
  const entries = files.map(({ path, text }) => {
    const data = encoder.encode(text)
    return { name: encoder.encode(path), data, crc: crc32(data) }
  })
  const localBytes = entries.reduce((sum, { name, data }) => sum + LOCAL + name.length + data.length, 0)
  const centralBytes = entries.reduce((sum, { name }) => sum + CENTRAL + name.length, 0)
  const out = new Writer(localBytes + centralBytes + END)
  const offsets: number[] = []
  for (const { name, data, crc } of entries) {
    offsets.push(out.at)
    out.u32(0x04034b50)
    out.u16(VERSION, FLAGS, 0, 0, DATE)
    out.u32(crc, data.length, data.length)
    out.u16(name.length, 0)
    out.bytes(name, data)
  }
  for (const [i, { name, data, crc }] of entries.entries()) {
    out.u32(0x02014b50)
    out.u16((UNIX << 8) | VERSION, VERSION, FLAGS, 0, 0, DATE)
    out.u32(crc, data.length, data.length)
    out.u16(name.length, 0, 0, 0, 0)
    out.u32((MODE << 16) >>> 0, offsets[i] ?? 0)
    out.bytes(name)
  }
  out.u32(0x06054b50)
  out.u16(0, 0, entries.length, entries.length)
  out.u32(centralBytes, localBytes)
  out.u16(0)
  return out.done
}

const [LOCAL, CENTRAL, END] = [30, 46, 22]

/** Little-endian. */
class Writer {
  readonly done: Uint8Array<ArrayBuffer>
  readonly #view: DataView
  at = 0

  constructor(size: number) {
    this.done = new Uint8Array(size)
    this.#view = new DataView(this.done.buffer)
  }

  u16(...values: readonly number[]): void {
    for (const value of values) {
      this.#view.setUint16(this.at, value, true)
      this.at += 2
    }
  }

  u32(...values: readonly number[]): void {
    for (const value of values) {
      this.#view.setUint32(this.at, value, true)
      this.at += 4
    }
  }

  bytes(...pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      this.done.set(piece, this.at)
      this.at += piece.length
    }
  }
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let crc = n
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1
  return crc
})

function crc32(data: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of data) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}
