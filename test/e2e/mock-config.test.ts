/** `regente start --mock-config FILE`: executions of `stateMachineArn#TestCase` are answered by the file, as Step Functions Local has it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createRegente, type Regente } from '../../src/index.ts'

import { startServer as startProgram } from './server.ts'

let folder: string
let path: string
let server: Regente
let url: string

const response = (...answers: object[]) => Object.fromEntries(answers.map((answer, i) => [String(i), answer]))
const throwing = (error: string) => ({ Throw: { Error: error, Cause: 'as the file says' } })
const returning = (Return: unknown) => ({ Return })

/** Every test is a machine with test cases; each state is answered by the response of its own name. */
const CASES: Record<string, Record<string, readonly string[]>> = {
  retried: { C: ['Twice'] },
  counted: { C: ['Twice'] },
  loop: { C: ['Check'] },
  kinds: { C: ['Service', 'Job', 'Callback', 'Sdk', 'Function', 'Activity', 'Http', 'Text'] },
  caught: { C: ['Fails'] },
  partly: { C: ['Mocked'] },
  worker: { C: ['First'] },
  short: { C: ['Short'] },
  many: { C: ['Ship'] },
  quick: { C: ['Service'] },
  inner: { C: ['Service'] },
  killed: { C: ['Twice'] },
  survivor: { C: ['Mocked', 'After'] },
  wrong: { Typing: ['Servic'], Whole: ['Each'] },
}
const RESPONSES = {
  Twice: { '0-1': throwing('Busy'), '2': returning({ done: true }) },
  Check: { '0-1': returning({ state: 'RUNNING' }), '2': returning({ state: 'DONE' }) },
  Service: response(returning({ MessageId: '1' })),
  Job: response(returning({ JobRunState: 'SUCCEEDED' })),
  Callback: response(returning({ by: 'me' })),
  Sdk: response(returning({ Buckets: [] })),
  Function: response(returning('plain text')),
  Activity: response(returning([1, 2])),
  Http: response(returning({ StatusCode: 200, ResponseBody: {} })),
  Text: response(returning({ text: 'no JSON' })),
  Fails: response(throwing('Card.Declined')),
  Mocked: response(returning({ mocked: true })),
  First: response(returning({ first: true })),
  Short: response(throwing('Busy')),
  Ship: { '0': returning('first'), '1': returning('second') },
  After: response(returning({ after: 1 })),
  Servic: response(returning(1)),
  Each: response(returning([])),
}
const fileOf = (responses: object = RESPONSES) =>
  JSON.stringify({
    StateMachines: Object.fromEntries(
      Object.entries(CASES).map(([machine, cases]) => [
        machine,
        {
          TestCases: Object.fromEntries(
            Object.entries(cases).map(([name, states]) => [name, Object.fromEntries(states.map((state) => [state, state]))]),
          ),
        },
      ]),
    ),
    MockedResponses: responses,
  })

async function ask(operation: string, input: object): Promise<Record<string, unknown>> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${operation}` },
    body: JSON.stringify(input),
  })
  return (await answer.json()) as Record<string, unknown>
}

const startServer = async (mockConfig: string | null = path) => {
  server = createRegente({
    port: 0,
    dataDirectory: join(folder, 'data'),
    logLevel: 'silent',
    mockConfig: mockConfig ?? undefined,
  })
  ;({ url } = await server.start())
}

const ROLE = 'arn:aws:iam::000000000000:role/r'
const arnOf = (machine: string) => `arn:aws:states:us-east-1:000000000000:stateMachine:${machine}`
const activityArn = (name: string) => `arn:aws:states:us-east-1:000000000000:activity:${name}`

/** States in a row, each Task with what is given. */
async function create(name: string, states: Record<string, object>, type = 'STANDARD') {
  const names = Object.keys(states)
  const rest = (i: number) => (names[i + 1] === undefined ? { End: true } : { Next: names[i + 1] })
  const definition = {
    StartAt: names[0],
    States: Object.fromEntries(
      Object.entries(states).map(([state, given], i) => [state, { Type: 'Task', ...rest(i), ...given }]),
    ),
  }
  const { stateMachineArn } = await ask('CreateStateMachine', {
    name,
    type,
    roleArn: ROLE,
    definition: JSON.stringify(definition),
  })
  expect(stateMachineArn).toBe(arnOf(name))
}

async function run(machine: string, testCase = 'C', input: object | unknown[] = {}) {
  const { executionArn, message } = await ask('StartExecution', {
    stateMachineArn: `${arnOf(machine)}#${testCase}`,
    input: JSON.stringify(input),
  })
  expect(message).toBeUndefined()
  return await endOf(String(executionArn))
}

async function endOf(executionArn: string) {
  for (;;) {
    const { status, output, error, cause } = await ask('DescribeExecution', { executionArn })
    if (status !== 'RUNNING') return { status, error, cause, output: output && JSON.parse(String(output)), executionArn }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const typesOf = async (executionArn: string) =>
  ((await ask('GetExecutionHistory', { executionArn })) as { events: { type: string }[] }).events.map(({ type }) => type)

const PUBLISH = {
  Resource: 'arn:aws:states:::sns:publish',
  Parameters: { TopicArn: 'arn:aws:sns:us-east-1:000000000000:none', Message: 'm' },
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regente-mock-config-'))
  path = join(folder, 'MockConfigFile.json')
  await writeFile(path, fileOf())
  await startServer()
})
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('a start is refused', () => {
  test.each([
    ['of a test case that there is not', 'quick', 'Other', "has no test case 'Other' (it has 'C'). Add it under TestCases"],
    ['of a machine that the file does not have', 'unknown', 'C', "It has no state machine 'unknown'"],
    ['that mocks a state that the machine does not have', 'wrong', 'Typing', "names 'Servic', which is no state of 'wrong'"],
    [
      'that mocks a Map as a whole',
      'wrong',
      'Whole',
      "names 'Each', which is a Map state of 'wrong'. Only Task states are mocked (it has 'Ship')",
    ],
  ])('%s', async (_, machine, testCase, expected) => {
    const Each = { Type: 'Map', ItemProcessor: { StartAt: 'Ship', States: { Ship: { Type: 'Task', ...PUBLISH, End: true } } } }
    await create(machine, { Each })
    const answer = await ask('StartExecution', { stateMachineArn: `${arnOf(machine)}#${testCase}` })
    expect(answer['__type']).toContain('ValidationException')
    expect(answer['message']).toContain(expected)
    await ask('DeleteStateMachine', { stateMachineArn: arnOf(machine) })
  })

  test('of a machine that is not there', async () => {
    expect(await ask('StartExecution', { stateMachineArn: `${arnOf('nobody')}#C` })).toMatchObject({
      __type: expect.stringContaining('StateMachineDoesNotExist'),
    })
  })
})

test('every kind of Task is answered by the file, and nothing is called', async () => {
  await create('kinds', {
    Service: PUBLISH,
    Job: { Resource: 'arn:aws:states:::glue:startJobRun.sync', Parameters: { JobName: 'none' } },
    Callback: {
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { QueueUrl: 'http://localhost/none', MessageBody: { 'Token.$': '$$.Task.Token' } },
    },
    Sdk: { Resource: 'arn:aws:states:::aws-sdk:s3:listBuckets', Parameters: {} },
    Function: { Resource: 'arn:aws:lambda:us-east-1:000000000000:function:none' },
    Activity: { Resource: activityArn('none') },
    Http: {
      Resource: 'arn:aws:states:::http:invoke',
      Parameters: {
        ApiEndpoint: 'https://example.org',
        Method: 'GET',
        Authentication: { ConnectionArn: 'arn:aws:events:us-east-1:000000000000:connection/none/1' },
      },
    },
    Text: PUBLISH,
  })
  const { status, cause, output, executionArn } = await run('kinds')
  expect({ status, cause, output }).toEqual({ status: 'SUCCEEDED', output: { text: 'no JSON' } })
  const types = (await typesOf(executionArn)).filter((type) => /^(Task|Lambda|Activity).*(?<!Entered|Exited)$/.test(type))
  expect(types).toEqual([
    ...['TaskScheduled', 'TaskStarted', 'TaskSucceeded'],
    ...['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded'],
    ...['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded'],
    ...['TaskScheduled', 'TaskStarted', 'TaskSucceeded'],
    ...['LambdaFunctionScheduled', 'LambdaFunctionStarted', 'LambdaFunctionSucceeded'],
    ...['ActivityScheduled', 'ActivityStarted', 'ActivitySucceeded'],
    ...['TaskScheduled', 'TaskStarted', 'TaskSucceeded'],
    ...['TaskScheduled', 'TaskStarted', 'TaskSucceeded'],
  ])
})

test('a retry takes the next answer, and so does the next visit', async () => {
  await create('retried', {
    Twice: { ...PUBLISH, Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, BackoffRate: 1, MaxAttempts: 3 }] },
  })
  await create('loop', {
    Check: { ...PUBLISH, Next: 'Done' },
    Done: {
      Type: 'Choice',
      Choices: [{ Variable: '$.state', StringEquals: 'DONE', Next: 'End' }],
      Default: 'Check',
      Next: undefined,
    },
    End: { Type: 'Succeed', End: undefined },
  })
  const [retried, loop] = await Promise.all([run('retried'), run('loop')])
  expect(retried).toMatchObject({ status: 'SUCCEEDED', output: { done: true } })
  expect((await typesOf(retried.executionArn)).filter((type) => type === 'TaskFailed')).toHaveLength(2)
  expect(loop).toMatchObject({ status: 'SUCCEEDED', output: { state: 'DONE' } })
  expect(await run('loop')).toMatchObject({ status: 'SUCCEEDED' })
})

test('what the file throws is caught; a response with too few answers is not', async () => {
  const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Rest' }]
  await create('caught', { Fails: { ...PUBLISH, Catch }, Rest: { Type: 'Pass' } })
  expect(await run('caught')).toMatchObject({ output: { Error: 'Card.Declined', Cause: 'as the file says' } })
  await create('short', {
    Short: { ...PUBLISH, Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 1 }], Catch },
    Rest: { Type: 'Pass' },
  })
  expect(await run('short')).toMatchObject({
    status: 'FAILED',
    error: 'States.Runtime',
    cause: expect.stringContaining("The response 'Short' has nothing for call 1 of state 'Short': it ends with 0."),
  })
})

test('a state that the case does not name calls the real thing', async () => {
  await create('partly', { Mocked: PUBLISH, Real: PUBLISH })
  expect(await run('partly')).toMatchObject({ status: 'FAILED', error: expect.stringContaining('NotFound') })
})

test('an activity that the case does not name waits for its worker', async () => {
  await ask('CreateActivity', { name: 'real' })
  await create('worker', { First: { Resource: activityArn('mocked') }, Real: { Resource: activityArn('real') } })
  const running = run('worker')
  const { taskToken, input } = await ask('GetActivityTask', { activityArn: activityArn('real') })
  expect(input).toBe('{"first":true}')
  await ask('SendTaskSuccess', { taskToken, output: '7' })
  expect(await running).toMatchObject({ status: 'SUCCEEDED', output: 7 })
})

test('without a test case nothing is mocked', async () => {
  const { executionArn } = await ask('StartExecution', { stateMachineArn: arnOf('caught') })
  expect(await endOf(String(executionArn))).toMatchObject({ output: { Error: expect.stringContaining('NotFound') } })
})

test('the children of a Map Run have the test case of their parent, and count for themselves', async () => {
  const processor = {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: 'Ship',
    States: { Ship: { Type: 'Task', ...PUBLISH, Next: 'Again' }, Again: { Type: 'Pass', End: true } },
  }
  await create('many', { Each: { Type: 'Map', ItemProcessor: processor } })
  expect(await run('many', 'C', [1, 2, 3])).toMatchObject({ status: 'SUCCEEDED', output: ['first', 'first', 'first'] })
})

test('a workflow that another starts may have a test case too', async () => {
  await create('inner', { Service: PUBLISH })
  await create('outer', {
    Start: {
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Parameters: { StateMachineArn: `${arnOf('inner')}#C`, Input: {} },
      OutputPath: '$.Output',
    },
  })
  const { executionArn } = await ask('StartExecution', { stateMachineArn: arnOf('outer') })
  expect(await endOf(String(executionArn))).toMatchObject({ status: 'SUCCEEDED', output: { MessageId: '1' } })
})

test('an Express machine is mocked too', async () => {
  await create('quick', { Service: PUBLISH }, 'EXPRESS')
  expect(await ask('StartSyncExecution', { stateMachineArn: `${arnOf('quick')}#C` })).toMatchObject({
    status: 'SUCCEEDED',
    output: '{"MessageId":"1"}',
  })
  expect(await ask('StartSyncExecution', { stateMachineArn: `${arnOf('quick')}#X` })).toMatchObject({
    message: expect.stringContaining("no test case 'X'"),
  })
})

test('the file is read anew when it has changed; a broken edit changes nothing', async () => {
  const quick = async () => (await ask('StartSyncExecution', { stateMachineArn: `${arnOf('quick')}#C` }))['output']
  await writeFile(path, fileOf({ ...RESPONSES, Service: response(returning({ MessageId: '2' })) }))
  expect(await quick()).toBe('{"MessageId":"2"}')
  await writeFile(path, '{"StateMachines": {')
  expect(await quick()).toBe('{"MessageId":"2"}')
  await writeFile(path, fileOf())
  expect(await quick()).toBe('{"MessageId":"1"}')
})

describe('a restart', () => {
  const wait = { Type: 'Wait', Seconds: 2 }
  const start = async (name: string) => ask('StartExecution', { stateMachineArn: `${arnOf('survivor')}#C`, name })

  test('keeps the test case of what runs; without the file its tasks fail, and call nobody', async () => {
    await create('survivor', { Mocked: PUBLISH, Rest: wait, After: PUBLISH })
    const { executionArn } = await start('a')
    await server.stop()
    await startServer()
    expect(await endOf(String(executionArn))).toMatchObject({ status: 'SUCCEEDED', output: { after: 1 } })

    const { executionArn: other } = await start('b')
    // The same start once more is the same execution; without the test case it is another.
    expect((await start('b'))['executionArn']).toBe(other)
    expect((await ask('StartExecution', { stateMachineArn: arnOf('survivor'), name: 'b' }))['__type']).toContain(
      'ExecutionAlreadyExists',
    )
    await server.stop()
    await startServer(null)
    expect(await endOf(String(other))).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: expect.stringContaining('--mock-config FILE'),
    })
    expect((await start('c'))['message']).toContain("The test case 'C' is one of a mock file, and this server has none.")
    await server.stop()
    await startServer()
  })

  test('does not count anew', async () => {
    const Retry = [{ ErrorEquals: ['Busy'], IntervalSeconds: 2, BackoffRate: 1, MaxAttempts: 2 }]
    await create('counted', { Twice: { ...PUBLISH, Retry } })
    const { executionArn } = await ask('StartExecution', { stateMachineArn: `${arnOf('counted')}#C` })
    await server.stop()
    await startServer()
    expect(await endOf(String(executionArn))).toMatchObject({ status: 'SUCCEEDED', output: { done: true } })
    const types = await typesOf(String(executionArn))
    expect(types.filter((type) => type === 'TaskFailed')).toHaveLength(2)
  })

  test('with a broken file is none: it says what is wrong with it', async () => {
    await server.stop()
    const broken = join(folder, 'broken.json')
    await writeFile(broken, '{"StateMachines": {},\n "MockedResponses": 1}')
    await expect(startServer(broken)).rejects.toThrow(`${broken}:2:21: MockedResponses is an object of responses by name.`)
    await expect(startServer(join(folder, 'nowhere.json'))).rejects.toThrow('nowhere.json cannot be read')
    await startServer()
  })
})

test('the program takes the file from its flag or its environment, and goes on with a test case when it was killed', async () => {
  const before = url
  const data = join(folder, 'killed')
  const first = await startProgram(data, ['--mock-config', path])
  url = first.url
  const Retry = [{ ErrorEquals: ['Busy'], IntervalSeconds: 2, BackoffRate: 1, MaxAttempts: 2 }]
  await create('killed', { Twice: { ...PUBLISH, Retry } })
  const { executionArn } = await ask('StartExecution', { stateMachineArn: `${arnOf('killed')}#C` })
  await first.kill()
  const second = await startProgram(data, [], 0, { env: { SFN_MOCK_CONFIG: path } })
  url = second.url
  expect(await endOf(String(executionArn))).toMatchObject({ status: 'SUCCEEDED', output: { done: true } })
  await second.stop()
  url = before
})
