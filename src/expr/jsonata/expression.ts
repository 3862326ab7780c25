/**
 * JSONata as AWS Step Functions speaks it: the language of release 2.0.6 without `$eval`, with AWS's functions, evaluated
 * synchronously and within bounds. An expression is compiled once, may be evaluated any number of times, and keeps
 * nothing between two evaluations. `evaluate` never throws.
 * Source: developer guide, "Transforming data with JSONata"; ../../../../shared/reference 1.4.
 */
import type { Json } from '../../base/json.ts'
import { plainNumbers } from '../../base/plain-numbers.ts'
import { err, ok, type Result } from '../../base/result.ts'
import type { Work } from '../work.ts'
import { type AstNode, parseJsonata } from './ast.ts'
import { inspect, type Mentions } from './check.ts'
import { STACK_OVERFLOW } from './bound-error.ts'
import { BUILT_IN } from './functions/table.ts'
import { compileProgram, type Program } from './program.ts'
import { UnsupportedPattern } from './regex.ts'
import { dataToJson, toJson, UNSUPPORTED } from './result.ts'
import type { Draws, JsonataLimits } from './run.ts'
import type { Value } from './value.ts'

export type { Draws, JsonataLimits } from './run.ts'

export interface JsonataSyntaxProblem {
  readonly code: 'INVALID_JSONATA_EXPRESSION' | 'UNSUPPORTED_JSONATA_EXPRESSION'
  readonly message: string
  /** Characters into the expression's text. */
  readonly offset?: number
}

export interface JsonataScope {
  /** The value of `$states`, or how to make it if an expression asks. */
  readonly states: Json | (() => Json)
  variable(name: string): Json | undefined
  readonly draws: Draws
  readonly limits?: JsonataLimits | undefined
  /** Shared by all that one state evaluates; a field or a lone expression has its own when there is none. */
  readonly work?: Work | undefined
}

export type JsonataOutcome =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'undefined' }
  /** `code` is JSONata's, undefined for a bound (depth, memory, steps). `message` does not repeat it. */
  | { readonly kind: 'error'; readonly code: string | undefined; readonly message: string }
  /** The result is a function, or has one in it. */
  | { readonly kind: 'unsupported' }

export interface JsonataExpression {
  /** Without the delimiters and the space around it, as AWS quotes it. */
  readonly text: string
  /** Variables that it reads and does not bind itself; `$states` and built-in functions left out. */
  readonly variables: readonly string[]
  /** Which of `$states.input`, `.result`, `.errorOutput`, `.context` it mentions. */
  readonly statesFields: readonly string[]
  evaluate(scope: JsonataScope): JsonataOutcome
}

export function compileJsonata(source: string): Result<JsonataExpression, readonly JsonataSyntaxProblem[]> {
  const text = source.trim()
  const parsed = parseJsonata(text)
  if (!parsed.ok) {
    if (parsed.error.isTooDeep) return ok(tooDeep(text))
    const { message, offset } = parsed.error
    return err([{ code: 'INVALID_JSONATA_EXPRESSION', message, ...(offset !== undefined && { offset }) }])
  }
  try {
    return compileTree(text, parsed.value)
  } catch (thrown) {
    if (thrown instanceof RangeError) return ok(tooDeep(text))
    if (thrown instanceof UnsupportedPattern) return err([{ code: 'UNSUPPORTED_JSONATA_EXPRESSION', message: thrown.message }])
    throw thrown
  }
}

function compileTree(text: string, ast: AstNode): Result<JsonataExpression, readonly JsonataSyntaxProblem[]> {
  const mentions = inspect(ast)
  if (mentions.topLevelNames.length > 0) {
    return err(
      mentions.topLevelNames.map((name) => ({
        code: 'UNSUPPORTED_JSONATA_EXPRESSION',
        message: `Reference to '${name}' at the top level is not supported.`,
      })),
    )
  }
  const program = compileProgram(ast)
  const isData = isDataPath(ast)
  return ok(expressionOf(text, mentions, (scope) => evaluateProgram(program, scope, isData)))
}

function expressionOf(text: string, mentions: Mentions, evaluate: (scope: JsonataScope) => JsonataOutcome): JsonataExpression {
  return { text, variables: mentions.variables, statesFields: mentions.statesFields, evaluate }
}

/** Sound perhaps, but nested deeper than any evaluation may go: AWS refuses those when they run. */
function tooDeep(text: string): JsonataExpression {
  const outcome: JsonataOutcome = { kind: 'error', code: undefined, message: STACK_OVERFLOW }
  return expressionOf(text, { variables: [], statesFields: [], topLevelNames: [] }, () => outcome)
}

/** `$variable`, `$variable.name.name`: finds data and makes none. */
function isDataPath(ast: AstNode): boolean {
  const steps = ast.type === 'path' && ast.group === undefined ? (ast.steps ?? []) : [ast]
  return steps.every((step, i) => {
    if (step.stages !== undefined || step.predicate !== undefined || step.group !== undefined) return false
    return (
      step.type === 'name' || (i === 0 && step.type === 'variable' && (steps.length > 1 || !BUILT_IN.has(step.value as string)))
    )
  })
}

function evaluateProgram(program: Program, scope: JsonataScope, isData: boolean): JsonataOutcome {
  const { states } = scope
  // What only finds data hands its numbers on as they are spelled.
  const read = (value: Json): Json => (isData ? value : plainNumbers(value))
  let known: Json | undefined
  const variable = (name: string): Value => {
    if (name !== 'states') {
      const value = scope.variable(name)
      return value === undefined ? undefined : read(value)
    }
    known ??= read(typeof states === 'function' ? states() : states)
    return known
  }
  const computed = program.run({ variable, draws: scope.draws, limits: scope.limits, work: scope.work })
  if (!computed.ok) return { kind: 'error', code: computed.code, message: computed.message }
  const value = isData ? dataToJson(computed.value) : toJson(computed.value)
  if (value === UNSUPPORTED || typeof value === 'function') return { kind: 'unsupported' }
  return value === undefined ? { kind: 'undefined' } : { kind: 'value', value }
}
