import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { silentLog } from './base/log.ts'

import { createDescribe } from './wire/describe.ts'
import { sendJson } from './wire/http.ts'
import type { Leases } from './store/contract.ts'
import type { Runtime } from './runtime/runtime.ts'

import { openNodeRoom } from './node-room.ts'

let server: Server
let held = new Set<number>()

beforeEach(async () => {
  const leases = { held: () => held, secret: async (_: string, make: () => Buffer) => make() } as unknown as Leases
  const room = await openNodeRoom({ leases, url: () => '', region: 'us-east-1', account: '000000000000', log: silentLog })
  const runtime = { otherNodes: [] } as unknown as Runtime
  const handle = room.handOn(runtime, async (_, res) => sendJson(res, {}))
  const describe = createDescribe({
    account: '123456789012',
    callOf: ({ url = '' }) => ({ service: 'states', action: { kind: 'named', name: url.slice(1) }, resource: undefined }),
  })
  server = createServer((req, res) => {
    describe(req)
    void handle(req, res)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
})

afterEach(() => {
  server.close()
})

async function ask(action: string): Promise<number> {
  const { port } = server.address() as AddressInfo
  return (await fetch(`http://127.0.0.1:${port}/${action}`, { method: 'POST' })).status
}

test('a node that holds nothing hands requests on, and not the long polls: a stop ends those', async () => {
  held = new Set()
  expect(await ask('StartExecution')).toBe(503)
  expect(await ask('GetActivityTask')).toBe(200)
})

test('a node that has just begun keeps a request until it knows another, or holds something itself', async () => {
  held = new Set()
  const answer = ask('StartExecution')
  setTimeout(() => (held = new Set([7])), 200)
  expect(await answer).toBe(200)
})

test('a node that holds something answers by itself', async () => {
  held = new Set([7])
  expect(await ask('StartExecution')).toBe(200)
})
