import { describe, expect, test } from 'vitest'

import { ARN, openService, pass, settled } from '../runtime/testing/world.ts'

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
  const { world, ...process } = await openService()
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

describe('StartExecution', () => {
  const PASS = { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } }
  const invalidInput = (reason: string) => ({
    code: 'InvalidExecutionInput',
    status: 400,
    message: `Invalid State Machine Execution Input: '${reason}'`,
  })

  test('names an execution that is given no name, and gives it an empty object', async () => {
    const { world, stateMachineArn, executions } = await begun(PASS)
    const { executionArn, startDate } = await executions.start({ stateMachineArn })
    await settled()
    expect(executionArn).toMatch(/:execution:m:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(startDate).toBe(world.clock.now())
    expect(world.row(executionArn)).toMatchObject({ status: 'SUCCEEDED', input: '{}', output: '{}' })
  })

  test('keeps the input as it was spelled, and the trace header', async () => {
    const { world, stateMachineArn, executions } = await begun(PASS)
    const input = ' {"a" : 1.0, "a":"\\u00e9"}\n'
    const { executionArn } = await executions.start({ stateMachineArn, input, traceHeader: 'Root=1' })
    expect(world.row(executionArn)).toMatchObject({ input, traceHeader: 'Root=1' })
  })

  test.each(['', ' ', '\n\t'])('of the input %j is refused', async (input) => {
    const { stateMachineArn, executions } = await begun(PASS)
    await expect(executions.start({ stateMachineArn, input })).rejects.toMatchObject(invalidInput('Invalid execution input.'))
  })

  test.each(['not', '{', '{"a":}', "{'a':1}", '1 2'])('of the input %j is refused: that is no JSON', async (input) => {
    const { stateMachineArn, executions } = await begun(PASS)
    await expect(executions.start({ stateMachineArn, input })).rejects.toMatchObject({ code: 'InvalidExecutionInput' })
  })

  test('tells what is wrong with an input in the words of AWS', async () => {
    const { stateMachineArn, executions } = await begun(PASS)
    await expect(executions.start({ stateMachineArn, input: '{a:1}' })).rejects.toMatchObject(
      invalidInput(
        'Unexpected character (\'a\' (code 97)): was expecting double-quote to start field name\n at [Source: (String)"{a:1}"; line: 1, column: 3]',
      ),
    )
  })

  test('of an input that nests too deeply is refused', async () => {
    const { stateMachineArn, executions } = await begun(PASS)
    const input = '['.repeat(100_000) + ']'.repeat(100_000)
    await expect(executions.start({ stateMachineArn, input })).rejects.toMatchObject(
      invalidInput('The input is nested too deeply.'),
    )
  })

  test.each(['x', 'é', '€', '😀'])('takes 262,144 bytes of %s as an input and not one more', async (letter) => {
    const { world, stateMachineArn, executions } = await begun(PASS)
    const bytes = Buffer.byteLength(letter)
    const room = 262_144 - 2
    const filled = letter.repeat(Math.floor(room / bytes))
    const input = JSON.stringify(filled + 'x'.repeat(room - Buffer.byteLength(filled)))
    const { executionArn } = await executions.start({ stateMachineArn, input })
    expect(world.row(executionArn)?.input).toHaveLength(input.length)
    await expect(executions.start({ stateMachineArn, input: `${input} ` })).rejects.toMatchObject({
      code: 'ValidationException',
      message:
        "1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to 262144",
    })
  })

  test('of a name that is no name, or of what is no machine, is refused', async () => {
    const { stateMachineArn, executions } = await begun(PASS)
    await expect(executions.start({ stateMachineArn, name: 'a b' })).rejects.toMatchObject({
      code: 'InvalidName',
      message: "Invalid Name: 'a b'",
    })
    for (const arn of ['m', `${ARN}:execution:m:e`, `${stateMachineArn}:1:2`])
      await expect(executions.start({ stateMachineArn: arn })).rejects.toMatchObject({
        code: 'InvalidArn',
        message: `Invalid Arn: 'Invalid ARN prefix: ${arn}'`,
      })
    for (const arn of [`${ARN}:stateMachine:none`, `${stateMachineArn}:1`, `${stateMachineArn}:alias`])
      await expect(executions.start({ stateMachineArn: arn })).rejects.toMatchObject({
        code: 'StateMachineDoesNotExist',
        message: `State Machine Does Not Exist: '${arn}'`,
      })
  })

  test('of a name that has been used is refused once that execution is over, also with the same input', async () => {
    const { stateMachineArn, executionArn, executions } = await begun(PASS)
    await expect(executions.start({ stateMachineArn, name: 'e' })).rejects.toMatchObject({
      code: 'ExecutionAlreadyExists',
      message: `Execution Already Exists: '${executionArn}'`,
    })
  })

  test('told again while it runs is answered with the time of its start', async () => {
    const { world, stateMachineArn, executionArn, executions } = await begun(WAIT)
    const startDate = world.clock.now()
    await pass(world, 5)
    expect(await executions.start({ stateMachineArn, name: 'e' })).toEqual({ executionArn, startDate })
    await expect(executions.start({ stateMachineArn, name: 'e', input: '{ }' })).rejects.toMatchObject({
      code: 'ExecutionAlreadyExists',
    })
  })

  test('of an Express machine may have one name many times', async () => {
    const { world, executions } = await begun(PASS)
    const { arn: stateMachineArn } = await world.machine(PASS, 'EXPRESS', 'express')
    const arns = [await executions.start({ stateMachineArn, name: 'n' }), await executions.start({ stateMachineArn, name: 'n' })]
    expect(new Set(arns.map(({ executionArn }) => executionArn)).size).toBe(2)
    for (const { executionArn } of arns) expect(executionArn).toMatch(/:express:express:n:[0-9a-f-]{36}$/)
  })
})

describe('StartSyncExecution', () => {
  test('is for Express machines', async () => {
    const { stateMachineArn, executions } = await begun(WAIT)
    await expect(executions.startSync({ stateMachineArn })).rejects.toMatchObject({
      code: 'StateMachineTypeNotSupported',
      message: 'This operation is not supported by this type of state machine',
    })
  })

  test('tells output, or error and cause, and when it began and ended', async () => {
    const { world, executions } = await begun(WAIT)
    const ran = async (name: string, last: object) => {
      const W = { Type: 'Wait', Seconds: 2, Next: 'L' }
      const { arn: stateMachineArn } = await world.machine({ StartAt: 'W', States: { W, L: last } }, 'EXPRESS', name)
      const startAt = world.clock.now()
      const run = executions.startSync({ stateMachineArn, input: '[1]' })
      await settled()
      await pass(world, 3)
      const { result } = await run
      expect(result).toMatchObject({ startAt, stopAt: startAt + 2_000 })
      return result
    }
    expect(await ran('good', { Type: 'Succeed' })).toMatchObject({ status: 'SUCCEEDED', output: '[1]' })
    const failed = await ran('bad', { Type: 'Fail', Error: 'E', Cause: 'why' })
    expect(failed).toMatchObject({ status: 'FAILED', error: 'E', cause: 'why' })
    expect(failed).not.toHaveProperty('output')
  })
})

describe('StopExecution', () => {
  test('ends what runs, with what it is told, and what it waited for is cut off', async () => {
    const { world, executionArn, executions, service } = await begun(TASK)
    await pass(world, 3)
    const { stopDate } = await executions.stop(executionArn, { error: 'E', cause: 'why' })
    expect(stopDate).toBe(world.clock.now())
    expect(world.row(executionArn)).toMatchObject({ status: 'ABORTED', error: 'E', cause: 'why', stopAt: stopDate })
    expect(service.call(0).request.signal.aborted).toBe(true)
    expect(world.logOf(executionArn).at(-1)).toBe('ExecutionAborted')
  })

  test('of what has ended answers with the time of its end, and changes nothing', async () => {
    const { world, executionArn, executions } = await begun(WAIT)
    await pass(world, 61)
    const ended = world.row(executionArn)
    expect(await executions.stop(executionArn, { error: 'E' })).toEqual({ stopDate: ended?.stopAt })
    expect(world.row(executionArn)).toEqual(ended)
  })

  test('of none, of an Express execution and of a machine is told what it is', async () => {
    const { stateMachineArn, executions } = await begun(WAIT)
    const none = `${ARN}:execution:m:none`
    await expect(executions.stop(none, {})).rejects.toMatchObject({
      code: 'ExecutionDoesNotExist',
      message: `Execution Does Not Exist: '${none}'`,
    })
    await expect(executions.stop(`${ARN}:express:m:e:u`, {})).rejects.toMatchObject({
      code: 'InvalidArn',
      message: "Invalid Arn: 'Resource type not valid in this context: express'",
    })
    await expect(executions.stop(stateMachineArn, {})).rejects.toMatchObject({ code: 'InvalidArn' })
  })
})

describe('ListExecutions', () => {
  /** Five executions: `f` failed and redriven, `s` succeeded, `r1` to `r3` run. */
  async function five() {
    const service = await begun(TASK)
    const { world, stateMachineArn, executions, service: called } = service
    await executions.stop(service.executionArn, {})
    for (const name of ['s', 'r1', 'r2', 'r3']) {
      world.clock.advance(1_000)
      await executions.start({ stateMachineArn, name })
      await settled()
    }
    world.clock.advance(1_000)
    called.call(1).answer({ kind: 'succeeded', output: 1 })
    await settled()
    return service
  }

  test('tells the newest first, page by page, each once', async () => {
    const { executions, stateMachineArn } = await five()
    const names: string[] = []
    let nextToken: string | undefined
    do {
      const page = await executions.list({ stateMachineArn, ...(nextToken !== undefined && { nextToken }) }, 2)
      names.push(...page.rows.map(({ name }) => name))
      nextToken = page.next
    } while (nextToken !== undefined)
    expect(names).toEqual(['s', 'r3', 'r2', 'r1', 'e'])
  })

  test('filters by status and by redrive', async () => {
    const { executions, stateMachineArn, executionArn } = await five()
    await executions.redrive(executionArn)
    const names = async (filter: object) =>
      (await executions.list({ stateMachineArn, ...filter }, 10)).rows.map(({ name }) => name).toSorted()
    expect(await names({ statusFilter: 'RUNNING' })).toEqual(['e', 'r1', 'r2', 'r3'])
    expect(await names({ statusFilter: 'SUCCEEDED' })).toEqual(['s'])
    expect(await names({ statusFilter: 'FAILED' })).toEqual([])
    expect(await names({ redriveFilter: 'REDRIVEN' })).toEqual(['e'])
    expect(await names({ redriveFilter: 'NOT_REDRIVEN', statusFilter: 'RUNNING' })).toEqual(['r1', 'r2', 'r3'])
  })

  test('does not take a token with other filters than it was given for', async () => {
    const { executions, stateMachineArn } = await five()
    const { next: nextToken = '' } = await executions.list({ stateMachineArn, statusFilter: 'RUNNING' }, 1)
    const others = [{}, { statusFilter: 'FAILED' }, { statusFilter: 'RUNNING', redriveFilter: 'REDRIVEN' }] as const
    for (const filter of others)
      await expect(executions.list({ stateMachineArn, nextToken, ...filter }, 1)).rejects.toMatchObject({ code: 'InvalidToken' })
    expect((await executions.list({ stateMachineArn, nextToken, statusFilter: 'RUNNING' }, 9)).rows).toHaveLength(2)
  })

  test('is of a machine or of a Map Run, and of no Express machine', async () => {
    const { world, executions, stateMachineArn } = await five()
    const both = [{}, { stateMachineArn, mapRunArn: `${ARN}:mapRun:m/l:u` }]
    for (const input of both)
      await expect(executions.list(input, 10)).rejects.toMatchObject({
        code: 'ValidationException',
        message: 'Must provide a State Machine ARN or Map Run ARN',
      })
    const { arn } = await world.machine(WAIT, 'EXPRESS', 'express')
    await expect(executions.list({ stateMachineArn: arn }, 10)).rejects.toMatchObject({ code: 'StateMachineTypeNotSupported' })
  })
})

describe('GetExecutionHistory', () => {
  const passes = (count: number) => ({
    StartAt: 'P0',
    States: Object.fromEntries(
      Array.from({ length: count }, (_, n) => [
        `P${n}`,
        { Type: 'Pass', ...(n + 1 < count ? { Next: `P${n + 1}` } : { End: true }) },
      ]),
    ),
  })

  test.each([1, 3, 7, 100])('comes in pages of %d, without loss, forward and back', async (limit) => {
    const { executionArn, executions } = await begun(passes(5))
    const all = async (isReverse: boolean) => {
      const ids: number[] = []
      let token: string | undefined
      do {
        const page = await executions.history(executionArn, limit, isReverse, token)
        expect(page.rows.length).toBeLessThanOrEqual(limit)
        ids.push(...page.rows.map(({ id }) => id))
        token = page.next
      } while (token !== undefined)
      return ids
    }
    const ids = Array.from({ length: 12 }, (_, i) => i + 1)
    expect(await all(false)).toEqual(ids)
    expect(await all(true)).toEqual(ids.toReversed())
  })

  test('goes on where a page ended when events have come meanwhile', async () => {
    const { world, executionArn, executions } = await begun({
      StartAt: 'A',
      States: { A: { Type: 'Pass', Next: 'W' }, W: { Type: 'Wait', Seconds: 1, End: true } },
    })
    const page = await executions.history(executionArn, 2, false)
    await pass(world, 2)
    const rest = await executions.history(executionArn, 100, false, page.next)
    expect([...page.rows, ...rest.rows].map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('has tokens of its own direction and execution', async () => {
    const { stateMachineArn, executionArn, executions } = await begun(passes(3))
    const other = await executions.start({ stateMachineArn, name: 'other' })
    const { next } = await executions.history(executionArn, 1, false)
    for (const [arn, isReverse] of [
      [executionArn, true],
      [other.executionArn, false],
    ] as const)
      await expect(executions.history(arn, 1, isReverse, next)).rejects.toMatchObject({ code: 'InvalidToken' })
  })

  test('is not kept of Express executions, and of none there is none', async () => {
    const { world, executions } = await begun(passes(1))
    const { arn: stateMachineArn } = await world.machine(passes(1), 'EXPRESS', 'express')
    const { executionArn } = await executions.start({ stateMachineArn })
    await expect(executions.history(executionArn, 10, false)).rejects.toMatchObject({
      code: 'InvalidArn',
      message: "Invalid Arn: 'Resource type not valid in this context: express'",
    })
    const none = `${ARN}:execution:m:none`
    await expect(executions.history(none, 10, false)).rejects.toMatchObject({ code: 'ExecutionDoesNotExist' })
  })
})
