/** The workflows whose logs are kept: every state type, both query languages, and whatever an execution may wait for. */
import type { Json } from '../../src/base/json.ts'

import type { Stage } from './stage.ts'

export interface Case {
  readonly definition: object
  play(stage: Stage): Promise<unknown>
}

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:f'
const ACTIVITY = 'arn:aws:states:us-east-1:000000000000:activity:press'
const CALLBACK = 'arn:aws:states:::sqs:sendMessage.waitForTaskToken'

const never = new AbortController().signal
const call = (more: object = {}) => ({ Type: 'Task', Resource: FUNCTION, End: true, ...more })
const one = (state: object, more: object = {}, name = 'T') => ({ StartAt: name, ...more, States: { [name]: state } })
/** A branch, or what a Map does with an item: one call. */
const inner = (name: string, state: object = call()) => one(state, {}, name)
const member = (value: Json, name: string): string => String((value as Readonly<Record<string, Json>>)[name])
/** The token that the `n`-th call was handed. */
const tokenOf = (stage: Stage, n: number): string => member(stage.service.call(n).request.parameters, 'MessageBody')

export const CASES: Readonly<Record<string, Case>> = {
  'pass-choice-jsonpath': {
    definition: {
      StartAt: 'Make',
      States: {
        Make: {
          Type: 'Pass',
          Next: 'Ask',
          Parameters: { 'id.$': 'States.UUID()', 'roll.$': 'States.MathRandom(1, 100)', 'n.$': 'States.MathAdd($.n, 1)' },
          ResultPath: '$.made',
          Assign: { 'began.$': '$$.Execution.StartTime' },
        },
        Ask: { Type: 'Choice', Choices: [{ Variable: '$.made.n', NumericGreaterThan: 1, Next: 'Much' }], Default: 'Little' },
        Much: { Type: 'Pass', OutputPath: '$.made', Next: 'Done' },
        Little: { Type: 'Fail', Error: 'TooLittle' },
        Done: { Type: 'Succeed' },
      },
    },
    play: (stage) => stage.start({ n: 1 }),
  },
  'pass-choice-jsonata': {
    definition: {
      QueryLanguage: 'JSONata',
      StartAt: 'Make',
      States: {
        Make: {
          Type: 'Pass',
          Next: 'Ask',
          Assign: { id: '{% $uuid() %}', roll: '{% $random() %}', at: '{% $now() %}', n: '{% $states.input.n + 1 %}' },
        },
        Ask: { Type: 'Choice', Choices: [{ Condition: '{% $n > 10 %}', Next: 'Much' }], Default: 'Little' },
        Much: { Type: 'Succeed' },
        Little: { Type: 'Fail', Error: "{% 'Only' & $string($n) %}", Cause: '{% $id %}' },
      },
    },
    play: (stage) => stage.start({ n: 1 }),
  },
  'evaluation-failed': {
    definition: one({ Type: 'Pass', Output: '{% $states.input.n + {} %}', End: true }, { QueryLanguage: 'JSONata' }),
    play: (stage) => stage.start({ n: 1 }),
  },
  waits: {
    definition: {
      StartAt: 'Short',
      States: {
        Short: { Type: 'Wait', Seconds: 5, Next: 'Until' },
        Until: { Type: 'Wait', TimestampPath: '$.until', Next: 'Long' },
        Long: { Type: 'Wait', SecondsPath: '$.seconds', End: true },
      },
    },
    async play(stage) {
      await stage.start({ until: '2026-01-01T00:00:08Z', seconds: 3 })
      await stage.pass(12)
    },
  },
  'execution-timed-out': {
    definition: one({ Type: 'Wait', Seconds: 100, End: true }, { TimeoutSeconds: 4 }),
    async play(stage) {
      await stage.start()
      await stage.pass(5)
    },
  },
  'retry-then-catch': {
    definition: {
      StartAt: 'T',
      States: {
        T: {
          ...call({ Next: 'End', End: undefined }),
          Retry: [
            { ErrorEquals: ['Busy'], IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 2, JitterStrategy: 'FULL' },
            { ErrorEquals: ['States.Timeout'], MaxAttempts: 1, IntervalSeconds: 1 },
          ],
          Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Caught' }],
          TimeoutSeconds: 10,
        },
        Caught: { Type: 'Pass', End: true },
        End: { Type: 'Succeed' },
      },
    },
    async play(stage) {
      await stage.start({ a: 1 })
      await stage.fail(0, 'Busy')
      await stage.pass(3)
      await stage.pass(10)
      await stage.pass(2)
      await stage.fail(2, 'Busy')
      await stage.pass(5)
      await stage.fail(3, 'Broken')
    },
  },
  'service-jsonata': {
    definition: one(
      {
        Type: 'Task',
        Resource: 'arn:aws:states:::sns:publish',
        End: true,
        Arguments: { TopicArn: 'arn:aws:sns:us-east-1:000000000000:t', Message: '{% $states.input.say %}' },
        Assign: { sent: '{% $states.result.MessageId %}' },
        Output: { as: '{% $states.result.MessageId %}' },
      },
      { QueryLanguage: 'JSONata' },
    ),
    async play(stage) {
      await stage.start({ say: 'hello' })
      await stage.answer(0, { MessageId: 'm-1' })
    },
  },
  'service-jsonpath': {
    definition: one({
      Type: 'Task',
      Resource: 'arn:aws:states:::sns:publish',
      End: true,
      Parameters: { TopicArn: 'arn:aws:sns:us-east-1:000000000000:t', 'Message.$': '$.say' },
      ResultSelector: { 'as.$': '$.MessageId' },
      ResultPath: '$.sent',
    }),
    async play(stage) {
      await stage.start({ say: 'hello' })
      await stage.answer(0, { MessageId: 'm-1' })
    },
  },
  job: {
    definition: one({
      Type: 'Task',
      Resource: 'arn:aws:states:::glue:startJobRun.sync',
      Parameters: { JobName: 'j' },
      End: true,
    }),
    async play(stage) {
      await stage.start()
      await stage.submit(0, { JobRunId: 'r-1' })
      await stage.pass(2)
      stage.service.job = { kind: 'succeeded', output: { JobRunState: 'SUCCEEDED' } }
      await stage.pass(120)
    },
  },
  'job-under-way': {
    definition: one({
      Type: 'Task',
      Resource: 'arn:aws:states:::glue:startJobRun.sync',
      Parameters: { JobName: 'j' },
      End: true,
    }),
    async play(stage) {
      await stage.start()
      await stage.submit(0, { JobRunId: 'r-1' })
    },
  },
  callback: {
    definition: one({
      Type: 'Task',
      Resource: CALLBACK,
      End: true,
      HeartbeatSeconds: 10,
      TimeoutSeconds: 60,
      Parameters: { QueueUrl: 'q', 'MessageBody.$': '$$.Task.Token' },
      Retry: [{ ErrorEquals: ['States.HeartbeatTimeout'], IntervalSeconds: 1, MaxAttempts: 1 }],
    }),
    async play(stage) {
      await stage.start()
      await stage.submit(0, { MessageId: 'm-1' })
      await stage.pass(8)
      await stage.control.activities.taskHeartbeat(tokenOf(stage, 0))
      await stage.pass(12)
      await stage.submit(1, { MessageId: 'm-2' })
      await stage.control.activities.taskSucceeded(tokenOf(stage, 1), '{ "spelled":  "so" }')
    },
  },
  'callback-under-way': {
    definition: one({
      Type: 'Task',
      Resource: CALLBACK,
      End: true,
      TimeoutSeconds: 60,
      Parameters: { QueueUrl: 'q', 'MessageBody.$': '$$.Task.Token' },
    }),
    async play(stage) {
      await stage.start()
      await stage.submit(0, { MessageId: 'm-1' })
    },
  },
  activity: {
    definition: one({
      Type: 'Task',
      Resource: ACTIVITY,
      End: true,
      HeartbeatSeconds: 5,
      Retry: [{ ErrorEquals: ['Jam'], IntervalSeconds: 1, MaxAttempts: 1 }],
    }),
    async play(stage) {
      await stage.control.activities.create('press', undefined, undefined)
      await stage.start({ sheet: 1 })
      const first = await stage.control.activities.nextTask(ACTIVITY, 'worker', never)
      await stage.control.activities.taskFailed(first?.token ?? '', { error: 'Jam', cause: 'paper' })
      await stage.pass(2)
      const second = await stage.control.activities.nextTask(ACTIVITY, undefined, never)
      await stage.control.activities.taskHeartbeat(second?.token ?? '')
      await stage.control.activities.taskSucceeded(second?.token ?? '', '{"pressed":true}')
    },
  },
  'activity-missing': { definition: one(call({ Resource: ACTIVITY })), play: (stage) => stage.start() },
  parallel: {
    definition: {
      StartAt: 'P',
      States: {
        P: {
          Type: 'Parallel',
          Next: 'Q',
          Branches: [inner('N', { Type: 'Pass', Result: 1, End: true }), inner('W', { Type: 'Wait', Seconds: 2, End: true })],
        },
        Q: {
          Type: 'Parallel',
          End: true,
          Branches: [inner('A'), inner('B')],
          Catch: [{ ErrorEquals: ['Broken'], Next: 'Caught' }],
        },
        Caught: { Type: 'Pass', End: true },
      },
    },
    async play(stage) {
      await stage.start({ a: 1 })
      await stage.pass(3)
      await stage.fail(1, 'Broken')
    },
  },
  'inline-map': {
    definition: {
      QueryLanguage: 'JSONata',
      StartAt: 'M',
      States: {
        M: {
          Type: 'Map',
          Items: '{% $states.input.items %}',
          MaxConcurrency: 2,
          End: true,
          ItemSelector: { v: '{% $states.context.Map.Item.Value %}', i: '{% $states.context.Map.Item.Index %}' },
          ItemProcessor: {
            StartAt: 'C',
            States: {
              C: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.v > 1 %}', Next: 'F' }], Default: 'N' },
              F: { Type: 'Task', Resource: FUNCTION, End: true },
              N: { Type: 'Pass', End: true },
            },
          },
          Output: '{% $states.result %}',
        },
      },
    },
    async play(stage) {
      await stage.start({ items: [1, 2, 3, 4] })
      await stage.answer(0, { was: 2 })
      await stage.answer(1, { was: 3 })
      await stage.answer(2, { was: 4 })
    },
  },
  'inline-map-under-way': {
    definition: one({
      Type: 'Map',
      ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...inner('Item') },
      MaxConcurrency: 2,
      End: true,
    }),
    async play(stage) {
      await stage.start([1, 2, 3])
      await stage.answer(1, { was: 2 })
    },
  },
  'distributed-map': {
    definition: one({
      Type: 'Map',
      Label: 'Each',
      MaxConcurrency: 1,
      ToleratedFailureCount: 1,
      End: true,
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...inner('Item') },
    }),
    async play(stage) {
      await stage.start([1, 2])
      await stage.answer(0, { was: 1 })
      await stage.fail(1, 'Broken')
      await stage.pass(1)
    },
  },
  'distributed-map-redriven': {
    definition: one({
      Type: 'Map',
      Label: 'Each',
      MaxConcurrency: 1,
      End: true,
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...inner('Item') },
    }),
    async play(stage) {
      const executionArn = await stage.start([1])
      await stage.fail(0, 'Broken')
      await stage.pass(1)
      await stage.control.executions.redrive(executionArn)
      await stage.pass(1)
      await stage.answer(1, { was: 1 })
      await stage.pass(1)
    },
  },
  redriven: {
    definition: {
      StartAt: 'P',
      States: {
        P: {
          Type: 'Parallel',
          Branches: [inner('A'), inner('B')],
          End: true,
        },
      },
    },
    async play(stage) {
      const executionArn = await stage.start({ a: 1 })
      await stage.answer(0, { first: true })
      await stage.fail(1, 'Broken')
      await stage.control.executions.redrive(executionArn)
      await stage.pass(1)
      await stage.answer(2, { second: true })
    },
  },
  stopped: {
    definition: one({ Type: 'Wait', Seconds: 100, End: true }),
    async play(stage) {
      const executionArn = await stage.start()
      await stage.control.executions.stop(executionArn, { error: 'Enough', cause: 'of it' })
    },
  },
  'retry-under-way': {
    definition: one(call({ Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 60, MaxAttempts: 3 }] })),
    async play(stage) {
      await stage.start()
      await stage.fail(0, 'Busy')
    },
  },
}
