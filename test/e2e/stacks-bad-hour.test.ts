/** Operations of stacks, and a server that is killed, stopped, or loses its services in the middle of them. */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { SERVICES } from '../../src/aws/services.ts'
import type { JsonObject } from '../../src/base/json.ts'
import {
  broken,
  custom,
  gate,
  parameter,
  rowsAt,
  StackClient,
  template,
} from '../../src/services/cloudformation/testing/stack-stage.ts'

import { makeDataDirectory, removeDataDirectory, type RunningServer, startServer } from './server.ts'

let directory: string
let server: RunningServer
let stacks: StackClient
const FLAGS = ['--account', '123456789012']

beforeAll(async () => {
  directory = await makeDataDirectory()
  server = await startServer(directory, FLAGS)
  stacks = new StackClient(server.url)
}, 60_000)
afterAll(async () => {
  await server.kill()
  await removeDataDirectory(directory)
})

/** On the same port: links that were handed out go on to mean something. */
async function restart(how: 'kill' | 'stop'): Promise<void> {
  await server[how]()
  server = await startServer(directory, FLAGS, Number(new URL(server.url).port))
}

/** Names of all parameters but those that are there from the first start. */
async function parameters(): Promise<readonly string[]> {
  const listed = await stacks.aws.json(SERVICES.ssm, 'DescribeParameters', { MaxResults: 50 })
  const names = rowsAt(listed, 'Parameters').map(({ Name }) => String(Name))
  return names.filter((name) => !name.startsWith('/cdk-bootstrap/')).toSorted()
}

/** Of answers that a dead server owes, nobody hears. */
const asked = (call: Promise<unknown>): void => void call.catch(() => {})
const countOf = (lines: readonly string[], line: string): number => lines.filter((other) => other === line).length

const BEFORE: JsonObject = {
  Edited: parameter('a', { Name: '/edited' }),
  Renamed: parameter('b', { Name: '/old' }),
  Dropped: parameter('c', { Name: '/dropped' }),
}
const AFTER: JsonObject = {
  Edited: parameter('A', { Name: '/edited' }),
  Renamed: parameter('b', { Name: '/new' }),
  Added: parameter('d', { Name: '/added' }),
}
/** Its removal takes a while. */
const SLOW = `if (event.RequestType === 'Delete') await new Promise((done) => setTimeout(done, 1500)); await answer({})`

test('a server that is killed while a stack is made, and while it is updated, goes on with it', async () => {
  asked(
    stacks.create(
      'stack',
      template({
        ...BEFORE,
        ...gate('Gate', { DependsOn: ['Edited', 'Renamed'] }),
        Last: parameter('l', { Name: '/last' }, { DependsOn: 'Gate' }),
      }),
    ),
  )
  await stacks.waitsFor('stack', 'Gate')
  await restart('kill')
  await stacks.signal('stack', 'GateHandle')
  expect(await stacks.status('stack')).toBe('CREATE_COMPLETE')
  const made = await stacks.events('stack')
  for (const id of ['Edited', 'Renamed', 'Dropped', 'Gate', 'Last'])
    expect(countOf(made, `${id} CREATE_COMPLETE`), made.join('\n')).toBe(1)
  expect(made.join('\n')).not.toMatch(/FAILED/)

  asked(stacks.update('stack', template({ ...AFTER, ...gate('Second', { DependsOn: ['Edited', 'Renamed', 'Added'] }) })))
  await stacks.waitsFor('stack', 'Second')
  await restart('kill')
  await stacks.signal('stack', 'SecondHandle', 'FAILURE')
  expect(await stacks.status('stack')).toBe('UPDATE_ROLLBACK_COMPLETE')
  expect(await parameters()).toEqual(['/dropped', '/edited', '/last', '/old'])
  expect(await stacks.parameter('/edited')).toBe('a')
  expect(await stacks.executions('stack')).toEqual([])
  await stacks.delete('stack')
  expect(await parameters()).toEqual([])
}, 120_000)

test('a server that is killed or stopped while a stack is rolled back, cleaned up, and deleted, goes on with it', async () => {
  const token = await stacks.answering('slow', SLOW)
  asked(
    stacks.create(
      'failing',
      template({
        P: parameter('p', { Name: '/p' }),
        Slow: custom(token, {}, { DependsOn: 'P' }),
        Bad: broken({ DependsOn: 'Slow' }),
      }),
    ),
  )
  await stacks.when('failing', (status) => status === 'ROLLBACK_IN_PROGRESS').catch(() => {})
  await restart('kill')
  expect(await stacks.status('failing')).toBe('ROLLBACK_COMPLETE')
  expect(await parameters()).toEqual([])

  await stacks.create('stack', template({ ...BEFORE, Slow: custom(token) }))
  asked(stacks.update('stack', template(AFTER)))
  await stacks.when('stack', (status) => status === 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS')
  await restart('stop')
  expect(await stacks.status('stack')).toBe('UPDATE_COMPLETE')
  expect(await parameters()).toEqual(['/added', '/edited', '/new'])
  expect(Object.keys(await stacks.resources('stack'))).toEqual(['Added', 'Edited', 'Renamed'])
  expect((await stacks.events('stack')).join('\n')).not.toMatch(/FAILED/)

  await stacks.update('stack', template({ ...AFTER, Slow: custom(token, {}, { DependsOn: 'Edited' }) }))
  const id = String((await stacks.stack('stack'))['StackId'])
  asked(stacks.delete('stack'))
  await stacks.waitsFor(id, 'Slow')
  await restart('kill')
  expect(await stacks.status(id)).toBe('DELETE_COMPLETE')
  expect(await parameters()).toEqual([])
  expect((await stacks.events(id)).join('\n')).not.toMatch(/FAILED/)
}, 120_000)

test('a server that is killed at any moment loses nothing, doubles nothing, and leaves nothing', async () => {
  const ids = Array.from({ length: 8 }, (_, i) => `P${i}`)
  const resources = ids.map((id, i) => [id, parameter('a', { Name: `/${id}` }, i > 1 ? { DependsOn: `P${i - 2}` } : {})])
  const chain = template(Object.fromEntries(resources))
  asked(stacks.create('chain', chain))
  await new Promise((done) => setTimeout(done, Math.random() * 150))
  await restart('kill')
  // It may never have been heard.
  await stacks.create('chain', chain).catch(() => {})
  expect(await stacks.status('chain')).toBe('CREATE_COMPLETE')
  expect(await parameters()).toEqual(ids.map((id) => `/${id}`))

  const id = String((await stacks.stack('chain'))['StackId'])
  asked(stacks.delete('chain'))
  await new Promise((done) => setTimeout(done, Math.random() * 150))
  await restart('kill')
  await stacks.settled(id)
  await stacks.delete('chain')
  expect(await stacks.status(id)).toBe('DELETE_COMPLETE')
  expect(await parameters()).toEqual([])
}, 120_000)
