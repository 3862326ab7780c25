import { describe, expect, test } from 'vitest'

import { openService, settled } from '../runtime/testing/world.ts'

import type { TestStateInput } from './test-state.ts'

const NEVER = new AbortController().signal
const ROLE = 'arn:aws:iam::000000000000:role/r'
const PUBLISH = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Parameters: { 'Message.$': '$.m' }, End: true }
const PASS = { Type: 'Pass', Next: 'anywhere' }
const MAP = {
  Type: 'Map',
  ItemProcessor: { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } },
  End: true,
}
const PARALLEL = {
  Type: 'Parallel',
  Branches: ['A', 'B'].map((name) => ({ StartAt: name, States: { [name]: { Type: 'Pass', End: true } } })),
  End: true,
}

async function opened() {
  const { world, control, service } = await openService()
  const tested = (state: object, more: Omit<TestStateInput, 'definition'> = {}, signal = NEVER) =>
    control.testState({ definition: JSON.stringify(state), ...more }, signal)
  /** What the test of a state that needs no call came to. */
  const outcome = async (state: object, more: Omit<TestStateInput, 'definition'> = {}) => {
    const { status, output, nextState, error, cause, errorDetails } = (await tested(state, more)).outcome
    return JSON.parse(JSON.stringify({ status, output: output?.value, nextState, error, cause, errorDetails }))
  }
  return { world, service, tested, outcome }
}

async function refusal(state: object, more: Omit<TestStateInput, 'definition'> = {}) {
  const { tested } = await opened()
  return tested(state, more).then(
    () => 'it was taken',
    ({ code, message }: { code: string; message: string }) => ({ code, message }),
  )
}
const invalid = (message: string) => ({ code: 'ValidationException', message })

describe('a state by itself', () => {
  test('needs no state that its Next leads to', async () => {
    const { outcome } = await opened()
    expect(await outcome({ ...PASS, Result: { a: 1 }, ResultPath: '$.r' }, { input: '{"x":0}' })).toEqual({
      status: 'SUCCEEDED',
      output: { x: 0, r: { a: 1 } },
      nextState: 'anywhere',
    })
  })

  test('has an empty object for an input unless it is given one', async () => {
    const { outcome } = await opened()
    expect(await outcome(PASS)).toMatchObject({ output: {} })
  })

  test('is told what is wrong with it, and not that it leads nowhere', async () => {
    expect(await refusal({ Type: 'Pass', Next: 'x', Nope: 1 })).toMatchObject({
      code: 'InvalidDefinition',
      message: expect.stringContaining('Nope'),
    })
    expect(await refusal({ Type: 'What' })).toMatchObject({ code: 'InvalidDefinition' })
    const { tested } = await opened()
    await expect(tested({ ...PASS })).resolves.toBeDefined()
  })

  test('of a Wait does not wait', async () => {
    const { outcome } = await opened()
    expect(await outcome({ Type: 'Wait', Seconds: 3_600, Next: 'n' })).toMatchObject({ status: 'SUCCEEDED', nextState: 'n' })
  })

  test('of a Choice goes where its rules say', async () => {
    const { outcome } = await opened()
    const choice = { Type: 'Choice', Choices: [{ Variable: '$.n', NumericGreaterThan: 1, Next: 'more' }], Default: 'less' }
    expect(await outcome(choice, { input: '{"n":2}' })).toMatchObject({ nextState: 'more' })
    expect(await outcome(choice, { input: '{"n":1}' })).toMatchObject({ nextState: 'less' })
  })

  test('of a Fail fails as it says', async () => {
    const { outcome } = await opened()
    expect(await outcome({ Type: 'Fail', Error: 'E', Cause: 'why' })).toEqual({ status: 'FAILED', error: 'E', cause: 'why' })
  })

  test('has the variables that it is given', async () => {
    const { outcome } = await opened()
    const state = { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% $x + 1 %}', End: true }
    expect(await outcome(state, { variables: '{"x":41}' })).toMatchObject({ output: 42 })
  })

  test.each([
    ['{"x":41}', '{"x":41}'],
    [' {} ', undefined],
    [undefined, undefined],
  ])('with the variables %j shows %j', async (variables, shown) => {
    const { tested } = await opened()
    expect((await tested(PASS, { variables })).variables).toBe(shown)
  })

  test.each([
    ['{', 'Variables must be valid JSON'],
    ['[]', 'Variables must be a JSON object'],
    ['1', 'Variables must be a JSON object'],
    ['['.repeat(5_000) + ']'.repeat(5_000), 'Variables must be valid JSON'],
  ])('with the variables %.9s is refused', async (variables, message) => {
    expect(await refusal(PASS, { variables })).toEqual(invalid(message))
  })

  test('draws what it draws from the entropy that it is given', async () => {
    const state = {
      Type: 'Pass',
      QueryLanguage: 'JSONata',
      Output: '{% [$uuid(), $random(), $states.context.Execution.Id] %}',
      End: true,
    }
    const drawn = async () => (await opened()).outcome(state)
    expect(await drawn()).toEqual(await drawn())
  })

  test('with an input that is no JSON, or nests too deeply, is refused', async () => {
    expect(await refusal(PASS, { input: '{' })).toMatchObject({ code: 'InvalidExecutionInput' })
    expect(await refusal(PASS, { input: '['.repeat(5_000) + ']'.repeat(5_000) })).toEqual({
      code: 'InvalidExecutionInput',
      message: "Invalid State Machine Execution Input: 'The input is nested too deeply.'",
    })
  })
})

describe('a state within a machine', () => {
  const machine = { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Result: 'b', End: true } } }

  test('is tested by its name', async () => {
    const { outcome } = await opened()
    expect(await outcome(machine, { stateName: 'B' })).toEqual({ status: 'SUCCEEDED', output: 'b' })
    expect(await outcome(machine, { stateName: 'A' })).toMatchObject({ nextState: 'B' })
  })

  test('that is not there, or whose machine is invalid, is refused', async () => {
    expect(await refusal(machine, { stateName: 'C' })).toEqual(invalid('State not found in definition'))
    const broken = { ...machine, States: { ...machine.States, A: { Type: 'Pass', Next: 'nowhere' } } }
    expect(await refusal(broken, { stateName: 'B' })).toMatchObject({ code: 'InvalidDefinition' })
  })

  test('is retried and caught by the Parallel around it', async () => {
    const { outcome } = await opened()
    const inner = { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'E' } } }
    const around = (more: object) => ({
      StartAt: 'P',
      States: { P: { Type: 'Parallel', Branches: [inner], ...more, Next: 'Q' }, Q: { Type: 'Succeed' } },
    })
    const Catch = [
      { ErrorEquals: ['Other'], Next: 'Q' },
      { ErrorEquals: ['E'], ResultPath: '$.e', Next: 'Q' },
    ]
    expect(await outcome(around({ Catch }), { stateName: 'F', input: '{"x":1}' })).toMatchObject({
      status: 'CAUGHT_ERROR',
      nextState: 'Q',
      output: { x: 1, e: { Error: 'E' } },
      errorDetails: { catchIndex: 1 },
    })
    const Retry = [{ ErrorEquals: ['E'], IntervalSeconds: 7 }]
    expect(await outcome(around({ Retry, Catch }), { stateName: 'F' })).toMatchObject({
      status: 'RETRIABLE',
      errorDetails: { retryIndex: 0, retryBackoffIntervalSeconds: 7 },
    })
  })
})

describe('a Task that is not mocked', () => {
  test('makes its call once and is answered with what came of it', async () => {
    const { tested, service } = await opened()
    const test = tested(PUBLISH, { roleArn: ROLE, input: '{"m":"hello"}' })
    await settled()
    expect(service.call(0).request).toMatchObject({
      parameters: { Message: 'hello' },
      resource: { service: 'sns', action: 'publish' },
    })
    service.call(0).answer({ kind: 'succeeded', output: { MessageId: '1' } })
    expect((await test).outcome).toMatchObject({ status: 'SUCCEEDED', output: { value: { MessageId: '1' } } })
    expect(service.calls).toHaveLength(1)
  })

  test.each([
    [0, { status: 'RETRIABLE', errorDetails: { retryIndex: 0, retryBackoffIntervalSeconds: 2 } }],
    [1, { status: 'RETRIABLE', errorDetails: { retryIndex: 0, retryBackoffIntervalSeconds: 6 } }],
    [2, { status: 'CAUGHT_ERROR', nextState: 'c', errorDetails: { retryIndex: 0, catchIndex: 0 } }],
  ])('that fails after %d retries tells what follows', async (retrierRetryCount, expected) => {
    const { tested, service } = await opened()
    const Retry = [{ ErrorEquals: ['Boom'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 2 }]
    const state = { ...PUBLISH, Retry, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'c' }] }
    const test = tested(state, { roleArn: ROLE, input: '{"m":"1"}', configuration: { retrierRetryCount } })
    await settled()
    service.call(0).answer({ kind: 'failed', failure: { error: 'Boom', cause: 'why' } })
    expect((await test).outcome).toMatchObject({ error: 'Boom', cause: 'why', ...expected })
  })

  test('that takes five minutes is cut off and has timed out', async () => {
    const { world, tested, service } = await opened()
    const test = tested(PUBLISH, { roleArn: ROLE, input: '{"m":"1"}' })
    await settled()
    world.clock.advance(299_999)
    await settled()
    expect(service.call(0).request.signal.aborted).toBe(false)
    world.clock.advance(1)
    expect((await test).outcome).toMatchObject({ status: 'FAILED', error: 'States.Timeout' })
    expect(service.call(0).request.signal.aborted).toBe(true)
  })

  test('whose caller hangs up is cut off, and nothing rings later', async () => {
    const { world, tested, service } = await opened()
    const caller = new AbortController()
    const before = world.clock.nextAlarm()
    const test = tested(PUBLISH, { roleArn: ROLE, input: '{"m":"1"}' }, caller.signal)
    await settled()
    caller.abort()
    await test
    expect(service.call(0).request.signal.aborted).toBe(true)
    expect(world.clock.nextAlarm()).toBe(before)
  })

  const task = (Resource: string, Parameters = {}) => ({ ...PUBLISH, Resource, Parameters })
  test.each([
    ['needs a role', PUBLISH, {}, invalid('RoleArn must be specified when testing a Task state')],
    [
      'is no activity',
      { Type: 'Task', Resource: 'arn:aws:states:us-east-1:000000000000:activity:a', End: true },
      { roleArn: ROLE },
      { code: 'InvalidDefinition', message: 'TestState API does not support Activity resources' },
    ],
    [
      'does not wait for a job',
      task('arn:aws:states:::ecs:runTask.sync', { TaskDefinition: 't' }),
      { roleArn: ROLE },
      {
        code: 'InvalidDefinition',
        message: "TestState API does not support '.sync' or '.waitForTaskToken' service integration patterns",
      },
    ],
    [
      'has no context object',
      PUBLISH,
      { roleArn: ROLE, context: '{}' },
      invalid('A Context object can be specified only when a mock is specified'),
    ],
  ] as const)('%s', async (_, state, more, expected) => {
    expect(await refusal(state, more)).toEqual(expected)
  })
})

test.each([MAP, PARALLEL])('a $Type is tested with a mock only', async (state) => {
  expect(await refusal(state)).toEqual({
    code: 'InvalidDefinition',
    message:
      'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]',
  })
})

test.each([MAP, PUBLISH])('iterations of a $Type fail in a mock only', async (state) => {
  expect(await refusal(state, { roleArn: ROLE, configuration: { mapIterationFailureCount: 1 } })).toEqual(
    invalid('State configuration can be specified only when a mock is specified'),
  )
})

test('a state that calls nothing takes neither a configuration nor a context object', async () => {
  expect(await refusal(PASS, { configuration: {} })).toEqual(
    invalid('State configuration can be specified only when a mock is specified'),
  )
  expect(await refusal(PASS, { context: '{}' })).toEqual(invalid("State type 'Pass' is not supported when a mock is specified"))
})

describe('a mock', () => {
  test('takes the place of the call', async () => {
    const { outcome, service } = await opened()
    const mock = { result: '{"MessageId":"1"}' }
    expect(await outcome({ ...PUBLISH, ResultPath: '$.r' }, { mock, input: '{"m":"1"}' })).toEqual({
      status: 'SUCCEEDED',
      output: { m: '1', r: { MessageId: '1' } },
    })
    expect(service.calls).toEqual([])
  })

  test('of an error is retried and caught as the error would be', async () => {
    const { outcome } = await opened()
    const Catch = [{ ErrorEquals: ['E'], ResultPath: '$.e', Next: 'c' }]
    const mock = { errorOutput: { error: 'E', cause: 'why' } }
    expect(await outcome({ ...PUBLISH, Catch }, { mock, input: '{"m":"1"}' })).toEqual({
      status: 'CAUGHT_ERROR',
      error: 'E',
      cause: 'why',
      nextState: 'c',
      output: { m: '1', e: { Error: 'E', Cause: 'why' } },
      errorDetails: { catchIndex: 0 },
    })
  })

  test('of a Parallel and of a Map is what their branches would have come to', async () => {
    const { outcome } = await opened()
    expect(await outcome(PARALLEL, { mock: { result: '[1,2]' } })).toEqual({ status: 'SUCCEEDED', output: [1, 2] })
    expect(await outcome(MAP, { mock: { result: '["a"]' }, input: '[1]' })).toEqual({ status: 'SUCCEEDED', output: ['a'] })
  })

  test.each([
    [
      'both result and error',
      PUBLISH,
      { result: '{}', errorOutput: { error: 'E' } },
      'A test mock should have only one of the following fields: [result, errorOutput].',
    ],
    ['neither', PUBLISH, {}, 'A test mock should have only one of the following fields: [result, errorOutput].'],
    ['a result that is no JSON', PUBLISH, { result: '{' }, 'Mocked result must be valid JSON'],
    ['a Parallel with an object', PARALLEL, { result: '{}' }, 'Mocked result must be an array.'],
    [
      'a Parallel with too few',
      PARALLEL,
      { result: '[1]' },
      'Mocked result must contain the same number of items as number of Parallel branches.',
    ],
    ['a Map with an object', MAP, { result: '{}' }, 'Mocked result must be an array.'],
    ['a Pass', PASS, { result: '{}' }, "State type 'Pass' is not supported when a mock is specified"],
  ] as const)('of %s is refused', async (_, state, mock, message) => {
    expect(await refusal(state, { mock, input: '[]' })).toEqual(invalid(message))
  })

  test('is not made where secrets shall be shown', async () => {
    expect(await refusal(PUBLISH, { mock: { result: '{}' }, revealSecrets: true })).toEqual(
      invalid('TestState does not support RevealSecrets when a mock is specified.'),
    )
  })

  test('of a distributed Map that writes its results is an object', async () => {
    const state = {
      ...MAP,
      ItemProcessor: { ...MAP.ItemProcessor, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
      ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'b' } },
    }
    expect(await refusal(state, { mock: { result: '[]' }, input: '[]' })).toEqual(invalid('Mocked result must be a JSON object.'))
    const { outcome } = await opened()
    expect(await outcome(state, { mock: { result: '{"n":1}' }, input: '[]' })).toMatchObject({ output: { n: 1 } })
  })
})

describe('a context object', () => {
  const WAITING = {
    ...PUBLISH,
    Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
    Parameters: { QueueUrl: 'q', 'MessageBody.$': '$$.Task.Token' },
  }
  const mock = { result: '{}', fieldValidationMode: 'NONE' } as const

  test('takes the place of the one that the state would have', async () => {
    const { tested } = await opened()
    const context = JSON.stringify({ Task: { Token: 'secret' }, State: { RetryCount: 1 }, Execution: { Input: [1] } })
    const { outcome } = await tested(WAITING, { mock, context })
    expect(outcome.inspection.afterParameters?.value).toEqual({ QueueUrl: 'q', MessageBody: 'secret' })
  })

  test.each([
    ['{', 'Context object must be valid JSON'],
    ['['.repeat(5_000) + ']'.repeat(5_000), 'Context object is nested too deeply'],
    ['[]', 'Context object must be a JSON object'],
    ['{"Map":{}}', "'Map' field is not supported when mocking a Context object"],
    ['{"Nope":{}}', "Field 'Nope' is not allowed"],
    ['{"__proto__":{}}', "Field '__proto__' is not allowed"],
    ['{"Execution":1}', 'Execution must be a object'],
    ['{"Execution":{"Nope":1}}', "Field 'Nope' is not allowed"],
    ['{"Execution":{"constructor":1}}', "Field 'constructor' is not allowed"],
    ['{"Execution":{"Id":1}}', 'Execution.Id must be a string'],
    ['{"Execution":{"RedriveCount":"1"}}', 'Execution.RedriveCount must be a integer'],
    ['{"State":{"RetryCount":1.5}}', 'State.RetryCount must be a integer'],
    ['{"StateMachine":{"Name":null}}', 'StateMachine.Name must be a string'],
    ['{"Task":{"Token":[]}}', 'Task.Token must be a string'],
  ])('of %.40s is refused', async (context, reason) => {
    expect(await refusal(WAITING, { mock, context })).toEqual(invalid(`Invalid Context object provided: ${reason}`))
  })

  test('has a Task only where the state waits for one', async () => {
    expect(await refusal(PUBLISH, { mock, context: '{"Task":{}}', input: '{"m":"1"}' })).toEqual(
      invalid(
        "Invalid Context object provided: Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
      ),
    )
  })
})
