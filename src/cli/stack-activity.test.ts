import { expect, test } from 'vitest'

import type { JsonObject } from '../base/json.ts'

import { StackActivity } from './stack-activity.ts'
import { StatesApi } from './states-api.ts'

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:Orders'
const EXPRESS = 'arn:aws:states:us-east-1:000000000000:stateMachine:Fast'
const arnOf = (name: string) => `arn:aws:states:us-east-1:000000000000:execution:Orders:${name}`
const AT = 1_700_000_000

/** A server that is told what it has. */
class FakeApi extends StatesApi {
  executions: JsonObject[] = []
  logs: Record<string, JsonObject[]> = {}

  constructor() {
    super({ endpoint: 'http://127.0.0.1:1', region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } })
  }

  override async call(action: string, input: JsonObject): Promise<JsonObject> {
    if (action === 'ListExecutions') return { executions: this.executions.toReversed() }
    if (action === 'DescribeExecution')
      return this.executions.find(({ executionArn }) => executionArn === input['executionArn']) ?? {}
    const isExpress = input['stateMachineArn'] === EXPRESS
    const logGroupArn = 'arn:aws:logs:us-east-1:000000000000:log-group:/fast:*'
    return {
      type: isExpress ? 'EXPRESS' : 'STANDARD',
      loggingConfiguration: { destinations: isExpress ? [{ cloudWatchLogsLogGroup: { logGroupArn } }] : [] },
    }
  }

  override async callLogs(_: string, input: JsonObject): Promise<JsonObject> {
    return { events: this.logs[String(input['logGroupName'])] ?? [] }
  }
}

const execution = (name: string, status: string, more: JsonObject = {}): JsonObject => ({
  executionArn: arnOf(name),
  status,
  startDate: AT,
  ...more,
})

function open() {
  const api = new FakeApi()
  const lines: string[] = []
  const write = (line: string): void => void lines.push(line.replace(/^[\d:]+ {2}/, ''))
  const activity = new StackActivity({ api, paint: (_, text) => text, write, since: (AT - 1) * 1000 })
  const look = async () => {
    lines.length = 0
    await activity.look()
    return [...lines]
  }
  return { api, activity, look }
}

test('an execution is told when it begins and when it ends, each once; why it failed, too', async () => {
  const { api, activity, look } = open()
  await activity.watch([MACHINE], [])
  api.executions = [execution('old', 'RUNNING', { startDate: AT - 60 }), execution('a', 'RUNNING')]
  expect(await look()).toEqual(['Orders  ▸ a started'])
  api.executions = [
    execution('a', 'SUCCEEDED', { stopDate: AT + 2 }),
    execution('b', 'FAILED', { stopDate: AT + 1, error: 'No\u001b[2J', cause: 'because' }),
  ]
  expect(await look()).toEqual([
    'Orders  ▸ b started',
    'Orders  ✔ a SUCCEEDED after 2.00 s',
    'Orders  ✘ b FAILED after 1.00 s',
    'Orders    No\u{fffd}[2J: because',
  ])
  expect(await look()).toEqual([])
})

test('what functions print is told without the lines of the platform', async () => {
  const { api, activity, look } = open()
  await activity.watch([], ['price'])
  const event = (id: string, message: string) => ({ eventId: id, timestamp: AT * 1000, logStreamName: 's', message })
  api.logs['/aws/lambda/price'] = [
    event('1', 'START RequestId: x'),
    event('2', 'one\ttwo\nthree\n'),
    event('3', 'END RequestId: x'),
  ]
  expect(await look()).toEqual(['price  │ one  two', 'price  │ three'])
  expect(await look()).toEqual([])
})

test('Express executions are told from the log that their machine writes', async () => {
  const { api, activity, look } = open()
  await activity.watch([EXPRESS], [])
  const line = (id: string, type: string, details: JsonObject = {}) => ({
    eventId: id,
    timestamp: AT * 1000,
    message: JSON.stringify({ type, details, execution_arn: 'arn:aws:states:us-east-1:000000000000:express:Fast:e1:uuid' }),
  })
  api.logs['/fast'] = [
    line('1', 'ExecutionStarted'),
    line('2', 'PassStateEntered'),
    line('3', 'ExecutionFailed', { error: 'No' }),
  ]
  expect(await look()).toEqual(['Fast  ▸ e1 started', 'Fast  ✘ e1 FAILED', 'Fast    No'])
})
