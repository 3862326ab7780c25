import { once } from 'node:events'
import type { ServerResponse } from 'node:http'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { callAws, type TransportError } from './client.ts'
import { readBody, sendJson } from './http.ts'
import { type InProcessDoor, openInProcess } from './in-process.ts'

let door: InProcessDoor
/** Those that are asked for, and not answered. */
const held: ServerResponse[] = []

beforeEach(() => {
  held.length = 0
  door = openInProcess((req, res) => {
    if (req.url === '/held') {
      held.push(res)
      return
    }
    void readBody(req, 1_024).then((body) => sendJson(res, { host: req.headers.host, url: req.url, body: body.toString() }))
  })
})
afterEach(() => door.close())

const call = (path: string) =>
  callAws({
    endpoint: 'http://127.0.0.1:8083',
    transport: door.transport,
    region: 'us-east-1',
    service: 'states',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    method: 'POST',
    path,
    headers: {},
    body: 'text',
  })
const refusalOf = (answer: Promise<unknown>) => answer.then(String, (error: TransportError) => `${error.kind}: ${error.message}`)
const untilAsked = async () => {
  while (held.length === 0) await new Promise((resolve) => setImmediate(resolve))
}

it('a call of our own is heard as one that came over a connection to our port', async () => {
  const { status, body } = await call('/path')
  expect([status, JSON.parse(body.toString())]).toEqual([200, { host: '127.0.0.1:8083', url: '/path', body: 'text' }])
})

it('once it refuses, what was asked is answered, and new calls find nobody', async () => {
  const asked = call('/held')
  await untilAsked()
  door.refuse()
  expect(await refusalOf(call('/path'))).toMatch(/^connect:/)
  held[0]?.end('late')
  expect((await asked).body.toString()).toBe('late')
})

it('a call that is not answered when it closes breaks, as a connection does', async () => {
  const asked = refusalOf(call('/held'))
  await untilAsked()
  const closed = held[0] && once(held[0], 'close')
  door.close()
  expect(await asked).toMatch(/^broken:/)
  held[0]?.destroy()
  await closed
})
