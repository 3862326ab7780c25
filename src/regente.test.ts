/** A server in a program of one's own, as docs/library.md tells it. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { promisify } from 'node:util'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { createRegente } from './index.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'regente-library-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const create = (port = 0, name = 'a') => createRegente({ port, dataDirectory: join(directory, name), logLevel: 'silent' })
const isUp = (url: string) =>
  fetch(`${url}/_regente/health`).then(
    ({ ok }) => ok,
    () => false,
  )

test('a free port is told; stopping and starting twice is as good as once', async () => {
  const server = create()
  const [{ url }, again] = await Promise.all([server.start(), server.start()])
  expect(again.url).toBe(url)
  expect(new URL(url).port).not.toBe('0')
  expect(await isUp(url)).toBe(true)
  await Promise.all([server.stop(), server.stop()])
  await server.stop()
  expect(await isUp(url)).toBe(false)
})

test('a start that fails lets go of the folder, and can be stopped', async () => {
  const first = create()
  const port = Number(new URL((await first.start()).url).port)
  const second = create(port, 'b')
  await expect(second.start()).rejects.toThrow(String(port))
  const third = create(0, 'b')
  await third.start()
  await Promise.all([first, second, third].map((server) => server.stop()))
})

test.runIf(process.platform === 'linux')(
  'a folder that cannot be made is told, a missing one made with its parents',
  async () => {
    await expect(createRegente({ port: 0, dataDirectory: '/proc/nope/a' }).start()).rejects.toThrow('ENOENT')
    await expect(createRegente({ port: 0, dataDirectory: '/dev/null/a' }).start()).rejects.toThrow('ENOTDIR')
    const server = create(0, 'one/two/three')
    await server.start()
    await server.stop()
  },
)

test('a node has its folder for itself, though executions are elsewhere', async () => {
  const server = create()
  await server.start()
  const node = createRegente({
    port: 0,
    dataDirectory: join(directory, 'a'),
    store: 'postgres://127.0.0.1:1/none',
    logLevel: 'silent',
  })
  await expect(node.start()).rejects.toThrow(/^Another Regente uses the folder/)
  await server.stop()
})

test('it is ready when it has started, and not any more while it answers the last requests of a stop', async () => {
  const server = create()
  const { url } = await server.start()
  const ask = (operation: string, input: object) => {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${operation}` }
    return request(url, { method: 'POST', headers }).end(JSON.stringify(input))
  }
  const answerOf = async (asked: ClientRequest) => {
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    return (await json(answer)) as Record<string, unknown>
  }
  const readiness = async () => {
    const answer = await fetch(`${url}/_regente/ready`)
    return [answer.status, await answer.json()]
  }
  expect(await readiness()).toEqual([200, { status: 'ready' }])
  const { stateMachineArn } = await answerOf(
    ask('CreateStateMachine', {
      name: 'waits',
      type: 'EXPRESS',
      roleArn: 'arn:aws:iam::000000000000:role/r',
      definition: JSON.stringify({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 1, End: true } } }),
    }),
  )
  const asked = ask('StartSyncExecution', { stateMachineArn })
  const answer = answerOf(asked)
  await once(asked, 'finish')
  // It has come before this one.
  await readiness()
  const stopped = server.stop()
  expect(await readiness()).toEqual([503, { status: 'not-ready', reasons: ['The server stops.'] }])
  expect(await answer).toMatchObject({ status: 'SUCCEEDED' })
  await stopped
})

test('a stop while it starts waits for it, and nothing stays behind', async () => {
  const server = create()
  const started = server.start()
  await server.stop()
  expect(await isUp((await started).url)).toBe(false)
  const next = create()
  await next.start()
  await next.stop()
})

test('a program given on the command line ends by itself, though one of its servers could not start', async () => {
  const program = `
    import { createRegente } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))}
    const create = (port, name) => createRegente({ port, dataDirectory: ${JSON.stringify(directory)} + '/' + name, logLevel: 'silent' })
    const first = create(0, 'a')
    const { url } = await first.start()
    await create(new URL(url).port, 'b').start().catch((error) => console.log(error.code))
    await first.stop()
    await first.stop()
    console.log('over')`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
  expect(stdout).toBe('EADDRINUSE\nover\n')
})

test('what was stopped does not start, whether it ran or not', async () => {
  const server = create()
  await server.stop()
  await expect(server.start()).rejects.toThrow('stopped')
  const other = create()
  await other.start()
  const stopping = other.stop()
  await expect(other.start()).rejects.toThrow('stopped')
  await stopping
  await expect(other.start()).rejects.toThrow('stopped')
})
