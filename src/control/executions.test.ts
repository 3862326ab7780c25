import { describe, expect, test } from 'vitest'

import { openRuntime, settled, World } from '../runtime/testing/world.ts'

const TOKEN = {
  StartAt: 'T',
  States: {
    T: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { QueueUrl: 'q', 'MessageBody.$': '$$.Task.Token' },
      End: true,
    },
  },
}
const TASK = {
  StartAt: 'T',
  States: { T: { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Parameters: { Message: 'x' }, End: true } },
}
const WAIT = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 60, End: true } } }

/** A machine, and an execution of it that has begun. */
async function begun(definition: object) {
  const world = new World()
  const process = openRuntime(world)
  await process.runtime.open()
  const { arn: stateMachineArn } = await world.machine(definition)
  const { executions, activities } = process.control
  const { executionArn } = await executions.start({ stateMachineArn, name: 'e' })
  await settled()
  return { world, stateMachineArn, executionArn, executions, activities, ...process }
}

/** The same with a task that waits for an answer by its token. */
async function waitingForToken() {
  const execution = await begun(TOKEN)
  const { parameters } = execution.service.call(0).request
  const taskToken = String((parameters as { MessageBody: string }).MessageBody)
  execution.service.call(0).answer({ kind: 'submitted', output: {} })
  await settled()
  return { ...execution, taskToken }
}

/** The same, FAILED. */
async function failed() {
  const execution = await begun(TASK)
  execution.service.call(0).answer({ kind: 'failed', failure: { error: 'Boom' } })
  await settled()
  expect(execution.world.row(execution.executionArn)?.status).toBe('FAILED')
  return execution
}

/** What became of calls that were all made before the first was answered. */
const outcomes = async (calls: readonly Promise<unknown>[]): Promise<string[]> =>
  (await Promise.allSettled(calls)).map((one) => (one.status === 'fulfilled' ? 'ok' : String(one.reason.code)))

describe('what cannot be recorded is told as ServiceUnavailable, which every SDK tries again', () => {
  const UNAVAILABLE = { code: 'ServiceUnavailable', status: 503 }

  test('a start; it leaves nothing behind, and its name is free', async () => {
    const { world, stateMachineArn, executions, runtime } = await begun(WAIT)
    world.unruly.fail({ isReadable: true })
    await expect(executions.start({ stateMachineArn, name: 'late' })).rejects.toMatchObject(UNAVAILABLE)
    expect(runtime.census()).toMatchObject({ active: 0, loading: 0, quarantined: 0 })
    world.unruly.recover()
    const { executionArn } = await executions.start({ stateMachineArn, name: 'late' })
    expect(world.row(executionArn)?.status).toBe('RUNNING')
  })

  test('a start that was recorded after all is answered once more, and runs once', async () => {
    const { world, stateMachineArn, executions, service } = await begun(TASK)
    world.unruly.faultOf = (method) => (method === 'commit' ? 'answerLost' : method === 'logPart' ? 'fails' : undefined)
    await expect(executions.start({ stateMachineArn, name: 'twice' })).rejects.toMatchObject(UNAVAILABLE)
    world.unruly.recover()
    const { executionArn } = await executions.start({ stateMachineArn, name: 'twice' })
    world.clock.advance(1_000)
    await settled()
    expect(world.logOf(executionArn).filter((type) => type === 'ExecutionStarted')).toHaveLength(1)
    expect(service.calls.filter(({ request }) => request.executionArn === executionArn)).toHaveLength(1)
  })

  test('a stop; the execution runs on', async () => {
    const { world, executionArn, executions } = await begun(WAIT)
    world.unruly.fail({ isReadable: true })
    await expect(executions.stop(executionArn, {})).rejects.toMatchObject(UNAVAILABLE)
    world.unruly.recover()
    world.clock.advance(60_000)
    await settled()
    expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
  })

  test('an answer by token, of each kind; the token stays good', async () => {
    const { world, executionArn, activities, taskToken } = await waitingForToken()
    world.unruly.fail({ isReadable: true })
    const calls = [
      activities.taskSucceeded(taskToken, '1'),
      activities.taskFailed(taskToken, { error: 'E' }),
      activities.taskHeartbeat(taskToken),
    ]
    expect(await outcomes(calls)).toEqual(Array(3).fill('ServiceUnavailable'))
    world.unruly.recover()
    await activities.taskSucceeded(taskToken, '"kept"')
    expect(world.row(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '"kept"' })
  })

  test('a redrive; the execution stays as it was', async () => {
    const { world, executionArn, executions, service } = await failed()
    world.unruly.fail({ isReadable: true })
    await expect(executions.redrive(executionArn)).rejects.toMatchObject(UNAVAILABLE)
    expect(world.row(executionArn)?.status).toBe('FAILED')
    world.unruly.recover()
    await executions.redrive(executionArn)
    service.call(1).answer({ kind: 'succeeded', output: 1 })
    await settled()
    expect(world.row(executionArn)).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1 })
  })
})

describe('callers at once', () => {
  test('of eight redrives one runs, and seven are told that it runs', async () => {
    const { world, executionArn, executions, service } = await failed()
    const calls = Array.from({ length: 8 }, () => executions.redrive(executionArn))
    expect((await outcomes(calls)).toSorted()).toEqual([...Array<string>(7).fill('ExecutionNotRedrivable'), 'ok'])
    await settled()
    expect(service.calls, 'the first try, and one more').toHaveLength(2)
    expect(world.logOf(executionArn).filter((type) => type === 'ExecutionRedriven')).toHaveLength(1)
  })

  test('of a stop and an answer by token the first wins, and the second is told', async () => {
    const one = await waitingForToken()
    const first = [one.executions.stop(one.executionArn, {}), one.activities.taskSucceeded(one.taskToken, '1')]
    expect(await outcomes(first)).toEqual(['ok', 'TaskTimedOut'])
    expect(one.world.row(one.executionArn)?.status).toBe('ABORTED')

    const other = await waitingForToken()
    const then = [other.activities.taskSucceeded(other.taskToken, '1'), other.executions.stop(other.executionArn, {})]
    // A stop of what has ended is answered with its end.
    expect(await outcomes(then)).toEqual(['ok', 'ok'])
    expect(other.world.row(other.executionArn)?.status).toBe('SUCCEEDED')
  })

  test('of two answers by one token one counts', async () => {
    const { world, executionArn, activities, taskToken } = await waitingForToken()
    const calls = [activities.taskSucceeded(taskToken, '1'), activities.taskSucceeded(taskToken, '2')]
    expect(await outcomes(calls)).toEqual(['ok', 'TaskTimedOut'])
    expect(world.row(executionArn)?.output).toBe('1')
  })

  test('of two starts of one name with other inputs one is told that it exists; with the same input both are told of one', async () => {
    const { stateMachineArn, executions } = await begun(WAIT)
    const starts = ['1', '2'].map((input) => executions.start({ stateMachineArn, name: 'n', input }))
    expect(await outcomes(starts)).toEqual(['ok', 'ExecutionAlreadyExists'])
    const same = [0, 1].map(() => executions.start({ stateMachineArn, name: 's' }))
    expect(await outcomes(same)).toEqual(['ok', 'ok'])
  })

  test('a start whose machine is deleted meanwhile is told that there is none, and leaves nothing', async () => {
    const { world, stateMachineArn, executions, runtime } = await begun(WAIT)
    const disk = Promise.withResolvers<void>()
    world.unruly.meet('commit', disk.promise)
    const start = executions.start({ stateMachineArn, name: 'late' })
    await settled()
    for (const key of world.disk.machines.keys()) await world.store.deleteStateMachine(key)
    disk.resolve()
    await expect(start).rejects.toMatchObject({ code: 'StateMachineDoesNotExist' })
    expect(runtime.census()).toMatchObject({ active: 0 })
  })
})

test('an answer by token nested too deeply is refused, and the token stays good', async () => {
  const { world, executionArn, activities, taskToken } = await waitingForToken()
  for (const depth of [5_000, 100_000]) {
    const deep = '['.repeat(depth) + ']'.repeat(depth)
    await expect(activities.taskSucceeded(taskToken, deep)).rejects.toMatchObject({ code: 'InvalidOutput' })
  }
  await activities.taskSucceeded(taskToken, '['.repeat(900) + ']'.repeat(900))
  expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
})
