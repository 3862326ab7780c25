import { describe, expect, test } from 'vitest'

import { openService as open, pass, settled } from './testing/world.ts'

const TASK = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Parameters: { Message: 'x' }, End: true }
const CALL = { StartAt: 'T', States: { T: TASK } }

const distributed = (ExecutionType: 'STANDARD' | 'EXPRESS', child: object) => ({
  StartAt: 'M',
  States: {
    M: {
      Type: 'Map',
      ItemsPath: '$',
      MaxConcurrency: 4,
      End: true,
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType }, StartAt: 'S', States: { S: child } },
    },
  },
})

describe('an execution whose every turn throws', () => {
  const WAIT = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 1, End: true } } }

  async function broken() {
    const { world, ...process } = await open()
    const { arn: stateMachineArn } = await world.machine(WAIT)
    const { executionArn } = await process.control.executions.start({ stateMachineArn, name: 'e' })
    world.turnError = () => new Error('a bug of ours')
    await pass(world, 1)
    expect(await process.runtime.quarantined()).toMatchObject([{ executionArn, reason: 'a bug of ours', attempts: 1 }])
    return { world, executionArn, ...process }
  }

  test('is tried less and less often, logs no more than that, and goes on when it throws no more', async () => {
    const { world, runtime, executionArn } = await broken()
    const lines = world.lines.length
    await pass(world, 600)
    const attempts = (await runtime.quarantined())[0]?.attempts ?? 0
    expect(attempts, 'after 1 s, 2 s, 4 s … five minutes').toBe(10)
    expect(world.lines.length - lines).toBe(attempts - 1)
    world.turnError = () => undefined
    await pass(world, 300)
    expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
    expect(await runtime.quarantined()).toEqual([])
  })

  test('can be stopped when a stop is what does not throw, and is gone then', async () => {
    const { world, runtime, control, executionArn } = await broken()
    world.turnError = () => undefined
    await control.executions.stop(executionArn, {})
    expect(world.row(executionArn)?.status).toBe('ABORTED')
    expect(await runtime.quarantined()).toEqual([])
    await pass(world, 600)
    expect(runtime.census()).toMatchObject({ active: 0, signals: 0, quarantined: 0 })
  })
})

test('a payload that is wrapped until it is too deep fails its own execution', async () => {
  const { world, runtime, control } = await open()
  let Parameters: object = { 'a.$': '$' }
  for (let i = 1; i < 50; i++) Parameters = { a: Parameters }
  const { arn: stateMachineArn } = await world.machine({
    StartAt: 'A',
    States: { A: { Type: 'Pass', Parameters, Next: 'W' }, W: { Type: 'Wait', Seconds: 1, Next: 'A' } },
  })
  const { executionArn } = await control.executions.start({ stateMachineArn, name: 'e' })
  await pass(world, 200)
  expect(world.row(executionArn)).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' })
  expect(runtime.census()).toMatchObject({ active: 0, signals: 0, quarantined: 0 })
})

test('one execution that cannot be taken up keeps neither the start nor anybody else', async () => {
  const before = await open()
  const { world } = before
  const { arn: stateMachineArn } = await world.machine(CALL)
  const { executionArn: bad } = await before.control.executions.start({ stateMachineArn, name: 'bad' })
  const { executionArn: good } = await before.control.executions.start({ stateMachineArn, name: 'good' })
  await before.runtime.close()
  const mend = world.damage(bad)
  const { runtime, service } = await open(world)
  await settled()
  expect(await runtime.quarantined()).toMatchObject([{ executionArn: bad }])
  service.call(0).answer({ kind: 'succeeded', output: 1 })
  await settled()
  expect(world.row(good)?.status).toBe('SUCCEEDED')
  mend()
  expect(await runtime.retryQuarantined(bad)).toBe(true)
  await settled()
  service.call(1).answer({ kind: 'succeeded', output: 1 })
  await settled()
  expect(world.row(bad)?.status).toBe('SUCCEEDED')
})

describe.each(['STANDARD', 'EXPRESS'] as const)('a Map Run with %s children', (type) => {
  async function begun(child: object) {
    const { world, control, ...process } = await open()
    const { arn: stateMachineArn } = await world.machine(distributed(type, child))
    const input = JSON.stringify(Array.from({ length: 40 }, (_, i) => i))
    const { executionArn } = await control.executions.start({ stateMachineArn, name: 'e', input })
    return { world, control, executionArn, ...process }
  }

  test('that waits while the store takes nothing goes on when it does, and no child has failed by it', async () => {
    const { world, executionArn, runtime } = await begun({ Type: 'Wait', Seconds: 1, End: true })
    await pass(world, 3)
    world.unruly.fail()
    await pass(world, 30)
    expect(world.row(executionArn)?.status).toBe('RUNNING')
    world.unruly.recover()
    await pass(world, 60)
    expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
    expect(runtime.census()).toMatchObject({ active: 0, signals: 0, mapRuns: 0, quarantined: 0 })
  })

  test('whose every third write has an unknown outcome calls for each item once', async () => {
    const { world, executionArn, service, runtime } = await begun(TASK)
    let writes = 0
    world.unruly.faultOf = (method) => (method === 'commit' && ++writes % 3 === 0 ? 'answerLost' : undefined)
    for (let answered = 0; world.row(executionArn)?.status === 'RUNNING' && answered < 400; ) {
      await pass(world, 1)
      while (answered < service.calls.length) service.call(answered++).answer({ kind: 'succeeded', output: 1 })
    }
    expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
    expect(service.calls).toHaveLength(40)
    expect(new Set(service.calls.map(({ request }) => request.executionArn)).size).toBe(40)
    expect(runtime.census()).toMatchObject({ active: 0, mapRuns: 0 })
  })

  test('whose process stops in the middle ends in the next one', async () => {
    const { world, executionArn, runtime } = await begun({ Type: 'Wait', Seconds: 1, End: true })
    await pass(world, 3)
    await runtime.close()
    await open(world)
    await pass(world, 60)
    expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
  })
})

test('an Express execution whose turn throws fails, for there is no log to go back to', async () => {
  const { world, control, service } = await open()
  const { arn: stateMachineArn } = await world.machine(CALL, 'EXPRESS')
  const ran = control.executions.startSync({ stateMachineArn, name: 'e' })
  await settled()
  world.throwOnce(new Error('a bug of ours'))
  service.call(0).answer({ kind: 'succeeded', output: 1 })
  expect((await ran).result).toMatchObject({ status: 'FAILED', error: 'States.Runtime' })
})

test.each([
  ['after five minutes', {}, 300],
  ['sooner, where its definition says so', { TimeoutSeconds: 20 }, 20],
])('an Express execution times out %s', async (_, more, seconds) => {
  const { world, control, service, runtime } = await open()
  const { arn: stateMachineArn } = await world.machine({ ...CALL, ...more }, 'EXPRESS')
  const ran = control.executions.startSync({ stateMachineArn, name: 'e' })
  await settled()
  const begun = world.clock.now()
  await pass(world, seconds - 1)
  expect(service.call(0).request.signal.aborted).toBe(false)
  await pass(world, 1)
  expect((await ran).result).toEqual({
    status: 'TIMED_OUT',
    startAt: begun,
    stopAt: begun + seconds * 1000,
  })
  expect(service.call(0).request.signal.aborted).toBe(true)
  expect(runtime.census()).toMatchObject({ active: 0, calls: 0 })
})

test.each([-3_600_000, 3_600_000])(
  'the five minutes of an Express execution pass as they would when the clock is set by %d ms',
  async (by) => {
    const { world, control, service } = await open()
    const { arn: stateMachineArn } = await world.machine(
      { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 10, Next: 'T' }, ...CALL.States } },
      'EXPRESS',
    )
    const ran = control.executions.startSync({ stateMachineArn, name: 'e' })
    await settled()
    world.clock.correct(by)
    await pass(world, 9)
    expect(service.calls).toHaveLength(0)
    await pass(world, 290)
    expect(service.call(0).request.signal.aborted).toBe(false)
    await pass(world, 1)
    expect((await ran).result.status).toBe('TIMED_OUT')
  },
)
