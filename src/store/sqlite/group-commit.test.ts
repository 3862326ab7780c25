import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { asId } from '../../base/id-in-test.ts'
import { deferred } from '../../base/deferred.ts'
import { silentLog } from '../../base/log.ts'

import { GroupCommit } from './group-commit.ts'
import { openReader } from './open.ts'
import { tagReads } from './tags.ts'
import type { Order } from './writer.ts'

const WRITES_AGAIN = 'the store writes again'

let directory = ''
let file = ''
let commits: GroupCommit
/** The writer threads so far, oldest first. */
let writers: Worker[]
/** What the log told; `told` resolves at the next line that is `message`. */
let lines: string[]
let listeners: { readonly message: string; readonly tell: () => void }[]
const remember = (worker: Worker) => void writers.push(worker)

function told(message: string): Promise<void> {
  const { promise, resolve } = deferred<void>()
  listeners.push({ message, tell: () => resolve() })
  return promise
}
function note(message: string): void {
  lines.push(message)
  for (const listener of listeners) if (listener.message === message) listener.tell()
}

beforeEach(async () => {
  ;[writers, lines, listeners] = [[], [], []]
  process.on('worker', remember)
  directory = await mkdtemp(join(tmpdir(), 'regente-commits-'))
  file = join(directory, 'regente.sqlite')
  commits = await GroupCommit.open(file, { ...silentLog, warn: note, error: note })
})
afterEach(async () => {
  await commits.close()
  process.off('worker', remember)
  await rm(directory, { recursive: true })
})

const tag = (name: string): Order => ({ kind: 'call', name: 'putTags', parameters: ['arn', new Map([[name, 'x']])] })
/** An order that the writer cannot carry out, whatever its disk does. */
const POISON: Order = { kind: 'call', name: 'putTags', parameters: ['arn', new Map([['poison', { no: 'text' }]])] }

function writer(): Worker {
  const worker = writers.at(-1)
  if (!worker) throw new Error('there is no writer')
  return worker
}

function tagsInFile(): string[] {
  const reader = openReader(file)
  try {
    return [...tagReads(reader).tags(asId('arn')).keys()]
  } finally {
    reader.close()
  }
}

test('a poison order fails alone: what is committed with it is kept', async () => {
  const outcomes = await Promise.allSettled(['a', 'b'].flatMap((name) => [commits.write(tag(name)), commits.write(POISON)]))
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected'])
  expect(tagsInFile()).toEqual(['a', 'b'])
  expect(commits.health()).toEqual({ status: 'ok' })
})

test('a writer that ends leaves no promise open, health tells it, and another one takes its place', async () => {
  const again = told(WRITES_AGAIN)
  const ended = writer().terminate()
  const outcomes = await Promise.allSettled(Array.from({ length: 5_000 }, (_, i) => commits.write(tag(`t${i}`))))
  await ended
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['rejected']))
  expect(commits.health()).toMatchObject({ status: 'failing', reason: expect.stringContaining('writer thread ended') })
  await expect(commits.write(tag('meanwhile'))).rejects.toThrow(/could not write/)
  await again
  expect(writers).toHaveLength(2)
  expect(commits.health()).toEqual({ status: 'ok' })
  await commits.write(tag('after'))
  expect(tagsInFile()).toContain('after')
  expect(lines, 'one line when it fails, one when it works').toHaveLength(2)
})

test('a writer that ends before it is ready is no reason to give up', async () => {
  const again = told(WRITES_AGAIN)
  let failures = 2
  const killer = (worker: Worker) => {
    if (failures-- > 0) void worker.terminate()
  }
  process.on('worker', killer)
  await writer().terminate()
  await again
  process.off('worker', killer)
  expect(writers).toHaveLength(4)
  await commits.write(tag('after'))
})

test('a close waits for what was ordered', async () => {
  const orders = Array.from({ length: 3_000 }, (_, i) => commits.write(tag(`t${i}`)))
  await commits.close()
  await Promise.all(orders)
  expect(tagsInFile()).toHaveLength(3_000)
  await expect(commits.write(tag('late'))).rejects.toThrow(/closed/)
})

test('a close ends though the writer has ended, or ends meanwhile', async () => {
  const orders = Promise.allSettled(Array.from({ length: 3_000 }, (_, i) => commits.write(tag(`t${i}`))))
  const closed = commits.close()
  void writer().terminate()
  await closed
  expect(await orders).toHaveLength(3_000)
  await commits.close()
})

test('a close waits for a writer that is being started, and that closes its file', async () => {
  const starting = new Promise<Worker>((resolve) => process.once('worker', resolve))
  await writer().terminate()
  const started = await starting
  const exits: number[] = []
  started.once('exit', (code) => exits.push(code))
  await commits.close()
  expect(exits, 'ended by itself').toEqual([0])
  expect(commits.health(), 'as it was').toMatchObject({ status: 'failing' })
})
