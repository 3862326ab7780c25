import { describe, expect, test } from 'vitest'

import { openRuntime, openService, pass, settled, World } from './testing/world.ts'

const TASK = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Parameters: { Message: 'x' }, End: true }
const CALL = { StartAt: 'T', States: { T: TASK } }
const JOB = {
  StartAt: 'T',
  States: { T: { ...TASK, Resource: 'arn:aws:states:::ecs:runTask.sync', Parameters: { TaskDefinition: 't' } } },
}
const waiting = (Seconds: number) => ({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds, End: true } } })
const ACTIVITY = 'arn:aws:states:us-east-1:000000000000:activity:a'

/** Executions of `definition` that have begun, and the world that they are in when their process is gone. */
async function left(definition: object, count = 1) {
  const before = await openService()
  const { world, control } = before
  const { arn: stateMachineArn } = await world.machine(definition)
  const arns: string[] = []
  for (let n = 0; n < count; n++) arns.push((await control.executions.start({ stateMachineArn, name: `e${n}` })).executionArn)
  await settled()
  return { ...before, arns, statuses: () => arns.map((arn) => world.row(arn)?.status) }
}

describe('a start', () => {
  test('asks once more for the calls that were in flight, with the same keys', async () => {
    const { world, service, runtime, arns, statuses } = await left(CALL, 3)
    const keys = service.calls.map(({ request }) => request.idempotencyKey)
    await runtime.close()
    const next = await openService(world)
    await settled()
    expect(next.service.calls.map(({ request }) => request.idempotencyKey)).toEqual(keys)
    for (const n of arns.keys()) next.service.call(n).answer({ kind: 'succeeded', output: n })
    await settled()
    expect(statuses()).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED'])
    expect(world.logOf(arns[0] ?? '').filter((type) => type === 'TaskScheduled')).toHaveLength(1)
  })

  test('goes on polling a job that the service has taken on, and submits it no second time', async () => {
    const { world, service, runtime, statuses } = await left(JOB)
    service.call(0).answer({ kind: 'submitted', output: { job: 1 } })
    await pass(world, 1)
    await runtime.close()
    const next = openRuntime(world)
    next.service.job = { kind: 'succeeded', output: { done: true } }
    await next.runtime.open()
    await pass(world, 60)
    expect(next.service.calls).toEqual([])
    expect(next.service.polls).toBe(1)
    expect(statuses()).toEqual(['SUCCEEDED'])
  })

  test('does not look at those that only wait, and wakes them when they are due', async () => {
    const { world, runtime, statuses } = await left(waiting(3_600), 5)
    await runtime.close()
    const next = await openService(world)
    expect(world.unruly.calls.filter((call) => call === 'logPart')).toEqual([])
    expect(next.runtime.census()).toMatchObject({ active: 0 })
    await pass(world, 10)
    expect(statuses()).toEqual(Array(5).fill('RUNNING'))
    world.clock.advance(3_600_000)
    await pass(world, 1)
    expect(statuses()).toEqual(Array(5).fill('SUCCEEDED'))
  })

  test('wakes at once what became due while no process was there', async () => {
    const { world, runtime, arns, statuses } = await left(waiting(10), 2)
    const until = world.clock.now() + 10_000
    await runtime.close()
    world.clock.advance(86_400_000)
    await openService(world)
    await pass(world, 1)
    expect(statuses()).toEqual(['SUCCEEDED', 'SUCCEEDED'])
    expect(world.row(arns[0] ?? '')?.stopAt).toBeGreaterThan(until)
  })

  test('takes up more than it reads at once', async () => {
    const { world, runtime } = await left(CALL, 450)
    await runtime.close()
    const next = await openService(world)
    await settled()
    expect(next.service.calls).toHaveLength(450)
    expect(new Set(next.service.calls.map(({ request }) => request.executionArn)).size).toBe(450)
  })

  test('offers an activity task again that no worker had taken, and not one that a worker has', async () => {
    const first = await openService()
    const { world } = first
    const { signal } = new AbortController()
    await first.control.activities.create('a', undefined, undefined)
    const { arn: stateMachineArn } = await world.machine({
      StartAt: 'T',
      States: { T: { Type: 'Task', Resource: ACTIVITY, End: true } },
    })
    const { executionArn } = await first.control.executions.start({ stateMachineArn, name: 'e' })
    await settled()
    await first.runtime.close()
    const second = await openService(world)
    const task = await second.control.activities.nextTask(ACTIVITY, 'w', signal)
    expect(task).toBeDefined()
    await second.runtime.close()
    const third = await openService(world)
    const nothing = third.control.activities.nextTask(ACTIVITY, 'v', signal)
    await pass(world, 61)
    expect(await nothing).toBeUndefined()
    await third.control.activities.taskSucceeded(task?.token ?? '', '1')
    expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
  })

  test('after one that could not read goes on where that one stood', async () => {
    const { world, runtime, statuses } = await left(CALL)
    await runtime.close()
    world.unruly.meet('busy', 'fails')
    await expect(openRuntime(world).runtime.open()).rejects.toThrow('the disk is full')
    const next = await openService(world)
    await settled()
    next.service.call(0).answer({ kind: 'succeeded', output: 1 })
    await settled()
    expect(statuses()).toEqual(['SUCCEEDED'])
  })
})

describe('a process that is closed', () => {
  test('takes no result and no timer any more, and what it had in hand is there for the next one', async () => {
    const { world, runtime, service, statuses, arns } = await left(CALL)
    const before = world.logOf(arns[0] ?? '')
    await runtime.close()
    service.call(0).answer({ kind: 'succeeded', output: 1 })
    await pass(world, 100)
    expect(statuses()).toEqual(['RUNNING'])
    expect(world.logOf(arns[0] ?? '')).toEqual(before)
    expect(world.row(arns[0] ?? '')?.isBusy).toBe(true)
    expect(service.call(0).request.signal.aborted).toBe(true)
  })

  test('rings no alarm', async () => {
    const { world, runtime } = await left(waiting(10))
    await runtime.close()
    expect(world.clock.nextAlarm()).toBeUndefined()
  })

  test('waits for what is being recorded', async () => {
    const { world, control, runtime } = await left(waiting(10))
    const disk = Promise.withResolvers<void>()
    world.unruly.meet('commit', disk.promise)
    const { arn: stateMachineArn } = await world.machine(waiting(1), 'STANDARD', 'late')
    const start = control.executions.start({ stateMachineArn, name: 'late' })
    await settled()
    let isClosed = false
    const closed = runtime.close().then(() => {
      isClosed = true
    })
    await settled()
    expect(isClosed).toBe(false)
    disk.resolve()
    await closed
    expect(world.row((await start).executionArn)?.status).toBe('RUNNING')
  })
})

test('a Wait goes by the clock on the wall: when that is set forward it is over sooner, and never before its instant', async () => {
  const { world, statuses } = await left(waiting(100))
  world.clock.correct(60_000)
  await pass(world, 39)
  expect(statuses()).toEqual(['RUNNING'])
  await pass(world, 2)
  expect(statuses()).toEqual(['SUCCEEDED'])
})

test('executions that are due at one instant are all woken, however many', async () => {
  const world = new World()
  const { control } = await openService(world)
  const { arn: stateMachineArn } = await world.machine(waiting(5))
  const arns: string[] = []
  for (let n = 0; n < 600; n++) arns.push((await control.executions.start({ stateMachineArn, name: `e${n}` })).executionArn)
  await pass(world, 6)
  expect(new Set(arns.map((arn) => world.row(arn)?.status))).toEqual(new Set(['SUCCEEDED']))
})
