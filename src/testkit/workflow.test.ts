import { describe, expect, test } from 'vitest'

import { clock, mock, TaskError, workflow, type WorkflowOptions } from './index.ts'

const task = (Resource: string, more: object = {}) => ({ Type: 'Task', Resource, End: true, ...more })
const only = (state: object) => ({ StartAt: 'T', States: { T: state } })
const INVOKE = 'arn:aws:states:::lambda:invoke'
const CALL = { Resource: INVOKE, Parameters: { FunctionName: 'charge', 'Payload.$': '$' }, OutputPath: '$.Payload' }
const RETRY = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 2, MaxAttempts: 2 }]
const of = (definition: object, options: Partial<WorkflowOptions> = {}) => workflow({ definition, ...options })

describe('time', () => {
  const FOLLOW_UP = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 86_400, End: true } } }

  test('a day that nobody needs is skipped', async () => {
    const wf = await of(FOLLOW_UP)
    const run = await wf.run({ order: 1 })
    expect(run.status).toBe('SUCCEEDED')
    expect(run.output).toEqual({ order: 1 })
    const { startAt, endAt = 0 } = run.state('Wait')
    expect(endAt - startAt).toBe(86_400_000)
  })

  test('moves by hand alone where it is told so', async () => {
    const wf = await of(FOLLOW_UP, { clock: clock.manual('2026-03-01T00:00:00Z') })
    const run = await wf.start()
    await run.advance('23 hours')
    expect(run.status).toBe('RUNNING')
    await expect(run.done()).rejects.toThrow("Move it with run.advance('24 hours')")
  })

  test('and the run ends when it has moved far enough', async () => {
    const wf = await of(FOLLOW_UP, { clock: clock.manual('2026-03-01T00:00:00Z') })
    const run = await wf.start()
    await run.advance('1 day')
    expect(run.status).toBe('SUCCEEDED')
    expect(new Date(run.now).toISOString()).toBe('2026-03-02T00:00:00.000Z')
  })

  test('passes faster than it does', async () => {
    const wf = await of(FOLLOW_UP, { clock: clock.scale(86_400 * 20) })
    expect((await wf.run()).status).toBe('SUCCEEDED')
  })

  test.each([
    ['skips', clock.virtual()],
    ['passes faster than it does', clock.scale(1_000)],
  ])('that %s ends no wait for a token that nobody answers', async (_, setting) => {
    const asked = { Parameters: { QueueUrl: 'q', MessageBody: { 'Token.$': '$$.Task.Token' } } }
    const approval = task('arn:aws:states:::sqs:sendMessage.waitForTaskToken', asked)
    const wf = await of(only(approval), { clock: setting, mocks: { T: mock.callback() } })
    await expect(wf.run()).rejects.toThrow('T waits for its task.')
  })

  test('runs backwards for nobody', async () => {
    const wf = await of(FOLLOW_UP, { clock: clock.manual() })
    const run = await wf.start()
    await expect(run.advance(-1)).rejects.toThrow('Time does not run backwards')
    await expect(run.advance('soon')).rejects.toThrow("'soon' is no duration")
  })

  test('of a cycle without an end is bounded', async () => {
    const cycle = {
      StartAt: 'Wait',
      States: {
        Wait: { Type: 'Wait', Seconds: 86_400, Next: 'Again' },
        Again: { Type: 'Choice', Choices: [{ Variable: '$.done', IsPresent: true, Next: 'End' }], Default: 'Wait' },
        End: { Type: 'Succeed' },
      },
    }
    const wf = await of(cycle, { clock: clock.virtual(undefined, { longest: '30 days' }) })
    await expect(wf.run()).rejects.toThrow('has not happened within 30 days')
  })
})

describe('mocks', () => {
  test('answer by the name of the state, and are retried', async () => {
    const wf = await of(only(task('', { ...CALL, Retry: RETRY })), {
      mocks: {
        T: mock.sequence(mock.throw('Lambda.TooManyRequestsException'), mock.return({ Payload: { ok: true }, StatusCode: 200 })),
      },
    })
    const run = await wf.run({ a: 1 })
    expect(run.output).toEqual({ ok: true })
    expect(run.state('T')).toMatchObject({ retries: 1, thrown: [{ error: 'Lambda.TooManyRequestsException' }] })
  })

  test('get what the service would get', async () => {
    const seen: unknown[] = []
    const wf = await of(only(task('', CALL)), {
      mocks: {
        charge: (parameters, { attempt, path }) => {
          seen.push([parameters, attempt, path])
          return { Payload: 1, StatusCode: 200 }
        },
      },
    })
    await wf.run({ a: 1 })
    expect(seen).toEqual([[{ FunctionName: 'charge', Payload: { a: 1 } }, 0, 'T']])
  })

  test('that throw fail the task', async () => {
    const wf = await of(only(task('', CALL)), {
      mocks: {
        charge: () => {
          throw new TaskError('Card.Declined', 'no cover')
        },
      },
    })
    expect(await wf.run()).toMatchObject({ status: 'FAILED', error: 'Card.Declined', cause: 'no cover' })
  })

  const EACH = {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        ItemProcessor: { StartAt: 'Ship', States: { Ship: task('arn:aws:states:::aws-sdk:sqs:listQueues', { Parameters: {} }) } },
        End: true,
      },
    },
  }

  test('are addressed through Maps, by index and without', async () => {
    const wf = await of(EACH, {
      validateMocks: 'NONE',
      mocks: { 'Each/Ship': (_, { index }) => ({ index }), 'Each[1]/Ship': mock.return({ mine: true }) },
    })
    const run = await wf.run(['a', 'b', 'c'])
    expect(run.output).toEqual([{ index: 0 }, { mine: true }, { index: 2 }])
    expect(run.states('Each/Ship').map(({ path }) => path)).toEqual(['Each[0]/Ship', 'Each[1]/Ship', 'Each[2]/Ship'])
    expect(run.state('Each[2]/Ship').input).toBe('c')
  })

  test('stand for all that a pattern means', async () => {
    const wf = await of(EACH, {
      validateMocks: 'NONE',
      mocks: { 'arn:aws:states:::aws-sdk:*': mock.return(7), Other: mock.return(1) },
    })
    expect((await wf.run([1])).output).toEqual([7])
    expect(wf.unusedMocks).toEqual(['Other'])
  })

  test('may take their time', async () => {
    const wf = await of(only(task('', { ...CALL, TimeoutSeconds: 10 })), {
      mocks: { T: mock.delay('1 minute', mock.return({ Payload: 1 })) },
    })
    expect(await wf.run()).toMatchObject({ status: 'FAILED', error: 'States.Timeout' })
  })

  test('that are missing fail the test, and say how to be added', async () => {
    const wf = await of(EACH)
    await expect(wf.run([1])).rejects.toThrow(
      "Each[0]/Ship calls arn:aws:states:::aws-sdk:sqs:listQueues, and no mock answers it. Add one: workflow({ …, mocks: { 'Each/Ship': mock.return({ … }) } }).",
    )
  })

  test('that the service would not answer fail the test', async () => {
    const publish = task('arn:aws:states:::sns:publish', { Parameters: { TopicArn: 't', Message: 'm' } })
    const wf = await of(only(publish), { mocks: { T: mock.return({ MessageId: 1 }) } })
    await expect(wf.run()).rejects.toThrow("Field 'MessageId' must be a string")
  })

  test('that are asked more often than they know fail the test', async () => {
    const wf = await of(only(task('', { ...CALL, Retry: RETRY })), { mocks: { T: mock.sequence(mock.throw('E')) } })
    await expect(wf.run()).rejects.toThrow("The mock of 'T' has 1 answers, and T called a 2nd time.")
  })
})

describe('tasks that somebody answers', () => {
  const approval = task('arn:aws:states:::sqs:sendMessage.waitForTaskToken', {
    Parameters: { QueueUrl: 'q', MessageBody: { 'Token.$': '$$.Task.Token' } },
    HeartbeatSeconds: 60,
  })

  test('by their token', async () => {
    const wf = await of(only(approval), { mocks: { T: mock.callback() } })
    const run = await wf.start()
    await run.token('T').heartbeat()
    await run.token('T').succeed({ by: 'me' })
    expect((await run.done()).output).toEqual({ by: 'me' })
    expect(run.history().map(({ type }) => type)).toContain('TaskSubmitted')
  })

  test('or by a mock', async () => {
    const wf = await of(only(approval), { mocks: { T: mock.throw('Denied') } })
    expect(await wf.run()).toMatchObject({ status: 'FAILED', error: 'Denied' })
  })

  test('time out by themselves', async () => {
    const wf = await of(only(approval), { mocks: { T: mock.callback() } })
    expect(await wf.run()).toMatchObject({ status: 'FAILED', error: 'States.Timeout' })
  })

  test('may be activities', async () => {
    const arn = 'arn:aws:states:us-east-1:123456789012:activity:review'
    const wf = await of(
      { StartAt: 'A', States: { A: task(arn, { End: undefined, Next: 'B' }), B: task(arn) } },
      { mocks: { A: mock.return({ first: true }), review: mock.callback() } },
    )
    const run = await wf.start()
    await run.reached('B')
    await run.token('B').fail('Rejected', 'too dear')
    expect(await run.done()).toMatchObject({ error: 'Rejected', cause: 'too dear' })
    expect(run.state('A').output).toEqual({ first: true })
  })

  test('that nobody answers end the test', async () => {
    const wf = await of(only({ ...approval, HeartbeatSeconds: undefined }), { mocks: { T: mock.callback() } })
    await expect(wf.run()).rejects.toThrow("T waits for its task. Answer it with run.token('…').succeed({…})")
  })
})

test('a job is submitted, and ends', async () => {
  const job = task('arn:aws:states:::glue:startJobRun.sync', { Parameters: { JobName: 'j' } })
  const wf = await of(only(job), {
    validateMocks: 'NONE',
    mocks: { T: mock.delay('1 hour', mock.return({ JobRunState: 'SUCCEEDED' })) },
  })
  const run = await wf.run()
  expect(run.output).toEqual({ JobRunState: 'SUCCEEDED' })
  expect(run.state('T').endAt).toBeGreaterThanOrEqual(run.state('T').startAt + 3_600_000)
})

test('a distributed Map reads and writes objects of the test, and its children are addressed through it', async () => {
  const distributed = {
    StartAt: 'All',
    States: {
      All: {
        Type: 'Map',
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          ReaderConfig: { InputType: 'JSON' },
          Parameters: { Bucket: 'in', Key: 'a.json' },
        },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'Work',
          States: { Work: task('', CALL) },
        },
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'out', Prefix: 'r' } },
        End: true,
      },
    },
  }
  const wf = await of(distributed, { mocks: { 'All/Work': (_, { index }) => ({ Payload: index }) } })
  wf.putObject('in/a.json', '[{"n":1},{"n":2},{"n":3}]')
  wf.putObject('out/.keep', '')
  const run = await wf.run()
  expect(run.status).toBe('SUCCEEDED')
  expect(
    run
      .states('All/Work')
      .map(({ path }) => path)
      .toSorted(),
  ).toEqual(['All[0]/Work', 'All[1]/Work', 'All[2]/Work'])
  expect(wf.objects().some((name) => name.startsWith('out/r/'))).toBe(true)
})

test('the same seed gives the same history', async () => {
  const definition = only({ Type: 'Pass', Parameters: { 'id.$': 'States.UUID()' }, End: true })
  const histories = []
  for (const seed of [1, 1, 2]) histories.push((await (await of(definition, { seed })).run()).history())
  expect(histories[0]).toEqual(histories[1])
  expect(histories[0]).not.toEqual(histories[2])
})

describe('what is no workflow', () => {
  test.each([
    [{ definition: { StartAt: 'X', States: {} } }, 'The definition is no state machine'],
    [{ file: './nowhere.json' }, 'nowhere.json cannot be read'],
    [{}, 'A workflow has either a definition or a file'],
    [{ definition: only({ Type: 'Succeed' }), mocks: { T: 1 as never } }, "the mock of 'T' takes mocks"],
  ])('%j is told', async (options, message) => {
    await expect(workflow(options as WorkflowOptions)).rejects.toThrow(message)
  })
})
