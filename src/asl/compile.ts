/**
 * Definition text -> compiled program. Binds every field once, fills defaults, and lays all states, nested ones too, in one
 * table. Takes any definition that check.ts passed; what it cannot bind it tells as diagnostics all the same.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../base/json.ts'
import { parseExactly } from '../base/member-order.ts'
import { numberOf } from '../base/numeral.ts'
import { plainNumbers } from '../base/plain-numbers.ts'
import { err, ok, type Result } from '../base/result.ts'
import { finish, type Slices } from '../base/slices.ts'

import { compileChoiceTest } from './choice-rule.ts'
import type { Diagnostic } from './diagnostic.ts'
import type {
  UntypedState,
  WrittenBlock,
  WrittenCatcher,
  WrittenMachine,
  WrittenRetrier,
  WrittenRule,
} from './document/written.ts'
import { compileAhead, Expressions } from './expressions.ts'
import {
  type Binding,
  expressionField,
  type FieldProblem,
  jsonataField,
  literalField,
  pathField,
  resultPathField,
  templateField,
  typedJsonataField,
} from './fields.ts'
import type {
  Block,
  Catcher,
  ChoiceRule,
  DistributedMap,
  FieldValue,
  Program,
  QueryLanguage,
  ResultPath,
  Retrier,
  State,
} from './program.ts'
import { labelOf } from './map-label.ts'
import { parseResource } from './resource.ts'
import { distributedConfig, processorField } from './walk.ts'
import { UNKNOWN_TYPE } from './rules/fields.ts'

export const compileDefinition = (text: string): Result<Program, readonly Diagnostic[]> => finish(compileSlices(text))

/** The same in slices. `expressions`: those of this definition that are compiled already. */
export function* compileSlices(text: string, expressions = new Expressions()): Slices<Result<Program, readonly Diagnostic[]>> {
  let definition: unknown
  try {
    definition = parseExactly(text)
  } catch (error) {
    return err([
      { severity: 'ERROR', code: 'INVALID_JSON_DESCRIPTION', message: error instanceof Error ? error.message : 'not JSON' },
    ])
  }
  if (!isObject(definition))
    return err([{ severity: 'ERROR', code: 'INVALID_JSON_DESCRIPTION', message: 'A definition is a JSON object.' }])
  yield* compileAhead(definition, expressions)
  const compilation = new Compilation(text, definition, expressions)
  const program = yield* compilation.program()
  if (compilation.problems.length === 0) return ok(program)
  return err(
    compilation.problems.map(({ location, message, code = 'SCHEMA_VALIDATION_FAILED' }) => ({
      severity: 'ERROR',
      code,
      message,
      location,
    })),
  )
}

class Compilation {
  readonly problems: FieldProblem[] = []
  readonly #text: string
  readonly #definition: WrittenMachine
  readonly #language: QueryLanguage
  readonly #states = new Map<string, State>()
  readonly #variables = new Map<string, Set<string>>()
  readonly #expressions: Expressions

  constructor(text: string, definition: WrittenMachine, expressions: Expressions) {
    this.#text = text
    this.#expressions = expressions
    this.#definition = definition
    this.#language = definition.QueryLanguage === 'JSONata' ? 'JSONata' : 'JSONPath'
  }

  *program(): Slices<Program> {
    const { startAt } = blockOf(this.#definition)
    yield* this.#block(this.#definition, '')
    const timeout = numberOf(this.#definition.TimeoutSeconds)
    const references = [...this.#variables]
      .filter(([, names]) => names.size > 0)
      .map(([state, names]) => [state, [...names]] as const)
    return {
      definition: this.#text,
      queryLanguage: this.#language,
      startAt,
      states: this.#states,
      timeoutSeconds: typeof timeout === 'number' ? timeout : undefined,
      variableReferences: Object.fromEntries(references),
    }
  }

  *#block(block: WrittenBlock, location: string): Slices<void> {
    const { States: states } = block
    if (typeof block.StartAt !== 'string' || !isObject(states)) {
      this.problems.push({ location: location || '/', message: 'These fields are required: [States, StartAt]' })
      return
    }
    for (const [name, state] of Object.entries(states)) {
      const at = `${location}/States/${name}`
      if (isObject(state)) yield* this.#state(name, state, at)
      else this.problems.push({ location: at, message: 'A state is a JSON object' })
      yield
    }
  }

  /** A state, and the states of the blocks within it. */
  *#state(name: string, document: JsonObject, location: string): Slices<void> {
    const { QueryLanguage: language = this.#language, Type: type }: UntypedState = document
    const mentioned = new Set<string>()
    this.#variables.set(name, mentioned)
    const binding: Binding = {
      location,
      problems: this.problems,
      expressions: this.#expressions,
      ...((type === 'Task' || type === 'Parallel' || type === 'Map') && { offers: 'result' as const }),
      mention: (names) => names.forEach((variable) => void mentioned.add(variable)),
    }
    const within: { readonly block: WrittenBlock; readonly at: string }[] = []
    const reader = new StateReader(name, document, language === 'JSONata' ? 'JSONata' : 'JSONPath', binding, (block, at) => {
      within.push({ block, at })
      return blockOf(block)
    })
    const state = reader.state()
    if (state) this.#states.set(name, state)
    for (const { block, at } of within) yield* this.#block(block, at)
  }
}

function blockOf({ StartAt: startAt, States: states }: WrittenBlock): Block {
  return { startAt: typeof startAt === 'string' ? startAt : '', stateNames: isObject(states) ? Object.keys(states) : [] }
}

/** Reads one state. `is…` and `take…` look at the document; nothing is bound twice. */
class StateReader {
  readonly #name: string
  readonly #document: JsonObject
  readonly #language: QueryLanguage
  readonly #binding: Binding
  readonly #block: (block: JsonObject, location: string) => Block

  constructor(
    name: string,
    document: JsonObject,
    language: QueryLanguage,
    binding: Binding,
    block: (block: JsonObject, location: string) => Block,
  ) {
    this.#name = name
    this.#document = document
    this.#language = language
    this.#binding = binding
    this.#block = block
  }

  get #isJsonata(): boolean {
    return this.#language === 'JSONata'
  }

  state(): State | undefined {
    const base = {
      name: this.#name,
      queryLanguage: this.#language,
      inputPath: this.#path('InputPath'),
      outputPath: this.#path('OutputPath'),
      output: this.#isJsonata ? this.#jsonata('Output') : undefined,
      assign: this.#payload('Assign'),
    }
    const next = this.#string('Next')
    switch (this.#document['Type']) {
      case 'Pass':
        return { ...base, ...this.#shaping(), type: 'Pass', next, result: getOwn(this.#document, 'Result') }
      case 'Succeed':
        return { ...base, type: 'Succeed' }
      case 'Fail':
        return { ...base, type: 'Fail', error: this.#textOrPath('Error'), cause: this.#textOrPath('Cause') }
      case 'Wait':
        return this.#wait(base, next)
      case 'Choice':
        return { ...base, type: 'Choice', choices: this.#choices(), default: this.#string('Default') }
      case 'Task':
        return this.#task(base, next)
      case 'Parallel':
        return { ...base, ...this.#shaping(), ...this.#guarded(), type: 'Parallel', next, branches: this.#branches() }
      case 'Map':
        return this.#map(base, next)
      default: {
        this.#refuse('Type', UNKNOWN_TYPE)
        return undefined
      }
    }
  }

  #wait(base: Omit<State & { type: 'Wait' }, 'type' | 'next' | 'until'>, next: string | undefined): State | undefined {
    const seconds = this.#number('Seconds')
    if (seconds) return { ...base, type: 'Wait', next, until: { kind: 'seconds', value: seconds } }
    const timestamp = this.#isJsonata
      ? this.#typed('Timestamp', 'string')
      : (this.#path('TimestampPath') ?? this.#literal('Timestamp'))
    if (timestamp) return { ...base, type: 'Wait', next, until: { kind: 'timestamp', value: timestamp } }
    this.#refuse('', 'A Wait state needs Seconds, SecondsPath, Timestamp or TimestampPath')
    return undefined
  }

  #task(base: Omit<State & { type: 'Succeed' }, 'type'>, next: string | undefined): State | undefined {
    const arn = this.#string('Resource') ?? ''
    const resource = parseResource(arn)
    if (!resource) {
      this.#refuse('Resource', 'Value is not a valid resource ARN')
      return undefined
    }
    return {
      ...base,
      ...this.#shaping(),
      ...this.#guarded(),
      type: 'Task',
      next,
      resource,
      credentialsRoleArn: this.#credentials(),
      timeoutSeconds: this.#number('TimeoutSeconds'),
      heartbeatSeconds: this.#number('HeartbeatSeconds'),
    }
  }

  #credentials(): FieldValue | undefined {
    const credentials = getOwn(this.#document, 'Credentials')
    if (!isObject(credentials)) return undefined
    const path = getOwn(credentials, 'RoleArn.$')
    if (typeof path === 'string') return expressionField(this.#binding, 'Credentials/RoleArn.$', path)
    const role = getOwn(credentials, 'RoleArn')
    if (typeof role !== 'string') return undefined
    return this.#isJsonata ? jsonataField(this.#binding, 'Credentials/RoleArn', role) : literalField('RoleArn', role)
  }

  #branches(): readonly Block[] {
    const branches = getOwn(this.#document, 'Branches')
    return (isArray(branches) ? branches : []).map((branch, i) =>
      this.#block(isObject(branch) ? branch : {}, `${this.#binding.location}/Branches[${i}]`),
    )
  }

  #map(base: Omit<State & { type: 'Succeed' }, 'type'>, next: string | undefined): State {
    const field = processorField(this.#document)
    const written = getOwn(this.#document, field)
    const processor = isObject(written) ? written : {}
    const config = distributedConfig(processor)
    const isDistributed = config !== undefined
    const { resultSelector, resultPath } = this.#shaping()
    return {
      ...base,
      type: 'Map',
      next,
      parameters: undefined,
      resultSelector,
      resultPath,
      ...this.#guarded(),
      processor: this.#block(processor, `${this.#binding.location}/${field}`),
      items: this.#isJsonata ? this.#items(isDistributed) : (this.#path('ItemsPath') ?? undefined),
      itemSelector: this.#payload('ItemSelector') ?? (this.#isJsonata ? undefined : this.#payload('Parameters')),
      maxConcurrency: this.#number('MaxConcurrency'),
      distributed: config && this.#distributed(config),
    }
  }

  /** A literal object or array may hold expressions; a text must be one whole expression. Only a distributed Map takes objects. */
  #items(isDistributed: boolean): FieldValue | undefined {
    const items = getOwn(this.#document, 'Items')
    if (items === undefined) return undefined
    return typeof items === 'string'
      ? typedJsonataField(this.#binding, 'Items', items, isDistributed ? 'any' : 'array')
      : jsonataField(this.#binding, 'Items', items)
  }

  #distributed(config: JsonObject): DistributedMap {
    return {
      executionType: getOwn(config, 'ExecutionType') === 'EXPRESS' ? 'EXPRESS' : 'STANDARD',
      label: this.#string('Label') ?? labelOf(this.#name),
      itemReader: this.#itemReader(),
      itemBatcher: this.#itemBatcher(),
      resultWriter: this.#resultWriter(),
      toleratedFailureCount: this.#number('ToleratedFailureCount'),
      toleratedFailurePercentage: this.#number('ToleratedFailurePercentage'),
    }
  }

  #itemReader(): DistributedMap['itemReader'] {
    const reader = this.#inside('ItemReader')
    if (!reader) return undefined
    const config = reader.#inside('ReaderConfig')
    const written = getOwn(reader.#document, 'ReaderConfig')
    const { MaxItems: _, MaxItemsPath: __, ItemsPointer: ___, ...rest } = isObject(written) ? written : {}
    return {
      resource: reader.#string('Resource') ?? '',
      config: plainNumbers(rest),
      parameters: reader.#arguments(),
      maxItems: config ? config.#number('MaxItems') : undefined,
      itemsPointer: config && (this.#isJsonata ? config.#jsonata('ItemsPointer') : config.#literal('ItemsPointer')),
    }
  }

  #itemBatcher(): DistributedMap['itemBatcher'] {
    const batcher = this.#inside('ItemBatcher')
    return (
      batcher && {
        batchInput: batcher.#payload('BatchInput'),
        maxItemsPerBatch: batcher.#number('MaxItemsPerBatch'),
        maxInputBytesPerBatch: batcher.#number('MaxInputBytesPerBatch'),
      }
    )
  }

  #resultWriter(): DistributedMap['resultWriter'] {
    const writer = this.#inside('ResultWriter')
    return (
      writer && {
        config: getOwn(writer.#document, 'WriterConfig') ?? {},
        resource: writer.#string('Resource'),
        parameters: writer.#arguments(),
      }
    )
  }

  #inside(field: string): StateReader | undefined {
    const value = getOwn(this.#document, field)
    if (!isObject(value)) return undefined
    const binding = { ...this.#binding, location: `${this.#binding.location}/${field}` }
    return new StateReader(this.#name, value, this.#language, binding, this.#block)
  }

  #choices(): readonly ChoiceRule[] {
    const choices = getOwn(this.#document, 'Choices')
    return (isArray(choices) ? choices : []).flatMap((rule, i) => {
      const compiled = isObject(rule) ? this.#choice(rule, i) : undefined
      return compiled ? [compiled] : []
    })
  }

  #choice(rule: WrittenRule, index: number): ChoiceRule | undefined {
    const place = `Choices[${index}]`
    const binding = { ...this.#binding, location: `${this.#binding.location}/${place}` }
    const { Next: next, Assign: assign, Output: output } = rule
    if (this.#isJsonata) {
      const condition = typedJsonataField(binding, 'Condition', rule.Condition ?? null, 'boolean', `${place}/Condition`)
      if (!condition || typeof next !== 'string') return undefined
      return {
        next,
        matches(scope) {
          const value = condition.evaluate(scope)
          return value.ok ? ok(value.value === true) : value
        },
        assign: assign === undefined ? undefined : jsonataField(binding, 'Assign', assign, `${place}/Assign`),
        output: output === undefined ? undefined : jsonataField(binding, 'Output', output, `${place}/Output`),
      }
    }
    const matches = compileChoiceTest(binding, rule)
    if (!matches || typeof next !== 'string') return undefined
    return {
      next,
      matches,
      assign: assign === undefined ? undefined : templateField(binding, 'Assign', assign),
      output: undefined,
    }
  }

  #shaping() {
    return {
      parameters: this.#arguments(),
      resultSelector: this.#isJsonata ? undefined : this.#payload('ResultSelector'),
      resultPath: this.#resultPath(this.#binding, this.#document),
    }
  }

  #arguments(): FieldValue | undefined {
    return this.#isJsonata ? this.#jsonata('Arguments') : this.#payload('Parameters')
  }

  #resultPath(binding: Binding, document: WrittenCatcher): ResultPath | null | undefined {
    const { ResultPath: path } = document
    return typeof path === 'string' ? resultPathField(binding, 'ResultPath', path) : path === null ? null : undefined
  }

  #guarded(): { readonly retry: readonly Retrier[]; readonly catch: readonly Catcher[] } {
    const retry = getOwn(this.#document, 'Retry')
    const catchers = getOwn(this.#document, 'Catch')
    return {
      retry: (isArray(retry) ? retry : []).filter(isObject).map(retrierOf),
      catch: (isArray(catchers) ? catchers : []).filter(isObject).map((catcher, i) => this.#catcher(catcher, i)),
    }
  }

  #catcher(catcher: WrittenCatcher, index: number): Catcher {
    const place = `Catch[${index}]`
    const binding = { ...this.#binding, offers: 'errorOutput' as const, location: `${this.#binding.location}/${place}` }
    const { Assign: assign, Output: output } = catcher
    const bound = (field: string, value: Json) =>
      this.#isJsonata ? jsonataField(binding, field, value, `${place}/${field}`) : templateField(binding, field, value)
    return {
      errorEquals: strings(catcher.ErrorEquals),
      next: String(catcher.Next ?? ''),
      resultPath: this.#resultPath(binding, catcher),
      output: output !== undefined && this.#isJsonata ? bound('Output', output) : undefined,
      assign: assign === undefined ? undefined : bound('Assign', assign),
    }
  }

  #refuse(field: string, message: string): void {
    this.#binding.problems.push({
      location: field === '' ? this.#binding.location : `${this.#binding.location}/${field}`,
      message,
    })
  }

  #string(field: string): string | undefined {
    const value = getOwn(this.#document, field)
    return typeof value === 'string' ? value : undefined
  }

  #literal(field: string): FieldValue | undefined {
    const value = getOwn(this.#document, field)
    return value === undefined ? undefined : literalField(field, plainNumbers(value))
  }

  #path(field: string): FieldValue | null | undefined {
    const value = getOwn(this.#document, field)
    if (value === null) return null
    return typeof value === 'string' ? pathField(this.#binding, field, value) : undefined
  }

  #payload(field: string): FieldValue | undefined {
    const value = getOwn(this.#document, field)
    if (value === undefined) return undefined
    return this.#isJsonata ? jsonataField(this.#binding, field, value) : templateField(this.#binding, field, value)
  }

  #jsonata(field: string): FieldValue | undefined {
    const value = getOwn(this.#document, field)
    return value === undefined ? undefined : jsonataField(this.#binding, field, value)
  }

  #typed(field: string, expected: 'string' | 'number'): FieldValue | undefined {
    const value = getOwn(this.#document, field)
    return value === undefined ? undefined : typedJsonataField(this.#binding, field, value, expected)
  }

  /** `Seconds`, `SecondsPath`, or a JSONata expression that gives a number. */
  #number(field: string): FieldValue | undefined {
    if (this.#isJsonata) return this.#typed(field, 'number')
    return this.#path(`${field}Path`) ?? this.#literal(field)
  }

  #textOrPath(field: string): FieldValue | undefined {
    if (this.#isJsonata) return this.#typed(field, 'string')
    const path = this.#string(`${field}Path`)
    return path === undefined ? this.#literal(field) : expressionField(this.#binding, `${field}Path`, path)
  }
}

const strings = (value: Json | undefined): readonly string[] =>
  isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []

function numberOr<T>(value: Json | undefined, otherwise: T): number | T {
  const number = numberOf(value)
  return typeof number === 'number' ? number : otherwise
}

function retrierOf(retrier: WrittenRetrier): Retrier {
  return {
    errorEquals: strings(retrier.ErrorEquals),
    intervalSeconds: numberOr(retrier.IntervalSeconds, 1),
    maxAttempts: numberOr(retrier.MaxAttempts, 3),
    backoffRate: numberOr(retrier.BackoffRate, 2),
    maxDelaySeconds: numberOr(retrier.MaxDelaySeconds, undefined),
    jitterStrategy: retrier.JitterStrategy === 'FULL' ? 'FULL' : 'NONE',
  }
}
