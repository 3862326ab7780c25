import { afterEach, expect, it } from 'vitest'

import { startTestLambda } from './testing/lambda.ts'

type Lambda = Awaited<ReturnType<typeof startTestLambda>>
let lambda: Lambda
afterEach(() => lambda.close())

const EVENT = Buffer.from('{}')
const PID = 'exports.handler = async () => process.pid'
const waiting = (ms: number) =>
  `exports.handler = async () => { await new Promise((r) => setTimeout(r, ${ms})); return process.pid }`

const call = async (name: string): Promise<number> =>
  Number((await lambda.lambda.service.invoke({ functionName: name, payload: EVENT })).payload.toString())
const callAtOnce = (name: string, count: number) => Promise.all(Array.from({ length: count }, () => call(name)))

it('forty invocations that wait for a second wait together', async () => {
  lambda = await startTestLambda()
  await lambda.create('waits', { 'index.js': waiting(1_000) }, { timeout: 30 })
  const begun = performance.now()
  const pids = await callAtOnce('waits', 40)
  // One after the other they take 40 s; on a quiet machine of two cores 2 s.
  expect(performance.now() - begun).toBeLessThan(8_000)
  expect(new Set(pids).size).toBeGreaterThan(20)
}, 60_000)

it('a function that answers at once is served by few processes, however many ask', async () => {
  lambda = await startTestLambda()
  await lambda.create('quick', { 'index.js': PID })
  const pids = new Set<number>()
  let left = 3_000
  const ask = async () => {
    while (left-- > 0) pids.add(await call('quick'))
  }
  await Promise.all(Array.from({ length: 32 }, ask))
  expect(pids.size).toBeLessThanOrEqual(6)
}, 60_000)

it('a process that is more than is needed goes sooner than the last one', async () => {
  lambda = await startTestLambda({ pool: { spareMs: 300, idleMs: 60_000 } })
  await lambda.create('spare', { 'index.js': waiting(200) })
  const pids = await callAtOnce('spare', 6)
  expect(new Set(pids).size).toBeGreaterThan(1)
  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  await expect.poll(() => [...new Set(pids)].filter(isAlive).length, { timeout: 5_000 }).toBe(1)
  const [last] = [...new Set(pids)].filter(isAlive)
  expect(await call('spare')).toBe(last)
}, 30_000)

it('invocations that are under way or in line when it is closed are told so, and no process is left', async () => {
  lambda = await startTestLambda({ pool: { processesMax: 1 } })
  const code = 'exports.handler = async () => { console.log("begun"); await new Promise((r) => setTimeout(r, 30_000)) }'
  await lambda.create('closed', { 'index.js': code }, { timeout: 60 })
  const told = Promise.allSettled(Array.from({ length: 3 }, () => call('closed')))
  await expect.poll(() => lambda.logs.some(({ message }) => message.endsWith('begun')), { timeout: 10_000 }).toBe(true)
  await lambda.lambda.close()
  const [underWay, ...inLine] = await told
  expect(underWay).toMatchObject({ status: 'fulfilled', value: Number.NaN })
  expect(inLine).toMatchObject(Array.from({ length: 2 }, () => ({ status: 'rejected', reason: { code: 'ServiceException' } })))
}, 30_000)

it('each of many functions is served where there is room for few processes', async () => {
  lambda = await startTestLambda({ pool: { processesMax: 2 } })
  const names = Array.from({ length: 5 }, (_, index) => `one-of-many-${index}`)
  for (const name of names) await lambda.create(name, { 'index.js': PID })
  const pids = await Promise.all(names.flatMap((name) => [call(name), call(name)]))
  expect(pids.every((pid) => pid > 0)).toBe(true)
}, 60_000)

it('where a function cannot start, each of those in line is told, and no more processes are started than that takes', async () => {
  lambda = await startTestLambda()
  await lambda.create('fails', { 'index.js': 'console.log("started"); throw new Error("no")' })
  const answers = await Promise.all(Array.from({ length: 5 }, () => lambda.invoke('fails')))
  expect(answers.map(({ payload }) => payload)).toMatchObject(Array.from({ length: 5 }, () => ({ errorMessage: 'no' })))
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(lambda.logs.filter(({ message }) => message.endsWith('started'))).toHaveLength(5)
}, 30_000)

it('functions that call themselves, deeper than there are processors, end', async () => {
  lambda = await startTestLambda()
  const code = `exports.handler = async (n) => {
    if (n === 0) return 'bottom'
    const url = process.env.AWS_ENDPOINT_URL + '/2015-03-31/functions/deep/invocations'
    return (await fetch(url, { method: 'POST', body: JSON.stringify(n - 1) })).json()
  }`
  await lambda.create('deep', { 'index.js': code }, { timeout: 30 })
  const answers = await Promise.all([lambda.invoke('deep', 8), lambda.invoke('deep', 8)])
  expect(answers.map(({ payload }) => payload)).toEqual(['bottom', 'bottom'])
}, 60_000)
