import { expect, test } from 'vitest'

import type { Json } from '../../base/json.ts'

import { MemorySource } from '../in-memory.ts'
import { readItems } from '../read.ts'
import { parseItemReader } from '../settings.ts'

/** Enough of Thrift's compact protocol to write a Parquet file of one column of 64-bit integers by hand. */
const varint = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 128))])
const zigzag = (value: number): number[] => varint(value * 2)
const text = (value: string): number[] => [...varint(value.length), ...Buffer.from(value)]
type Field = readonly [id: number, type: number, bytes: readonly number[]]
const i32 = (id: number, value: number): Field => [id, 5, zigzag(value)]
const i64 = (id: number, value: number): Field => [id, 6, zigzag(value)]
const string = (id: number, value: string): Field => [id, 8, text(value)]
const list = (id: number, type: number, items: readonly (readonly number[])[]): Field => [
  id,
  9,
  [(items.length << 4) | type, ...items.flat()],
]
const struct = (...fields: readonly Field[]): number[] => {
  let last = 0
  const bytes = fields.flatMap(([id, type, value]) => {
    const header = ((id - last) << 4) | type
    last = id
    return [header, ...value]
  })
  return [...bytes, 0]
}

function parquetOf(groups: readonly (readonly bigint[])[]): Buffer {
  const parts: Buffer[] = [Buffer.from('PAR1')]
  let offset = 4
  const rowGroups = groups.map((values) => {
    const data = Buffer.alloc(values.length * 8)
    for (const [i, value] of values.entries()) data.writeBigInt64LE(value, i * 8)
    const page = struct(i32(1, 0), i32(2, data.length), i32(3, data.length), [
      5,
      12,
      struct(i32(1, values.length), i32(2, 0), i32(3, 3), i32(4, 3)),
    ])
    const bytes = page.length + data.length
    parts.push(Buffer.from(page), data)
    const column = struct(
      ...[i32(1, 2), list(2, 5, [zigzag(0)]), list(3, 8, [text('n')]), i32(4, 0), i64(5, values.length)],
      ...[i64(6, bytes), i64(7, bytes), i64(9, offset)],
    )
    offset += bytes
    return struct(list(1, 12, [struct(i64(2, 4), [3, 12, column])]), i64(2, bytes), i64(3, values.length))
  })
  const schema = [struct(string(4, 'schema'), i32(5, 1)), struct(i32(1, 2), i32(3, 0), string(4, 'n'))]
  const footer = Buffer.from(struct(i32(1, 1), list(2, 12, schema), i64(3, groups.flat().length), list(4, 12, rowGroups)))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(footer.length)
  return Buffer.concat([...parts, footer, length, Buffer.from('PAR1')])
}

test('rows of every row group are items; integers that JSON cannot hold are texts', async () => {
  const source = new MemorySource({ 'b/k.parquet': parquetOf([[1n, 2n], [2n ** 60n]]) })
  const args = { Bucket: 'b', Key: 'k.parquet' }
  const settings = parseItemReader('arn:aws:states:::s3:getObject', args, { InputType: 'PARQUET' })
  if (!settings.ok) throw new Error(settings.error.cause)
  const values: Json[] = []
  for await (const chunk of readItems(settings.value, source)) {
    if (!chunk.ok) throw new Error(chunk.error.cause)
    values.push(...chunk.value.map((item) => item.value))
  }
  expect(values).toEqual([{ n: 1 }, { n: 2 }, { n: '1152921504606846976' }])
})
