import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { VirtualClock } from '../../base/clock.ts'
import type { JsonObject } from '../../base/json.ts'

import { endpointsAt } from '../../aws/endpoints.ts'

import { QueuePoller } from './queue-poller.ts'

let server: Server
let endpoint: string
/** What each ReceiveMessage gives, in turn; then nothing, which takes as long as the caller waits. */
let received: (readonly JsonObject[])[]
let deleted: string[]

beforeEach(async () => {
  received = []
  deleted = []
  server = createServer(async (req, res) => {
    const input = JSON.parse(await text(req))
    const isReceive = String(req.headers['x-amz-target']).endsWith('ReceiveMessage')
    if (!isReceive) for (const { ReceiptHandle } of input.Entries) deleted.push(ReceiptHandle)
    const Messages = isReceive ? received.shift() : []
    if (Messages) res.end(JSON.stringify({ Messages }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const message = (id: string, Body = 'b'): JsonObject => ({ MessageId: id, ReceiptHandle: id, Body })

function poll(invoke: () => Promise<void>) {
  const clock = new VirtualClock()
  const warnings: string[] = []
  const log = { debug() {}, info() {}, warn: (warning: string) => void warnings.push(warning), error() {} }
  const poller = new QueuePoller({
    clock,
    log,
    endpoints: endpointsAt(() => ({ endpoint, region: 'us-east-1' })),
    queueUrl: `${endpoint}/000000000000/q`,
    batchSize: 10,
    windowSeconds: 0,
    payloadBytesMax: 6_000_000,
    names: {},
    async take(batch, done) {
      await invoke()
      await done(batch)
    },
  })
  return { clock, warnings, poller }
}

test('what nobody takes is asked for again after a pause, and told once', async () => {
  received = Array.from({ length: 20 }, (_, i) => [message(String(i))])
  let isThere = false
  let calls = 0
  const { clock, warnings, poller } = poll(async () => {
    calls++
    if (!isThere) throw new Error('Function not found')
  })
  // As many as may be under way, no more: then it pauses.
  await expect.poll(() => clock.nextAlarm()).toBeDefined()
  await expect.poll(() => calls + received.length).toBe(20)
  expect(calls).toBeLessThanOrEqual(5)
  expect(warnings).toEqual(['messages of a queue could not be handed over'])
  const failed = calls
  isThere = true
  await expect
    .poll(() => {
      clock.advance(30_000)
      return deleted.length
    })
    .toBe(20 - failed)
  expect(warnings).toHaveLength(1)
  await poller.close()
})
