/**
 * What a suite may say, as JSON Schema: `regente test --schema` prints it for editors, and `shape.ts` checks suites by it. The compiler
 * sees that each member of `Suite` has its row here, and no other has.
 */
import type { Expectation, StateExpectation, Suite, SuiteCase } from './suite.ts'

/** The part of JSON Schema that is used here, 2020-12. Keywords but `enum` count for values of their type alone, so no `anyOf` is needed. */
export interface JsonSchema {
  readonly $ref?: `#/$defs/${string}`
  readonly description?: string
  readonly type?: JsonType | readonly JsonType[]
  readonly enum?: readonly string[]
  /** One word: `^callback$`. */
  readonly pattern?: `^${string}$`
  readonly minimum?: number
  readonly minLength?: number
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: boolean | JsonSchema
  readonly required?: readonly string[]
  readonly dependentRequired?: Readonly<Record<string, readonly string[]>>
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly items?: JsonSchema
  readonly minItems?: number
}

export type JsonType = 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null'

type Rows<T> = Readonly<Record<Extract<keyof T, string>, JsonSchema>>

const text = (description: string): JsonSchema => ({ type: 'string', description, minLength: 1 })
const anything = (description: string): JsonSchema => ({ description })
const flag = (description: string): JsonSchema => ({ type: 'boolean', description })
const whole = (description: string): JsonSchema => ({ type: 'integer', minimum: 0, description })
const names = (description: string): JsonSchema => ({ type: 'array', items: { type: 'string' }, description })
const oneOf = (values: readonly string[], description: string): JsonSchema => ({ type: 'string', enum: values, description })
const closed = (properties: Readonly<Record<string, JsonSchema>>, more: Partial<JsonSchema> = {}): JsonSchema => ({
  type: 'object',
  properties,
  additionalProperties: false,
  ...more,
})
const duration = (description: string): JsonSchema => ({ type: ['string', 'number'], description })
const MOCKS: JsonSchema = {
  type: 'object',
  description:
    "What tasks get for an answer: by the path of a state (Pay, Each/Ship, Each[2]/Ship), by what it calls (an ARN, a function's name), or by a pattern with * over these.",
  additionalProperties: { $ref: '#/$defs/mock' },
}
const clock = text('When a case begins, as 2026-01-01T00:00:00Z. Time skips by itself.')
const seed = whole('Whence ids and chance come: the same number gives the same.')
const timeout = duration('How long a case may take in real time: 10 s.')
const allowUnusedMocks = flag('Mocks that no call was meant by do not fail a case.')

const OBJECTS: JsonSchema = {
  type: 'object',
  additionalProperties: {
    type: ['string', 'object'],
    properties: { file: text("From this file's folder.") },
    required: ['file'],
    additionalProperties: false,
  },
  description: 'What a distributed Map reads, by bucket/key: the text of each object, or the file that has it.',
}

const suite = {
  $schema: text('Where editors find this schema.'),
  name: text('What the suite is called; else it is called as its file.'),
  file: text("The workflow's definition, JSON or YAML, from this file's folder."),
  definition: { type: 'object', description: 'The definition itself, in the place of a file.' },
  template: text('A SAM or CloudFormation template, or a CDK assembly, that has the workflow.'),
  resource: text('The logical id of the workflow in the template.'),
  parameters: {
    type: 'object',
    description: "Values of the template's parameters.",
    additionalProperties: { type: ['string', 'number', 'boolean'] },
  },
  substitutions: {
    type: 'object',
    additionalProperties: { type: ['string', 'number', 'boolean'] },
    description: 'What ${Name} stands for in the definition (DefinitionSubstitutions).',
  },
  type: oneOf(['STANDARD', 'EXPRESS'], 'STANDARD unless told.'),
  objects: OBJECTS,
  mocks: MOCKS,
  validateMocks: oneOf(['STRICT', 'PRESENT', 'NONE'], "How mocks are compared with the service's API, as TestState has it."),
  allowUnusedMocks,
  clock,
  seed,
  timeout,
  cases: { type: 'array', minItems: 1, items: { $ref: '#/$defs/case' }, description: 'What is tested.' },
} satisfies Rows<Suite>

const suiteCase = {
  name: text('What holds, as a sentence.'),
  input: anything("The execution's input; {} unless told."),
  inputFile: text("A file of JSON or YAML with the input, from this file's folder."),
  objects: { ...OBJECTS, description: "Besides the suite's." },
  mocks: { ...MOCKS, description: "These come before the suite's." },
  allowUnusedMocks,
  clock,
  seed,
  steps: {
    type: 'array',
    items: { $ref: '#/$defs/step' },
    description: 'What happens while it runs, in this order; then it goes on to its end.',
  },
  expect: { $ref: '#/$defs/expect' },
  only: flag('The others are skipped.'),
  skip: text('Why it is not run.'),
  timeout,
} satisfies Rows<SuiteCase>

const expectation = {
  status: oneOf(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'RUNNING'], 'SUCCEEDED unless told, or an error is expected.'),
  output: anything('The output, exactly.'),
  outputContains: anything('What the output has among other things.'),
  error: text("The error's name."),
  cause: text('What the cause has in it.'),
  path: names('States in the order of their visits; others may stand between them.'),
  pathExactly: names('All visits in their order.'),
  states: {
    type: 'object',
    additionalProperties: { $ref: '#/$defs/state' },
    description: 'Single states, by path or name: what their last visit was.',
  },
  snapshot: flag('All that comes of it is kept in __snapshots__ and compared; --update writes it anew.'),
} satisfies Rows<Expectation>

const state = {
  status: oneOf(['running', 'succeeded', 'caught', 'failed', 'aborted'], 'How the visit ended.'),
  input: anything('What it took in, exactly.'),
  output: anything('What it gave out, exactly.'),
  retries: whole('How often it was tried again.'),
  error: text('Of its last attempt that failed.'),
} satisfies Rows<StateExpectation>

const step: Readonly<Record<string, JsonSchema>> = {
  advance: duration('Time passes: 24 hours.'),
  reached: text('Goes on until this state is entered.'),
  succeed: {
    type: ['string', 'object'],
    ...properties({ state: text('Whose task is answered.'), output: anything('With what.') }, ['state']),
    description: 'The task of a state that waits is answered.',
  },
  fail: closed(
    { state: text('Whose task fails.'), error: text("The error's name."), cause: text('Why.') },
    { required: ['state', 'error'], description: 'The task of a state that waits fails.' },
  ),
  heartbeat: text('The task of this state says that it is alive.'),
  stop: closed({ error: text("The error's name."), cause: text('Why.') }, { description: 'The execution is stopped.' }),
}

function properties(members: Readonly<Record<string, JsonSchema>>, required: readonly string[]): Partial<JsonSchema> {
  return { properties: members, additionalProperties: false, required }
}

const mock: JsonSchema = {
  description:
    'return: …, throw: …, a list of answers for one call after the other, delay and then, handler, or the word callback.',
  type: ['string', 'object', 'array'],
  pattern: '^callback$',
  items: { $ref: '#/$defs/mock' },
  minItems: 1,
  properties: {
    return: anything('The service answers this, as the integration gives it: { Payload: … } for lambda:invoke.'),
    throw: text("The task fails with this error's name."),
    cause: { type: 'string', description: 'Why it fails.' },
    delay: duration('Answers only after this much time of the test.'),
    then: { $ref: '#/$defs/mock' },
    handler: text("A Lambda handler's source, from this file's folder."),
    name: text("The handler's name in its file; handler unless told."),
  },
  additionalProperties: false,
  dependentRequired: { cause: ['throw'], delay: ['then'], then: ['delay'], name: ['handler'] },
  minProperties: 1,
}

export const SUITE_SCHEMA: JsonSchema & {
  readonly $schema: string
  readonly title: string
  readonly $defs: Readonly<Record<string, JsonSchema>>
} = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Tests of a workflow, run by regente test',
  ...closed(suite, { required: ['cases'] }),
  $defs: {
    case: closed(suiteCase, { required: ['name'] }),
    expect: closed(expectation, { description: 'What must hold; without it, that the run succeeds.' }),
    state: closed(state),
    step: {
      type: ['string', 'object'],
      pattern: '^stop$',
      properties: step,
      additionalProperties: false,
      minProperties: 1,
      maxProperties: 1,
      description: 'One thing that happens, or the word stop.',
    },
    mock,
  },
}

/** What a reference means. */
export const definitionOf = ($ref: string): JsonSchema => SUITE_SCHEMA.$defs[$ref.slice('#/$defs/'.length)] ?? {}
