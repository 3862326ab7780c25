/**
 * `{% … %}` anywhere inside the value of a field (Output, Arguments, Assign, ItemSelector …): compiled once, each text that
 * is an expression replaced by its result. A value without expressions is handed back as it is.
 */
import { isArray, isObject, type Json, type JsonObject, setOwn } from '../../base/json.ts'
import { escapeKey } from '../../base/json-pointer.ts'
import { keysOf } from '../../base/member-order.ts'
import { err, ok, type Result } from '../../base/result.ts'
import { Work } from '../work.ts'
import { compileJsonata, type JsonataExpression, type JsonataScope, type JsonataSyntaxProblem } from './expression.ts'
import { evaluateField, type QueryEvaluationFailure } from './field.ts'

export interface JsonataTemplateProblem {
  /** JSON pointer inside the field's value: '' is the value itself. */
  readonly pointer: string
  readonly problem: JsonataSyntaxProblem
}

export interface JsonataTemplate {
  /** In order of appearance; empty for a constant. */
  readonly expressions: readonly JsonataExpression[]
  /** Stops at the first expression that fails. `field` is how AWS names the field: 'Output', 'Choices[1]/Output'. */
  evaluate(scope: JsonataScope, field: string): Result<Json, QueryEvaluationFailure>
}

const OPEN = '{%'
const CLOSE = '%}'

/** True for a text that is an expression: delimiters at both ends, and nothing outside them. */
export function isJsonataText(value: Json): boolean {
  return (
    typeof value === 'string' && value.length >= OPEN.length + CLOSE.length && value.startsWith(OPEN) && value.endsWith(CLOSE)
  )
}

/**
 * What is wrong with a text that opens an expression without closing it, or closes one without opening it. Spaces at both ends
 * make data of it (recorded: arguments).
 */
export function delimiterProblem(value: Json): JsonataSyntaxProblem | undefined {
  if (typeof value !== 'string' || isJsonataText(value)) return undefined
  if (!value.startsWith(OPEN) && !value.endsWith(CLOSE)) return undefined
  const message = `A JSONata expression must start with '${OPEN}' and end with '${CLOSE}'.`
  return { code: 'INVALID_JSONATA_EXPRESSION', message }
}

/** What stands between the delimiters of such a text. */
export const jsonataSource = (text: string): string => text.slice(OPEN.length, -CLOSE.length)

type Fill = (scope: JsonataScope, location: string) => Result<Json, QueryEvaluationFailure>

/** `compile`: for callers that keep compiled expressions. */
export function compileJsonataTemplate(
  value: Json,
  compile = compileJsonata,
): Result<JsonataTemplate, readonly JsonataTemplateProblem[]> {
  const compilation = new Compilation(compile)
  const fill = compilation.compile(value, '')
  if (compilation.problems.length > 0) return err(compilation.problems)
  const constant = ok(value)
  const { expressions } = compilation
  if (fill === undefined) return ok({ expressions, evaluate: () => constant })
  // Thousands of expressions together may do no more than one alone.
  return ok({ expressions, evaluate: (scope, field) => fill(scope.work ? scope : { ...scope, work: new Work() }, field) })
}

class Compilation {
  readonly expressions: JsonataExpression[] = []
  readonly problems: JsonataTemplateProblem[] = []
  readonly #compile: typeof compileJsonata

  constructor(compile: typeof compileJsonata) {
    this.#compile = compile
  }

  /** Undefined for a value without expressions. */
  compile(value: Json, pointer: string): Fill | undefined {
    if (typeof value === 'string') return this.#text(value, pointer)
    if (isArray(value)) return this.#array(value, pointer)
    return isObject(value) ? this.#object(value, pointer) : undefined
  }

  #text(text: string, pointer: string): Fill | undefined {
    if (!isJsonataText(text)) {
      const problem = delimiterProblem(text)
      if (problem !== undefined) this.problems.push({ pointer, problem })
      return undefined
    }
    const compiled = this.#compile(jsonataSource(text))
    if (!compiled.ok) {
      this.problems.push(...compiled.error.map((problem) => ({ pointer, problem })))
      return undefined
    }
    const expression = compiled.value
    this.expressions.push(expression)
    return (scope, location) => evaluateField(expression, location, scope)
  }

  #array(items: readonly Json[], pointer: string): Fill | undefined {
    const fills = items.map((item, i) => this.compile(item, `${pointer}/${i}`))
    if (fills.every((fill) => fill === undefined)) return undefined
    return (scope, location) => {
      const made: Json[] = []
      for (const [i, fill] of fills.entries()) {
        const result = fill === undefined ? undefined : fill(scope, `${location}[${i}]`)
        if (result?.ok === false) return result
        made.push(result === undefined ? (items[i] as Json) : result.value)
      }
      return ok(made)
    }
  }

  #object(object: JsonObject, pointer: string): Fill | undefined {
    const members = keysOf(object).map((key) => {
      const value = object[key] as Json
      return { key, value, fill: this.compile(value, `${pointer}/${escapeKey(key)}`) }
    })
    if (members.every(({ fill }) => fill === undefined)) return undefined
    return (scope, location) => {
      const made: Record<string, Json> = {}
      for (const { key, value, fill } of members) {
        const result = fill === undefined ? undefined : fill(scope, `${location}/${key}`)
        if (result?.ok === false) return result
        setOwn(made, key, result === undefined ? value : result.value)
      }
      return ok(made)
    }
  }
}
