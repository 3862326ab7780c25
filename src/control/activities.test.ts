import { describe, expect, test } from 'vitest'

import { ARN, openService, pass, settled } from '../runtime/testing/world.ts'

const A = `${ARN}:activity:a`
const NEVER = new AbortController().signal
const NO_TASK = { code: 'TaskTimedOut', message: "Task Timed Out: 'Provided task does not exist anymore'" }

async function opened() {
  const { world, control, ...process } = await openService()
  return { world, ...control, ...process }
}

/** An execution whose task is worked on by whoever asks the activity. */
async function offered(more: object = {}, input = '{"n":1}') {
  const service = await opened()
  await service.activities.create('a', undefined, undefined)
  const definition = { StartAt: 'T', States: { T: { Type: 'Task', Resource: A, End: true, ...more } } }
  const { arn: stateMachineArn } = await service.world.machine(definition)
  const { executionArn } = await service.executions.start({ stateMachineArn, name: 'e', input })
  await settled()
  return { ...service, executionArn, row: () => service.world.row(executionArn) }
}

describe('an activity', () => {
  test('is created once; told again it is answered as it is', async () => {
    const { world, activities, tags } = await opened()
    const made = await activities.create('a', [{ key: 'k', value: 'v' }], { type: 'AWS_OWNED_KEY' })
    expect(made).toEqual({
      arn: A,
      name: 'a',
      createdAt: world.clock.now(),
      encryptionConfiguration: '{"type":"AWS_OWNED_KEY"}',
    })
    world.clock.advance(1_000)
    expect(await activities.create('a', [{ key: 'other', value: 'v' }], undefined)).toEqual(made)
    expect([...(await tags.list(A))]).toEqual([['k', 'v']])
  })

  test('has a name that AWS allows', async () => {
    const { activities } = await opened()
    await expect(activities.create('activity name', undefined, undefined)).rejects.toMatchObject({
      code: 'InvalidName',
      message: "Invalid Name: 'activity name'",
    })
    await expect(
      activities.create(
        'a',
        Array(51)
          .fill(0)
          .map((_, i) => ({ key: `${i}`, value: '' })),
        undefined,
      ),
    ).rejects.toMatchObject({ code: 'TooManyTags' })
    expect((await activities.list(10)).rows).toEqual([])
  })

  test('that is not there is told so; deleted it is already', async () => {
    const { activities } = await opened()
    const none = { code: 'ActivityDoesNotExist', message: `Activity Does Not Exist: '${A}'` }
    await expect(activities.find(A)).rejects.toMatchObject(none)
    await expect(activities.nextTask(A, undefined, NEVER)).rejects.toMatchObject(none)
    await activities.remove(A)
    for (const arn of ['a', `${ARN}:stateMachine:a`]) {
      const refusal = { code: 'InvalidArn', message: `Invalid Arn: 'Invalid ARN prefix: ${arn}'` }
      await expect(activities.find(arn)).rejects.toMatchObject(refusal)
      await expect(activities.remove(arn)).rejects.toMatchObject(refusal)
    }
  })

  test('is gone with its tags when it is deleted', async () => {
    const { activities, tags } = await opened()
    await activities.create('a', [{ key: 'k', value: 'v' }], undefined)
    await activities.remove(A)
    await activities.create('a', undefined, undefined)
    expect((await tags.list(A)).size).toBe(0)
  })

  test('is listed page by page', async () => {
    const { activities } = await opened()
    for (const name of ['c', 'a', 'b']) await activities.create(name, undefined, undefined)
    const page = await activities.list(2)
    const rest = await activities.list(2, page.next)
    expect([...page.rows, ...rest.rows].map(({ name }) => name).toSorted()).toEqual(['a', 'b', 'c'])
    expect(rest).not.toHaveProperty('next')
    await expect(activities.list(2, `${page.next}x`)).rejects.toMatchObject({ code: 'InvalidToken' })
  })
})

describe('GetActivityTask', () => {
  test('gives the input of the task to one worker, and tells who has it', async () => {
    const { world, activities, executionArn, executions } = await offered()
    const [first, second] = [activities.nextTask(A, 'w1', NEVER), activities.nextTask(A, 'w2', NEVER)]
    expect(await first).toEqual({ token: expect.stringMatching(/^AQCs/), input: '{"n":1}' })
    await pass(world, 60)
    expect(await second).toBeUndefined()
    const { rows } = await executions.history(executionArn, 100, false)
    expect(rows.at(-1)).toMatchObject({ type: 'ActivityStarted', workerName: 'w1' })
  })

  test('waits a minute for work, to the millisecond', async () => {
    const { world, activities } = await opened()
    await activities.create('a', undefined, undefined)
    let answer: unknown = 'none yet'
    const asked = activities.nextTask(A, undefined, NEVER).then((task) => {
      answer = task
    })
    await settled()
    world.clock.advance(59_999)
    await settled()
    expect(answer).toBe('none yet')
    world.clock.advance(1)
    await asked
    expect(answer).toBeUndefined()
  })

  test('is answered by a task that comes while it waits', async () => {
    const { world, activities, executions } = await opened()
    await activities.create('a', undefined, undefined)
    const asked = activities.nextTask(A, undefined, NEVER)
    await pass(world, 30)
    const { arn: stateMachineArn } = await world.machine({
      StartAt: 'T',
      States: { T: { Type: 'Task', Resource: A, End: true } },
    })
    await executions.start({ stateMachineArn, input: '"late"' })
    expect(await asked).toMatchObject({ input: '"late"' })
  })

  test('of a worker that hangs up takes no task', async () => {
    const { activities, row } = await offered()
    const gone = AbortSignal.abort()
    expect(await activities.nextTask(A, undefined, gone)).toBeUndefined()
    const task = await activities.nextTask(A, undefined, NEVER)
    await activities.taskSucceeded(task?.token ?? '', '1')
    expect(row()).toMatchObject({ status: 'SUCCEEDED', output: '1' })
  })

  test('that could not be recorded gives nothing away, and the next one gets the task', async () => {
    const { world, activities } = await offered()
    world.unruly.fail({ isReadable: true })
    await expect(activities.nextTask(A, undefined, NEVER)).rejects.toMatchObject({ code: 'ServiceUnavailable', status: 503 })
    world.unruly.recover()
    expect(await activities.nextTask(A, undefined, NEVER)).toMatchObject({ input: '{"n":1}' })
  })
})

describe('an answer by token', () => {
  const taken = async (more: object = {}) => {
    const service = await offered(more)
    const task = await service.activities.nextTask(A, undefined, NEVER)
    return { ...service, token: task?.token ?? '' }
  }

  test('of success ends the task with its output', async () => {
    const { activities, token, row } = await taken()
    await activities.taskSucceeded(token, '{"done":true}')
    expect(row()).toMatchObject({ status: 'SUCCEEDED', output: '{"done":true}' })
  })

  test.each([
    [
      { error: 'E', cause: 'why' },
      { error: 'E', cause: 'why' },
    ],
    [{ error: 'E' }, { error: 'E' }],
    [{ cause: 'why' }, { cause: 'why' }],
    [{}, {}],
  ])('of the failure %j fails the task with it', async (failure, told) => {
    const { activities, token, row } = await taken()
    await activities.taskFailed(token, failure)
    expect(row()?.status).toBe('FAILED')
    expect({
      ...(row()?.error !== undefined && { error: row()?.error }),
      ...(row()?.cause !== undefined && { cause: row()?.cause }),
    }).toEqual(told)
  })

  test('of life puts the heartbeat off, until none comes', async () => {
    const { world, activities, token, row } = await taken({ HeartbeatSeconds: 10 })
    for (let n = 0; n < 5; n++) {
      await pass(world, 9)
      await activities.taskHeartbeat(token)
    }
    expect(row()?.status).toBe('RUNNING')
    await pass(world, 10)
    expect(row()).toMatchObject({ status: 'FAILED', error: 'States.Timeout' })
    await expect(activities.taskHeartbeat(token)).rejects.toMatchObject(NO_TASK)
  })

  test('does not put off the time-out of the task', async () => {
    const { world, activities, token, row } = await taken({ HeartbeatSeconds: 10, TimeoutSeconds: 15 })
    await pass(world, 9)
    await activities.taskHeartbeat(token)
    await pass(world, 6)
    expect(row()).toMatchObject({ status: 'FAILED', error: 'States.Timeout' })
  })

  test('is taken once', async () => {
    const { activities, token, row } = await taken()
    await activities.taskSucceeded(token, '1')
    const late = [activities.taskSucceeded(token, '2'), activities.taskFailed(token, {}), activities.taskHeartbeat(token)]
    for (const one of late) await expect(one).rejects.toMatchObject(NO_TASK)
    expect(row()?.output).toBe('1')
  })

  test('of an attempt that is over is told so, and the next attempt has a token of its own', async () => {
    const { activities, token, row, world } = await taken({ Retry: [{ ErrorEquals: ['E'], IntervalSeconds: 1 }] })
    await activities.taskFailed(token, { error: 'E' })
    await pass(world, 1)
    const next = await activities.nextTask(A, undefined, NEVER)
    expect(next?.token).not.toBe(token)
    await expect(activities.taskSucceeded(token, '1')).rejects.toMatchObject(NO_TASK)
    await activities.taskSucceeded(next?.token ?? '', '2')
    expect(row()?.output).toBe('2')
  })

  test.each(['', 'x', 'AQCs', 'AQCs!!!!', 'AQCsAAAA'])('by %j is refused: that is no token', async (token) => {
    const { activities } = await opened()
    const refusal = { code: 'InvalidToken', status: 400, message: "Invalid Token: 'Invalid token'" }
    await expect(activities.taskSucceeded(token, '1')).rejects.toMatchObject(refusal)
    await expect(activities.taskFailed(token, {})).rejects.toMatchObject(refusal)
    await expect(activities.taskHeartbeat(token)).rejects.toMatchObject(refusal)
  })

  test('whose secret is wrong is told that there is no such task, and the right one stays good', async () => {
    const { activities, token, executionArn, row } = await taken()
    const [frame, secret = '', arn] = Buffer.from(token.slice(4), 'base64').toString().split(' ')
    expect(arn).toBe(executionArn)
    const forged = `AQCs${Buffer.from(`${frame} ${secret.replace(/./, (c) => (c === 'a' ? 'b' : 'a'))} ${arn}`).toString('base64')}`
    await expect(activities.taskSucceeded(forged, '1')).rejects.toMatchObject(NO_TASK)
    await activities.taskSucceeded(token, '2')
    expect(row()?.output).toBe('2')
  })

  test('of an execution that is not there is told so', async () => {
    const { activities, token, executionArn } = await taken()
    const [frame, secret] = Buffer.from(token.slice(4), 'base64').toString().split(' ')
    const lost = `AQCs${Buffer.from(`${frame} ${secret} ${executionArn}2`).toString('base64')}`
    await expect(activities.taskHeartbeat(lost)).rejects.toMatchObject({
      code: 'TaskDoesNotExist',
      message: "Task Does Not Exist: 'Task does not exist'",
    })
  })

  test('tells what is wrong with an output in the words of AWS', async () => {
    const { activities, token } = await taken()
    await expect(activities.taskSucceeded(token, 'yes')).rejects.toMatchObject({
      message:
        "Invalid Output: 'Unrecognized token 'yes': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: (String)\"yes\"; line: 1, column: 4]'",
    })
  })

  test.each(['', '{', 'undefined', "{'a':1}"])('with the output %j is refused, and the task goes on', async (output) => {
    const { activities, token, row } = await taken()
    await expect(activities.taskSucceeded(token, output)).rejects.toMatchObject({
      code: 'InvalidOutput',
      message: expect.stringMatching(/^Invalid Output: '/),
    })
    expect(row()?.status).toBe('RUNNING')
  })
})
