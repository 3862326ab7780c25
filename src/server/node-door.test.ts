import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Json } from '../base/json.ts'

import { askNode, createNodeDoor } from './node-door.ts'

const secret = randomBytes(32)
let server: Server
let url = ''
const asked: unknown[] = []

beforeEach(async () => {
  asked.length = 0
  const answerOf = (verb: string) => {
    if (verb === 'echo')
      return async (ask: Json) => {
        asked.push(ask)
        return { ask }
      }
    return verb === 'fail' ? () => Promise.reject(new Error('it could not be recorded')) : undefined
  }
  const door = createNodeDoor({ secret, self: () => 'node-1', answerOf })
  server = createServer((req, res) => {
    const handler = door(req)
    if (handler) void handler(req, res)
    else res.writeHead(404).end('not for nodes')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => new Promise((resolve) => server.close(resolve)))

test('a node with the secret is answered', async () => {
  expect(await askNode({ id: 'node-1', url }, secret, 'echo', { n: 1 })).toEqual({ ask: { n: 1 } })
})

test.each([
  ['another secret', randomBytes(32)],
  ['a shorter one', secret.subarray(0, 8)],
  ['none', Buffer.alloc(0)],
])('with %s nobody is answered, and nothing is done', async (_, given) => {
  await expect(askNode({ id: 'node-1', url }, given, 'echo', {})).rejects.toThrow(/answered 403/)
  expect(asked).toEqual([])
})

test('a verb that nobody answers, and an answer that fails, reject with what was said', async () => {
  await expect(askNode({ id: 'node-1', url }, secret, 'nothing', {})).rejects.toThrow(/answered 404/)
  await expect(askNode({ id: 'node-1', url }, secret, 'fail', {})).rejects.toThrow(/503.*it could not be recorded/)
})

test('what is meant for another node is not done: its URL is wrong', async () => {
  await expect(askNode({ id: 'node-2', url }, secret, 'echo', {})).rejects.toThrow(/answered 421: .*This is node-1, not node-2/)
  expect(asked).toEqual([])
})

test('a node that is away rejects', async () => {
  await expect(askNode({ id: 'node-1', url: 'http://127.0.0.1:1' }, secret, 'echo', {})).rejects.toThrow()
})
