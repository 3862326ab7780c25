/**
 * Several engines on one `regente services`: what the services start is started once, by one of them; when that one is killed, by
 * another. Each has a folder of its own here: what has started where is seen.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type Clients, clientsOf, create, machineArn, ROLE, start, until } from './bad-hour.ts'
import { makeDataDirectory, removeDataDirectory, type RunningServer, startServer } from './server.ts'

const folders: string[] = []
const engines: RunningServer[] = []
let services: RunningServer

const makeFolder = async () => {
  const folder = await makeDataDirectory()
  folders.push(folder)
  return folder
}

beforeAll(async () => {
  services = await startServer(await makeFolder(), [], 0, { command: 'services' })
  for (let i = 0; i < 3; i++) engines.push(await startServer(await makeFolder(), ['--services-url', services.url]))
  for (const { url } of engines) {
    await create(clientsOf(url), 'heard', { P: { Type: 'Pass', End: true } })
    await create(clientsOf(url), 'told', { P: { Type: 'Pass', End: true } })
  }
}, 60_000)
afterAll(async () => {
  for (const server of [...engines, services]) await server.stop()
  for (const folder of folders) await removeDataDirectory(folder)
})

async function callEvents(action: string, input: object): Promise<void> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AWSEvents.${action}` }
  const response = await fetch(services.url, { method: 'POST', headers, body: JSON.stringify(input) })
  expect(await response.text()).not.toContain('FailedEntryCount":1')
}

async function putRule(name: string, pattern: object): Promise<void> {
  await callEvents('PutRule', { Name: name, EventPattern: JSON.stringify(pattern) })
  await callEvents('PutTargets', { Rule: name, Targets: [{ Id: 'm', Arn: machineArn('heard'), RoleArn: ROLE }] })
}

const orders = (count: number) =>
  callEvents('PutEvents', {
    Entries: Array.from({ length: count }, (_, i) => ({ Source: 'shop', DetailType: 'order', Detail: JSON.stringify({ i }) })),
  })

/** How many executions of `heard` there are on each engine that lives. */
const heardBy = (alive: readonly RunningServer[]) =>
  Promise.all(
    alive.map(async ({ url }) => {
      const { executions = [] } = await clientsOf(url).sfn.listExecutions({ stateMachineArn: machineArn('heard') })
      return executions.filter(({ status }) => status === 'SUCCEEDED').length
    }),
  )
const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0)

test('an event starts one execution, on one engine, and not one on each', async () => {
  await putRule('orders', { source: ['shop'] })
  await orders(5)
  const counts = await until(
    () => heardBy(engines),
    (counts) => sum(counts) >= 5,
  )
  expect(counts).toEqual([5, 0, 0])
}, 30_000)

test('when the engine that took them is killed another one starts what follows, and nothing is lost', async () => {
  await engines.shift()?.kill()
  await orders(10)
  const counts = await until(
    () => heardBy(engines),
    (counts) => sum(counts) >= 10,
  )
  expect(counts).toEqual([10, 0])
}, 60_000)

test('what any engine tells of its executions is heard, and Step Functions is asked at the port of the services too', async () => {
  await putRule('ends', { source: ['aws.states'], detail: { status: ['SUCCEEDED'], stateMachineArn: [machineArn('told')] } })
  const before = sum(await heardBy(engines))
  for (const { url } of engines) await start(clientsOf(url), 'told')
  await until(
    () => heardBy(engines),
    (counts) => sum(counts) >= before + engines.length,
  )
  const atServices: Clients = clientsOf(services.url)
  const { stateMachines } = await atServices.sfn.listStateMachines({})
  expect(stateMachines?.map(({ name }) => name)).toEqual(['heard', 'told'])
}, 60_000)
