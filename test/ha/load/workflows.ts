/**
 * The workflows of the load, one of each kind that has a life of its own: pure states, retries, branches, maps, callbacks,
 * activities, nested executions, timers, redrives, stops. Data is `{ id, v }`; each knows its own end.
 */
import type { Json } from '../../../src/base/json.ts'

import { answerOf, effectOf, type TokenAnswerKind } from './answers.ts'

export const REGION = 'us-east-1'
export const ACCOUNT = '000000000000'
const FUNCTION = 'work'
const QUEUE_URL = `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/answers`
export const ACTIVITY = 'bench'
export const ACTIVITY_ARN = `arn:aws:states:${REGION}:${ACCOUNT}:activity:${ACTIVITY}`
export const machineArnOf = (name: string): string => `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${name}`
export const executionArnOf = (machine: string, name: string): string =>
  `arn:aws:states:${REGION}:${ACCOUNT}:execution:${machine}:${name}`

/** What comes in besides the name, drawn from the seed. */
export interface Drawn {
  readonly id: string
  readonly v: number
  /** Small numbers of anything. */
  readonly count: number
  readonly answer: TokenAnswerKind
}

export type End =
  | { readonly status: 'SUCCEEDED'; readonly output: Json }
  | { readonly status: 'ABORTED'; readonly error: string; readonly cause: string }

/** What somebody does to it while it runs. */
export type Meddling = { readonly kind: 'stop'; readonly error: string; readonly cause: string } | { readonly kind: 'redrive' }

export interface Course {
  readonly input: Json
  readonly end: End
  /** The effects that have to be there. */
  readonly effects: readonly string[]
  readonly meddling?: Meddling
}

export interface Workflow {
  readonly definition: Json
  course(drawn: Drawn): Course
}

type State = { readonly [member: string]: Json }

const chain = (states: { readonly [name: string]: State }): State => {
  const names = Object.keys(states)
  const linked = Object.entries(states).map(([name, state], index) => {
    const next = names[index + 1]
    const leads = 'End' in state || 'Next' in state || ['Choice', 'Succeed'].includes(String(state['Type']))
    return [name, leads ? state : { ...state, ...(next === undefined ? { End: true } : { Next: next }) }]
  })
  return { StartAt: names[0] ?? '', States: Object.fromEntries(linked) }
}

const job = (state: string, more: State = {}): State => ({
  'id.$': '$.id',
  'v.$': '$.v',
  state,
  'attempt.$': '$$.State.RetryCount',
  'redrive.$': '$$.Execution.RedriveCount',
  ...more,
})

/** A task of a function; its result is `{ id, v }` again. */
const work = (state: string, more: State = {}, members: State = {}): State => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: FUNCTION, Payload: job(state, members) },
  ResultSelector: { 'id.$': '$.Payload.id', 'v.$': '$.Payload.v' },
  ...more,
})

const first = (id: string, state: string): string => effectOf({ id, state, attempt: 0, redrive: 0 })
const succeeded = (output: Json): End => ({ status: 'SUCCEEDED', output })
const itemId = (id: string, index: number): string => `${id}/${index}`
const itemsOf = ({ v }: Drawn, count: number): number[] => Array.from({ length: count }, (_, index) => (v + index * 37) % 10_007)

/** Over `$.items`. Children are `{ id, v }` as everybody. */
const overItems = (processor: State, more: State): State => ({
  Type: 'Map',
  ItemsPath: '$.items',
  ItemSelector: { 'id.$': "States.Format('{}/{}', $.id, $$.Map.Item.Index)", 'v.$': '$$.Map.Item.Value' },
  ItemProcessor: processor,
  ResultSelector: { 'all.$': '$[*].v' },
  ...more,
})

function mapCourse(drawn: Drawn, count: number, state: string, redrive = 0): Course {
  const items = itemsOf(drawn, count)
  return {
    input: { id: drawn.id, v: drawn.v, items },
    end: succeeded({ all: items.map((v) => answerOf(v, state)) }),
    effects: items.map((_, index) => effectOf({ id: itemId(drawn.id, index), state, attempt: 0, redrive })),
  }
}

/** Sent with a token; somebody answers it through the API. */
const callback = (state: string, resource: string, parameters: (job: State) => State): State =>
  chain({
    [state]: {
      Type: 'Task',
      Resource: resource,
      Parameters: parameters(job(state, { 'token.$': '$$.Task.Token', 'answer.$': '$.answer' })),
      HeartbeatSeconds: 240,
      TimeoutSeconds: 600,
      ResultSelector: { 'id.$': '$.id', 'v.$': '$.v' },
      Catch: [{ ErrorEquals: ['Refused'], Next: 'Refused' }],
      End: true,
    },
    Refused: { Type: 'Pass', Parameters: { refused: true }, End: true },
  })

const callbackCourse =
  (state: string) =>
  ({ id, v, answer }: Drawn): Course => ({
    input: { id, v, answer },
    end: succeeded(answer === 'failure' ? { refused: true } : { id, v: answerOf(v, state) }),
    effects: [first(id, state)],
  })

/** What the sequences do to `v` before their task. */
const shifted = (v: number): number => (v + 7 < 5_000 ? v + 8 : v + 9)

const sequence = chain({
  Add: { Type: 'Pass', Parameters: { 'id.$': '$.id', 'v.$': 'States.MathAdd($.v, 7)' } },
  Size: { Type: 'Choice', Choices: [{ Variable: '$.v', NumericLessThan: 5_000, Next: 'Low' }], Default: 'High' },
  Low: { Type: 'Pass', Parameters: { 'id.$': '$.id', 'v.$': 'States.MathAdd($.v, 1)' }, Next: 'Work' },
  High: { Type: 'Pass', Parameters: { 'id.$': '$.id', 'v.$': 'States.MathAdd($.v, 2)' }, Next: 'Work' },
  Work: work('Work'),
})

const sequenceCourse = ({ id, v }: Drawn): Course => ({
  input: { id, v },
  end: succeeded({ id, v: answerOf(shifted(v), 'Work') }),
  effects: [first(id, 'Work')],
})

const STOPPED = { error: 'Stopped', cause: 'by a caller' }

export const WORKFLOWS = {
  sequence: { definition: sequence, course: sequenceCourse },

  'sequence-jsonata': {
    definition: {
      QueryLanguage: 'JSONata',
      ...chain({
        Add: { Type: 'Pass', Output: { id: '{% $states.input.id %}', v: '{% $states.input.v + 7 %}' } },
        Size: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.v < 5000 %}', Next: 'Low' }], Default: 'High' },
        Low: { Type: 'Pass', Output: '{% $merge([$states.input, { "v": $states.input.v + 1 }]) %}', Next: 'Work' },
        High: { Type: 'Pass', Output: '{% $merge([$states.input, { "v": $states.input.v + 2 }]) %}', Next: 'Work' },
        Work: {
          Type: 'Task',
          Resource: 'arn:aws:states:::lambda:invoke',
          Arguments: {
            FunctionName: FUNCTION,
            Payload: {
              id: '{% $states.input.id %}',
              v: '{% $states.input.v %}',
              state: 'Work',
              attempt: '{% $states.context.State.RetryCount %}',
              redrive: '{% $states.context.Execution.RedriveCount %}',
            },
          },
          Output: '{% $states.result.Payload %}',
        },
      }),
    },
    course: sequenceCourse,
  },

  retry: {
    definition: chain({
      Flaky: work(
        'Flaky',
        { Retry: [{ ErrorEquals: ['Flaky'], IntervalSeconds: 1, BackoffRate: 1, MaxAttempts: 4 }] },
        { 'fails.$': '$.fails' },
      ),
    }),
    course: ({ id, v, count }) => ({
      input: { id, v, fails: count },
      end: succeeded({ id, v: answerOf(v, 'Flaky') }),
      effects: Array.from({ length: count + 1 }, (_, attempt) => effectOf({ id, state: 'Flaky', attempt, redrive: 0 })),
    }),
  },

  parallel: {
    definition: chain({
      Fork: {
        Type: 'Parallel',
        Branches: ['Left', 'Middle', 'Right'].map((state) => chain({ [state]: work(state) })),
        ResultSelector: { 'id.$': '$[0].id', 'all.$': '$[*].v' },
      },
    }),
    course: ({ id, v }) => ({
      input: { id, v },
      end: succeeded({ id, all: ['Left', 'Middle', 'Right'].map((state) => answerOf(v, state)) }),
      effects: ['Left', 'Middle', 'Right'].map((state) => first(id, state)),
    }),
  },

  map: {
    definition: chain({ Each: overItems(chain({ Item: work('Item') }), { MaxConcurrency: 3 }) }),
    course: (drawn) => mapCourse(drawn, 3 + drawn.count * 2, 'Item'),
  },

  'distributed-map': {
    definition: chain({
      Spread: overItems(
        { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...chain({ Child: work('Child') }) },
        { MaxConcurrency: 8 },
      ),
    }),
    course: (drawn) => mapCourse(drawn, 12 + drawn.count * 12, 'Child'),
  },

  callback: {
    definition: callback('Ask', 'arn:aws:states:::lambda:invoke.waitForTaskToken', (Payload) => ({
      FunctionName: FUNCTION,
      Payload,
    })),
    course: callbackCourse('Ask'),
  },

  'callback-queue': {
    definition: callback('Queue', 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', (MessageBody) => ({
      QueueUrl: QUEUE_URL,
      MessageBody,
    })),
    course: callbackCourse('Queue'),
  },

  activity: {
    definition: chain({
      Bench: {
        Type: 'Task',
        Resource: ACTIVITY_ARN,
        Parameters: job('Bench'),
        // A task whose hand-over was lost on the way is given again.
        TimeoutSeconds: 15,
        ResultSelector: { 'id.$': '$.id', 'v.$': '$.v' },
        Retry: [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 1, BackoffRate: 1, MaxAttempts: 100 }],
      },
    }),
    // Any of the attempts may be the one that was lost.
    course: ({ id, v }) => ({ input: { id, v }, end: succeeded({ id, v: answerOf(v, 'Bench') }), effects: [] }),
  },

  nested: {
    definition: chain({
      Nest: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.sync:2',
        Parameters: {
          StateMachineArn: machineArnOf('sequence'),
          Input: { 'id.$': "States.Format('{}/nested', $.id)", 'v.$': '$.v' },
        },
        ResultSelector: { 'id.$': '$.Output.id', 'v.$': '$.Output.v' },
      },
    }),
    course: ({ id, v }) => sequenceCourseOf(id, v),
  },

  timer: {
    definition: chain({ Rest: { Type: 'Wait', SecondsPath: '$.seconds' }, Work: work('Work') }),
    course: ({ id, v, count }) => ({
      input: { id, v, seconds: 1 + count * 3 },
      end: succeeded({ id, v: answerOf(v, 'Work') }),
      effects: [first(id, 'Work')],
    }),
  },

  /** Many that are due at the same time, and one after the other. */
  timers: {
    definition: chain({
      Each: {
        Type: 'Map',
        ItemsPath: '$.waits',
        ItemProcessor: chain({ Rest: { Type: 'Wait', SecondsPath: '$.seconds' } }),
        ResultSelector: { 'all.$': '$[*].seconds' },
      },
    }),
    course: ({ id, v, count }) => {
      const seconds = Array.from({ length: 24 }, (_, index) => 1 + (index % (3 + count)))
      return {
        input: { id, v, waits: seconds.map((each) => ({ seconds: each })) },
        end: succeeded({ all: seconds }),
        effects: [],
      }
    },
  },

  redrive: {
    definition: chain({ Heal: work('Heal', {}, { heals: 1 }) }),
    course: ({ id, v }) => ({
      input: { id, v },
      end: succeeded({ id, v: answerOf(v, 'Heal') }),
      effects: [0, 1].map((redrive) => effectOf({ id, state: 'Heal', attempt: 0, redrive })),
      meddling: { kind: 'redrive' },
    }),
  },

  stop: {
    definition: chain({ Rest: { Type: 'Wait', Seconds: 3_600 } }),
    course: ({ id, v }) => ({
      input: { id, v },
      end: { status: 'ABORTED', ...STOPPED },
      effects: [],
      meddling: { kind: 'stop', ...STOPPED },
    }),
  },
} as const satisfies Readonly<Record<string, Workflow>>

export type WorkflowName = keyof typeof WORKFLOWS

function sequenceCourseOf(id: string, v: number): Course {
  const nested = `${id}/nested`
  return { input: { id, v }, end: succeeded({ id: nested, v: answerOf(shifted(v), 'Work') }), effects: [first(nested, 'Work')] }
}
