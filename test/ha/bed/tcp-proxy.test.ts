import { connect, createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { TcpProxy } from './tcp-proxy.ts'
import { HOST, portOf } from './workspace.ts'

let echo: Server
let proxy: TcpProxy
/** What has arrived at the far end. */
let heard: string
const ends = new Set<Socket>()

beforeEach(async () => {
  heard = ''
  echo = createServer((socket) => {
    ends.add(socket)
    socket.on('error', () => {})
    socket.on('data', (piece) => {
      heard += piece.toString()
      socket.write(piece)
    })
  })
  await new Promise<void>((resolve) => echo.listen(0, HOST, resolve))
  proxy = await TcpProxy.open(portOf(echo))
})
afterEach(async () => {
  await proxy.close()
  for (const socket of ends) socket.destroy()
  ends.clear()
  await new Promise((resolve) => echo.close(resolve))
})

function dial() {
  const socket = connect(proxy.port, HOST)
  ends.add(socket)
  let answered = ''
  let isOver = false
  socket.on('data', (piece) => (answered += piece.toString()))
  socket.on('error', () => {})
  socket.on('close', () => (isOver = true))
  return {
    socket,
    answered: () => answered,
    isOver: () => isOver,
  }
}

test('carries both ways', async () => {
  const { socket, answered } = dial()
  socket.write('hello')
  await expect.poll(answered).toBe('hello')
})

test('parted: nothing arrives, and all of it in order when the network is well again', async () => {
  const { socket, answered } = dial()
  socket.write('1')
  await expect.poll(answered).toBe('1')
  proxy.network = { kind: 'parted' }
  socket.write('2')
  const late = dial()
  late.socket.write('from a newcomer')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(heard).toBe('1')
  proxy.network = { kind: 'well' }
  await expect.poll(answered).toBe('12')
  await expect.poll(late.answered).toBe('from a newcomer')
})

test('mute: what is said arrives, and its answer does not', async () => {
  const { socket, answered } = dial()
  socket.write('1')
  await expect.poll(answered).toBe('1')
  proxy.network = { kind: 'mute' }
  socket.write('2')
  await expect.poll(() => heard).toBe('12')
  expect(answered()).toBe('1')
  proxy.network = { kind: 'well' }
  await expect.poll(answered).toBe('12')
})

test('slow: each way takes as long as it is told to, and what comes later is not earlier', async () => {
  const { socket, answered } = dial()
  socket.write('1')
  await expect.poll(answered).toBe('1')
  proxy.network = { kind: 'slow', delayMs: 60 }
  const begun = Date.now()
  socket.write('2')
  await expect.poll(() => heard, { interval: 5 }).toBe('12')
  expect(Date.now() - begun).toBeGreaterThanOrEqual(55)
  proxy.network = { kind: 'well' }
  socket.write('3')
  await expect.poll(answered).toBe('123')
})

test('a cut ends what there is, and whoever comes after it gets through', async () => {
  const before = dial()
  before.socket.write('1')
  await expect.poll(before.answered).toBe('1')
  expect(proxy.cut()).toBe(1)
  await expect.poll(before.isOver).toBe(true)
  const after = dial()
  after.socket.write('2')
  await expect.poll(after.answered).toBe('2')
})

test('refused: whoever comes is turned away', async () => {
  proxy.network = { kind: 'refused' }
  await expect.poll(dial().isOver).toBe(true)
  proxy.network = { kind: 'well' }
  const { socket, answered } = dial()
  await once(socket, 'connect')
  socket.write('1')
  await expect.poll(answered).toBe('1')
})
