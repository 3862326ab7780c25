import { describe, expect, test } from 'vitest'

import { asId } from '../base/id-in-test.ts'
import { type Instant, toInstant } from '../base/time.ts'

import type { ExecutionRecord } from '../store/contract.ts'

import { ARN, openService, settled } from '../runtime/testing/world.ts'

import { redriveStatus } from './redrive.ts'

const DAY_MS = 24 * 3_600_000
const MINUTE_MS = 60_000
const START = toInstant(1_700_000_000_000)
const FAILED: ExecutionRecord = {
  key: asId(1),
  arn: asId(`${ARN}:execution:m:e`),
  name: 'e',
  stateMachineArn: asId(`${ARN}:stateMachine:m`),
  stateMachineKey: asId(1),
  revisionKey: asId(1),
  type: 'STANDARD',
  status: 'FAILED',
  startAt: START,
  stopAt: START,
  input: '{}',
  isBusy: false,
  redriveCount: 0,
  lastEventId: 10,
}
const LIMIT = 25_000
const refused = (reason: string) => ({ status: 'NOT_REDRIVABLE', reason })
const later = (ms: number): Instant => toInstant(START + ms)
const statusOf = (over: Partial<ExecutionRecord> = {}, now = later(0), isDeleting = false) =>
  redriveStatus({ ...FAILED, ...over }, isDeleting, now, LIMIT)

describe('an execution may be redriven', () => {
  test.each(['FAILED', 'ABORTED', 'TIMED_OUT'] as const)('when it is %s', (status) => {
    expect(statusOf({ status })).toEqual({ status: 'REDRIVABLE' })
  })

  test.each(['RUNNING', 'SUCCEEDED', 'PENDING_REDRIVE'] as const)('not when it is %s', (status) => {
    expect(statusOf({ status })).toEqual(refused(`Execution is ${status} and cannot be redriven`))
  })

  test('for fourteen days after it has ended, to the millisecond', () => {
    const end = later(3 * DAY_MS)
    expect(statusOf({ stopAt: end }, later(17 * DAY_MS))).toEqual({ status: 'REDRIVABLE' })
    expect(statusOf({ stopAt: end }, later(17 * DAY_MS + 1))).toEqual(refused('Execution redrivable period exceeded'))
  })

  test('for a year after it has begun', () => {
    const end = later(364 * DAY_MS)
    expect(statusOf({ stopAt: end }, later(365 * DAY_MS))).toEqual({ status: 'REDRIVABLE' })
    expect(statusOf({ stopAt: end }, later(365 * DAY_MS + 1))).toEqual(refused('Execution has exceeded the max execution time'))
  })

  test('while its history has room for the redrive and the end', () => {
    expect(statusOf({ lastEventId: LIMIT - 2 })).toEqual({ status: 'REDRIVABLE' })
    for (const lastEventId of [LIMIT - 1, LIMIT])
      expect(statusOf({ lastEventId })).toEqual(refused('Execution history event limit exceeded'))
  })

  test('not when it is Express, nor when its machine is being deleted', () => {
    expect(statusOf({ type: 'EXPRESS' })).toEqual(refused('Execution is EXPRESS and cannot be redriven'))
    expect(statusOf({}, later(0), true)).toEqual(refused('State machine is in DELETING status.'))
  })

  test('by its Map Run alone when it is a child of one', () => {
    expect(statusOf({ mapRunKey: asId(4) })).toEqual({ status: 'REDRIVABLE_BY_MAP_RUN' })
    expect(statusOf({ mapRunKey: asId(4), type: 'EXPRESS' })).toEqual({ status: 'REDRIVABLE_BY_MAP_RUN' })
    expect(statusOf({ mapRunKey: asId(4), status: 'SUCCEEDED' })).toMatchObject({ status: 'NOT_REDRIVABLE' })
  })
})

describe('RedriveExecution', () => {
  const TASK = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Parameters: { Message: 'x' }, End: true }

  async function failed() {
    const { world, control, service } = await openService()
    const { arn: stateMachineArn } = await world.machine({ StartAt: 'T', States: { T: TASK } })
    const { executionArn } = await control.executions.start({ stateMachineArn, name: 'e' })
    await settled()
    const fail = async (n: number) => {
      service.call(n).answer({ kind: 'failed', failure: { error: 'Boom' } })
      await settled()
    }
    await fail(0)
    return { world, service, fail, executionArn, ...control }
  }
  const notRedrivable = (message: string) => ({ code: 'ExecutionNotRedrivable', status: 400, message })

  test('goes on at the state that failed, and tells when', async () => {
    const { world, executions, service, executionArn } = await failed()
    world.clock.advance(5_000)
    const { redriveDate } = await executions.redrive(executionArn)
    expect(redriveDate).toBe(world.clock.now())
    await settled()
    expect(world.row(executionArn)).toMatchObject({ status: 'RUNNING', redriveCount: 1, redriveAt: redriveDate })
    expect(service.calls).toHaveLength(2)
    for (const gone of ['stopAt', 'error', 'cause']) expect(world.row(executionArn)).not.toHaveProperty(gone)
  })

  test('is refused while it runs and once it has succeeded', async () => {
    const { executions, service, executionArn } = await failed()
    await executions.redrive(executionArn)
    await expect(executions.redrive(executionArn)).rejects.toMatchObject(
      notRedrivable('Execution is RUNNING and cannot be redriven'),
    )
    service.call(1).answer({ kind: 'succeeded', output: 1 })
    await settled()
    await expect(executions.redrive(executionArn)).rejects.toMatchObject(
      notRedrivable('Execution is SUCCEEDED and cannot be redriven'),
    )
  })

  test('with a client token is answered once more, whatever became of it, and with another token is not', async () => {
    const { world, executions, fail, service, executionArn } = await failed()
    const first = await executions.redrive(executionArn, 'token')
    await settled()
    await fail(1)
    world.clock.advance(10 * MINUTE_MS)
    expect(await executions.redrive(executionArn, 'token')).toEqual(first)
    expect(service.calls).toHaveLength(2)
    await executions.redrive(executionArn, 'other')
    await settled()
    expect(service.calls).toHaveLength(3)
    expect(world.row(executionArn)?.redriveCount).toBe(2)
  })

  test('after fourteen days is refused', async () => {
    const { world, executions, executionArn } = await failed()
    world.clock.advance(14 * DAY_MS + 1)
    await expect(executions.redrive(executionArn)).rejects.toMatchObject(notRedrivable('Execution redrivable period exceeded'))
    expect(await executions.redriveStatus(await executions.find(executionArn))).toEqual(
      refused('Execution redrivable period exceeded'),
    )
  })

  test('of none, of an activity, and of an Express execution is told what it is', async () => {
    const { executions } = await failed()
    const none = `${ARN}:execution:m:none`
    await expect(executions.redrive(none)).rejects.toMatchObject({
      code: 'ExecutionDoesNotExist',
      message: `Execution Does Not Exist: '${none}'`,
    })
    await expect(executions.redrive(`${ARN}:activity:a`)).rejects.toMatchObject({ code: 'InvalidArn' })
    await expect(executions.redrive(`${ARN}:express:m:e:u`)).rejects.toMatchObject({
      code: 'InvalidArn',
      message: "Invalid Arn: 'Resource type not valid in this context: express'",
    })
  })
})
