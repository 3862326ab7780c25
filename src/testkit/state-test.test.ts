import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { beforeAll, describe, expect, test } from 'vitest'

import { mock, TaskError, TestKitError, workflow, type StateTestOptions, type Workflow } from './index.ts'

const ORDER = {
  StartAt: 'Check',
  States: {
    Check: { Type: 'Choice', Choices: [{ Variable: '$.total', NumericGreaterThan: 100, Next: 'Pay' }], Default: 'Free' },
    Pay: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: 'charge', 'Payload.$': '$.order' },
      ResultSelector: { 'id.$': '$.Payload.id' },
      ResultPath: '$.payment',
      Retry: [
        { ErrorEquals: ['Busy'], IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 2 },
        { ErrorEquals: ['Slow'], IntervalSeconds: 1, MaxAttempts: 1 },
      ],
      Catch: [
        { ErrorEquals: ['Card.Declined'], Next: 'Refuse', ResultPath: '$.reason' },
        { ErrorEquals: ['Busy'], Next: 'Later' },
      ],
      Next: 'Each',
    },
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemProcessor: {
        StartAt: 'Ship',
        States: { Ship: { Type: 'Task', Resource: 'arn:aws:states:us-east-1:123456789012:activity:ship', End: true } },
      },
      Next: 'Wait',
    },
    Wait: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { QueueUrl: 'q', MessageBody: { 'Token.$': '$$.Task.Token' } },
      Next: 'Shape',
    },
    Shape: {
      Type: 'Pass',
      QueryLanguage: 'JSONata',
      Output: '{% {"rate": $rate, "me": $states.context.Execution.Name} %}',
      End: true,
    },
    Free: { Type: 'Succeed' },
    Later: { Type: 'Succeed' },
    Refuse: { Type: 'Fail', Error: 'Refused' },
  },
}
const INPUT = { order: { id: 'o-1' } }
const PAID = mock.return({ Payload: { id: 'p-1' } })

let wf: Workflow
beforeAll(async () => {
  wf = await workflow({ definition: ORDER })
})
const pay = (options: StateTestOptions) => wf.testState('Pay', { input: INPUT, ...options })

describe('what cannot be tested so is told', () => {
  test.each<[string, StateTestOptions, string]>([
    ['Pya', {}, "The workflow has no state 'Pya'. It has Check, Pay, Each, Each/Ship, Wait, Shape, Free, Later, Refuse."],
    [
      'Pay',
      {},
      "Pay calls arn:aws:states:::lambda:invoke, and no mock answers it: testState('Pay', { mock: mock.return({ … }) }).",
    ],
    [
      'Each',
      {},
      "Each is a Map, which is tested as a whole, and no mock answers it: testState('Each', { mock: mock.return([ … ]) }).",
    ],
    ['Check', { mock: PAID }, "testState('Check'): State type 'Choice' is not supported when a mock is specified"],
    [
      'Pay',
      { mock: mock.return({ StatusCode: 'no' }) },
      "testState('Pay'): Mock result schema validation error: Field 'StatusCode' must be a number",
    ],
    ['Wait', { mock: mock.callback() }, 'Nobody answers Wait later when it is tested alone.'],
    [
      'Pay',
      { mock: mock.sequence(PAID), retrierRetryCount: 1 },
      'The mock of Pay has 1 answers, and none for retrierRetryCount: 1.',
    ],
    ['Pay', { mock: PAID, context: { Nothing: {} } }, "Field 'Nothing' is not allowed"],
  ])('%s with %j', async (name, options, message) => {
    const tested = wf.testState(name, options)
    await expect(tested).rejects.toThrow(TestKitError)
    await expect(tested).rejects.toThrow(message)
  })
})

describe('a Task', () => {
  test('succeeds', async () => {
    const tested = await pay({ mock: PAID })
    tested
      .assertSucceeded()
      .assertNextState('Each')
      .assertOutput({ ...INPUT, payment: { id: 'p-1' } })
      .assertInspected({
        afterParameters: { FunctionName: 'charge', Payload: { id: 'o-1' } },
        afterResultSelector: { id: 'p-1' },
      })
    expect(tested.inspectionData?.result).toEqual({ Payload: { id: 'p-1' } })
  })

  test('is retried, with the back-off of its retrier', async () => {
    ;(await pay({ mock: mock.throw('Busy', 'later') })).assertRetried(0).assertRetryBackoffSeconds(2).assertError('Busy', /late/)
    ;(await pay({ mock: mock.throw('Busy'), retrierRetryCount: 1 })).assertRetried(0).assertRetryBackoffSeconds(4)
    ;(await pay({ mock: mock.throw('Slow') })).assertRetried(1).assertRetryBackoffSeconds(1)
  })

  test('is caught where its retrier is used up', async () => {
    const tested = await pay({ mock: mock.throw('Busy'), retrierRetryCount: 2 })
    tested.assertCaught(1).assertNextState('Later').assertOutput({ Error: 'Busy', Cause: '' })
    expect(tested.errorDetails).toEqual({ catchIndex: 1, retryIndex: 0 })
  })

  test('fails', async () => {
    ;(await pay({ mock: mock.throw('Broken', 'in two') })).assertFailed().assertFailed('Broken', 'in two')
  })

  test('asks a function with what it would send', async () => {
    const seen: unknown[] = []
    const tested = await pay({
      mock: (parameters, { path, attempt, resource }) => {
        seen.push([parameters, path, attempt, resource])
        throw new TaskError('Card.Declined', 'no cover')
      },
    })
    tested
      .assertCaught(0)
      .assertNextState('Refuse')
      .assertOutput({ ...INPUT, reason: { Error: 'Card.Declined', Cause: 'no cover' } })
    expect(seen).toEqual([[{ FunctionName: 'charge', Payload: { id: 'o-1' } }, 'Pay', 0, 'arn:aws:states:::lambda:invoke']])
  })

  test('asks nobody where it does not come so far', async () => {
    let calls = 0
    const tested = await wf.testState('Pay', { input: {}, mock: () => ++calls })
    tested.assertFailed('States.Runtime', /\$\.order/)
    expect(calls).toBe(0)
  })

  test('gets the answer of a sequence that is its attempt, and of a delay what comes then', async () => {
    const answers = mock.sequence(mock.throw('Busy'), mock.delay('1 hour', PAID))
    ;(await pay({ mock: answers })).assertRetried()
    ;(await pay({ mock: answers, retrierRetryCount: 1 })).assertSucceeded()
  })

  test('may be one that somebody answers, or an activity within a Map', async () => {
    ;(await wf.testState('Wait', { mock: mock.return({ by: 'me' }), context: { Task: { Token: 't' } } }))
      .assertNextState('Shape')
      .assertInspected({ afterParameters: { QueueUrl: 'q', MessageBody: { Token: 't' } } })
    ;(await wf.testState('Each/Ship', { input: 'a', mock: (item) => ({ item }) }))
      .assertSucceeded()
      .assertEnd()
      .assertOutput({ item: 'a' })
  })
})

test('a handler is asked as it would be invoked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'regente-state-test-'))
  try {
    const file = join(folder, 'charge.mjs')
    writeFileSync(file, 'export const handler = async ({ id }) => ({ id: id + "-paid" })')
    const tested = await pay({ mock: mock.handler(file) })
    tested
      .assertSucceeded()
      .assertInspected({ result: { ExecutedVersion: '$LATEST', Payload: { id: 'o-1-paid' }, StatusCode: 200 } })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('JSONata, a Parallel and a distributed Map are tested alike', async () => {
  const branch = { StartAt: 'B', States: { B: { Type: 'Pass', End: true } } }
  const other = await workflow({
    definition: {
      QueryLanguage: 'JSONata',
      StartAt: 'Ask',
      States: {
        Ask: {
          Type: 'Task',
          Resource: 'arn:aws:states:::aws-sdk:sqs:listQueues',
          Arguments: { QueueNamePrefix: '{% $states.input.prefix %}' },
          Output: '{% $states.result.QueueUrls[0] %}',
          Next: 'Both',
        },
        Both: { Type: 'Parallel', Branches: [branch], Next: 'All' },
        All: {
          Type: 'Map',
          ItemReader: {
            Resource: 'arn:aws:states:::s3:getObject',
            ReaderConfig: { InputType: 'JSON' },
            Arguments: { Bucket: 'in', Key: 'a.json' },
          },
          ToleratedFailureCount: 1,
          ItemProcessor: {
            ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
            StartAt: 'Work',
            States: { Work: { Type: 'Pass', End: true } },
          },
          End: true,
        },
      },
    },
  })
  ;(
    await other.testState('Ask', {
      input: { prefix: 'a' },
      mock: (parameters) => ({ QueueUrls: [parameters] }),
      fieldValidationMode: 'NONE',
    })
  )
    .assertOutput({ QueueNamePrefix: 'a' })
    .assertInspected({ afterArguments: { QueueNamePrefix: 'a' } })
  ;(await other.testState('Both', { mock: mock.return([1]) })).assertOutput([1]).assertNextState('All')
  await expect(other.testState('Both', { mock: mock.return([1, 2]) })).rejects.toThrow('the same number of items')
  const all = { mapItemReaderData: [1, 2], mock: mock.return([3, 4]) }
  ;(await other.testState('All', all)).assertSucceeded().assertOutput([3, 4]).assertInspected({ toleratedFailureCount: 1 })
  ;(await other.testState('All', { ...all, mapIterationFailureCount: 2 })).assertFailed('States.ExceedToleratedFailureThreshold')
})

test('a Map is answered as a whole', async () => {
  const tested = await wf.testState('Each', { input: { items: [1, 2] }, mock: (items) => (items as number[]).map((n) => n * 2) })
  tested
    .assertSucceeded()
    .assertOutput([2, 4])
    .assertNextState('Wait')
    .assertInspected({ afterItemsPath: [1, 2] })
})

test('what calls nobody needs no mock', async () => {
  ;(await wf.testState('Check', { input: { total: 101 } })).assertNextState('Pay')
  ;(await wf.testState('Check', { input: { total: 1 } })).assertNextState('Free')
  ;(await wf.testState('Refuse')).assertFailed('Refused')
  ;(await wf.testState('Shape', { variables: { rate: 3 } })).assertSucceeded()
})

test('level INFO tells nothing of the data', async () => {
  const tested = await pay({ mock: mock.throw('Busy'), inspectionLevel: 'INFO' })
  expect(tested.inspectionData).toBeUndefined()
  expect(() => tested.assertRetried(0).assertInspected({})).toThrow("{ inspectionLevel: 'DEBUG' }")
})

describe('assertions fail with a sentence', () => {
  const RETRIED = 'the retrier 0 tries it again after 2 seconds, for Busy: later.'

  test.each([
    ['assertSucceeded', [], `Expected Pay to succeed; ${RETRIED}`],
    ['assertFailed', [], `Expected Pay to fail; ${RETRIED}`],
    ['assertNextState', ['Each'], `Expected Pay to go on to Each; ${RETRIED}`],
    ['assertEnd', [], `Expected Pay to end here; ${RETRIED}`],
    ['assertRetried', [1], `Expected Pay to be retried by the retrier 1; ${RETRIED}`],
    ['assertRetryBackoffSeconds', [1], `Expected Pay to wait 1 second before it is tried again; ${RETRIED}`],
    ['assertCaught', [0], `Expected Pay to catch an error; ${RETRIED}`],
    ['assertError', ['Busy', 'now'], `Expected Pay to have the error Busy: now; ${RETRIED}`],
    [
      'assertInspected',
      [{ afterArguments: 1 }],
      'TestState tells no afterArguments of Pay. It tells input, afterInputPath, afterParameters',
    ],
  ] as const)('%s(%j)', async (name, given, message) => {
    const tested = await pay({ mock: mock.throw('Busy', 'later') })
    const assertion = tested[name].bind(tested) as (...args: readonly unknown[]) => unknown
    expect(() => assertion(...given)).toThrow(message)
  })

  test('which tells of the output', async () => {
    const tested = await pay({ mock: PAID })
    expect(() => tested.assertOutput({ ...INPUT, payment: { id: 'p-2' } })).toThrow(
      'Pay has another output than expected; it succeeded and goes on to Each.\n\n- expected\n+ received\n\n',
    )
    expect(() => tested.assertRetried()).toThrow('Expected Pay to retry; it succeeded and goes on to Each.')
  })

  test('which tells of a catcher, and of what failed', async () => {
    const caught = await pay({ mock: mock.throw('Busy'), retrierRetryCount: 2 })
    expect(() => caught.assertCaught(0)).toThrow(
      'Expected Pay to be caught by the catcher 0; the catcher 1 caught Busy and goes on to Later.',
    )
    const failed = await pay({ mock: mock.throw('Slow'), retrierRetryCount: 1 })
    expect(() => failed.assertRetried()).toThrow('Expected Pay to retry; it failed with Slow (the retrier 1 is used up).')
  })
})
