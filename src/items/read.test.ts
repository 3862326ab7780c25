import { gzipSync, zstdCompressSync } from 'node:zlib'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Failure } from '../base/failure.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { printInOrder } from '../base/member-order.ts'

import { fromState, type Item } from './item.ts'
import { MemorySource } from './in-memory.ts'
import { type ReadOptions, readItems } from './read.ts'
import { parseItemReader } from './settings.ts'

const GET = 'arn:aws:states:::s3:getObject'
const LIST = 'arn:aws:states:::s3:listObjectsV2'

async function read(
  source: MemorySource,
  resource: string,
  args: JsonObject,
  config: JsonObject = {},
  options: ReadOptions = {},
): Promise<{ items: Item[]; failure?: Failure }> {
  const settings = parseItemReader(resource, args, config)
  if (!settings.ok) return { items: [], failure: settings.error }
  const items: Item[] = []
  for await (const chunk of readItems(settings.value, source, options)) {
    if (!chunk.ok) return { items, failure: chunk.error }
    items.push(...chunk.value)
  }
  return { items }
}

const readText = async (text: string | Uint8Array, config: JsonObject, key = 'data', options: ReadOptions = {}) => {
  const result = await read(new MemorySource({ [`b/${key}`]: text }), GET, { Bucket: 'b', Key: key }, config, options)
  return result.failure ?? result.items.map((item) => item.value)
}

const csv = { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }

describe('CSV', () => {
  test('rows are as AWS recorded them, members in the order of a Java HashMap', async () => {
    const rows = await readText("0,True,{}\nValue4,Value5,Value6\n,,,\ntrue,1,'HelloWorld'\nNull,None,\n   \n", csv)
    expect(JSON.stringify(rows)).toBe(
      '[{"0":"Value4","{}":"Value6","True":"Value5"},{"0":"","{}":"","True":""},{"0":"true","{}":"\'HelloWorld\'","True":"1"},{"0":"Null","{}":"","True":"None"},{"0":"   ","{}":"","True":""}]',
    )
  })

  test('an empty header name is a column, and surplus fields are dropped', async () => {
    const rows = await readText("H1,\nValue4,Value5,Value6\n,,,\ntrue,1,'HelloWorld'\nNull,None,\n   \n", csv)
    expect(JSON.stringify(rows)).toBe(
      '[{"":"Value5","H1":"Value4"},{"":"","H1":""},{"":"1","H1":"true"},{"":"None","H1":"Null"},{"":"","H1":"   "}]',
    )
  })

  test('given headers make the first row an item', async () => {
    expect(await readText('a,b\nc,d\n', { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['H1'] })).toEqual([
      { H1: 'a' },
      { H1: 'c' },
    ])
  })

  test('quotes hold delimiters, line feeds and doubled quotes; a backslash escapes or vanishes', async () => {
    expect(await readText('h,i\r\n"a,\n""b""",c\r\n"x"y,\\"z\\,\\n\\\\\r\n', csv)).toEqual([
      { h: 'a,\n"b"', i: 'c' },
      { h: 'xy', i: '"z,n\\' },
    ])
  })

  test('a doubled quote is one quote in a field without quotes too, and a single one stays', async () => {
    expect(await readText('h,i\nx,{""k"":""v""}\n5" ,a""\n"a" ""b"",c"d\ne,"', csv)).toEqual([
      { h: 'x', i: '{"k":"v"}' },
      { h: '5" ', i: 'a"' },
      { h: 'a "b"', i: 'c"d' },
      { h: 'e', i: '' },
    ])
  })

  test.each(['\n', '\r\n', '\r'])('a line ends with %j', async (end) => {
    expect(await readText(`h,i${end}1,2""${end}${end}3,4${end}`, csv)).toEqual([
      { h: '1', i: '2"' },
      { h: '3', i: '4' },
    ])
  })

  test('the delimiter can be chosen', async () => {
    expect(await readText('h\ti\n1\t2,3', { ...csv, CSVDelimiter: 'TAB' })).toEqual([{ h: '1', i: '2,3' }])
  })

  test('duplicate headers are refused', async () => {
    expect(await readText('h,h\n1,2', csv)).toEqual({
      error: 'States.ItemReaderFailed',
      cause: 'CSV headers cannot contain duplicates.',
    })
  })

  test('a header over 10 KiB is refused', async () => {
    expect(await readText(`${'h'.repeat(10241)},i\n1,2`, csv)).toMatchObject({ error: 'States.ItemReaderFailed' })
  })

  test('a member named __proto__ is data', async () => {
    const [row] = (await readText('__proto__,a\n1,2', csv)) as JsonObject[]
    expect(Object.keys(row ?? {}).sort()).toEqual(['__proto__', 'a'])
  })

  test('what is written quoted is read back, wherever the bytes are cut', async () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '\\', ' ', 'é', '😀') })
    const quote = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '""')}"`
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(field, field), { maxLength: 5 }), fc.array(fc.nat(6)), async (rows, cuts) => {
        const text = ['h,i', ...rows.map((row) => row.map(quote).join(','))].join('\n')
        let i = 0
        const source = new MemorySource({ 'b/k': text }, () => cuts[i++ % (cuts.length || 1)] ?? 1)
        const { items } = await read(source, GET, { Bucket: 'b', Key: 'k' }, csv)
        expect(items.map((item) => item.value)).toEqual(rows.map(([h, i]) => ({ h, i })))
      }),
      { numRuns: 200 },
    )
  })
})

describe('JSON', () => {
  test('numbers and members of items are as the file has them', async () => {
    const texts = async (text: string, InputType: string) =>
      (await read(new MemorySource({ 'b/k': text }), GET, { Bucket: 'b', Key: 'k' }, { InputType })).items.map((item) =>
        printInOrder(item.value),
      )
    const item = '{"2":1.0,"1":9007199254740993}'
    expect(await texts(`[${item}, 1e3]`, 'JSON')).toEqual([item, '1e3'])
    expect(await texts(`${item}\n0.0\n`, 'JSONL')).toEqual([item, '0.0'])
  })

  test('elements of an array are items, with index and source', async () => {
    const { items } = await read(
      new MemorySource({ 'b/k': '[1, {"a": [2]}, "x"]' }),
      GET,
      { Bucket: 'b', Key: 'k' },
      { InputType: 'JSON' },
    )
    expect(items).toEqual([
      { index: 0, value: 1, source: 'S3://b/k' },
      { index: 1, value: { a: [2] }, source: 'S3://b/k' },
      { index: 2, value: 'x', source: 'S3://b/k' },
    ])
  })

  test('members of an object are key and value', async () => {
    expect(await readText('{"a": 1, "b": {"c": 2}}', { InputType: 'JSON' })).toEqual([
      { Key: 'a', Value: 1 },
      { Key: 'b', Value: { c: 2 } },
    ])
  })

  test.each([
    ['{"Hello": "world"}', { iterateObjects: false }],
    ['"text"', {}],
    ['12', {}],
    ['', {}],
  ])('%s is not iterable', async (text, options) => {
    expect(await readText(text, { InputType: 'JSON' }, 'k', options)).toEqual({
      error: 'States.ItemReaderFailed',
      cause: 'Attempting to map over non-iterable node.',
    })
  })

  test('a pointer walks through objects and arrays', async () => {
    const text = '{"x": {"a/b": "]}"}, "a/b": [[0], [{"~": [1, 2]}]]}'
    expect(await readText(text, { InputType: 'JSON', ItemsPointer: '/a~1b/1/0/~0' })).toEqual([1, 2])
    expect(await readText(text, { InputType: 'JSON', ItemsPointer: '/nowhere' })).toMatchObject({
      cause: 'Attempting to map over non-iterable node.',
    })
  })

  test.each(['[1,,2]', '[1 2]', '[1', '[{"a":1]', '[tru]', '{"a" 1}'])('%s is broken and says so', async (text) => {
    expect(await readText(text, { InputType: 'JSON' })).toMatchObject({ error: 'States.ItemReaderFailed' })
  })

  test('an item over 8 MB, or nested a million deep, is refused and nothing else harmed', async () => {
    expect(await readText(`["${'x'.repeat(9e6)}"]`, { InputType: 'JSON' })).toMatchObject({ error: 'States.ItemReaderFailed' })
    expect(await readText(`${'['.repeat(1e6)}`, { InputType: 'JSON' })).toMatchObject({ error: 'States.ItemReaderFailed' })
    expect(await readText(`${'['.repeat(1e6)}${']'.repeat(1e6)}`, { InputType: 'JSONL' })).toMatchObject({
      error: 'States.ItemReaderFailed',
    })
  })

  test('the same items come out wherever the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), fc.array(fc.nat(7)), fc.nat(2), async (values, cuts, indent) => {
        const expected = JSON.parse(JSON.stringify(values)) as Json[]
        let i = 0
        const source = new MemorySource(
          { 'b/k': JSON.stringify({ 'é😀': [0, values] }, null, indent) },
          () => cuts[i++ % (cuts.length || 1)] ?? 1,
        )
        const { items } = await read(source, GET, { Bucket: 'b', Key: 'k' }, { InputType: 'JSON', ItemsPointer: '/é😀/1' })
        expect(items.map((item) => item.value)).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })
})

test('JSON Lines are cut anywhere, blank lines are none, the last needs no line feed', async () => {
  const source = new MemorySource({ 'b/k': '\uFEFF{"é":1}\r\n\n[2]\n"\u2028"' }, () => 1)
  const { items } = await read(source, GET, { Bucket: 'b', Key: 'k' }, { InputType: 'JSONL' })
  expect(items.map((item) => item.value)).toEqual([{ é: 1 }, [2], '\u2028'])
})

test('packed objects are unpacked by the suffix of their key, broken ones fail', async () => {
  const text = Buffer.from('{"a":1}\n{"a":2}\n')
  expect(await readText(gzipSync(text), { InputType: 'JSONL' }, 'd.gz')).toEqual([{ a: 1 }, { a: 2 }])
  expect(await readText(zstdCompressSync(text), { InputType: 'JSONL' }, 'd.zstd')).toEqual([{ a: 1 }, { a: 2 }])
  expect(await readText(text, { InputType: 'JSONL' }, 'd.gz')).toMatchObject({ error: 'States.ItemReaderFailed' })
})

describe('MaxItems', () => {
  const text = '1\n2\n3\n'
  test.each([
    [2, [1, 2]],
    [0, [1, 2, 3]],
    [100_000_000, [1, 2, 3]],
    [200_000_000, [1, 2, 3]],
  ])('%d reads %j', async (MaxItems, expected) => {
    expect(await readText(text, { InputType: 'JSONL', MaxItems })).toEqual(expected)
  })

  test('negative is refused in the words of AWS', async () => {
    expect(await readText(text, { InputType: 'JSONL', MaxItems: -1 })).toEqual({
      error: 'States.ItemReaderFailed',
      cause: 'field MaxItems must be positive',
    })
  })

  test('reading stops there: a failure further on is never met', async () => {
    expect(await readText('1\n2\nbroken', { InputType: 'JSONL', MaxItems: 2 })).toEqual([1, 2])
  })
})

test('skip leaves out items that a former read has given, and keeps the indexes', async () => {
  const source = new MemorySource({ 'b/k': '1\n2\n3\n' })
  const { items } = await read(source, GET, { Bucket: 'b', Key: 'k' }, { InputType: 'JSONL' }, { skip: 2 })
  expect(items).toEqual([{ index: 2, value: 3, source: 'S3://b/k' }])
})

describe('lists of objects', () => {
  const source = new MemorySource({ 'b/in/1.json': '[1,2]', 'b/in/2.json': '[3]', 'b/in/': '', 'b/other': 'x' })

  test('metadata of every object under the prefix are the items', async () => {
    const { items } = await read(source, LIST, { Bucket: 'b', Prefix: 'in/' })
    expect(items.map((item) => (item.value as JsonObject)['Key'])).toEqual(['in/', 'in/1.json', 'in/2.json'])
    expect(items[1]).toMatchObject({ index: 1, source: 'S3://b' })
    expect(JSON.stringify(items[1]?.value)).toBe(
      '{"Etag":"\\"f79408e5ca998cd53faf44af31e6eb45\\"","Key":"in/1.json","LastModified":1789180622,"Size":5,"StorageClass":"STANDARD"}',
    )
  })

  test('LOAD_AND_FLATTEN takes the items from the contents of the objects', async () => {
    const config = { Transformation: 'LOAD_AND_FLATTEN', InputType: 'JSON' }
    const { items } = await read(source, LIST, { Bucket: 'b', Prefix: 'in/' }, config)
    expect(items.map((item) => [item.index, item.value, item.source])).toEqual([
      [0, 1, 'S3://b/in/1.json'],
      [1, 2, 'S3://b/in/1.json'],
      [2, 3, 'S3://b/in/2.json'],
    ])
  })

  test('what S3 answers becomes the cause', async () => {
    expect((await read(source, LIST, { Bucket: 'none' })).failure).toEqual({
      error: 'States.ItemReaderFailed',
      cause: 'The specified bucket does not exist (Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket)',
    })
    expect((await read(source, GET, { Bucket: 'b', Key: 'none' }, { InputType: 'JSON' })).failure?.cause).toContain('NoSuchKey')
  })
})

describe('manifests', () => {
  test('an S3 inventory names gzipped CSV files and their columns', async () => {
    const manifest = {
      sourceBucket: 'src',
      destinationBucket: 'arn:aws:s3:::inv',
      fileFormat: 'CSV',
      fileSchema: 'Bucket, Key, Size',
      files: [
        { key: 'data/1.csv.gz', size: 1 },
        { key: 'data/2.csv.gz', size: 1 },
      ],
    }
    const source = new MemorySource({
      'inv/manifest.json': JSON.stringify(manifest),
      'inv/data/1.csv.gz': gzipSync('"src","a%20b","7"\n'),
      'inv/data/2.csv.gz': gzipSync('"src","c","8"\n'),
    })
    for (const config of [{ InputType: 'MANIFEST' }, { ManifestType: 'S3_INVENTORY' }]) {
      const { items } = await read(source, GET, { Bucket: 'inv', Key: 'manifest.json' }, config)
      expect(items.map((item) => item.value)).toEqual([
        { Bucket: 'src', Key: 'a%20b', Size: '7' },
        { Bucket: 'src', Key: 'c', Size: '8' },
      ])
    }
  })

  test('an Athena manifest names files of one type', async () => {
    const source = new MemorySource({ 'b/m.csv': 's3://c/1\ns3://c/2.gz\n', 'c/1': '{"a":1}\n', 'c/2.gz': gzipSync('{"a":2}') })
    const config = { InputType: 'JSONL', ManifestType: 'ATHENA_DATA' }
    const { items } = await read(source, GET, { Bucket: 'b', Key: 'm.csv' }, config)
    expect(items.map((item) => [item.value, item.source])).toEqual([
      [{ a: 1 }, 'S3://c/1'],
      [{ a: 2 }, 'S3://c/2.gz'],
    ])
  })
})

test('an object that is no Parquet file says so', async () => {
  expect(await readText('PAR1 and then nothing that makes sense', { InputType: 'PARQUET' })).toMatchObject({
    error: 'States.ItemReaderFailed',
  })
})

test("a state's own arrays and objects have the same shape", () => {
  expect(fromState(['a'])).toEqual([{ index: 0, value: 'a', source: 'STATE_DATA' }])
  expect(fromState({ k: 'v' })).toEqual([{ index: 0, key: 'k', value: { Key: 'k', Value: 'v' }, source: 'STATE_DATA' }])
  expect(fromState('text')).toBeUndefined()
})

test('a dataset passes in chunks, never as a whole', async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('[')
    const piece = Buffer.from(`${Array.from({ length: 1000 }, (_, i) => `{"n":${i},"pad":"${'x'.repeat(40)}"}`).join(',')},`)
    for (let i = 0; i < 300; i++) yield piece
    yield Buffer.from('0]')
  }
  const source = new MemorySource()
  source.open = async () => ({ ok: true, value: { body: endless(), contentType: undefined, size: 1, etag: undefined } })
  const settings = parseItemReader(GET, { Bucket: 'b', Key: 'k' }, { InputType: 'JSON' })
  if (!settings.ok) throw new Error('settings')
  let count = 0
  for await (const chunk of readItems(settings.value, source)) {
    if (!chunk.ok) throw new Error(chunk.error.cause)
    expect(chunk.value.length).toBeLessThanOrEqual(1000)
    count += chunk.value.length
  }
  expect(count).toBe(300_001)
})
