import { expect, test } from 'vitest'

import { asId } from '../base/id-in-test.ts'
import { deferred } from '../base/deferred.ts'
import { Payload } from '../base/payload.ts'

import type { SignalBody } from '../engine/signal.ts'

import type { Fate } from './activation.ts'
import { ARN, openDriver, pass, settled, World } from './testing/world.ts'

const task = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Parameters: { Message: 'x' } }
const ONE_TASK = { StartAt: 'T', States: { T: { ...task, End: true } } }
const TWO_TASKS = {
  StartAt: 'P',
  States: {
    P: { Type: 'Parallel', Branches: [ONE_TASK, ONE_TASK], End: true },
  },
}
const WAIT = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 60, End: true } } }
const PASS = { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } }
const E = `${ARN}:execution:m:e`

const STOP: SignalBody = { type: 'Stop', failure: {} }
const result = (frame = 0, id = 3): SignalBody => ({
  type: 'TaskSucceeded',
  frame: asId(frame),
  task: asId(id),
  output: Payload.ofValue(1),
})

/** A driver with one execution that has begun. */
async function begun(definition: object, world = new World()) {
  const machine = await world.machine(definition)
  const desk = openDriver(world)
  const activation = await desk.prepare(machine)
  expect(await desk.driver.start(activation)).toBe('started')
  await settled()
  return { world, machine, activation, ...desk }
}

test('1: the next turn of an execution begins when the one before is durable', async () => {
  const { world, driver, activation } = await begun(TWO_TASKS)
  const disk = deferred<void>()
  world.unruly.meet('commit', disk.promise)
  const [first, second] = [3, 4].map((id) => activation.state.frames.get(asId(id - 2))?.active?.task?.id ?? 0)
  const fates = [driver.send(activation, result(1, first)), driver.send(activation, result(2, second))]
  await settled()
  const commits = () => world.unruly.calls.filter((method) => method === 'commit').length
  expect(commits(), 'the start, and the first answer').toBe(2)
  disk.resolve()
  expect(await Promise.all(fates)).toEqual(['durable', 'durable'])
  expect(commits()).toBe(3)
  expect(world.row(E)?.status).toBe('SUCCEEDED')
})

test('1: a result that leads to the next task, past states that ask nothing, is one turn and one commit', async () => {
  const { world, driver, activation, dispatched } = await begun({
    StartAt: 'A',
    States: { A: { ...task, Next: 'P' }, P: { Type: 'Pass', Next: 'B' }, B: { ...task, End: true } },
  })
  const commits = () => world.unruly.calls.filter((method) => method === 'commit').length
  const before = commits()
  expect(await driver.send(activation, result())).toBe('durable')
  expect(commits()).toBe(before + 1)
  expect(dispatched).toMatchObject([{ type: 'RunTask' }, { type: 'RunTask' }])
})

test('1: an execution whose turn is at the store holds up no other', async () => {
  const { world, machine, driver, activation } = await begun(ONE_TASK)
  world.unruly.meet('commit', new Promise(() => {}))
  void driver.send(activation, result())
  const other = await openDriver(world).prepare(machine, 'other')
  expect(await driver.start(other)).toBe('started')
  expect(await driver.send(other, result())).toBe('durable')
  expect(world.row(other.record.arn)?.status).toBe('SUCCEEDED')
  expect(world.row(activation.record.arn)?.status).toBe('RUNNING')
})

test('2: neither an answer nor a command leaves before its events are durable', async () => {
  const world = new World()
  const machine = await world.machine(ONE_TASK)
  const { driver, dispatched, told, prepare } = openDriver(world)
  const disk = deferred<void>()
  world.unruly.meet('commit', disk.promise)
  let outcome: string | undefined
  void driver.start(await prepare(machine)).then((started) => (outcome = started))
  await settled()
  expect({ outcome, dispatched, told }).toEqual({ outcome: undefined, dispatched: [], told: [] })
  disk.resolve()
  await settled()
  expect({ outcome, dispatched }).toMatchObject({ outcome: 'started', dispatched: [{ type: 'RunTask', task: 3 }] })
  expect(told).toContain('TaskScheduled')
})

test('2: a signal is durable, or refused where the machine has no use for it', async () => {
  const { world, driver, activation } = await begun(ONE_TASK)
  expect(await driver.send(activation, result(0, 99))).toBe('refused')
  expect(await driver.send(activation, () => undefined)).toBe('refused')
  expect(await driver.deliver(activation.record.key, result())).toBe('durable')
  expect(world.row(E)?.status).toBe('SUCCEEDED')
  expect(await driver.deliver(activation.record.key, STOP), 'it is closed').toBe('refused')
  expect(await driver.deliver(asId(4711), STOP), 'it does not exist').toBe('refused')
})

test('2: a start learns that its name is taken, or that its machine is gone', async () => {
  const { world, machine, driver } = await begun(WAIT)
  const { prepare } = openDriver(world)
  expect(await driver.start(await prepare(machine))).toBe('name-taken')
  const late = await prepare(machine, 'late')
  await world.store.deleteStateMachine(machine.key)
  expect(await driver.start(late)).toBe('machine-gone')
  expect(driver.sizes.active).toBe(0)
})

test.each(['fails', 'stale'] as const)('3: a signal whose commit %s is lost, and may be sent once more', async (fault) => {
  const { world, driver, activation, dispatched } = await begun(ONE_TASK)
  world.unruly.meet('commit', fault)
  expect(await driver.send(activation, result())).toBe('lost')
  expect(world.logOf(E)).not.toContain('TaskSucceeded')
  expect(await driver.send(activation, result())).toBe('durable')
  expect(world.logOf(E).filter((type) => type === 'TaskSucceeded')).toHaveLength(1)
  expect(dispatched, 'and nothing is asked for twice').toHaveLength(1)
})

test('3: a commit that was made though its answer was lost is durable, and what it asks for is asked for once', async () => {
  const { world, driver, activation, dispatched } = await begun({
    StartAt: 'A',
    States: { A: { ...task, Next: 'B' }, B: { ...task, End: true } },
  })
  world.unruly.meet('commit', 'answerLost')
  expect(await driver.send(activation, result())).toBe('durable')
  expect(world.logOf(E).filter((type) => type === 'TaskSucceeded')).toHaveLength(1)
  expect(dispatched).toMatchObject([
    { type: 'RunTask', task: 3 },
    { type: 'RunTask', task: 8 },
  ])
})

test('3: a start that was recorded though its answer was lost has started, and one that was not leaves nothing', async () => {
  const world = new World()
  const machine = await world.machine(ONE_TASK)
  const { driver, prepare, dispatched } = openDriver(world)
  world.unruly.meet('commit', 'answerLost', 'fails')
  expect(await driver.start(await prepare(machine, 'kept'))).toBe('started')
  expect(await driver.start(await prepare(machine, 'failed'))).toBe('lost')
  await settled()
  expect(dispatched).toHaveLength(1)
  expect(driver.sizes).toMatchObject({ active: 1, loading: 0, signals: 0, quarantined: 0 })
})

test('3: a start of which nobody can tell whether it was recorded is looked for until the store answers', async () => {
  const world = new World()
  const machine = await world.machine(ONE_TASK)
  const { driver, prepare, dispatched } = openDriver(world)
  world.unruly.faultOf = (method) => (method === 'commit' ? 'answerLost' : 'fails')
  expect(await driver.start(await prepare(machine))).toBe('lost')
  await settled()
  expect(dispatched).toEqual([])
  world.unruly.recover()
  world.clock.advance(1_000)
  await settled()
  expect(dispatched, 'the log asks for it').toMatchObject([{ type: 'RunTask', task: 3 }])
  expect(driver.quarantine.list()).toEqual([])
})

test('3: while the store is away nobody stands aside; when it is back, all that it could not tell of is looked for', async () => {
  const world = new World()
  const machine = await world.machine(ONE_TASK)
  const { driver, prepare, dispatched } = openDriver(world)
  world.unruly.fail()
  world.unruly.faultOf = (method) => (method === 'commit' ? 'answerLost' : 'fails')
  expect(await driver.start(await prepare(machine))).toBe('lost')
  await pass(world, 60)
  expect(driver.quarantine.list()).toEqual([])
  world.unruly.recover()
  driver.storeIsBack()
  await settled()
  expect(dispatched).toMatchObject([{ type: 'RunTask', task: 3 }])
})

test('3: a store that is back is found to be so by itself', async () => {
  const world = new World()
  const machine = await world.machine(ONE_TASK)
  const { driver, prepare, dispatched } = openDriver(world)
  world.unruly.fail()
  world.unruly.faultOf = (method) => (method === 'commit' ? 'answerLost' : 'fails')
  expect(await driver.start(await prepare(machine))).toBe('lost')
  await pass(world, 60)
  world.unruly.recover()
  await pass(world, 11)
  expect(dispatched).toMatchObject([{ type: 'RunTask', task: 3 }])
})

test('3: observers hear once of a turn that is found in the log only when the store answers again', async () => {
  const { world, driver, activation, told } = await begun(ONE_TASK)
  told.length = 0
  world.unruly.faultOf = (method) => (method === 'commit' ? 'answerLost' : 'fails')
  expect(await driver.send(activation, result())).toBe('lost')
  expect(told, 'nobody knows yet').toEqual([])
  world.unruly.recover()
  world.clock.advance(1_000)
  await settled()
  expect(told).toEqual(world.logOf(E).slice(-told.length))
  expect(told.filter((type) => type === 'ExecutionSucceeded')).toHaveLength(1)
  expect(driver.sizes).toMatchObject({ active: 0, signals: 0, quarantined: 0 })
})

test('3: a turn that is found not to be in the log is told to nobody', async () => {
  const { world, driver, activation, told } = await begun(ONE_TASK)
  told.length = 0
  world.unruly.fail()
  expect(await driver.send(activation, result())).toBe('lost')
  world.unruly.recover()
  world.clock.advance(1_000)
  await settled()
  expect(told).toEqual([])
  expect(await driver.send(activation, result())).toBe('durable')
  expect(told.filter((type) => type === 'TaskSucceeded')).toHaveLength(1)
})

test.each([
  ['runs on', ONE_TASK],
  ['has ended with it', PASS],
])('3: observers hear once of a start that is found in the log later, of an execution that %s', async (_, definition) => {
  const world = new World()
  const machine = await world.machine(definition)
  const { driver, prepare, told } = openDriver(world)
  world.unruly.faultOf = (method) => (method === 'commit' ? 'answerLost' : 'fails')
  expect(await driver.start(await prepare(machine))).toBe('lost')
  await settled()
  expect(told).toEqual([])
  world.unruly.recover()
  world.clock.advance(1_000)
  await settled()
  expect(told).toEqual(world.logOf(E))
  expect(told.filter((type) => type === 'ExecutionStarted')).toHaveLength(1)
  expect(driver.sizes).toMatchObject({ loading: 0, signals: 0, quarantined: 0 })
})

test('3: who has sent a signal to a start that is lost is told so', async () => {
  const world = new World()
  const machine = await world.machine(ONE_TASK)
  const { driver, prepare } = openDriver(world)
  const activation = await prepare(machine)
  const committed = deferred<void>()
  world.unruly.faultOf = (method) =>
    method === 'commit' ? committed.promise.then(() => Promise.reject(new Error('full'))) : 'fails'
  const started = driver.start(activation)
  await settled()
  const stopped = driver.deliver(activation.record.key, STOP)
  committed.resolve()
  expect(await Promise.all([started, stopped])).toEqual(['lost', 'lost'])
})

test('3: a thousand starts that fail leave nothing in memory', async () => {
  const world = new World()
  const machine = await world.machine(PASS)
  const { driver, prepare } = openDriver(world)
  world.unruly.fail({ isReadable: true })
  for (let i = 0; i < 1_000; i++) expect(await driver.start(await prepare(machine, `e${i}`))).toBe('lost')
  await settled()
  expect(driver.sizes).toEqual({ active: 0, loading: 0, awaitedEnds: 0, signals: 0, calls: 0, quarantined: 0 })
})

test('4: what nobody would send again is kept through failures, in its order, and told when it is durable', async () => {
  const { world, driver, activation } = await begun(TWO_TASKS)
  const tasks = [1, 2].map((frame) => activation.state.frames.get(asId(frame))?.active?.task?.id ?? 0)
  const arrived: number[] = []
  world.unruly.fail({ isReadable: true })
  for (const [i, id] of tasks.entries()) driver.post(activation, result(i + 1, id), () => arrived.push(id))
  for (let seconds = 0; seconds < 30; seconds++) {
    await settled()
    world.clock.advance(1_000)
  }
  expect(arrived).toEqual([])
  expect(driver.sizes).toMatchObject({ active: 1, signals: 2 })
  world.unruly.recover()
  world.clock.advance(10_000)
  await settled()
  expect(arrived).toEqual(tasks)
  expect(world.row(E)?.status).toBe('SUCCEEDED')
  expect(driver.sizes).toMatchObject({ active: 0, signals: 0 })
})

test('4: a store that fails is asked less and less often', async () => {
  const { world, driver, activation } = await begun(ONE_TASK)
  world.unruly.fail()
  driver.post(activation, result())
  for (let seconds = 0; seconds < 100; seconds++) {
    await settled()
    world.clock.advance(1_000)
  }
  expect(world.unruly.calls.length).toBeLessThan(60)
})

test('4: an outsider’s signal that comes while others are held is told its own fate at once', async () => {
  const { world, driver, activation } = await begun(TWO_TASKS)
  world.unruly.fail({ isReadable: true })
  driver.post(activation, result(1, activation.state.frames.get(asId(1))?.active?.task?.id ?? 0))
  await settled()
  expect(await driver.send(activation, STOP)).toBe('lost')
  world.unruly.recover()
  expect(await driver.send(activation, STOP)).toBe('durable')
  await settled()
  expect(world.row(E)?.status).toBe('ABORTED')
  expect(driver.sizes, 'what was held is refused by the end').toMatchObject({ active: 0, signals: 0 })
})

test('5: an execution that waits for time is in nobody’s memory, and its timer folds the log', async () => {
  const { world, driver, activation, dueAt } = await begun(WAIT)
  expect(driver.sizes.active).toBe(0)
  expect(dueAt).toEqual([world.clock.now() + 60_000])
  expect(await driver.deliver(activation.record.key, { type: 'TimerFired' }), 'too early').toBe('refused')
  expect(driver.sizes.active).toBe(0)
  world.clock.advance(60_000)
  expect(await driver.deliver(activation.record.key, { type: 'TimerFired' })).toBe('durable')
  expect(world.row(E)?.status).toBe('SUCCEEDED')
  expect(driver.sizes.active).toBe(0)
})

test('5: many who want a parked execution at once fold its log once', async () => {
  const { world, driver, activation } = await begun(WAIT)
  const { key } = activation.record
  const fates = await Promise.all(Array.from({ length: 8 }, () => driver.deliver(key, STOP)))
  expect(fates.toSorted()).toEqual(['durable', ...Array<Fate>(7).fill('refused')])
  expect(world.unruly.calls.filter((method) => method === 'executionByKey')).toHaveLength(1)
  expect(world.logOf(E).filter((type) => type === 'ExecutionAborted')).toHaveLength(1)
})

test('6: a turn that throws puts its own execution aside and nobody else, until it throws no more', async () => {
  const { world, machine, driver, activation } = await begun(ONE_TASK)
  const other = await openDriver(world).prepare(machine, 'other')
  await driver.start(other)
  world.throwOnce(new Error('a bug of ours'))
  let hasArrived = false
  driver.post(activation, result(), () => (hasArrived = true))
  await settled()
  expect(driver.quarantine.list()).toMatchObject([{ executionArn: E, reason: 'a bug of ours', attempts: 1 }])
  expect(await driver.send(other, result())).toBe('durable')
  expect(hasArrived).toBe(false)
  expect(world.logOf(E)).not.toContain('TaskSucceeded')
  world.clock.advance(1_000)
  await settled()
  expect(hasArrived, 'what must arrive was kept').toBe(true)
  expect(world.row(E)?.status).toBe('SUCCEEDED')
  expect(driver.quarantine.list()).toEqual([])
})

test('6: an outsider’s signal that makes a turn throw is given back, and the execution is as it was', async () => {
  const { driver, activation } = await begun(ONE_TASK)
  const throwing = () => {
    throw new Error('what was sent')
  }
  expect(await driver.send(activation, throwing)).toBe('lost')
  expect(driver.quarantine.list()).toEqual([])
  expect(await driver.send(activation, result())).toBe('durable')
})

test('6: a log that does not fold stands aside with its reason, and is taken up once it is mended', async () => {
  const { world, activation } = await begun(ONE_TASK)
  const mend = world.damage(E)
  const { driver, dispatched } = openDriver(world)
  await driver.recover(activation.record.key)
  expect(driver.quarantine.list()).toMatchObject([{ executionArn: E, attempts: 1 }])
  expect(await driver.deliver(activation.record.key, result())).toBe('lost')
  expect(await driver.quarantine.retryNow(E)).toBe(true)
  expect(driver.quarantine.list(), 'a retry is one more attempt').toMatchObject([{ executionArn: E, attempts: 3 }])
  mend()
  expect(await driver.quarantine.retryNow(E)).toBe(true)
  expect(driver.quarantine.list()).toEqual([])
  expect(dispatched).toMatchObject([{ type: 'RunTask', task: 3 }])
})

test('6: a revision that no longer compiles puts its executions aside', async () => {
  const { world, machine, activation } = await begun(ONE_TASK)
  world.disk.revisions.set(machine.revision.key, {
    ...machine.revision,
    definition: '{"StartAt":"Q","States":{"Q":{"Type":"New"}}}',
  })
  const { driver } = openDriver(world)
  await driver.recover(activation.record.key)
  expect(driver.quarantine.list()).toMatchObject([{ executionArn: E }])
})

test('a close waits for the turn under way, and takes nothing after it', async () => {
  const { world, machine, driver, activation, dispatched } = await begun({
    StartAt: 'A',
    States: { A: { ...task, Next: 'B' }, B: { ...task, End: true } },
  })
  const disk = deferred<void>()
  world.unruly.meet('commit', disk.promise)
  const underWay = driver.send(activation, result())
  const behind = driver.send(activation, STOP)
  let isClosed = false
  const closed = driver.close().then(() => (isClosed = true))
  await settled()
  expect(isClosed).toBe(false)
  disk.resolve()
  await closed
  expect(await Promise.all([underWay, behind])).toEqual(['durable', 'lost'])
  expect(dispatched, 'what the turn asks for is the next start’s').toHaveLength(1)
  expect(await driver.send(activation, STOP)).toBe('lost')
  expect(await driver.start(await openDriver(world).prepare(machine, 'late'))).toBe('lost')
  const next = openDriver(world)
  await next.driver.recover(activation.record.key)
  expect(next.dispatched).toMatchObject([{ type: 'RunTask', task: 8 }])
})

test('a close does not wait for a store that will not recover', async () => {
  const { world, driver, activation } = await begun(ONE_TASK)
  world.unruly.fail()
  driver.post(activation, result())
  await settled()
  await driver.close()
  expect(world.row(E)?.status).toBe('RUNNING')
})

test('whoever waits for an end is told once, with the row as it is then; a wish taken back is not', async () => {
  const { driver, activation } = await begun(ONE_TASK)
  const { key } = activation.record
  const ends: string[] = []
  driver.whenEnded(key, ({ status }) => ends.push(status))
  driver.whenEnded(key, () => ends.push('taken back'))()
  await driver.send(activation, result())
  await driver.deliver(key, STOP)
  expect(ends).toEqual(['SUCCEEDED'])
  expect(driver.sizes.awaitedEnds).toBe(0)
})
