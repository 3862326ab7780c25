/**
 * What other engines were measured to get wrong, shown right here: one test a fault, against the real program.
 */
import { SFN } from '@aws-sdk/client-sfn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { credentials, makeDataDirectory, REGION, removeDataDirectory, type RunningServer, startServer } from './server.ts'

const ROLE = 'arn:aws:iam::000000000000:role/test'

let dataDirectory = ''
let server: RunningServer
let sfn: SFN
const connect = () => new SFN({ endpoint: server.url, region: REGION, credentials, disableHostPrefix: true })

beforeAll(async () => {
  dataDirectory = await makeDataDirectory()
  server = await startServer(dataDirectory)
  sfn = connect()
}, 60_000)
afterAll(async () => {
  await server.stop()
  await removeDataDirectory(dataDirectory)
})

let made = 0
async function start(
  States: Record<string, unknown>,
  { input = '{}', ...more }: { input?: string; TimeoutSeconds?: number } = {},
) {
  const definition = JSON.stringify({ ...more, StartAt: Object.keys(States)[0], States })
  const { stateMachineArn } = await sfn.createStateMachine({ name: `peer-${made++}`, definition, roleArn: ROLE })
  const { executionArn } = await sfn.startExecution({ stateMachineArn, input })
  return { stateMachineArn, executionArn }
}
async function ended(executionArn: string | undefined) {
  for (let tries = 0; tries < 300; tries++) {
    const execution = await sfn.describeExecution({ executionArn })
    if (execution.status !== 'RUNNING') return execution
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('still running')
}
const typesOf = async (executionArn: string | undefined) =>
  (await sfn.getExecutionHistory({ executionArn })).events?.map(({ type }) => type) ?? []
const later = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()

describe('waiting', () => {
  test('is not capped at some seconds, and a far timestamp is not the past', async () => {
    const long = await start({ W: { Type: 'Wait', Seconds: 99_999_999, End: true } })
    const far = await start(
      { W: { Type: 'Wait', TimestampPath: '$.at', End: true } },
      { input: JSON.stringify({ at: later(86_400 * 300) }) },
    )
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    for (const { executionArn } of [long, far])
      expect(await sfn.describeExecution({ executionArn })).toMatchObject({ status: 'RUNNING' })
  })

  test('beyond what AWS takes fails instead of hanging', async () => {
    const { executionArn } = await start(
      { W: { Type: 'Wait', TimestampPath: '$.at', End: true } },
      { input: JSON.stringify({ at: later(2 ** 31 + 86_400) }) },
    )
    expect(await ended(executionArn)).toMatchObject({
      status: 'FAILED',
      cause: expect.stringContaining('Wait state delay is too long.'),
    })
  })

  test('for a JSONata timestamp that is none fails as an evaluation', async () => {
    const state = { Type: 'Wait', QueryLanguage: 'JSONata', Timestamp: "{% 'tomorrow' %}", End: true }
    const { executionArn } = await start({ W: state })
    expect(await ended(executionArn)).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' })
    expect(await typesOf(executionArn)).toEqual(['ExecutionStarted', 'WaitStateEntered', 'EvaluationFailed', 'ExecutionFailed'])
  })

  test("ends when the machine's own TimeoutSeconds are over", async () => {
    const { executionArn } = await start({ W: { Type: 'Wait', Seconds: 600, End: true } }, { TimeoutSeconds: 1 })
    const execution = await ended(executionArn)
    expect(execution.status).toBe('TIMED_OUT')
    expect(Number(execution.stopDate) - Number(execution.startDate)).toBeGreaterThanOrEqual(1_000)
    expect((await typesOf(executionArn)).at(-1)).toBe('ExecutionTimedOut')
  })
})

test('StopExecution stops: what was waited for does not come, and nothing follows in the history', async () => {
  const { executionArn } = await start({ W: { Type: 'Wait', Seconds: 1, Next: 'P' }, P: { Type: 'Pass', End: true } })
  await sfn.stopExecution({ executionArn })
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(await sfn.describeExecution({ executionArn })).toMatchObject({ status: 'ABORTED' })
  expect(await typesOf(executionArn)).toEqual(['ExecutionStarted', 'WaitStateEntered', 'ExecutionAborted'])
})

test('a Fail inside a Parallel keeps its error, so that Catch takes it, and siblings are told to be aborted', async () => {
  const block = (name: string, state: object) => ({ StartAt: name, States: { [name]: state } })
  const { executionArn } = await start({
    P: {
      Type: 'Parallel',
      Branches: [
        block('W', { Type: 'Wait', Seconds: 60, End: true }),
        {
          StartAt: 'A',
          States: { A: { Type: 'Wait', Seconds: 1, Next: 'F' }, F: { Type: 'Fail', Error: 'Mine', Cause: 'why' } },
        },
      ],
      Catch: [{ ErrorEquals: ['Mine'], Next: 'Caught' }],
      End: true,
    },
    Caught: { Type: 'Pass', End: true },
  })
  expect(await ended(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '{"Error":"Mine","Cause":"why"}' })
  expect(await typesOf(executionArn)).toContain('WaitStateAborted')
})

test('all eighteen intrinsic functions are there', async () => {
  const calls = {
    'a.$': 'States.Array(1)',
    'b.$': 'States.ArrayPartition(States.Array(1, 2), 1)',
    'c.$': 'States.ArrayContains(States.Array(1), 1)',
    'd.$': 'States.ArrayRange(1, 3, 1)',
    'e.$': 'States.ArrayGetItem(States.Array(1), 0)',
    'f.$': 'States.ArrayLength(States.Array(1))',
    'g.$': 'States.ArrayUnique(States.Array(1, 1))',
    'h.$': "States.Base64Encode('x')",
    'i.$': "States.Base64Decode('eA==')",
    'j.$': "States.Hash('x', 'SHA-256')",
    'k.$': 'States.JsonMerge($.o, $.p, false)',
    'l.$': "States.StringToJson('1')",
    'm.$': 'States.JsonToString($.o)',
    'n.$': 'States.MathRandom(1, 9)',
    'o.$': 'States.MathAdd(1, 2)',
    'p.$': "States.StringSplit('a,b', ',')",
    'q.$': 'States.UUID()',
    'r.$': "States.Format('{}', 1)",
  }
  const { executionArn } = await start(
    { P: { Type: 'Pass', Parameters: calls, End: true } },
    { input: '{"o":{"a":1},"p":{"b":2}}' },
  )
  const { status, output = '{}' } = await ended(executionArn)
  expect(status).toBe('SUCCEEDED')
  expect(Object.keys(JSON.parse(output))).toHaveLength(18)
})

test('executions without a name have names of their own', async () => {
  const { stateMachineArn } = await start({ P: { Type: 'Pass', End: true } })
  for (let i = 0; i < 3; i++) await sfn.startExecution({ stateMachineArn })
  const { executions = [] } = await sfn.listExecutions({ stateMachineArn })
  expect(new Set(executions.map(({ name }) => name)).size).toBe(4)
  expect(executions.map(({ name }) => name)).not.toContain('None')
})

test('a deleted machine takes its executions with it: its namesake has none', async () => {
  const definition = JSON.stringify({ StartAt: 'P', States: { P: { Type: 'Pass', End: true } } })
  const create = async () => (await sfn.createStateMachine({ name: 'again', definition, roleArn: ROLE })).stateMachineArn
  const stateMachineArn = await create()
  await sfn.startExecution({ stateMachineArn, name: 'before' })
  await sfn.deleteStateMachine({ stateMachineArn })
  await create()
  expect((await sfn.listExecutions({ stateMachineArn })).executions).toEqual([])
})

test('what is running when the process is killed goes on; what had ended keeps its history', async () => {
  const done = await start({ P: { Type: 'Pass', End: true } })
  await ended(done.executionArn)
  const waiting = await start({ W: { Type: 'Wait', Seconds: 3, End: true } })
  await server.kill()
  server = await startServer(dataDirectory)
  sfn = connect()
  expect(await ended(waiting.executionArn)).toMatchObject({ status: 'SUCCEEDED' })
  expect(await typesOf(done.executionArn)).toEqual([
    'ExecutionStarted',
    'PassStateEntered',
    'PassStateExited',
    'ExecutionSucceeded',
  ])
})

test('distributed Maps take EXPRESS children, batches and a tolerated percentage', async () => {
  const { executionArn } = await start(
    {
      M: {
        Type: 'Map',
        ToleratedFailurePercentage: 50,
        ItemBatcher: { MaxItemsPerBatch: 2 },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
          StartAt: 'C',
          States: {
            C: { Type: 'Choice', Choices: [{ Variable: '$.Items[0].bad', IsPresent: true, Next: 'F' }], Default: 'P' },
            F: { Type: 'Fail', Error: 'Bad' },
            P: { Type: 'Pass', End: true },
          },
        },
        End: true,
      },
    },
    { input: '[{"n":1},{"n":2},{"bad":1},{"n":3}]' },
  )
  expect(await ended(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '[{"Items":[{"n":1},{"n":2}]}]' })
})
