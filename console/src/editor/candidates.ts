/** What could be written at a place: names of fields, values of them, states to go to. Order: the likeliest first. */
import { getOwn, isObject } from '../../../src/base/json.ts'
import { ErrorName } from '../../../src/base/error-names.ts'
import { OPTIMIZED_RESOURCES } from '../../../src/asl/rules/resources.ts'
import type { Document } from '../../../src/asl/document/document.ts'
import type { QueryLanguage } from '../../../src/asl/program.ts'
import { CHOICE_OPERATORS, STATES } from '../../../src/asl/schema.ts'
import type { Key } from '../../../src/source/tree.ts'
import { INTRINSIC_FUNCTIONS } from '../../../src/expr/intrinsics/table.ts'
import { BUILT_IN } from '../../../src/expr/jsonata/functions/table.ts'
import { type Context, contextAt } from './context.ts'
import { argumentsOf, type LocalKind, localKindOf } from './call-arguments.ts'

export interface Candidate {
  readonly label: string
  readonly kind: 'field' | 'value' | 'state' | 'snippet' | 'function'
  /** What is inserted, where it is more than the label: data. */
  readonly insert?: unknown
}

export interface Candidates {
  readonly isKey: boolean
  readonly options: readonly Candidate[]
  /** What is here already may be named at this place: functions, queues … */
  readonly locals: LocalKind | undefined
}

export function candidatesAt(document: Document, offset: number): Candidates {
  const { path, name } = document.cursorAt(offset)
  const context = contextAt(document, path)
  if (name === undefined) return { isKey: false, options: valuesIn(context, path.at(-1)), locals: localKindOf(path) }
  return { isKey: true, options: [...keysIn(context), ...argumentsAt(document, path)], locals: undefined }
}

/** Members of what a Task asks its service with. */
function argumentsAt(document: Document, path: readonly Key[]): readonly Candidate[] {
  const field = path.at(-1)
  if (field !== 'Arguments' && field !== 'Parameters') return []
  const present = document.valueAt(path)
  return argumentsOf(document.valueAt([...path.slice(0, -1), 'Resource']))
    .filter((name) => !isObject(present) || !(Object.hasOwn(present, name) || Object.hasOwn(present, `${name}.$`)))
    .map((label) => ({ label, kind: 'field' }))
}

const STATES_MEMBERS = [
  ...['input', 'result', 'errorOutput', 'errorOutput.Error', 'errorOutput.Cause', 'context', 'context.Execution.Id'],
  ...['context.Execution.Input', 'context.Execution.Name', 'context.Execution.StartTime', 'context.State.EnteredTime'],
  ...['context.State.RetryCount', 'context.StateMachine.Id', 'context.Task.Token', 'context.Map.Item.Index'],
  ...['context.Map.Item.Value', 'context.Map.Item.Key'],
].map((member) => `$states.${member}`)

/** What may stand within `{% %}`: what the state has, variables that are assigned somewhere, functions. */
export function wordsOfExpression(document: Document): readonly Candidate[] {
  const assigned = new Set(
    document.machine.states.flatMap(({ document }) => {
      const assign = getOwn(document, 'Assign')
      return isObject(assign) ? Object.keys(assign) : []
    }),
  )
  return [
    ...STATES_MEMBERS.map((label): Candidate => ({ label, kind: 'value' })),
    ...[...assigned].map((name): Candidate => ({ label: `$${name.replace(/\.\$$/, '')}`, kind: 'state' })),
    ...[...BUILT_IN.keys()].map((name): Candidate => ({ label: `$${name}`, kind: 'function' })),
  ]
}

function keysIn(context: Context): readonly Candidate[] {
  const field = (label: string): Candidate => ({ label, kind: 'field' })
  switch (context.kind) {
    case 'members': {
      const { members, language, present } = context
      return Object.entries(members.fields)
        .filter(([name, one]) => !present.includes(name) && (one.language === undefined || one.language === language))
        .map(([name]) => field(name))
    }
    case 'states':
      return SNIPPETS[context.language]
    case 'rule': {
      const names = context.language === 'JSONata' ? ['Condition'] : ['Variable', 'And', 'Or', 'Not', ...CHOICE_OPERATORS]
      return [...names, 'Next', 'Assign', 'Output', 'Comment'].filter((name) => !context.present.includes(name)).map(field)
    }
    case 'value':
    case 'data':
      return []
  }
}

function valuesIn(context: Context, key: Key | undefined): readonly Candidate[] {
  const value = (label: string): Candidate => ({ label, kind: 'value' })
  const expressions = () => (takesExpression(context, key) ? expressionsIn(context).map(value) : [])
  if (context.kind !== 'value') return context.kind === 'data' ? expressions() : []
  switch (context.name) {
    case 'Type':
      return Object.keys(STATES).map(value)
    case 'QueryLanguage':
      return ['JSONata', 'JSONPath'].map(value)
    case 'Next':
    case 'Default':
    case 'StartAt':
      return context.states.map((label) => ({ label, kind: 'state' }))
    case 'Resource':
      return [...USUAL, ...OPTIMIZED_RESOURCES.filter((one) => !USUAL.includes(one)), 'arn:aws:states:::aws-sdk:'].map(value)
    case 'ErrorEquals':
      return [ErrorName.All, ...Object.values(ErrorName).filter((name) => name !== ErrorName.All)].map(value)
    default:
      return context.field?.values?.every((one) => typeof one === 'string')
        ? context.field.values.map((one) => value(String(one)))
        : expressions()
  }
}

/** With JSONPath, a path elsewhere would be a text like any other. */
function takesExpression(context: Context, key: Key | undefined): boolean {
  if (context.language === 'JSONata') return key !== 'Comment'
  if (String(key).endsWith('.$')) return true
  return context.kind === 'value' && (context.name === 'Variable' || context.name.endsWith('Path'))
}

const USUAL = [
  'lambda:invoke',
  'sns:publish',
  'sqs:sendMessage',
  'dynamodb:getItem',
  'dynamodb:putItem',
  'states:startExecution.sync:2',
].map((call) => `arn:aws:states:::${call}`)

/** What an expression begins with. */
function expressionsIn({ language }: Context): readonly string[] {
  if (language === 'JSONata')
    return [
      '{% $states.input %}',
      '{% $states.result %}',
      '{% $states.errorOutput %}',
      '{% $states.context %}',
      '{% $states.context.Execution.Id %}',
      '{% $states.context.Task.Token %}',
    ]
  return [
    '$',
    '$$',
    '$$.Execution.Id',
    '$$.Execution.Input',
    '$$.Task.Token',
    '$$.Map.Item.Value',
    '$$.Map.Item.Index',
    ...[...INTRINSIC_FUNCTIONS.keys()].map((name) => `${name}()`),
  ]
}

const ARN = 'arn:aws:states:::lambda:invoke'
const RETRY = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2 }]
const SAME = {
  Wait: { Type: 'Wait', Seconds: 10, Next: 'Done' },
  Parallel: { Type: 'Parallel', Branches: [{ StartAt: 'One', States: { One: { Type: 'Pass', End: true } } }], End: true },
  Succeed: { Type: 'Succeed' },
  Fail: { Type: 'Fail', Error: 'My.Error', Cause: 'What went wrong' },
}
const EACH = { StartAt: 'Each', States: { Each: { Type: 'Pass', End: true } } }

/** Whole states, to be written over. */
const SNIPPETS: Readonly<Record<QueryLanguage, readonly Candidate[]>> = {
  JSONata: snippets({
    Task: {
      Type: 'Task',
      Resource: ARN,
      Arguments: { FunctionName: 'my-function', Payload: '{% $states.input %}' },
      Output: '{% $states.result.Payload %}',
      Retry: RETRY,
      End: true,
    },
    Pass: { Type: 'Pass', Output: '{% $states.input %}', End: true },
    Choice: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.ready %}', Next: 'Done' }], Default: 'Done' },
    Map: { Type: 'Map', Items: '{% $states.input.items %}', ItemProcessor: EACH, End: true },
    ...SAME,
  }),
  JSONPath: snippets({
    Task: {
      Type: 'Task',
      Resource: ARN,
      Parameters: { FunctionName: 'my-function', 'Payload.$': '$' },
      OutputPath: '$.Payload',
      Retry: RETRY,
      End: true,
    },
    Pass: { Type: 'Pass', End: true },
    Choice: { Type: 'Choice', Choices: [{ Variable: '$.ready', BooleanEquals: true, Next: 'Done' }], Default: 'Done' },
    Map: { Type: 'Map', ItemsPath: '$.items', ItemProcessor: EACH, End: true },
    ...SAME,
  }),
}

function snippets(states: Readonly<Record<string, unknown>>): readonly Candidate[] {
  return Object.entries(states).map(([type, insert]) => ({ label: `New ${type}`, kind: 'snippet', insert }))
}
