import { once } from 'node:events'
import { createServer } from 'node:net'

import { expect, test } from 'vitest'

import { Debuggers } from './debuggers.ts'

test('a function keeps its port; while one of its processes has it, another has none', async () => {
  const debuggers = new Debuggers(0)
  const first = await debuggers.take('one')
  const other = await debuggers.take('two')
  expect(first?.port).not.toBe(other?.port)
  expect(await debuggers.take('one')).toBeUndefined()
  first?.release()
  expect((await debuggers.take('one'))?.port).toBe(first?.port)
})

test('who follows a process that is being ended waits until it has ended', async () => {
  const debuggers = new Debuggers(0)
  const first = await debuggers.take('one')
  first?.leave()
  let second: number | undefined
  const taking = debuggers.take('one').then((port) => (second = port?.port))
  await new Promise((resolve) => setImmediate(resolve))
  expect(second).toBeUndefined()
  first?.release()
  expect(await taking).toBe(first?.port)
})

test('a port that somebody else has is passed over', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const taken = typeof address === 'object' && address !== null ? address.port : 0
  expect((await new Debuggers(taken).take('one'))?.port).toBeGreaterThan(taken)
  server.close()
})
