import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { createChangeStream } from './change-stream.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const ARN = 'arn:aws:states:us-east-1:000000000000:execution'

/** A page that listens; what it was told so far, without the greeting. */
async function listen(stream: ReturnType<typeof createChangeStream>, url: string) {
  const written: string[] = []
  const res = Object.assign(new EventEmitter(), {
    writeHead: () => res,
    write: (text: string) => written.push(text),
    end: () => res.emit('close'),
    writableEnded: false,
  })
  await stream.listen({ url, headers: {} } as unknown as IncomingMessage, res as unknown as ServerResponse)
  return { told: () => written.slice(1), close: () => res.emit('close') }
}

test('who watches an execution is told that it has moved, once for turns that follow closely', async () => {
  const stream = createChangeStream()
  const page = await listen(stream, `/_regente/live?executionArn=${ARN}:a:1`)
  for (const name of ['a:1', 'a:1', 'a:2']) stream.moved(`${ARN}:${name}`)
  vi.advanceTimersByTime(100)
  expect(page.told()).toEqual(['event: turn\ndata:\n\n'])
})

test('who watches all is told the machines, seldom and each once; children of Map Runs and Express executions are in no list', async () => {
  const stream = createChangeStream()
  stream.moved(`${ARN}:before:1`)
  const page = await listen(stream, '/_regente/live')
  for (const name of ['a:1', 'a:2', 'b:1', 'b/Each:1']) stream.moved(`${ARN}:${name}`)
  stream.moved('arn:aws:states:us-east-1:000000000000:express:c:1:2')
  vi.advanceTimersByTime(4_000)
  expect(page.told()).toEqual([])
  vi.advanceTimersByTime(2_000)
  expect(page.told()).toEqual(['event: machines\ndata: ["a","b"]\n\n'])
  stream.moved(`${ARN}:b:1`)
  page.close()
  vi.advanceTimersByTime(20_000)
  expect(page.told()).toHaveLength(1)
})
