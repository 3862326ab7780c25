import { describe, expect, test } from 'vitest'

import type { Json } from '../base/json.ts'

import { checkDefinition } from './check.ts'
import { ADVICE_CODES } from './rules/index.ts'

const machine = (states: Record<string, Json>, more: Record<string, Json> = {}) => ({
  StartAt: Object.keys(states)[0] ?? 'A',
  States: states,
  ...more,
})
const one = (state: Record<string, Json>) => machine({ S: { End: true, ...state } })

/** `CODE: message at place`, as CreateStateMachine puts it. */
const told = (definition: Json, type: 'STANDARD' | 'EXPRESS' = 'STANDARD') =>
  checkDefinition(JSON.stringify(definition), { type }).map(
    ({ code, message, location }) => `${code}: ${message}${location === undefined ? '' : ` at ${location}`}`,
  )
const schema = (message: string, at = '/States/S') => `SCHEMA_VALIDATION_FAILED: ${message} at ${at}`
const TASK = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish' }
const JSONATA = { QueryLanguage: 'JSONata' }
const distributed = (more: Record<string, Json> = {}) => ({
  Type: 'Map',
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    ...machine({ P: { Type: 'Pass', End: true } }),
  },
  ...more,
})

describe('a definition', () => {
  test('that is no JSON is told so in the words of AWS', () => {
    expect(checkDefinition('not a definition', { type: 'STANDARD' })).toEqual([
      {
        severity: 'ERROR',
        code: 'INVALID_JSON_DESCRIPTION',
        message:
          "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: (String)\"not a definition\"; line: 1, column: 4]",
        location: '[Source: (String)"not a definition"; line: 1, column: 4]',
      },
    ])
  })

  test('tells all that is wrong with it, not the first alone', () => {
    expect(told(machine({ A: { Type: 'Pass', Next: 'X' }, B: { Type: 'Nope', End: true } }, { Version: '2' }))).toEqual([
      "SCHEMA_VALIDATION_FAILED: The field 'Version' should have one of these values: [1.0] at /Version",
      schema(
        "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]",
        '/States/B/Type',
      ),
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/A/Next",
    ])
  })

  test.each(['', ' \n', '[]', 'null', '"text"'])('that is no object is told so: %j', (text) => {
    expect(checkDefinition(text, { type: 'STANDARD' })).toEqual([
      { severity: 'ERROR', code: 'SCHEMA_VALIDATION_FAILED', message: 'Definition must be a valid JSON object' },
    ])
  })

  test('tells what cannot be bound beside what is of no known shape', () => {
    const bad = { Type: 'Pass', InputPath: '$..[', Parameters: { 'a.$': 'States.Nope()' }, Next: 'B' }
    expect(told(machine({ A: bad, B: { Type: 'Nope', End: true }, C: { Type: 'Wait', End: true } })).slice(0, 5)).toEqual([
      schema(
        "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]",
        '/States/B/Type',
      ),
      expect.stringContaining('There should be one of the following fields: [Seconds'),
      expect.stringContaining('MISSING_TRANSITION_TARGET'),
      schema('Value must be a valid JSONPath.', '/States/A/InputPath'),
      expect.stringContaining("The value for the field 'a.$' must be a valid JSONPath"),
    ])
  })

  test('nested beyond reason is refused without being read', () => {
    expect(told(JSON.parse('['.repeat(999) + ']'.repeat(999)))).toHaveLength(1)
    expect(checkDefinition('['.repeat(100_000), { type: 'STANDARD' })[0]?.code).toBe('TOO_DEEPLY_NESTED')
  })
})

test.each<[string, Json, string[]]>([
  ['blocks need their states and a start', {}, [schema('These fields are required: [States, StartAt]', '/')]],
  ['a state needs its fields', one({ Type: 'Task' }), [schema('These fields are required: [Resource]')]],
  ['a field must be one of its state', one({ Type: 'Pass', Retry: [] }), [schema("Field 'Retry' is not supported")]],
  ['of the right type', one({ ...TASK, Comment: 1 }), [schema('Expected value of type String', '/States/S/Comment')]],
  ['within its bounds', one({ Type: 'Wait', Seconds: -1 }), [schema('Minimum value is 0', '/States/S/Seconds')]],
  [
    'and of the query language of its state',
    one({ Type: 'Pass', Output: 1 }),
    [schema("The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage")],
  ],
  [
    'fields that exclude each other do not stand together',
    one({ ...TASK, TimeoutSeconds: 1, TimeoutSecondsPath: '$.t' }),
    [schema('There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath]')],
  ],
  [
    'paths to write to are Reference Paths',
    one({ ...TASK, ResultPath: '$.a[*]' }),
    [schema('Value is not a Reference Path', '/States/S/ResultPath')],
  ],
  [
    'and name a place of the input',
    one({ ...TASK, ResultPath: '$foo', TimeoutSecondsPath: 'x' }),
    [
      schema('Value is not a Reference Path', '/States/S/ResultPath'),
      schema("Value is not a Reference Path: Reference path didn't start with '$'", '/States/S/TimeoutSecondsPath'),
    ],
  ],
  [
    'a number of a Map is read from the input or a variable, not from the context object',
    one(
      distributed({
        MaxConcurrencyPath: '$$.a',
        ToleratedFailureCountPath: '$.a[*]',
        ToleratedFailurePercentagePath: '$percentage',
        ItemsPath: '$$.Execution.Input',
        ItemReader: { Resource: 'arn:aws:states:::s3:getObject', ReaderConfig: { MaxItemsPath: '$$.a' } },
        ItemBatcher: { MaxItemsPerBatchPath: '$..a', MaxInputBytesPerBatchPath: 1 },
      }),
    ),
    [
      schema('Value is not a Reference Path', '/States/S/MaxConcurrencyPath'),
      schema('Value is not a Reference Path', '/States/S/ToleratedFailureCountPath'),
      schema('Value is not a Reference Path', '/States/S/ItemReader/ReaderConfig/MaxItemsPath'),
      schema('Value is not a Reference Path', '/States/S/ItemBatcher/MaxItemsPerBatchPath'),
      schema('Expected value of type String', '/States/S/ItemBatcher/MaxInputBytesPerBatchPath'),
    ],
  ],
  ...[
    { Type: 'Wait', SecondsPath: '$$.Map.Item.Index' },
    { Type: 'Wait', TimestampPath: '$$.Execution.StartTime' },
  ].map((state): [string, Json, string[]] => [`a time is read from there too: ${JSON.stringify(state)}`, one(state), []]),
  [
    'other paths are JSONPath',
    one({ Type: 'Pass', OutputPath: 'x' }),
    [schema('Value must be a valid JSONPath.', '/States/S/OutputPath')],
  ],
  [
    'a heartbeat is due before the task itself',
    one({ ...TASK, TimeoutSeconds: 5, HeartbeatSeconds: 5 }),
    [schema("'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'", '/States/S/HeartbeatSeconds')],
  ],
  [
    'names of errors are texts',
    one({ ...TASK, Retry: [{ ErrorEquals: ['A', 1] }], Catch: [{ ErrorEquals: 'A', Next: 'S' }] }),
    [
      schema('Expected value of type String', '/States/S/Retry[0]/ErrorEquals[1]'),
      schema('Expected value of type Array', '/States/S/Catch[0]/ErrorEquals'),
    ],
  ],
  [
    'arguments are an object or an expression',
    machine({ S: { ...TASK, Arguments: [1], End: true } }, JSONATA),
    [schema('Expected value of type Object', '/States/S/Arguments')],
  ],
  [
    'a text that opens an expression closes it, whatever its field',
    machine({ S: { Type: 'Fail', Error: '{% $x', Cause: ' {% $x %}' } }, JSONATA),
    ['Error', 'Cause'].map(
      (field) => `INVALID_JSONATA_EXPRESSION: A JSONata expression must start with '{%' and end with '%}'. at /States/S/${field}`,
    ),
  ],
  [
    'retriers name errors',
    one({ ...TASK, Retry: [{}] }),
    [schema('These fields are required: [ErrorEquals]', '/States/S/Retry[0]')],
  ],
  [
    'States.ALL stands alone and last',
    one({ ...TASK, Retry: [{ ErrorEquals: ['States.ALL', 'E'] }, { ErrorEquals: ['F'] }] }),
    [
      schema('States.ALL must appear alone in ErrorEquals', '/States/S/Retry[0]/ErrorEquals'),
      schema('States.ALL must appear in the last Retrier', '/States/S/Retry[0]/ErrorEquals'),
    ],
  ],
  [
    'names of states are unique in the whole machine',
    one({ Type: 'Parallel', Branches: [machine({ S: { Type: 'Pass', End: true } })] }),
    ['DUPLICATE_STATE_NAME: Duplicate state name: S at /States/S/Branches[0]/States/S'],
  ],
  ['a Parallel has branches', one({ Type: 'Parallel', Branches: [] }), [schema('Value cannot be empty', '/States/S/Branches')]],
  [
    'a timestamp that is written out is one',
    one({ Type: 'Wait', Timestamp: '2016-12-05 21:29:29Z' }),
    [schema('String does not match RFC3339 timestamp', '/States/S/Timestamp')],
  ],
  [
    'a resource is one that can be called',
    one({ Type: 'Task', Resource: 'arn:aws:states:::dynamodb:query' }),
    [
      schema(
        'The resource provided arn:aws:states:::dynamodb:query is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.',
        '/States/S/Resource',
      ),
    ],
  ],
  ...['aws-sdk:S3:listBuckets', 'aws-sdk:SQS:sendMessage', 'aws-sdk:s3:GetObject', 'aws-sdk:secrets-manager:getSecretValue'].map(
    (call): [string, Json, string[]] => [
      `no service or action is called by another spelling: ${call}`,
      one({ Type: 'Task', Resource: `arn:aws:states:::${call}` }),
      [
        schema(
          `The resource provided arn:aws:states:::${call} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
          '/States/S/Resource',
        ),
      ],
    ],
  ),
  [
    'credentials name a role',
    one({ ...TASK, Credentials: {} }),
    [schema("The field 'RoleArn' is required but was missing", '/States/S/Credentials')],
  ],
  [
    'labels fit into an ARN',
    one(distributed({ Label: 'a b' })),
    ['INVALID_LABEL_NAME: Label contains invalid characters: a b at /States/S/Label'],
  ],
  [
    'a machine of JSONata has no state of JSONPath',
    machine({ S: { Type: 'Pass', QueryLanguage: 'JSONPath', End: true } }, JSONATA),
    [schema("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine")],
  ],
  [
    'an inner block does not assign what is assigned around it',
    machine({
      A: { Type: 'Pass', Assign: { v: 1 }, Next: 'P' },
      P: { Type: 'Parallel', End: true, Branches: [machine({ B: { Type: 'Pass', Assign: { v: 2 }, End: true } })] },
    }),
    [schema("Variable 'v' is assigned in an outer scope already", '/States/P/Branches[0]/States/B/Assign/v')],
  ],
  [
    'a distributed Map may use the names of what is around it',
    machine({
      A: { Type: 'Pass', Assign: { v: 1 }, Next: 'M' },
      M: {
        ...distributed(),
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
          ...machine({ B: { Type: 'Pass', Assign: { v: 2 }, End: true } }),
        },
        End: true,
      },
    }),
    [],
  ],
  [
    'every state can be come to',
    machine({ A: { Type: 'Succeed' }, B: { Type: 'Succeed' } }),
    ['MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B'],
  ],
  [
    'some state ends the workflow',
    machine({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } }),
    ['MISSING_END_STATE: Workflow has no terminal state'],
  ],
  [
    'expressions can be read',
    machine({ S: { Type: 'Pass', Output: '{% $phone. %}', End: true } }, JSONATA),
    [expect.stringContaining('INVALID_JSONATA_EXPRESSION') as unknown as string],
  ],
  [
    'a result is seen only where there is one',
    machine({ S: { ...TASK, Arguments: { a: '{% $states.result %}' }, Output: '{% $states.result %}', End: true } }, JSONATA),
    [
      "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$states.result' is not supported in the field 'Arguments'. at /States/S/Arguments",
    ],
  ],
])('%s', (_rule, definition, expected) => {
  expect(told(definition)).toEqual(expected)
})

test.each(['arn:aws:states:::sns:publish.waitForTaskToken', 'arn:aws:states:us-east-1:000000000000:activity:a'])(
  'an Express machine does not wait for others: %s',
  (Resource) => {
    const definition = one({ Type: 'Task', Resource })
    expect(told(definition, 'EXPRESS')).toEqual([expect.stringContaining('Express state machine does not support')])
    expect(told(definition)).toEqual([])
  },
)

describe('warnings', () => {
  const warned = (definition: Json, options: { advice?: boolean; ignore?: string[] } = { advice: true }) =>
    checkDefinition(JSON.stringify(definition), { type: 'STANDARD', ...options })
      .filter(({ severity }) => severity === 'WARNING')
      .map(({ code, location }) => `${code} at ${location}`)

  test('of AWS are always given', () => {
    expect(warned(one({ Type: 'Pass', Result: { a: '$.b' } }), {})).toEqual(['PASS_RESULT_IS_STATIC at /States/S/Result'])
    expect(warned(one({ ...TASK, Parameters: { Message: '$.m' } }), {})).toEqual(['NO_DOLLAR at /States/S/Parameters/Message'])
  })

  const LAMBDA = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' }
  test.each<[string, Json]>([
    ['TASK_WITHOUT_RETRY at /States/S', one(LAMBDA)],
    ['CALLBACK_WITHOUT_TIMEOUT at /States/S', one({ ...TASK, Resource: `${TASK.Resource}.waitForTaskToken` })],
    [
      'UNREACHABLE_CATCH at /States/S/Catch[1]',
      machine({
        S: {
          ...TASK,
          End: true,
          Catch: [
            { ErrorEquals: ['E', 'F'], Next: 'X' },
            { ErrorEquals: ['F'], Next: 'X' },
          ],
        },
        X: { Type: 'Succeed' },
      }),
    ],
    [
      'UNBOUNDED_WAIT_LOOP at /States/W',
      machine({
        W: { Type: 'Wait', Seconds: 1, Next: 'C' },
        C: { Type: 'Choice', Choices: [{ Variable: '$.x', IsPresent: true, Next: 'D' }], Default: 'W' },
        D: { Type: 'Succeed' },
      }),
    ],
    [
      'IMPOSSIBLE_PATH at /States/W/SecondsPath',
      machine({ S: { Type: 'Pass', Result: { a: 1 }, Next: 'W' }, W: { Type: 'Wait', SecondsPath: '$.b', End: true } }),
    ],
  ])('advice: %s, and none of it when nobody asks', (expected, definition) => {
    expect(warned(definition)).toEqual([expected])
    expect(warned(definition, {})).toEqual([])
    expect(warned(definition, { advice: true, ignore: [expected.split(' ')[0] ?? ''] })).toEqual([])
  })

  test('see members that stand twice', () => {
    const text = '{"StartAt":"S","States":{"S":{"Type":"Succeed"},"S":{"Type":"Succeed"}}}'
    expect(checkDefinition(text, { type: 'STANDARD', advice: true })).toMatchObject([
      { code: 'DUPLICATE_KEY', location: '/States' },
    ])
  })

  test('are silenced by a comment: of a state for it, of the machine for all', () => {
    const Comment = 'retried by its caller; regente-ignore TASK_WITHOUT_RETRY'
    expect(warned(machine({ S: { ...LAMBDA, Comment, Next: 'T' }, T: { ...LAMBDA, End: true } }))).toEqual([
      'TASK_WITHOUT_RETRY at /States/T',
    ])
    expect(warned({ ...one(LAMBDA), Comment })).toEqual([])
  })

  test('never hide errors', () => {
    const broken = { ...one({ Type: 'Nope' }), Comment: 'regente-ignore SCHEMA_VALIDATION_FAILED' }
    expect(told(broken)).toHaveLength(1)
  })

  test('of our own have codes that AWS does not have', () => {
    expect(new Set(ADVICE_CODES).size).toBe(ADVICE_CODES.length)
  })
})
