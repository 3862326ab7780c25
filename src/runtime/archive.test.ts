import { asId } from '../base/id-in-test.ts'

import { beforeEach, expect, test } from 'vitest'

import { toInstant } from '../base/time.ts'

import { MemorySource } from '../items/in-memory.ts'
import { memorySpool } from '../items/spool.ts'
import type { ExecutionRecord, Store } from '../store/contract.ts'
import { MemoryDisk } from '../store/memory/disk.ts'
import { openMemoryStore } from '../store/memory/store.ts'
import { eventsOf, executionOf, firstTurn, mapRunOf } from '../store/testing/records.ts'

import { type ArchiveOptions, createArchive } from './archive.ts'

let store: Store
let source: MemorySource
beforeEach(() => {
  store = openMemoryStore(new MemoryDisk())
  source = new MemorySource()
})

const archive = (keys: readonly number[], over: Partial<ArchiveOptions> = {}) =>
  createArchive({
    url: 's3://bucket/some/prefix',
    store,
    source,
    spool: memorySpool,
    render: {
      execution: ({ name, status }, mapRunArn) => ({ name, status, mapRunArn }),
      events: (events) => events.map(({ id }) => ({ id })),
    },
    ...over,
  })(keys.map((key) => asId(key)))

const closedOn = (day: string): Partial<ExecutionRecord> => ({
  status: 'SUCCEEDED',
  stopAt: toInstant(Date.parse(`${day}T12:00:00Z`)),
})
const add = (key: number, over: Partial<ExecutionRecord>, events = eventsOf(2)) =>
  store.commit([firstTurn(executionOf(key, over), events)])
const written = () => Object.fromEntries([...source.objects].map(([name, body]) => [name, linesOf(body.toString())]))
const linesOf = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

test('an execution is a line: itself, and all events of its history', async () => {
  await add(1, closedOn('2026-11-30'), eventsOf(2_500))
  await archive([1])
  const ids = Array.from({ length: 2_500 }, (_, i) => ({ id: i + 1 }))
  expect(written()).toEqual({
    'bucket/some/prefix/2026/11/30/m-1-0.ndjson': [{ execution: { name: 'e1', status: 'SUCCEEDED' }, events: ids }],
  })
})

test('a file has the executions of one day, and a bucket without a prefix has the days at its top', async () => {
  await add(1, closedOn('2026-11-29'))
  await add(2, closedOn('2026-11-29'))
  await add(3, closedOn('2026-12-01'))
  await archive([1, 2, 3], { url: 's3://bucket' })
  const names = Object.entries(written()).map(([name, lines]) => [name, lines.length])
  expect(names).toEqual([
    ['bucket/2026/11/29/m-1-0.ndjson', 2],
    ['bucket/2026/12/01/m-3-0.ndjson', 1],
  ])
})

test('a file that has become large is ended, between two executions', async () => {
  for (const key of [1, 2, 3]) await add(key, closedOn('2026-11-30'))
  await archive([1, 2, 3], { fileBytes: 1 })
  expect([...source.objects.keys()]).toEqual([1, 2, 3].map((key) => `bucket/some/prefix/2026/11/30/m-${key}-0.ndjson`))
})

test('children of Map Runs follow the execution that they are of, however deep, those that never began excepted', async () => {
  await add(1, closedOn('2026-11-30'))
  const run = await store.createMapRun(mapRunOf(1, 'arn:run'), [])
  const child = (itemIndex: number) => ({ mapRunKey: run.key, itemIndex, itemCount: 1 })
  for (let n = 0; n < 150; n++) await add(100 + n, { ...closedOn('2026-11-28'), ...child(n) })
  await add(300, { status: 'PENDING', ...child(150) })
  const inner = await store.createMapRun(mapRunOf(100, 'arn:inner'), [])
  await add(400, { ...closedOn('2026-11-28'), mapRunKey: inner.key, itemIndex: 0 })
  await archive([1])
  const told = Object.values(written())
    .flat()
    .map((line) => (line as { execution: { name: string; mapRunArn?: string } }).execution)
  expect(told).toHaveLength(152)
  expect(told.slice(0, 4).map(({ name, mapRunArn }) => [name, mapRunArn])).toEqual([
    ['e1', undefined],
    ['e100', 'arn:run'],
    ['e400', 'arn:inner'],
    ['e101', 'arn:run'],
  ])
})

test('what is open again by now, or gone, is left out', async () => {
  await add(1, {})
  await archive([1, 2])
  expect(written()).toEqual({})
})

test('what the bucket refuses rejects with its reason, and nothing waits in the spool', async () => {
  await add(1, closedOn('2026-11-30'))
  let [created, discarded] = [0, 0]
  const spool = {
    async create() {
      created++
      const file = await memorySpool.create()
      return { ...file, discard: async () => void discarded++ }
    },
  }
  const refusing = { write: async () => ({ ok: false as const, error: { code: 'NoSuchBucket', message: 'It is not there.' } }) }
  await expect(archive([1], { source: refusing, spool })).rejects.toThrow(
    's3://bucket/some/prefix/2026/11/30/m-1-0.ndjson could not be written: NoSuchBucket: It is not there.',
  )
  expect([created, discarded]).toEqual([1, 1])
})
