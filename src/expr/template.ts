/**
 * JSONPath payload templates: JSON in which a member `"key.$"` holds a path or an intrinsic call whose value becomes `"key"`.
 * Sub-trees without such members are shared with the definition, never copied. Source: Amazon States Language, "Payload
 * Template"; texts as recorded in scenarios/base-scenarios-invalid-jsonpath-*.
 */
import { ErrorName } from '../base/error-names.ts'
import { isArray, isObject, type Json, type JsonObject, setOwn } from '../base/json.ts'
import { escapeKey } from '../base/json-pointer.ts'
import { JSON_DEPTH_MAX, printsWithin } from '../base/json-size.ts'
import { PRINTED_BYTES_MAX } from '../base/limits.ts'
import { entriesOf } from '../base/member-order.ts'
import { err, ok, type Result } from '../base/result.ts'

import { compileExpression, type Expression } from './expression.ts'
import type { EvaluationFailure, Scope } from './scope.ts'
import { Work } from './work.ts'

export interface Template {
  /** False when evaluation answers the value as written. */
  readonly isDynamic: boolean
  /** All expressions with the place of the member that holds them. */
  expressions(): readonly TemplateExpression[]
  /** The variables that its expressions mention, each once. */
  variables(): readonly string[]
  evaluate(scope: Scope): Result<Json, EvaluationFailure>
}

export interface TemplateExpression {
  /** JSON pointer to the member inside the template: `/a/0/b.$`. */
  readonly pointer: string
  readonly expression: Expression
}

export interface TemplateProblem {
  /** JSON pointer, inside the template, to the object that holds the member; '' is the template itself. AWS points there. */
  readonly pointer: string
  /** The member's name: `b.$`. */
  readonly field: string
  /** AWS's sentence. */
  readonly message: string
  /** What exactly is wrong, in our words, and where in the member's text. */
  readonly hint: string
  readonly offset: number
}

/** Up to this many expressions a result cannot be much larger than a few inputs, and is not measured. */
const UNMEASURED_EXPRESSIONS_MAX = 16

type Build = (scope: Scope) => Json

/** Thrown by a member, caught by `evaluate`. */
class Broken extends Error {
  readonly failure: EvaluationFailure

  constructor(failure: EvaluationFailure) {
    super(failure.cause)
    this.failure = failure
  }
}

/** `compile`: for callers that keep compiled expressions. */
export function compileTemplate(value: Json, compile = compileExpression): Result<Template, readonly TemplateProblem[]> {
  const found: Found = { problems: [], expressions: [], compile }
  const build = compileValue(value, '', 0, found)
  if (found.problems.length > 0) return err(found.problems)
  const { expressions } = found
  const variables = [...new Set(expressions.flatMap(({ expression }) => expression.variables()))]
  return ok({
    isDynamic: build !== undefined,
    expressions: () => expressions,
    variables: () => variables,
    evaluate: (scope) => (build === undefined ? ok(value) : run(build, scope, expressions.length)),
  })
}

function run(build: Build, scope: Scope, expressionCount: number): Result<Json, EvaluationFailure> {
  try {
    const result = build(expressionCount > 1 && scope.work === undefined ? { ...scope, work: new Work() } : scope)
    if (expressionCount > UNMEASURED_EXPRESSIONS_MAX && !printsWithin(result, PRINTED_BYTES_MAX)) return err(TOO_LARGE)
    return ok(result)
  } catch (error) {
    if (error instanceof Broken) return err(error.failure)
    throw error
  }
}

const TOO_LARGE: EvaluationFailure = {
  error: ErrorName.DataLimitExceeded,
  cause: `The payload template produced more than ${PRINTED_BYTES_MAX} characters.`,
}

interface Found {
  readonly problems: TemplateProblem[]
  readonly expressions: TemplateExpression[]
  readonly compile: typeof compileExpression
}

/** Undefined for a constant. */
function compileValue(value: Json, pointer: string, depth: number, found: Found): Build | undefined {
  if (depth > JSON_DEPTH_MAX) {
    found.problems.push({ pointer, field: '', message: 'The payload template nests too deeply', hint: '', offset: 0 })
    return undefined
  }
  if (isArray(value)) return compileArray(value, pointer, depth, found)
  return isObject(value) ? compileObject(value, pointer, depth, found) : undefined
}

function compileArray(items: readonly Json[], pointer: string, depth: number, found: Found): Build | undefined {
  const builds = items.map((item, i) => compileValue(item, `${pointer}/${i}`, depth + 1, found))
  if (builds.every((build) => build === undefined)) return undefined
  const makers = items.map((item, i): Build => builds[i] ?? (() => item))
  return (scope) => makers.map((make) => make(scope))
}

function compileObject(object: JsonObject, pointer: string, depth: number, found: Found): Build | undefined {
  const members: { key: string; build: Build }[] = []
  const keys = new Set<string>()
  let isDynamic = false
  for (const [name, value] of entriesOf(object)) {
    const key = name.endsWith('.$') ? name.slice(0, -2) : name
    if (keys.has(key)) found.problems.push(duplicate(pointer, name, key))
    keys.add(key)
    const build =
      name === key
        ? compileValue(value, `${pointer}/${escapeKey(name)}`, depth + 1, found)
        : compileMember(name, value, pointer, found)
    isDynamic ||= build !== undefined
    members.push({ key, build: build ?? (() => value) })
  }
  if (!isDynamic) return undefined
  return (scope) => {
    const result: Record<string, Json> = {}
    for (const { key, build } of members) setOwn(result, key, build(scope))
    return result
  }
}

function compileMember(name: string, value: Json, pointer: string, found: Found): Build | undefined {
  const compiled = typeof value === 'string' ? found.compile(value) : err({ message: 'the value must be a string', offset: 0 })
  if (!compiled.ok) {
    found.problems.push({
      pointer,
      field: name,
      message: `The value for the field '${name}' must be a valid JSONPath or a valid intrinsic function call`,
      hint: compiled.error.message,
      offset: compiled.error.offset,
    })
    return undefined
  }
  const expression = compiled.value
  found.expressions.push({ pointer: `${pointer}/${escapeKey(name)}`, expression })
  return (scope) => {
    const result = expression.evaluate(scope, name)
    if (!result.ok) throw new Broken(result.error)
    return result.value
  }
}

const duplicate = (pointer: string, name: string, key: string): TemplateProblem => ({
  pointer,
  field: name,
  message: `The field '${key}' is given twice, as '${key}' and as '${key}.$'`,
  hint: "a member named with '.$' becomes one without it",
  offset: 0,
})
