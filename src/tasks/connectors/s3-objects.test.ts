import { afterAll, beforeAll, expect, it } from 'vitest'

import { startTestWorld, type TestWorld } from '../test-world.ts'

import { createS3ObjectSource } from './s3-objects.ts'

let world: TestWorld

beforeAll(async () => {
  world = await startTestWorld()
  await world.sdk('s3', 'createBucket', { Bucket: 'data' })
})
afterAll(() => world.close())

async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces)
}

it('writes, lists and opens objects, whole and in part', async () => {
  const source = createS3ObjectSource(world.endpoints)
  const keys = ['in/a b+c.json', 'in/b.json', 'out/c']
  for (const key of keys)
    expect(await source.write('data', key, Buffer.from(`body of ${key}`), 'text/plain')).toMatchObject({ ok: true })
  const pages = []
  for await (const page of source.list('data', { prefix: 'in/' })) pages.push(page.ok ? page.value : page.error)
  expect(pages.flat()).toMatchObject([{ key: 'in/a b+c.json', size: 21, storageClass: 'STANDARD' }, { key: 'in/b.json' }])
  const opened = await source.open('data', 'in/a b+c.json', { range: { start: 5, end: 6 } })
  if (!opened.ok) throw new Error(opened.error.code)
  expect(opened.value).toMatchObject({ contentType: 'text/plain', size: 21 })
  expect((await readAll(opened.value.body)).toString()).toBe('of')
})

it('tells what is not there', async () => {
  const source = createS3ObjectSource(world.endpoints)
  expect(await source.open('data', 'none')).toMatchObject({ ok: false, error: { code: 'NoSuchKey', status: 404 } })
  for await (const page of source.list('nowhere', {})) expect(page).toMatchObject({ ok: false, error: { code: 'NoSuchBucket' } })
})

it('writes a large stream in parts', async () => {
  const source = createS3ObjectSource(world.endpoints)
  const piece = Buffer.alloc(1 << 20, 'x')
  const count = 70
  async function* stream() {
    for (let i = 0; i < count; i++) yield piece
  }
  const bytes = piece.length * count
  const written = await source.write('data', 'large', { stream: stream(), bytes }, 'text/plain')
  expect(written).toMatchObject({ ok: true, value: { size: bytes, etag: expect.stringMatching(/-9"$/) } })
  const opened = await source.open('data', 'large', { range: { start: bytes - 3, end: bytes - 1 } })
  if (!opened.ok) throw new Error(opened.error.code)
  expect(opened.value.size).toBe(bytes)
  expect((await readAll(opened.value.body)).toString()).toBe('xxx')
}, 30_000)

it('writes a small stream in one piece', async () => {
  const source = createS3ObjectSource(world.endpoints)
  async function* stream() {
    yield Buffer.from('ab')
    yield Buffer.from('c')
  }
  expect(await source.write('data', 'small', { stream: stream(), bytes: 3 }, 'text/plain')).toMatchObject({
    ok: true,
    value: { size: 3 },
  })
  const opened = await source.open('data', 'small')
  expect(opened.ok && (await readAll(opened.value.body)).toString()).toBe('abc')
})
