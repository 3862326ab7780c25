/** JSON Lines: one item a line; empty lines are none. Bytes are cut at line feeds before they are decoded. */
import { ITEM_BYTES_MAX, parseItem, ReadFailure } from '../item.ts'
import type { Drafts } from './draft.ts'

const LINE_FEED = 0x0a

export async function* readJsonLines(body: AsyncIterable<Uint8Array>, source: string): Drafts {
  let number = 0
  for await (const line of splitLines(body)) {
    number++
    const text = number === 1 ? line.toString('utf8').replace(/^\uFEFF/, '') : line.toString('utf8')
    if (text.trim() === '') continue
    yield [{ item: { value: parseItem(text, `line ${number}`), source }, bytes: line.length }]
  }
}

async function* splitLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest: Uint8Array[] = []
  let restBytes = 0
  for await (const piece of body) {
    let start = 0
    for (;;) {
      const end = piece.indexOf(LINE_FEED, start)
      const part = piece.subarray(start, end < 0 ? piece.length : end)
      restBytes += part.length
      if (restBytes > ITEM_BYTES_MAX) throw new ReadFailure('An item of the dataset is larger than the limit of 8 MB.')
      rest.push(part)
      if (end < 0) break
      yield Buffer.concat(rest, restBytes)
      rest = []
      restBytes = 0
      start = end + 1
    }
  }
  if (restBytes > 0) yield Buffer.concat(rest, restBytes)
}
