/** Every operation through AWS's own SDK for JavaScript, unmodified but for the host prefix, against the real program. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { SFN } from '@aws-sdk/client-sfn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { OPERATIONS } from '../../src/api/handler.ts'

import { credentials, makeDataDirectory, REGION, removeDataDirectory, type RunningServer, startServer } from '../e2e/server.ts'

const ROLE = 'arn:aws:iam::000000000000:role/test'
const machine = (States: Record<string, unknown>) => JSON.stringify({ StartAt: Object.keys(States)[0], States })
const PASS = machine({ P: { Type: 'Pass', End: true } })
const FAIL = machine({ F: { Type: 'Fail', Error: 'Boom', Cause: 'why' } })
const WAIT = machine({ W: { Type: 'Wait', Seconds: 600, End: true } })

let dataDirectory = ''
let server: RunningServer
let sfn: SFN
const used = new Set<string>()

beforeAll(async () => {
  dataDirectory = await makeDataDirectory()
  server = await startServer(dataDirectory)
  sfn = new SFN({ endpoint: server.url, region: REGION, credentials, disableHostPrefix: true })
  sfn.middlewareStack.add((next, context) => (args) => {
    used.add(String((context as { commandName?: string }).commandName).replace(/Command$/, ''))
    return next(args)
  })
}, 60_000)
afterAll(async () => {
  await server.stop()
  await removeDataDirectory(dataDirectory)
})

/** Page tokens and all else that was handed out stay good. */
async function restart() {
  await server.kill()
  server = await startServer(dataDirectory, [], Number(new URL(server.url).port))
}

/** A connection with an API key, as no SDK client that is installed here makes it. */
async function createConnection(ApiKeyAuthParameters: object): Promise<string> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.CreateConnection' }
  const body = { Name: 'key', AuthorizationType: 'API_KEY', AuthParameters: { ApiKeyAuthParameters } }
  const response = await fetch(server.url, { method: 'POST', headers, body: JSON.stringify(body) })
  return ((await response.json()) as { ConnectionArn: string }).ConnectionArn
}

let made = 0
async function create(definition: string, type: 'STANDARD' | 'EXPRESS' = 'STANDARD') {
  const name = `machine-${made++}`
  const { stateMachineArn = '' } = await sfn.createStateMachine({ name, definition, roleArn: ROLE, type })
  return { name, stateMachineArn }
}
async function ended(executionArn: string | undefined) {
  for (let tries = 0; tries < 200; tries++) {
    const execution = await sfn.describeExecution({ executionArn })
    if (execution.status !== 'RUNNING') return execution
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('still running')
}
const errorOf = (call: Promise<unknown>) =>
  call.then(
    () => 'no error',
    (error: Error) => `${error.name}: ${error.message}`,
  )

describe('state machines', () => {
  test('are made once, described, changed, listed, validated, deleted', async () => {
    const { name, stateMachineArn } = await create(PASS)
    const again = await sfn.createStateMachine({ name, definition: PASS, roleArn: `${ROLE}-other` })
    expect(again.stateMachineArn).toBe(stateMachineArn)
    expect(await errorOf(sfn.createStateMachine({ name, definition: FAIL, roleArn: ROLE }))).toContain(
      'StateMachineAlreadyExists',
    )

    expect(await sfn.describeStateMachine({ stateMachineArn })).toMatchObject({
      name,
      definition: PASS,
      status: 'ACTIVE',
      type: 'STANDARD',
    })
    const { revisionId } = await sfn.updateStateMachine({ stateMachineArn, definition: FAIL })
    expect(await sfn.describeStateMachine({ stateMachineArn })).toMatchObject({ definition: FAIL, revisionId })
    const { definition } = await sfn.describeStateMachine({ stateMachineArn, includedData: 'METADATA_ONLY' })
    expect(definition).toBe('{}')

    const { stateMachines = [] } = await sfn.listStateMachines({})
    expect(stateMachines.map((one) => one.stateMachineArn)).toContain(stateMachineArn)
    expect(await sfn.validateStateMachineDefinition({ definition: '{}' })).toMatchObject({ result: 'FAIL', truncated: false })

    await sfn.deleteStateMachine({ stateMachineArn })
    await sfn.deleteStateMachine({ stateMachineArn })
    expect(await errorOf(sfn.describeStateMachine({ stateMachineArn }))).toContain('StateMachineDoesNotExist')
  })

  test('carry tags', async () => {
    const { stateMachineArn } = await create(PASS)
    await sfn.tagResource({
      resourceArn: stateMachineArn,
      tags: [
        { key: 'team', value: 'a' },
        { key: 'cost', value: '1' },
      ],
    })
    await sfn.untagResource({ resourceArn: stateMachineArn, tagKeys: ['cost'] })
    expect((await sfn.listTagsForResource({ resourceArn: stateMachineArn })).tags).toEqual([{ key: 'team', value: 'a' }])
  })

  test('have versions, and aliases that share the starts out between them', async () => {
    const { stateMachineArn } = await create(PASS)
    const publish = async () => (await sfn.publishStateMachineVersion({ stateMachineArn })).stateMachineVersionArn ?? ''
    const first = await publish()
    expect(await publish(), 'a revision has one version').toBe(first)
    await sfn.updateStateMachine({ stateMachineArn, definition: FAIL })
    const second = await publish()
    const { stateMachineVersions = [] } = await sfn.listStateMachineVersions({ stateMachineArn })
    expect(stateMachineVersions.map((one) => one.stateMachineVersionArn)).toEqual([second, first])

    const only = (stateMachineVersionArn: string) => [{ stateMachineVersionArn, weight: 100 }]
    const { stateMachineAliasArn } = await sfn.createStateMachineAlias({ name: 'live', routingConfiguration: only(first) })
    const start = async () => ended((await sfn.startExecution({ stateMachineArn: stateMachineAliasArn })).executionArn)
    expect(await start()).toMatchObject({ status: 'SUCCEEDED', stateMachineAliasArn, stateMachineVersionArn: first })
    await sfn.updateStateMachineAlias({ stateMachineAliasArn, routingConfiguration: only(second) })
    expect(await start()).toMatchObject({ status: 'FAILED', stateMachineVersionArn: second })
    expect(await sfn.describeStateMachineAlias({ stateMachineAliasArn })).toMatchObject({ name: 'live' })
    expect((await sfn.listStateMachineAliases({ stateMachineArn })).stateMachineAliases).toHaveLength(1)

    expect(await errorOf(sfn.deleteStateMachineVersion({ stateMachineVersionArn: second }))).toContain(
      'aliases referencing this version: [live]',
    )
    await sfn.deleteStateMachineAlias({ stateMachineAliasArn })
    await sfn.deleteStateMachineVersion({ stateMachineVersionArn: second })
    expect((await sfn.listStateMachineVersions({ stateMachineArn })).stateMachineVersions).toHaveLength(1)
  })
})

describe('executions', () => {
  test('are started once a name, listed in pages, told as a history', async () => {
    const { stateMachineArn } = await create(WAIT)
    const start = (input: string) => sfn.startExecution({ stateMachineArn, name: 'one', input })
    const { executionArn } = await start('{"a":1}')
    expect((await start('{"a":1}')).executionArn, 'the same start is answered once more').toBe(executionArn)
    expect(await errorOf(start('{"a":2}'))).toContain('ExecutionAlreadyExists')
    expect(await errorOf(sfn.startExecution({ stateMachineArn, input: '' }))).toContain('InvalidExecutionInput')

    for (const name of ['two', 'three']) await sfn.startExecution({ stateMachineArn, name })
    const page = await sfn.listExecutions({ stateMachineArn, maxResults: 2, statusFilter: 'RUNNING' })
    await restart()
    const rest = await sfn.listExecutions({ stateMachineArn, maxResults: 2, statusFilter: 'RUNNING', nextToken: page.nextToken })
    expect([...(page.executions ?? []), ...(rest.executions ?? [])].map(({ name }) => name)).toEqual(['three', 'two', 'one'])
    expect(await errorOf(sfn.listExecutions({ stateMachineArn, nextToken: 'forged' }))).toContain('InvalidToken')

    const types = async (reverseOrder: boolean) =>
      (await sfn.getExecutionHistory({ executionArn, reverseOrder })).events?.map(({ type }) => type)
    expect(await types(false)).toEqual(['ExecutionStarted', 'WaitStateEntered'])
    expect(await types(true)).toEqual(['WaitStateEntered', 'ExecutionStarted'])
    const { events = [] } = await sfn.getExecutionHistory({ executionArn, includeExecutionData: false })
    expect(events[0]?.executionStartedEventDetails?.input).toBeUndefined()
    expect(await sfn.describeStateMachineForExecution({ executionArn })).toMatchObject({ stateMachineArn, definition: WAIT })
  })

  test('stop when they are told to', async () => {
    const { stateMachineArn } = await create(WAIT)
    const { executionArn } = await sfn.startExecution({ stateMachineArn })
    await sfn.stopExecution({ executionArn, error: 'Enough', cause: 'of it' })
    expect(await sfn.describeExecution({ executionArn })).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'of it' })
  })

  test('are redriven from what failed, once a client token', async () => {
    const { activityArn } = await sfn.createActivity({ name: 'redriven' })
    const { stateMachineArn } = await create(machine({ T: { Type: 'Task', Resource: activityArn, End: true } }))
    const { executionArn } = await sfn.startExecution({ stateMachineArn })
    const { taskToken } = await sfn.getActivityTask({ activityArn })
    await sfn.sendTaskFailure({ taskToken, error: 'Boom' })
    expect(await ended(executionArn)).toMatchObject({ status: 'FAILED', redriveStatus: 'REDRIVABLE' })

    const { redriveDate } = await sfn.redriveExecution({ executionArn, clientToken: 'once' })
    expect((await sfn.redriveExecution({ executionArn, clientToken: 'once' })).redriveDate).toEqual(redriveDate)
    expect(await errorOf(sfn.redriveExecution({ executionArn }))).toContain('Execution is RUNNING and cannot be redriven')
    const again = await sfn.getActivityTask({ activityArn })
    await sfn.sendTaskSuccess({ taskToken: again.taskToken, output: '"done"' })
    expect(await ended(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '"done"', redriveCount: 1 })
    const { events = [] } = await sfn.getExecutionHistory({ executionArn })
    expect(events.map(({ type }) => type)).toContain('ExecutionRedriven')
    await sfn.deleteActivity({ activityArn })
  })

  test('of Express machines answer at once', async () => {
    const { stateMachineArn } = await create(PASS, 'EXPRESS')
    const answer = await sfn.startSyncExecution({ stateMachineArn, input: '{"x":1}' })
    expect(answer).toMatchObject({ status: 'SUCCEEDED', output: '{"x":1}', billingDetails: { billedMemoryUsedInMB: 64 } })
    const standard = await create(PASS)
    expect(await errorOf(sfn.startSyncExecution({ stateMachineArn: standard.stateMachineArn }))).toContain(
      'StateMachineTypeNotSupported',
    )
  })
})

describe('activities and task tokens', () => {
  test('hand work out, and take its heartbeats and its end', async () => {
    const { activityArn } = await sfn.createActivity({ name: 'hands' })
    expect((await sfn.createActivity({ name: 'hands' })).activityArn).toBe(activityArn)
    expect((await sfn.describeActivity({ activityArn })).name).toBe('hands')
    expect((await sfn.listActivities({})).activities?.map(({ name }) => name)).toContain('hands')
    const task = { Type: 'Task', Resource: activityArn, HeartbeatSeconds: 60, End: true }
    const { stateMachineArn } = await create(machine({ T: task }))
    const waiting = sfn.getActivityTask({ activityArn, workerName: 'w' })
    const { executionArn } = await sfn.startExecution({ stateMachineArn, input: '{"n":1}' })
    const { taskToken, input } = await waiting
    expect(input).toBe('{"n":1}')
    await Promise.all(Array.from({ length: 50 }, () => sfn.sendTaskHeartbeat({ taskToken })))
    await sfn.sendTaskSuccess({ taskToken, output: '{"ok":true}' })
    expect(await ended(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '{"ok":true}' })

    expect(await errorOf(sfn.sendTaskSuccess({ taskToken, output: '{}' }))).toContain('TaskTimedOut')
    expect(await errorOf(sfn.sendTaskHeartbeat({ taskToken: 'nonsense' }))).toContain('InvalidToken')
    expect(await errorOf(sfn.getActivityTask({ activityArn: `${activityArn}x` }))).toContain('ActivityDoesNotExist')
  })
})

describe('Map Runs', () => {
  const map = (concurrency: number) =>
    machine({
      M: {
        Type: 'Map',
        Label: 'Each',
        MaxConcurrency: concurrency,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'C',
          States: {
            C: { Type: 'Choice', Choices: [{ Variable: '$.wait', IsPresent: true, Next: 'W' }], Default: 'P' },
            W: { Type: 'Wait', SecondsPath: '$.wait', End: true },
            P: { Type: 'Pass', End: true },
          },
        },
        End: true,
      },
    })

  test('are listed, described, and changed while they run', async () => {
    const { stateMachineArn } = await create(map(1))
    const { executionArn } = await sfn.startExecution({ stateMachineArn, input: '[{"wait":1},{},{}]' })
    const runs = async () => (await sfn.listMapRuns({ executionArn })).mapRuns ?? []
    for (let tries = 0; tries < 100 && (await runs()).length === 0; tries++)
      await new Promise((resolve) => setTimeout(resolve, 20))
    const [run] = await runs()
    await sfn.updateMapRun({ mapRunArn: run?.mapRunArn, maxConcurrency: 10 })
    expect(await ended(executionArn)).toMatchObject({ status: 'SUCCEEDED' })
    const described = await sfn.describeMapRun({ mapRunArn: run?.mapRunArn })
    expect(described).toMatchObject({ status: 'SUCCEEDED', maxConcurrency: 10, itemCounts: { succeeded: 3, total: 3 } })
    expect(await errorOf(sfn.updateMapRun({ mapRunArn: run?.mapRunArn, maxConcurrency: 2 }))).toContain('completed')

    const children = (await sfn.listExecutions({ mapRunArn: run?.mapRunArn })).executions ?? []
    expect(children).toHaveLength(3)
    const child = await sfn.describeStateMachineForExecution({ executionArn: children[0]?.executionArn })
    expect(child).toMatchObject({ label: 'Each', mapRunArn: run?.mapRunArn })
    expect(Object.keys(JSON.parse(child.definition ?? '{}').States)).toEqual(['C', 'W', 'P'])
    expect(await sfn.describeExecution({ executionArn: children[0]?.executionArn })).toMatchObject({ mapRunArn: run?.mapRunArn })
  })

  test('go on with their failed children when their execution is redriven', async () => {
    const { activityArn } = await sfn.createActivity({ name: 'children' })
    const processor = {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'T',
      States: { T: { Type: 'Task', Resource: activityArn, End: true } },
    }
    const { stateMachineArn } = await create(
      machine({ M: { Type: 'Map', Label: 'L', MaxConcurrency: 1, ItemProcessor: processor, End: true } }),
    )
    const { executionArn } = await sfn.startExecution({ stateMachineArn, input: '["a","b"]' })
    const first = await sfn.getActivityTask({ activityArn })
    await sfn.sendTaskSuccess({ taskToken: first.taskToken, output: '"A"' })
    const second = await sfn.getActivityTask({ activityArn })
    await sfn.sendTaskFailure({ taskToken: second.taskToken, error: 'Boom' })
    expect(await ended(executionArn)).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' })

    await sfn.redriveExecution({ executionArn })
    const again = await sfn.getActivityTask({ activityArn })
    expect(again.input).toBe('"b"')
    await sfn.sendTaskSuccess({ taskToken: again.taskToken, output: '"B"' })
    expect(await ended(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '["A","B"]' })
    const [run] = (await sfn.listMapRuns({ executionArn })).mapRuns ?? []
    expect(await sfn.describeMapRun({ mapRunArn: run?.mapRunArn })).toMatchObject({
      redriveCount: 1,
      itemCounts: { succeeded: 2, failed: 0 },
    })
    const { executions = [] } = await sfn.listExecutions({ mapRunArn: run?.mapRunArn, redriveFilter: 'REDRIVEN' })
    expect(executions).toHaveLength(1)
  })
})

test('TestState tries a state; calls at the same time do not mix', async () => {
  const state = JSON.stringify({ Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% $states.input.n %}', End: true })
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => sfn.testState({ definition: state, roleArn: ROLE, input: JSON.stringify({ n }) })),
  )
  expect(answers.map(({ output }) => output)).toEqual(answers.map((_, n) => String(n)))
})

test('TestState traces an HTTP Task, with what its connection adds only where secrets are revealed', async () => {
  const service = createServer((_, res) => res.writeHead(418, 'Teapot').end('no coffee'))
  await once(service.listen(0, '127.0.0.1'), 'listening')
  const { port } = service.address() as AddressInfo
  const ConnectionArn = await createConnection({ ApiKeyName: 'x-key', ApiKeyValue: 'hidden' })
  const definition = JSON.stringify({
    Type: 'Task',
    Resource: 'arn:aws:states:::http:invoke',
    End: true,
    Parameters: { ApiEndpoint: `http://127.0.0.1:${port}/tea`, Method: 'GET', Authentication: { ConnectionArn } },
  })
  const trace = async (revealSecrets: boolean) =>
    (await sfn.testState({ definition, roleArn: ROLE, inspectionLevel: 'TRACE', revealSecrets })).inspectionData
  const hidden = await trace(false)
  expect(hidden?.request).toMatchObject({ protocol: 'http', method: 'GET', url: `http://127.0.0.1:${port}/tea` })
  expect(hidden?.request?.headers).not.toContain('hidden')
  expect(hidden?.response).toMatchObject({ protocol: 'http', statusCode: '418', body: 'no coffee' })
  expect((await trace(true))?.request?.headers).toContain('"x-key":"hidden"')
  service.close()
})

test('every operation was called', () => {
  expect([...used].sort()).toEqual(Object.keys(OPERATIONS).sort())
})
