/** `GET /_regente/coverage`: what is here, of the server that is asked. */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { makeDataDirectory, removeDataDirectory, type RunningServer, startServer } from './server.ts'

const directories: string[] = []
let services: RunningServer
let server: RunningServer

async function start(flags: readonly string[], command: 'start' | 'services'): Promise<RunningServer> {
  const directory = await makeDataDirectory()
  directories.push(directory)
  return startServer(directory, flags, 0, { command })
}
beforeAll(async () => {
  services = await start([], 'services')
  server = await start(['--services-url', services.url], 'start')
}, 60_000)
afterAll(async () => {
  await server?.stop()
  await services?.stop()
  for (const directory of directories) await removeDataDirectory(directory)
})

const coverage = (url: string, headers: Record<string, string> = {}) => fetch(`${url}/_regente/coverage`, { headers })

test('a server tells its own operations and those of its services, in a thread of its own or elsewhere', async () => {
  const alone = await start([], 'start')
  try {
    for (const { url } of [alone, server]) {
      const told = (await (await coverage(url)).json()) as {
        services: Record<string, { implemented: string[]; absent: string[] }>
      }
      expect(told.services).toMatchObject({
        states: { implemented: expect.arrayContaining(['StartExecution']), absent: [] },
        s3: { implemented: expect.arrayContaining(['PutObject']), absent: expect.arrayContaining(['RestoreObject']) },
      })
    }
  } finally {
    await alone.stop()
  }
}, 60_000)

test('services alone tell what is theirs', async () => {
  const told = (await (await coverage(services.url)).json()) as { services: object }
  expect(Object.keys(told.services)).toEqual(expect.arrayContaining(['dynamodb', 's3', 'sqs']))
  expect(told.services).not.toHaveProperty('states')
})

test('a page of somebody else is told nothing', async () => {
  expect((await coverage(server.url, { origin: 'https://example.org' })).status).toBe(403)
})

test('a server whose services are away says so', async () => {
  await services.stop()
  const answer = await coverage(server.url)
  expect([answer.status, await answer.json()]).toEqual([503, { message: expect.stringContaining('cannot be reached') }])
})
