import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { toInstant } from '../base/time.ts'

import type { Quarantined } from '../control/execution-port.ts'

import { createQuarantineMatch } from './quarantine.ts'

const ARN = 'arn:aws:states:us-east-1:000000000000:execution:m:e'
const ENTRY: Quarantined = {
  executionArn: ARN,
  reason: 'it does not fold',
  attempts: 3,
  since: toInstant(Date.UTC(2026, 0, 1)),
  retryAt: toInstant(Date.UTC(2026, 0, 1, 0, 0, 4)),
}
const SHOWN = {
  executionArn: ARN,
  reason: 'it does not fold',
  attempts: 3,
  since: '2026-01-01T00:00:00.000Z',
  nextAttempt: '2026-01-01T00:00:04.000Z',
}

let entries: Quarantined[]
let tried: string[]
const match = createQuarantineMatch({
  quarantined: async () => entries,
  async retryQuarantined(executionArn) {
    tried.push(executionArn)
    const isThere = entries.some((entry) => entry.executionArn === executionArn)
    entries = []
    return isThere
  },
})
const server = createServer((req, res) => {
  const handler = match(req)
  if (handler) void handler(req, res)
  else res.writeHead(421).end('{}')
})

beforeEach(async () => {
  entries = [ENTRY]
  tried = []
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  server.close()
  server.closeAllConnections()
})

async function ask(init: RequestInit = {}, path = '/_regente/quarantine') {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, init)
  return { status: response.status, body: await response.json() }
}
const post = (body: string) => ask({ method: 'POST', body })

test('GET tells who stands aside, why, and when each is tried next', async () => {
  expect(await ask()).toEqual({ status: 200, body: { quarantined: [SHOWN] } })
})

test('POST tries one, and tells who still stands aside after that', async () => {
  expect(await post(JSON.stringify({ executionArn: ARN }))).toEqual({ status: 200, body: { quarantined: [] } })
  expect(tried).toEqual([ARN])
})

test('POST of one that does not stand aside is told so', async () => {
  expect(await post('{"executionArn":"arn:of:another"}')).toMatchObject({ status: 404 })
})

test.each(['', '[]', 'null', '{"executionArn":1}', '{'])('POST of %j is refused, and tries nothing', async (body) => {
  expect(await post(body)).toMatchObject({ status: 400 })
  expect(tried).toEqual([])
})

test('nothing else is answered here', async () => {
  expect(await ask({ method: 'DELETE' })).toMatchObject({ status: 405 })
  expect(await ask({}, '/_regente/quarantine/x')).toMatchObject({ status: 421 })
})
