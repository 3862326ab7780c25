/**
 * What each state may hold: its fields, their types, bounds, and the query language they belong to. Data only; rules/fields.ts
 * reads it. Source: developer guide, the page of each state type; bounds as AWS's own schema for editors has them.
 */
import type { PathRoot } from '../expr/jsonpath/ast.ts'

import type { QueryLanguage, StateType } from './program.ts'

export interface Field {
  readonly type: 'String' | 'Boolean' | 'Object' | 'Array' | 'Integer' | 'Number' | 'ReferencePath' | 'Timestamp' | 'Any'
  /** Undefined: both. */
  readonly language?: QueryLanguage
  /** A text of one JSONata expression may stand here too. */
  readonly isExpression?: true
  readonly isNullable?: true
  readonly isNonEmpty?: true
  /** What an array holds, where it is no objects with members. */
  readonly items?: 'String'
  readonly min?: number
  readonly max?: number
  readonly values?: readonly unknown[]
  /** Of a Reference Path: what it may begin at. Undefined: anything. */
  readonly roots?: readonly PathRoot['kind'][]
  /** What stands within an object, or in each object of an array. */
  readonly members?: Members
}

export interface Members {
  readonly fields: Readonly<Record<string, Field>>
  readonly required?: readonly string[]
  /** At most one of each group. */
  readonly exclusive?: readonly (readonly string[])[]
  /** One of each group, and one only. */
  readonly oneOf?: readonly (readonly string[])[]
  /** What must be there beside any of those. */
  readonly dependent?: Readonly<Record<string, readonly string[]>>
}

const SECONDS_MAX = 99_999_999
const MAX_DELAY_SECONDS = 31_622_400
const ITEMS_MAX = 100_000_000

const string: Field = { type: 'String' }
const object: Field = { type: 'Object' }
const any: Field = { type: 'Any' }
const jsonPath = { language: 'JSONPath' } as const
const jsonata = { language: 'JSONata' } as const
const path: Field = { type: 'String', ...jsonPath, isNullable: true }
/** Where a Map reads a number: not in the context object (measured: FL#3733). */
const reference: Field = { type: 'ReferencePath', ...jsonPath, roots: ['input', 'variable'] }
/** Where a Wait or a Task reads how long: there too (public workflows wait for `$$.Map.Item.Index` seconds). */
const duration: Field = { type: 'ReferencePath', ...jsonPath }
const jsonataObject: Field = { type: 'Object', ...jsonata, isExpression: true }
const strings: Field = { type: 'Array', items: 'String' }
const integer = (min: number, max = SECONDS_MAX): Field => ({ type: 'Integer', min, max, isExpression: true })

const COMMON = { Type: string, Comment: string, QueryLanguage: string }
const NEXT = { Next: string, End: { type: 'Boolean', values: [true] } as const }
const INPUT_OUTPUT = { InputPath: path, OutputPath: path, Output: { ...any, ...jsonata } }
const ASSIGN = { Assign: object }
const SHAPING = {
  Parameters: { ...any, ...jsonPath },
  ResultSelector: { ...object, ...jsonPath },
  ResultPath: { type: 'ReferencePath', ...jsonPath, roots: ['input'], isNullable: true },
  Arguments: jsonataObject,
} as const

export const RETRIER = {
  required: ['ErrorEquals'],
  fields: {
    ErrorEquals: strings,
    Comment: string,
    IntervalSeconds: { type: 'Integer', min: 1, max: SECONDS_MAX },
    MaxAttempts: { type: 'Integer', min: 0, max: SECONDS_MAX },
    BackoffRate: { type: 'Number', min: 1 },
    MaxDelaySeconds: { type: 'Integer', min: 1, max: MAX_DELAY_SECONDS },
    JitterStrategy: { type: 'String', values: ['FULL', 'NONE'] },
  },
} satisfies Members
export const CATCHER = {
  required: ['ErrorEquals', 'Next'],
  fields: {
    ErrorEquals: strings,
    Next: string,
    Comment: string,
    Assign: object,
    ResultPath: SHAPING.ResultPath,
    Output: { ...any, ...jsonata },
  },
} satisfies Members
const GUARDED = { Retry: { type: 'Array', members: RETRIER }, Catch: { type: 'Array', members: CATCHER } } as const

const choicePath: Field = { type: 'ReferencePath', ...jsonPath }
const OPERAND: Readonly<Record<string, Field>> = {
  String: { type: 'String', ...jsonPath },
  Numeric: { type: 'Number', ...jsonPath },
  Boolean: { type: 'Boolean', ...jsonPath },
  Timestamp: { type: 'Timestamp', ...jsonPath },
  Is: { type: 'Boolean', ...jsonPath },
}
const COMPARED = ['Equals', 'LessThan', 'GreaterThan', 'LessThanEquals', 'GreaterThanEquals']
const comparisons = (kind: string, ends: readonly string[]): readonly string[] =>
  ends.flatMap((end) => [`${kind}${end}`, `${kind}${end}Path`])

/** Every operator of a data test. */
export const CHOICE_OPERATORS: readonly string[] = [
  ...comparisons('String', COMPARED),
  ...comparisons('Numeric', COMPARED),
  ...comparisons('Boolean', ['Equals']),
  ...comparisons('Timestamp', COMPARED),
  'StringMatches',
  ...['Null', 'Numeric', 'String', 'Boolean', 'Timestamp', 'Present'].map((type) => `Is${type}`),
]

function operandOf(operator: string): readonly [string, Field] {
  const [kind = ''] = /^(?:Is|String|Numeric|Boolean|Timestamp)/.exec(operator) ?? []
  return [operator, operator.endsWith('Path') ? choicePath : (OPERAND[kind] ?? any)]
}

const COMPARISON = {
  Comment: string,
  Variable: choicePath,
  And: { type: 'Array', ...jsonPath, isNonEmpty: true },
  Or: { type: 'Array', ...jsonPath, isNonEmpty: true },
  Not: { ...any, ...jsonPath },
  ...Object.fromEntries(CHOICE_OPERATORS.map(operandOf)),
} satisfies Readonly<Record<string, Field>>

/** What stands within And, Or and Not. */
export const NESTED_RULE: Members = {
  fields: COMPARISON,
  oneOf: [['And', 'Or', 'Not', ...CHOICE_OPERATORS]],
  exclusive: [['Variable', 'And', 'Or', 'Not']],
  dependent: { Variable: CHOICE_OPERATORS },
}
export const CHOICE_RULE = {
  ...NESTED_RULE,
  required: ['Condition', 'Next'],
  fields: {
    ...COMPARISON,
    Condition: { type: 'Boolean', ...jsonata, isExpression: true },
    Next: string,
    Assign: object,
    Output: { ...any, ...jsonata },
  },
} satisfies Members

const READER_CONFIG: Members = {
  exclusive: [['MaxItems', 'MaxItemsPath']],
  fields: {
    InputType: { type: 'String', values: ['CSV', 'JSON', 'JSONL', 'PARQUET', 'MANIFEST'] },
    Transformation: { type: 'String', values: ['NONE', 'LOAD_AND_FLATTEN'] },
    ManifestType: { type: 'String', values: ['ATHENA_DATA', 'S3_INVENTORY'] },
    CSVHeaderLocation: { type: 'String', values: ['FIRST_ROW', 'GIVEN'] },
    CSVHeaders: strings,
    CSVDelimiter: { type: 'String', values: ['COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB'] },
    MaxItems: integer(0, ITEMS_MAX),
    MaxItemsPath: reference,
    ItemsPointer: string,
  },
}
const ITEM_READER: Members = {
  required: ['Resource'],
  fields: {
    Resource: string,
    ReaderConfig: { type: 'Object', members: READER_CONFIG },
    Parameters: { ...object, ...jsonPath },
    Arguments: jsonataObject,
  },
}
const ITEM_BATCHER: Members = {
  exclusive: [
    ['MaxItemsPerBatch', 'MaxItemsPerBatchPath'],
    ['MaxInputBytesPerBatch', 'MaxInputBytesPerBatchPath'],
  ],
  fields: {
    MaxItemsPerBatch: integer(1),
    MaxItemsPerBatchPath: reference,
    MaxInputBytesPerBatch: integer(1, 262_144),
    MaxInputBytesPerBatchPath: reference,
    BatchInput: any,
  },
}
const RESULT_WRITER: Members = {
  fields: {
    Resource: string,
    Parameters: { ...object, ...jsonPath },
    Arguments: jsonataObject,
    WriterConfig: {
      type: 'Object',
      members: {
        fields: {
          OutputType: { type: 'String', values: ['JSON', 'JSONL'] },
          Transformation: { type: 'String', values: ['NONE', 'COMPACT', 'FLATTEN'] },
        },
      },
    },
  },
}
export const PROCESSOR = {
  fields: {
    StartAt: string,
    States: object,
    Comment: string,
    QueryLanguage: any,
    ProcessorConfig: {
      type: 'Object',
      members: {
        fields: {
          Mode: { type: 'String', values: ['INLINE', 'DISTRIBUTED'] },
          ExecutionType: { type: 'String', values: ['STANDARD', 'EXPRESS'] },
        },
      },
    },
  },
} satisfies Members

export const MACHINE = {
  fields: {
    Comment: string,
    StartAt: string,
    States: object,
    QueryLanguage: string,
    Version: { type: 'String', values: ['1.0'] },
    TimeoutSeconds: { type: 'Integer', min: 1, max: SECONDS_MAX },
  },
} satisfies Members

export const STATES = {
  Pass: {
    oneOf: [['Next', 'End']],
    fields: {
      ...COMMON,
      ...NEXT,
      ...INPUT_OUTPUT,
      ...ASSIGN,
      Parameters: SHAPING.Parameters,
      ResultPath: SHAPING.ResultPath,
      Result: { ...any, ...jsonPath },
      // AWS's editors write it in Pass states; it does nothing there.
      ResultSelector: SHAPING.ResultSelector,
    },
  },
  Task: {
    required: ['Resource'],
    oneOf: [['Next', 'End']],
    exclusive: [
      ['TimeoutSeconds', 'TimeoutSecondsPath'],
      ['HeartbeatSeconds', 'HeartbeatSecondsPath'],
    ],
    fields: {
      ...COMMON,
      ...NEXT,
      ...INPUT_OUTPUT,
      ...ASSIGN,
      ...SHAPING,
      ...GUARDED,
      Resource: string,
      Credentials: object,
      TimeoutSeconds: integer(1),
      TimeoutSecondsPath: duration,
      HeartbeatSeconds: integer(1),
      HeartbeatSecondsPath: duration,
    },
  },
  Choice: {
    required: ['Choices'],
    fields: { ...COMMON, ...INPUT_OUTPUT, ...ASSIGN, Choices: { type: 'Array', isNonEmpty: true }, Default: string },
  },
  Wait: {
    oneOf: [
      ['Next', 'End'],
      ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'],
    ],
    fields: {
      ...COMMON,
      ...NEXT,
      ...INPUT_OUTPUT,
      ...ASSIGN,
      Seconds: integer(0),
      SecondsPath: duration,
      Timestamp: { type: 'Timestamp', isExpression: true },
      TimestampPath: duration,
    },
  },
  Succeed: { fields: { ...COMMON, ...INPUT_OUTPUT } },
  Fail: {
    exclusive: [
      ['Error', 'ErrorPath'],
      ['Cause', 'CausePath'],
    ],
    fields: {
      ...COMMON,
      Error: string,
      Cause: string,
      ErrorPath: { type: 'String', ...jsonPath },
      CausePath: { type: 'String', ...jsonPath },
    },
  },
  Parallel: {
    required: ['Branches'],
    oneOf: [['Next', 'End']],
    fields: {
      ...COMMON,
      ...NEXT,
      ...INPUT_OUTPUT,
      ...ASSIGN,
      ...SHAPING,
      ...GUARDED,
      Branches: {
        type: 'Array',
        isNonEmpty: true,
        members: { fields: { StartAt: string, States: object, Comment: string, QueryLanguage: any, ProcessorConfig: object } },
      },
    },
  },
  Map: {
    oneOf: [
      ['Next', 'End'],
      ['ItemProcessor', 'Iterator'],
    ],
    exclusive: [
      ['MaxConcurrency', 'MaxConcurrencyPath'],
      ['ToleratedFailureCount', 'ToleratedFailureCountPath'],
      ['ToleratedFailurePercentage', 'ToleratedFailurePercentagePath'],
      ['ItemSelector', 'Parameters'],
    ],
    fields: {
      ...COMMON,
      ...NEXT,
      ...INPUT_OUTPUT,
      ...ASSIGN,
      ...GUARDED,
      Parameters: SHAPING.Parameters,
      ResultSelector: SHAPING.ResultSelector,
      ResultPath: SHAPING.ResultPath,
      ItemProcessor: { type: 'Object', members: PROCESSOR },
      Iterator: { type: 'Object', members: PROCESSOR },
      ItemsPath: { type: 'ReferencePath', ...jsonPath },
      Items: { ...any, ...jsonata },
      ItemSelector: any,
      MaxConcurrency: integer(0),
      MaxConcurrencyPath: reference,
      Label: string,
      ItemReader: { type: 'Object', members: ITEM_READER },
      ItemBatcher: { type: 'Object', members: ITEM_BATCHER },
      ResultWriter: { type: 'Object', members: RESULT_WRITER },
      ToleratedFailureCount: integer(0, Number.MAX_SAFE_INTEGER),
      ToleratedFailureCountPath: reference,
      ToleratedFailurePercentage: { type: 'Number', min: 0, max: 100, isExpression: true },
      ToleratedFailurePercentagePath: reference,
    },
  },
} satisfies Readonly<Record<StateType, Members>>

/** Fields of a Map that only a distributed one has; AWS lets tolerances and labels stand in any (recorded: evaluate_jsonata). */
export const DISTRIBUTED_ONLY = ['ItemReader', 'ItemBatcher', 'ResultWriter']
