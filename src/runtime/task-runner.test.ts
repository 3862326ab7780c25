import { describe, expect, test } from 'vitest'

import type { SignalBody } from '../engine/signal.ts'

import { TaskRunner } from './task-runner.ts'
import { ScriptedService } from './testing/service.ts'
import { openDriver, openRuntime, settled, World } from './testing/world.ts'

const task = (Resource: string, more: object = {}) => ({
  Type: 'Task',
  Resource,
  Parameters: { Message: 'x' },
  End: true,
  ...more,
})
const flow = (state: object) => ({ StartAt: 'T', States: { T: state } })
const CALL = flow(task('arn:aws:states:::sns:publish'))
const JOB = flow(task('arn:aws:states:::glue:startJobRun.sync', { Parameters: { JobName: 'j' } }))

/** One execution of a machine, begun by the API. */
async function begun(definition: object, world = new World(), service = new ScriptedService()) {
  const process = openRuntime(world, service)
  await process.runtime.open()
  const { arn } = await world.machine(definition)
  const { executionArn } = await process.control.executions.start({ stateMachineArn: arn, name: 'e' })
  await settled()
  return { world, executionArn, ...process }
}

/** The next process on the same disk; jobs are where they were. */
async function restarted(world: World, job = new ScriptedService().job) {
  const next = openRuntime(world)
  next.service.job = job
  await next.runtime.open()
  await settled()
  return next
}

async function pass({ clock }: World, seconds: number): Promise<void> {
  for (let i = 0; i < seconds * 10; i++) {
    clock.advance(100)
    await settled()
  }
}

test('a call that the close cuts off is no result: the next process makes it again, with the same key', async () => {
  const { world, executionArn, runtime, service } = await begun(CALL)
  await runtime.close()
  expect(service.call(0).request.signal.aborted).toBe(true)
  await settled()
  expect(world.row(executionArn)).toMatchObject({ status: 'RUNNING', isBusy: true })
  const next = await restarted(world)
  expect(next.service.call(0).request.idempotencyKey).toBe(service.call(0).request.idempotencyKey)
  next.service.call(0).answer({ kind: 'succeeded', output: 1 })
  await settled()
  expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
})

test('a runner that is closed posts nothing: neither of a call that it cuts off, nor of one that is answered after all', async () => {
  const world = new World()
  const { driver, dispatched, prepare } = openDriver(world)
  const activation = await prepare(await world.machine(CALL))
  await driver.start(activation)
  const [command] = dispatched
  if (command?.type !== 'RunTask') throw new Error('no task')
  const service = new ScriptedService()
  const posted: SignalBody[] = []
  const ports = { clock: world.clock, connectorFor: () => service.connectorFor() }
  const runner = new TaskRunner({ ...ports, post: (_, signal) => void posted.push(signal) })
  const runs = [runner.run(activation, command), runner.run(activation, command)]
  service.call(0).answer({ kind: 'succeeded', output: 1 })
  runner.close()
  await Promise.all([...runs, runner.run(activation, command)])
  expect(posted).toEqual([])
  expect(service.calls).toHaveLength(2)
  expect(activation.calls.size).toBe(0)
})

test('a result that comes after the close is the next process’s to find out', async () => {
  const { world, executionArn, runtime, service } = await begun(CALL)
  const closed = runtime.close()
  service.call(0).answer({ kind: 'failed', failure: { error: 'SNS.SdkClientException' } })
  await closed
  await settled()
  expect(world.row(executionArn)?.status).toBe('RUNNING')
})

test('a result that cannot be recorded yet keeps the place of its call: the call is made once', async () => {
  const { world, executionArn, runtime, service } = await begun(CALL)
  world.unruly.fail()
  service.call(0).answer({ kind: 'succeeded', output: 1 })
  await pass(world, 30)
  expect(runtime.census()).toMatchObject({ active: 1, calls: 1 })
  world.unruly.recover()
  await pass(world, 10)
  expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
  expect(service.calls).toHaveLength(1)
  expect(runtime.census()).toMatchObject({ active: 0, calls: 0, signals: 0 })
})

test('an unknown outcome of a commit makes no call twice', async () => {
  const { world, executionArn, service } = await begun(
    flow(task('arn:aws:states:::sns:publish', { Retry: [{ ErrorEquals: ['Boom'], IntervalSeconds: 1 }] })),
  )
  world.unruly.meet('commit', 'answerLost', 'answerLost')
  service.call(0).answer({ kind: 'failed', failure: { error: 'Boom' } })
  await pass(world, 2)
  expect(service.calls, 'the first try, and the retry').toHaveLength(2)
  service.call(1).answer({ kind: 'succeeded', output: 1 })
  await settled()
  expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
})

test('a connection that breaks by itself is a failure that Retry and Catch read', async () => {
  const { world, executionArn, service } = await begun(CALL)
  service.call(0).cut()
  await settled()
  expect(world.row(executionArn)).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed', cause: 'Connection reset' })
})

test('what our own store is away for is no failure: it is asked again with the same key, until it is back', async () => {
  const { world, executionArn, service } = await begun(CALL)
  service.call(0).putOff()
  await pass(world, 1)
  service.call(1).putOff()
  await pass(world, 1)
  service.call(2).answer({ kind: 'succeeded', output: 1 })
  await settled()
  expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
  expect(new Set(service.calls.map(({ request }) => request.idempotencyKey)).size).toBe(1)
  expect(service.calls).toHaveLength(3)
})

test('nothing is asked again for an execution that was stopped meanwhile', async () => {
  const { world, executionArn, control, runtime, service } = await begun(CALL)
  service.call(0).putOff()
  await settled()
  await control.executions.stop(executionArn, {})
  await pass(world, 2)
  expect(service.calls).toHaveLength(1)
  expect(runtime.census()).toMatchObject({ active: 0, calls: 0 })
})

test('a job is polled until it ends', async () => {
  const { world, executionArn, service } = await begun(JOB)
  service.call(0).answer({ kind: 'submitted', output: { JobRunId: 'j' } })
  await pass(world, 20)
  expect(service.polls).toBeGreaterThan(3)
  expect(service.polls, 'soon at first, then at leisure').toBeLessThan(15)
  service.job = { kind: 'succeeded', output: 1 }
  await pass(world, 5)
  expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
  expect(service.cancelled).toEqual([])
})

test('a job whose process stops is not cancelled: the next one polls it and submits nothing', async () => {
  const { world, executionArn, runtime, service } = await begun(JOB)
  service.call(0).answer({ kind: 'submitted', output: { JobRunId: 'j' } })
  await pass(world, 1)
  await runtime.close()
  await settled()
  expect(service.cancelled).toEqual([])
  const next = await restarted(world, { kind: 'succeeded', output: 1 })
  await pass(world, 1)
  expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
  expect(next.service.calls).toEqual([])
})

test('a job whose execution is stopped is cancelled once', async () => {
  const { world, executionArn, control, service } = await begun(JOB)
  service.call(0).answer({ kind: 'submitted', output: { JobRunId: 'j' } })
  await pass(world, 1)
  await control.executions.stop(executionArn, {})
  await pass(world, 1)
  expect(service.cancelled).toEqual([{ JobRunId: 'j' }])
})

describe('a token whose holder answers before the service that passed it on', () => {
  const Token = { 'Token.$': '$$.Task.Token' }
  const MESSAGE = task('arn:aws:states:::sqs:sendMessage.waitForTaskToken', { Parameters: { QueueUrl: 'q', MessageBody: Token } })
  const FUNCTION = task('arn:aws:states:::lambda:invoke.waitForTaskToken', { Parameters: { FunctionName: 'f', Payload: Token } })
  const EXECUTION = task('arn:aws:states:::states:startExecution.sync', { Parameters: { StateMachineArn: 'm', Input: Token } })
  const tokenIn = (service: ScriptedService): string =>
    /"Token":"([^"]+)"/.exec(JSON.stringify(service.call(0).request.parameters))?.[1] ?? ''
  const SUBMITTED = ['TaskSubmitted', 'TaskSucceeded']
  const heard = (log: readonly string[]) => log.filter((type) => SUBMITTED.includes(type))

  test('is heard after the service, as AWS tells it', async () => {
    const { world, executionArn, control, service } = await begun(flow(MESSAGE))
    const answered = control.activities.taskSucceeded(tokenIn(service), '1')
    await settled()
    service.call(0).answer({ kind: 'submitted', output: { MessageId: 'm' } })
    await answered
    expect(heard(world.logOf(executionArn))).toEqual(SUBMITTED)
    expect(world.row(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '1' })
  })

  test('is heard after a job was taken, whose end nobody waits for then', async () => {
    const { world, executionArn, control, service } = await begun(flow(EXECUTION))
    const answered = control.activities.taskSucceeded(tokenIn(service), '1')
    await settled()
    service.call(0).answer({ kind: 'submitted', output: { job: 1 } })
    await answered
    expect(heard(world.logOf(executionArn))).toEqual(SUBMITTED)
  })

  test('is refused where the service did not take the call after all', async () => {
    const { world, executionArn, control, service } = await begun(flow(MESSAGE))
    const answered = expect(control.activities.taskSucceeded(tokenIn(service), '1')).rejects.toMatchObject({
      code: 'TaskTimedOut',
    })
    await settled()
    service.call(0).answer({ kind: 'failed', failure: { error: 'SQS.SqsException' }, phase: 'submit' })
    await answered
    expect(world.row(executionArn)).toMatchObject({ status: 'FAILED', error: 'SQS.SqsException' })
  })

  test('is heard by itself where the service says nothing', async () => {
    const { world, executionArn, control, service } = await begun(flow(MESSAGE))
    const answered = control.activities.taskSucceeded(tokenIn(service), '1')
    await pass(world, 1)
    await answered
    expect(heard(world.logOf(executionArn))).toEqual(['TaskSucceeded'])
    expect(service.call(0).request.signal.aborted).toBe(true)
  })

  test('is heard at once where it is a function, which may answer before it returns', async () => {
    const { world, executionArn, control, service } = await begun(
      flow(FUNCTION),
      new World(),
      new ScriptedService({ answersWhenDone: true }),
    )
    await control.activities.taskSucceeded(tokenIn(service), '1')
    expect(heard(world.logOf(executionArn))).toEqual(['TaskSucceeded'])
  })
})

test('a task that times out while the store takes nothing has timed out when it takes things again', async () => {
  const { world, executionArn, service } = await begun(flow(task('arn:aws:states:::sns:publish', { TimeoutSeconds: 5 })))
  world.unruly.fail()
  await pass(world, 20)
  world.unruly.recover()
  await pass(world, 20)
  expect(world.logOf(executionArn)).toContain('TaskTimedOut')
  expect(service.call(0).request.signal.aborted).toBe(true)
})

test('an activity whose offer is taken while the store takes nothing is handed out when it does', async () => {
  const world = new World()
  const process = openRuntime(world)
  const activity = await process.control.activities.create('a', undefined, undefined)
  const { executionArn, control } = await begun(flow({ Type: 'Task', Resource: activity.arn, End: true }), world)
  const never = new AbortController().signal
  world.unruly.meet('commit', 'fails')
  await expect(control.activities.nextTask(activity.arn, 'w', never)).rejects.toMatchObject({ code: 'ServiceUnavailable' })
  expect(world.logOf(executionArn)).not.toContain('ActivityStarted')
  const taken = await control.activities.nextTask(activity.arn, 'w', never)
  await control.activities.taskSucceeded(taken?.token ?? '', '1')
  expect(world.row(executionArn)?.status).toBe('SUCCEEDED')
})

test('workers who wait when the process stops go home empty', async () => {
  const world = new World()
  const { runtime, control } = openRuntime(world)
  const activity = await control.activities.create('a', undefined, undefined)
  const waiting = control.activities.nextTask(activity.arn, 'w', new AbortController().signal)
  await settled()
  await runtime.close()
  expect(await waiting).toBeUndefined()
})
