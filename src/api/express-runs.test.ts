import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { asId } from '../base/id-in-test.ts'
import { toInstant } from '../base/time.ts'

import { run } from '../engine/flow-in-test.ts'

import { createExpressRuns } from './express-runs.ts'

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:m'
const runs = createExpressRuns()
const server = createServer((req, res) => {
  const handler = runs.match(req)
  if (handler) void handler(req, res)
  else res.writeHead(418).end()
})
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

async function ask(query: Readonly<Record<string, string>>): Promise<unknown> {
  const { port } = server.address() as AddressInfo
  return (await fetch(`http://127.0.0.1:${port}/_regente/express?${new URLSearchParams(query)}`)).json()
}

const record = (name: string, more: { readonly type?: 'STANDARD'; readonly mapRunKey?: number } = {}) => ({
  arn: asId<never>(`arn:aws:states:us-east-1:000000000000:express:m:${name}:u`),
  name,
  stateMachineArn: asId<never>(MACHINE),
  type: more.type ?? ('EXPRESS' as const),
  startAt: toInstant(1_000),
  input: '{"n":12345678901234567890}',
  ...(more.mapRunKey !== undefined && { mapRunKey: asId<never>(more.mapRunKey) }),
})
const passes = { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } }
const fails = { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'E', Cause: 'why' } } }

test('an Express execution is listed, and told with its events as AWS would have told them', async () => {
  runs.committed(record('good'), run(passes).events)
  runs.committed(record('bad'), run(fails).events)
  runs.committed(record('other', { type: 'STANDARD' }), run(passes).events)
  expect(await ask({ stateMachineArn: MACHINE })).toMatchObject({
    executions: [
      { name: 'bad', status: 'FAILED', error: 'E', cause: 'why' },
      { name: 'good', status: 'SUCCEEDED', startDate: 1 },
    ],
  })
  expect(JSON.stringify(await ask({ stateMachineArn: MACHINE }))).not.toContain('output')
  expect(await ask({ executionArn: record('good').arn })).toHaveProperty('execution.output')
  expect(await ask({ executionArn: record('bad').arn })).toMatchObject({
    execution: { name: 'bad', stateMachineArn: MACHINE, input: '{"n":12345678901234567890}' },
    events: [{ type: 'ExecutionStarted' }, { type: 'FailStateEntered' }, { type: 'ExecutionFailed' }],
  })
  expect(await ask({ executionArn: record('other').arn })).toEqual({})
})

test('the oldest go when there is no room, and the children of Map Runs push nobody else out', async () => {
  const { events } = run(passes)
  for (let n = 0; n < 1_100; n++) runs.committed(record(`child ${n}`, { mapRunKey: 1 }), events)
  expect(await ask({ executionArn: record('child 0').arn })).toEqual({})
  expect(await ask({ executionArn: record('child 1099').arn })).toHaveProperty('execution')
  expect(await ask({ executionArn: record('good').arn })).toHaveProperty('execution')
  expect(await ask({ stateMachineArn: MACHINE })).toMatchObject({ executions: [{ name: 'bad' }, { name: 'good' }] })
})

test('of an execution with very much to tell its beginning and its end are remembered', async () => {
  const [started, ...rest] = run(passes, { text: 'x'.repeat(200_000) }).events
  const middle = rest.slice(0, -1)
  const record2 = record('long')
  runs.committed(record2, [...(started ? [started] : []), ...Array.from({ length: 30 }, () => middle).flat(), ...rest.slice(-1)])
  const told = (await ask({ executionArn: record2.arn })) as { events: readonly { type: string }[] }
  expect(told.events.length).toBeLessThan(20)
  expect(told.events.at(-1)).toMatchObject({ type: 'ExecutionSucceeded' })
})
