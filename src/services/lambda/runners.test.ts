import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterEach, expect, test } from 'vitest'

import { silentLog } from '../../base/log.ts'

import type { OutputEvent } from './output.ts'
import { printLine, type RunRequest } from './run-protocol.ts'
import { Runners } from './runners.ts'

const REQUEST: RunRequest = {
  generation: '1',
  plan: {
    functionName: 'f',
    version: '$LATEST',
    runtime: 'nodejs22.x',
    handler: 'index.handler',
    memoryMb: 128,
    responseBytesMax: 1_000,
    region: 'us-east-1',
    variables: {},
    logGroup: '/aws/lambda/f',
  },
  code: `f/${'0'.repeat(64)}`,
  layers: [],
  invocation: { requestId: 'r', payload: Buffer.from('{}'), functionArn: 'arn', timeoutSeconds: 3 },
}
const OUTCOME = { payload: Buffer.from('"done"'), logTail: '' }

const servers: Server[] = []
const printed: [string, string, readonly OutputEvent[]][] = []
const runnersOf = (silenceMs = 5_000) =>
  new Runners({
    log: silentLog,
    headers: () => ({ 'x-key': 'k' }),
    writeLog: (...one) => void printed.push(one),
    silenceMs,
  })

/** A node that answers so; where it is, and how often it was asked. */
async function nodeThat(answer: (res: ServerResponse) => void) {
  const node = { url: '', asked: 0, keys: new Set<unknown>() }
  const server = createServer((req, res) => {
    node.asked++
    node.keys.add(req.headers['x-key'])
    req.resume().once('end', () => answer(res))
  })
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  node.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return node
}
const begin = (res: ServerResponse) => void res.writeHead(200).write(printLine({ kind: 'started' }))
const end = (res: ServerResponse) => void res.end(printLine({ kind: 'ended', outcome: OUTCOME }))
const runs = (res: ServerResponse) => {
  begin(res)
  end(res)
}

afterEach(() => {
  printed.length = 0
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

test('where there is no node nobody runs it', async () => {
  expect(await runnersOf().run(REQUEST)).toBe(undefined)
})

test('nodes take turns, and one that has much to do gets less', async () => {
  const runners = runnersOf()
  const held: ServerResponse[] = []
  const slow = await nodeThat((res) => {
    begin(res)
    held.push(res)
  })
  const fast = await nodeThat(runs)
  const leave = runners.add(slow.url)
  runners.add(fast.url)
  const first = runners.run(REQUEST)
  for (let i = 0; i < 3; i++) expect(await runners.run(REQUEST)).toEqual(OUTCOME)
  expect([slow.asked, fast.asked]).toEqual([1, 3])
  leave()
  await expect.poll(() => held.length).toBe(1)
  for (const res of held) end(res)
  expect(await first).toEqual(OUTCOME)
  expect([...slow.keys, ...fast.keys]).toEqual(['k', 'k'])
})

test('a node that is gone, does not answer to us or could not get the code has run nothing: the next is asked', async () => {
  const runners = runnersOf()
  const gone = await nodeThat(runs)
  const refuses = await nodeThat((res) => void res.writeHead(503).end())
  const lacksCode = await nodeThat((res) => {
    begin(res)
    res.end(printLine({ kind: 'refused', reason: 'no code' }))
  })
  servers[0]?.close()
  const works = await nodeThat(runs)
  for (const { url } of [gone, refuses, lacksCode, works]) runners.add(url)
  expect(await runners.run(REQUEST)).toEqual(OUTCOME)
  expect([gone, refuses, lacksCode, works].map(({ asked }) => asked)).toEqual([0, 1, 1, 1])
})

test.each([
  ['breaks off', (res: ServerResponse) => res.write(printLine({ kind: 'started' }), () => res.destroy())],
  ['breaks off before its first line', (res: ServerResponse) => res.destroy()],
  ['ends without an outcome', (res: ServerResponse) => void res.end(printLine({ kind: 'started' }))],
  ['falls silent', begin],
  ['cannot tell', (res: ServerResponse) => void res.end(printLine({ kind: 'failed', reason: 'a process was lost' }))],
])('of a node that %s nobody knows what has run: the invocation fails, and no other node is asked', async (_, answer) => {
  const runners = runnersOf(200)
  const lost = await nodeThat((res) => void answer(res))
  const other = await nodeThat(runs)
  runners.add(lost.url)
  runners.add(other.url)
  await expect(runners.run(REQUEST)).rejects.toMatchObject({ code: 'ServiceException', status: 500 })
  expect([lost.asked, other.asked]).toEqual([1, 0])
})

test('what is printed is kept as it comes, before the function has ended', async () => {
  const runners = runnersOf()
  let answer: ServerResponse | undefined
  const node = await nodeThat((res) => {
    begin(res)
    res.write(printLine({ kind: 'printed', group: 'g', stream: 's', events: [{ timestamp: 1, message: 'hello' }] }))
    answer = res
  })
  runners.add(node.url)
  const running = runners.run(REQUEST)
  await expect.poll(() => printed).toEqual([['g', 's', [{ timestamp: 1, message: 'hello' }]]])
  if (answer) end(answer)
  expect(await running).toEqual(OUTCOME)
})
