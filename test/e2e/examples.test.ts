/** The examples of the gallery that wait for people, undo what they did, and start one another, on the real program. */
import { beforeAll, describe, expect, test } from 'vitest'

import { deployExample } from './command.ts'
import { ACCOUNT, REGION } from './server.ts'
import { useServer } from './use-server.ts'

const server = useServer()

type Answer = Readonly<Record<string, unknown>>

async function call(target: string, input: object): Promise<Answer> {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target }
  const response = await fetch(server.url, { method: 'POST', headers, body: JSON.stringify(input) })
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as Answer
}
const states = (operation: string, input: object) => call(`AWSStepFunctions.${operation}`, input)

async function start(machine: string, input: object): Promise<string> {
  const stateMachineArn = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${machine}`
  return String((await states('StartExecution', { stateMachineArn, input: JSON.stringify(input) }))['executionArn'])
}

async function ended(executionArn: string): Promise<Answer> {
  for (const until = Date.now() + 30_000; Date.now() < until; ) {
    const execution = await states('DescribeExecution', { executionArn })
    if (execution['status'] !== 'RUNNING') return execution
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('still running after 30 s')
}

async function entered(executionArn: string): Promise<readonly string[]> {
  const { events } = (await states('GetExecutionHistory', { executionArn, maxResults: 1_000 })) as {
    readonly events: readonly { readonly stateEnteredEventDetails?: { readonly name: string } }[]
  }
  return events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? [])
}

describe('callback-approval', () => {
  beforeAll(() => deployExample('callback-approval', server.url), 60_000)

  /** The message that asks a person, with the token to answer with. */
  async function asked(id: string): Promise<string> {
    const { QueueUrl } = await call('AmazonSQS.GetQueueUrl', { QueueName: 'approvals' })
    for (let tries = 0; tries < 20; tries++) {
      const { Messages = [] } = (await call('AmazonSQS.ReceiveMessage', { QueueUrl, WaitTimeSeconds: 1 })) as {
        Messages?: readonly { readonly Body: string }[]
      }
      for (const { Body } of Messages) {
        const { expense, taskToken } = JSON.parse(Body) as { expense: { id: string }; taskToken: string }
        if (expense.id === id) return taskToken
      }
    }
    throw new Error('nobody was asked')
  }

  test.each([
    [true, 'APPROVED'],
    [false, 'REJECTED'],
  ])('a person answers %s', async (isApproved, status) => {
    const id = `E-${status}`
    const execution = await start('ExpenseApproval', { id, what: 'A desk', amount: 400 })
    const taskToken = await asked(id)
    expect((await states('DescribeExecution', { executionArn: execution }))['status']).toBe('RUNNING')
    await states('SendTaskSuccess', { taskToken, output: JSON.stringify({ isApproved, by: 'Ana' }) })
    expect(JSON.parse(String((await ended(execution))['output']))).toEqual({ id, status, by: 'Ana' })
  })

  test('a small one needs nobody', async () => {
    const { output } = await ended(await start('ExpenseApproval', { id: 'E-s', what: 'A pen', amount: 3 }))
    expect(JSON.parse(String(output))).toEqual({ id: 'E-s', status: 'APPROVED', by: 'the limit' })
  })
})

describe('saga', () => {
  beforeAll(() => deployExample('saga', server.url), 60_000)

  test('a trip that can be had is booked', async () => {
    const { output } = await ended(await start('TripSaga', { id: 'T', to: 'Recife' }))
    expect(JSON.parse(String(output))).toEqual({ trip: 'T', bookings: ['Flight-T', 'Hotel-T', 'Car-T'] })
  })

  test('what was booked is cancelled, the last first, and the reason is told', async () => {
    const execution = await start('TripSaga', { id: 'T', to: 'Recife', failAt: 'Car' })
    expect(await ended(execution)).toMatchObject({
      status: 'FAILED',
      error: 'CarUnavailable',
      cause: 'Cancelled: Hotel-T, Flight-T.',
    })
    expect((await entered(execution)).slice(-3)).toEqual(['Cancel hotel', 'Cancel flight', 'Trip failed'])
  })

  test('where nothing was booked, nothing is cancelled', async () => {
    const end = await ended(await start('TripSaga', { id: 'T', to: 'Recife', failAt: 'Flight' }))
    expect(end).toMatchObject({ error: 'FlightUnavailable', cause: 'Nothing had been booked.' })
  })
})

describe('nested-workflows', () => {
  beforeAll(() => deployExample('nested-workflows', server.url), 60_000)

  test('children are waited for, the audit is not, and both name their parent', async () => {
    const orders = [1, 2].map((n) => ({ id: `${n}`, item: 'lamps', quantity: n }))
    const parent = await start('PackOrders', { orders })
    const output = JSON.parse(String((await ended(parent))['output'])) as { packed: object[]; audit: { executionArn: string } }
    expect(output.packed).toEqual([
      { id: '1', box: 'Box for 1 lamps' },
      { id: '2', box: 'Box for 2 lamps' },
    ])
    const audit = await states('DescribeExecution', { executionArn: output.audit.executionArn })
    expect(JSON.parse(String(audit['input']))).toMatchObject({ AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: parent })
    expect(JSON.parse(String((await ended(output.audit.executionArn))['output']))).toEqual({ boxes: 2 })
  })
})
