import { describe, expect, test } from 'vitest'

import { asId } from '../../base/id-in-test.ts'
import { ROOT_FRAME, taskIdOf, toFrameId } from '../../base/ids.ts'
import { Payload } from '../../base/payload.ts'
import { newSeed } from '../../base/random.ts'
import { AWS_LIMITS } from '../../base/limits.ts'
import { toInstant } from '../../base/time.ts'

import { machine, only, play, PUBLISH } from '../testing/play.ts'
import { readTaskToken } from '../task-token.ts'
import { nextDue } from '../state.ts'
import { pendingCommands } from '../step.ts'

const ACTIVITY = 'arn:aws:states:us-east-1:000000000000:activity:a'
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:f'
const WAITING = {
  ...PUBLISH,
  Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
  Parameters: { QueueUrl: 'q', 'MessageBody.$': '$$.Task.Token' },
}
const JOB = { Type: 'Task', Resource: 'arn:aws:states:::ecs:runTask.sync', Parameters: { TaskDefinition: 't' } }
const task = (state: object, input = {}) => play(only('T', state), input)

describe('parameters that cannot be handed to a service', () => {
  const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'T' }]
  const cause = (shown: string, problem: string) =>
    `An error occurred while executing the state 'T' (entered at the event id #2). ${shown} could not be used to start the Task: [${problem}]`

  test('hold a member of data that ends in .$ and no path: nothing is scheduled, and nothing catches that', () => {
    const Parameters = { TopicArn: 't', 'Message.$': '$' }
    const flow = play(only('T', { ...PUBLISH, Parameters, Catch }), { 'x.$': 'no path' })
    expect(flow.types()).toEqual(['ExecutionStarted', 'TaskStateEntered', 'ExecutionFailed'])
    expect(flow.last('ExecutionFailed')).toMatchObject({
      error: 'States.Runtime',
      cause: cause(
        `The Parameters '{"TopicArn":"t","Message":{"x.$":"no path"}}'`,
        "The value for the field 'x.$' must be a valid JSONPath or a valid intrinsic function call",
      ),
    })
    expect(task({ ...PUBLISH, Parameters: { 'Message.$': '$' } }, { 'x.$': '$.a' }).types()).toContain('TaskScheduled')
    expect(task({ Type: 'Task', Resource: FUNCTION }, { 'x.$': 1 }).types()).toContain('LambdaFunctionScheduled')
  })
})

describe('what is asked for', () => {
  test.each([
    ['arn:aws:states:::sns:publish', 'sns', 'publish', 'TaskScheduled'],
    ['arn:aws:states:::ecs:runTask.sync', 'ecs', 'runTask.sync', 'TaskScheduled'],
    ['arn:aws:states:::states:startExecution.sync:2', 'states', 'startExecution.sync:2', 'TaskScheduled'],
    ['arn:aws:states:::aws-sdk:s3:getObject', 'aws-sdk:s3', 'getObject', 'TaskScheduled'],
  ])('of %s is told as %s %s', (Resource, resourceType, resource, type) => {
    const flow = task({ Type: 'Task', Resource, Parameters: {} })
    expect(flow.events.find((event) => event.type === type)).toMatchObject({ resourceType, resource, region: 'us-east-1' })
    expect(flow.last('TaskStarted')).toMatchObject({ resourceType, resource })
  })

  test('of a function is told as a function, in each of its ways', () => {
    const flow = task({ Type: 'Task', Resource: FUNCTION })
    expect(flow.last('LambdaFunctionScheduled')).toMatchObject({ resource: FUNCTION, input: { text: '{}' } })
    flow.succeed('out')
    expect(flow.types()).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ])
    expect(flow.output()).toBe('out')
  })

  test('is the Parameters, shaped by the input and the context object', () => {
    const Parameters = { 'm.$': '$.a', 'n.$': '$$.State.Name', fixed: [1] }
    const flow = play(only('T', { ...PUBLISH, InputPath: '$.in', Parameters }), { in: { a: 7 } })
    expect(flow.task().parameters.value).toEqual({ m: 7, n: 'T', fixed: [1] })
    flow.succeed()
  })

  test('by JSONata is the Arguments, which see the whole input', () => {
    const state = {
      Type: 'Task',
      QueryLanguage: 'JSONata',
      Resource: PUBLISH.Resource,
      Arguments: { m: '{% $states.input.a & "!" %}' },
    }
    expect(play(only('T', state), { a: 'x' }).task().parameters.value).toEqual({ m: 'x!' })
  })

  test('without Parameters is the input', () => {
    expect(play(only('T', { Type: 'Task', Resource: FUNCTION, InputPath: '$.in' }), { in: [1] }).task().parameters.value).toEqual(
      [1],
    )
  })

  test('has a role where Credentials name one, which is told', () => {
    const role = 'arn:aws:iam::111111111111:role/other'
    const flow = play(only('T', { ...PUBLISH, Credentials: { 'RoleArn.$': '$.role' } }), { role })
    expect(flow.task().credentialsRoleArn).toBe(role)
    expect(flow.last('TaskScheduled').credentialsRoleArn).toBe(role)
  })

  test('has a token only where somebody may answer by it, and another one for each attempt', () => {
    expect(task(PUBLISH).state.frames.get(asId(0))?.active?.task?.token).toBeUndefined()
    for (const state of [WAITING, JOB]) {
      const flow = task({ ...state, Retry: [{ ErrorEquals: ['E'], IntervalSeconds: 1 }] })
      const tokenOf = () => flow.state.frames.get(asId(0))?.active?.task?.token ?? ''
      const first = tokenOf()
      expect(readTaskToken(first)).toEqual({ executionArn: flow.state.identity.executionArn, frame: 0 })
      if (state === WAITING) expect(flow.task().parameters.value).toMatchObject({ MessageBody: first })
      flow.fail('E')
      flow.pass(1)
      expect(tokenOf()).not.toBe(first)
      expect(readTaskToken(tokenOf())).toBeDefined()
    }
  })

  test('that cannot be evaluated fails the execution where it stands, and nothing is called', () => {
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'C' }]
    const flow = play(
      machine({ T: { ...PUBLISH, Parameters: { 'm.$': '$.none' }, Catch, End: true }, C: { Type: 'Succeed' } }),
      {},
    )
    expect(flow.commands).toEqual([])
    expect(flow.end()).toMatchObject({
      status: 'FAILED',
      error: expect.stringMatching(/^States\.(?:Runtime|ParameterPathFailure)$/),
    })
  })
})

describe('a time-out', () => {
  test('is told when it is over, counted from the start of the work', () => {
    const flow = task({ ...PUBLISH, TimeoutSeconds: 10 })
    expect(flow.last('TaskScheduled')).toMatchObject({ timeoutInSeconds: 10 })
    flow.pass(9.999)
    expect(flow.state.status).toBe('RUNNING')
    flow.pass(0.001)
    expect(flow.end()).toEqual({ status: 'FAILED', error: 'States.Timeout' })
    expect(flow.last('TaskTimedOut')).toMatchObject({ error: 'States.Timeout', at: 10_000 })
    expect(flow.commands.at(-1)).toMatchObject({ type: 'CancelTask', task: flow.task().task })
  })

  test('of an activity begins anew when a worker takes it; a heartbeat is not waited for before', () => {
    const flow = task({ Type: 'Task', Resource: ACTIVITY, TimeoutSeconds: 10, HeartbeatSeconds: 4 })
    flow.send({ type: 'ActivityFound', frame: asId(0) })
    const offered = flow.last('ActivityScheduled').id
    flow.pass(9)
    flow.send({ type: 'ActivityTaken', frame: asId(0), task: asId(offered), workerName: 'w' })
    for (let seconds = 9; seconds < 17; seconds += 4) {
      expect(nextDue(flow.state)).toBe((seconds + 4) * 1_000)
      flow.pass(3)
      flow.send({ type: 'HeartbeatReceived', frame: asId(0), task: asId(offered) })
      flow.pass(1)
      flow.send({ type: 'HeartbeatReceived', frame: asId(0), task: asId(offered) })
    }
    flow.pass(2)
    expect(flow.last('ActivityTimedOut')).toMatchObject({ error: 'States.Timeout', at: 19_000 })
    expect(flow.last('ActivityTimedOut').isHeartbeat).toBeUndefined()
  })

  test('of an activity that nobody takes comes all the same', () => {
    const flow = task({ Type: 'Task', Resource: ACTIVITY, TimeoutSeconds: 10, HeartbeatSeconds: 4 })
    flow.send({ type: 'ActivityFound', frame: asId(0) })
    flow.pass(10)
    expect(flow.last('ActivityTimedOut')).toMatchObject({ at: 10_000 })
    expect(flow.state.status).toBe('FAILED')
  })

  test('is taken by a Catch of States.Timeout, and not of States.TaskFailed', () => {
    const caughtBy = (error: string) => {
      const Catch = [{ ErrorEquals: [error], Next: 'C' }]
      const flow = play(machine({ T: { ...PUBLISH, TimeoutSeconds: 1, Catch, End: true }, C: { Type: 'Succeed' } }))
      flow.pass(1)
      return flow.state.status
    }
    expect(caughtBy('States.Timeout')).toBe('SUCCEEDED')
    expect(caughtBy('States.ALL')).toBe('SUCCEEDED')
    expect(caughtBy('States.TaskFailed')).toBe('FAILED')
    expect(caughtBy('States.HeartbeatTimeout')).toBe('FAILED')
  })

  test('of a heartbeat is taken by both of its names', () => {
    for (const error of ['States.HeartbeatTimeout', 'States.Timeout', 'States.ALL']) {
      const Catch = [{ ErrorEquals: [error], Next: 'C' }]
      const flow = play(machine({ T: { ...WAITING, HeartbeatSeconds: 1, Catch, End: true }, C: { Type: 'Succeed' } }))
      flow.pass(1)
      expect(flow.state.status, error).toBe('SUCCEEDED')
      expect(flow.output()).toMatchObject({ Error: 'States.Timeout' })
    }
  })

  test('of a heartbeat begins anew with each one, and with the answer of the service', () => {
    const flow = task({ ...WAITING, HeartbeatSeconds: 10, TimeoutSeconds: 60 })
    flow.pass(9)
    flow.submitted({ MessageId: '1' })
    flow.pass(9)
    flow.heartbeat()
    expect(nextDue(flow.state)).toBe(28_000)
    flow.pass(9)
    expect(flow.state.status).toBe('RUNNING')
    flow.pass(1)
    expect(flow.last('TaskTimedOut')).toMatchObject({ isHeartbeat: true, at: 28_000 })
  })

  test('comes however many heartbeats there are', () => {
    const flow = task({ ...WAITING, HeartbeatSeconds: 10, TimeoutSeconds: 15 })
    for (let n = 0; n < 14; n++) {
      flow.pass(1)
      flow.heartbeat()
    }
    flow.pass(1)
    expect(flow.last('TaskTimedOut').isHeartbeat).toBeUndefined()
  })

  test('may be read from the input, in both languages', () => {
    const byPath = play(only('T', { ...WAITING, TimeoutSecondsPath: '$.t', HeartbeatSecondsPath: '$$.Execution.Input.h' }), {
      t: 9,
      h: 3,
    })
    expect(byPath.last('TaskScheduled')).toMatchObject({ timeoutInSeconds: 9, heartbeatInSeconds: 3 })
    const { Parameters: _, ...rest } = WAITING
    const state = { ...rest, QueryLanguage: 'JSONata', Arguments: {}, TimeoutSeconds: '{% $states.input.t %}' }
    expect(play(only('T', state), { t: 9 }).last('TaskScheduled')).toMatchObject({ timeoutInSeconds: 9 })
  })

  test.each([0, -1, 1.5, '3', null])('that is read as %j fails the execution', (t) => {
    const flow = play(only('T', { ...PUBLISH, TimeoutSecondsPath: '$.t' }), { t })
    expect(flow.end()).toEqual({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: `An error occurred while executing the state 'T' (entered at the event id #2). The TimeoutSecondsPath parameter does not reference a positive integer: $.t == ${typeof t === 'string' ? `"${t}"` : t}`,
    })
  })
})

describe('an answer', () => {
  test.each([
    ['start', 'TaskStartFailed', 'LambdaFunctionScheduleFailed'],
    ['run', 'TaskFailed', 'LambdaFunctionFailed'],
    ['submit', 'TaskSubmitFailed', 'LambdaFunctionFailed'],
  ] as const)('of failure while it would %s is told as %s or %s', (phase, ofService, ofFunction) => {
    for (const [state, type] of [
      [PUBLISH, ofService],
      [{ Type: 'Task', Resource: FUNCTION }, ofFunction],
    ] as const) {
      const flow = task(state)
      const { frame, task: id } = flow.task()
      flow.send({ type: 'TaskFailed', frame, task: id, failure: { error: 'E', cause: 'why' }, phase })
      expect(flow.last(type)).toMatchObject({ error: 'E', cause: 'why' })
      expect(flow.end()).toEqual({ status: 'FAILED', error: 'E', cause: 'why' })
    }
  })

  test('of another attempt, another frame or an execution that is over changes nothing', () => {
    const flow = task(PUBLISH)
    const { task: id } = flow.task()
    const before = flow.events.length
    const output = Payload.ofValue(1)
    for (const at of [
      { frame: ROOT_FRAME, task: taskIdOf(id + 1) },
      { frame: ROOT_FRAME, task: taskIdOf(0) },
      { frame: toFrameId(9), task: id },
    ]) {
      flow.send({ type: 'TaskSucceeded', ...at, output })
      flow.send({ type: 'TaskFailed', ...at, failure: {}, phase: 'run' })
      flow.send({ type: 'HeartbeatReceived', ...at })
      flow.send({ type: 'TaskSubmitted', ...at, output })
    }
    expect(flow.events.length).toBe(before)
    flow.succeed(1)
    const ended = flow.events.length
    flow.succeed(2)
    flow.send({ type: 'Stop', failure: {} })
    expect(flow.events.length).toBe(ended)
  })

  test('that is too large fails the task, which may be caught', () => {
    const Catch = [{ ErrorEquals: ['States.DataLimitExceeded'], Next: 'C' }]
    const flow = play(machine({ T: { ...PUBLISH, Catch, End: true }, C: { Type: 'Succeed' } }))
    flow.succeed('x'.repeat(262_143))
    expect(flow.last('TaskFailed')).toMatchObject({
      error: 'States.DataLimitExceeded',
      cause: "The state/task 'sns' returned a result with a size exceeding the maximum number of bytes service limit.",
    })
    expect(flow.state.status).toBe('SUCCEEDED')
    const fits = task(PUBLISH)
    fits.succeed('x'.repeat(262_142))
    expect(fits.state.status).toBe('SUCCEEDED')
  })

  test('that a job was taken on is told once, and whoever comes next goes on polling', () => {
    const flow = task(JOB)
    flow.submitted({ job: 1 })
    flow.submitted({ job: 2 })
    expect(flow.types().filter((type) => type === 'TaskSubmitted')).toHaveLength(1)
    const [pending] = pendingCommands(flow.state, toInstant(0), newSeed(), AWS_LIMITS)
    expect(pending).toMatchObject({ type: 'RunTask', submitted: { text: '{"job":1}' } })
    flow.succeed({ done: true })
    expect(flow.output()).toEqual({ done: true })
  })

  test('is all that a task with a token waits for once the service has taken it', () => {
    const flow = task(WAITING)
    expect(pendingCommands(flow.state, toInstant(0), newSeed(), AWS_LIMITS)).toHaveLength(1)
    flow.submitted({})
    expect(pendingCommands(flow.state, toInstant(0), newSeed(), AWS_LIMITS)).toEqual([])
  })
})

test('a stop cancels what was asked for', () => {
  const flow = task(PUBLISH)
  flow.send({ type: 'Stop', failure: { error: 'E', cause: 'why' } })
  expect(flow.end()).toEqual({ status: 'ABORTED', error: 'E', cause: 'why' })
  expect(pendingCommands(flow.state, toInstant(0), newSeed(), AWS_LIMITS)).toEqual([])
})

describe('an activity', () => {
  test('is offered once it is found, and told who took it', () => {
    const flow = task({ Type: 'Task', Resource: ACTIVITY })
    flow.send({ type: 'ActivityFound', frame: asId(0) })
    flow.send({ type: 'ActivityFound', frame: asId(0) })
    const { id } = flow.last('ActivityScheduled')
    expect(flow.commands.filter(({ type }) => type === 'OfferActivity')).toHaveLength(1)
    expect(pendingCommands(flow.state, toInstant(0), newSeed(), AWS_LIMITS)).toMatchObject([{ type: 'OfferActivity', task: id }])
    flow.send({ type: 'ActivityTaken', frame: asId(0), task: asId(id), workerName: 'w' })
    flow.send({ type: 'ActivityTaken', frame: asId(0), task: asId(id), workerName: 'late' })
    expect(flow.last('ActivityStarted').workerName).toBe('w')
    expect(flow.types().filter((type) => type === 'ActivityStarted')).toHaveLength(1)
    expect(pendingCommands(flow.state, toInstant(0), newSeed(), AWS_LIMITS)).toEqual([])
    flow.send({ type: 'TaskSucceeded', frame: asId(0), task: asId(id), output: Payload.ofValue(1) })
    expect(flow.output()).toBe(1)
  })

  test('that is not answered for is asked for by whoever comes next', () => {
    const flow = task({ Type: 'Task', Resource: ACTIVITY })
    expect(pendingCommands(flow.state, toInstant(0), newSeed(), AWS_LIMITS)).toEqual([
      { type: 'FindActivity', frame: 0, activityArn: ACTIVITY },
    ])
  })
})

describe('a mock answers', () => {
  const answer = { kind: 'succeeded', output: Payload.ofValue(1) } as const

  test('for a service that takes jobs, and tells that it took this one', () => {
    const flow = task(JOB)
    const { frame, task: id } = flow.task()
    flow.send({ type: 'TaskMocked', frame, task: id, answer })
    expect(flow.types().slice(2, -2)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded'])
    expect(flow.output()).toBe(1)
  })

  test('for the worker of an activity, in the same turn', () => {
    const flow = task({ Type: 'Task', Resource: ACTIVITY })
    flow.send({ type: 'ActivityFound', frame: asId(0) })
    const { id } = flow.last('ActivityScheduled')
    flow.send({ type: 'TaskMocked', frame: asId(0), task: asId(id), answer: { kind: 'failed', failure: { error: 'E' } } })
    expect(flow.types().slice(2)).toEqual(['ActivityScheduled', 'ActivityStarted', 'ActivityFailed', 'ExecutionFailed'])
  })
})
