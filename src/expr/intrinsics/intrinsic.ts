/**
 * An intrinsic call, read once and compiled to closures. Two failures, with AWS's texts: a path argument that finds nothing is
 * `States.Runtime`, a function that cannot be applied is `States.IntrinsicFailure`; both name the whole expression as written,
 * not the inner call that broke.
 */
import { ErrorName } from '../../base/error-names.ts'
import type { Json } from '../../base/json.ts'
import { err, ok, type Result } from '../../base/result.ts'

import { showJson } from '../json-bounds.ts'
import { type SyntaxProblem, SyntaxFault } from '../jsonpath/cursor.ts'
import type { JsonPath } from '../jsonpath/path.ts'
import type { EvaluationFailure, Scope } from '../scope.ts'
import { Work, WorkSpent } from '../work.ts'
import type { Argument, Call } from './ast.ts'
import { InvalidArguments, workOf } from './function.ts'
import { parseIntrinsic } from './parse.ts'

export interface Intrinsic {
  readonly text: string
  /** The outermost function: `States.Format`. */
  readonly name: string
  /** The variables that its paths mention, each once, in order of first mention. */
  variables(): readonly string[]
  /** The paths among its arguments, nested calls included, in order. */
  paths(): readonly JsonPath[]
  evaluate(scope: Scope): Result<Json, EvaluationFailure>
}

type Evaluate = (scope: Scope) => Json

/** Thrown by an argument, caught by the outermost call. */
class Broken extends Error {
  readonly failure: EvaluationFailure

  constructor(failure: EvaluationFailure) {
    super(failure.cause)
    this.failure = failure
  }
}

/** Reads and compiles a call; the problem says what is wrong and where in `text`. */
export function compileIntrinsic(text: string): Result<Intrinsic, SyntaxProblem> {
  try {
    return ok(bind(text, parseIntrinsic(text)))
  } catch (error) {
    if (error instanceof SyntaxFault) return err({ message: error.message, offset: error.offset })
    throw error
  }
}

function bind(text: string, call: Call): Intrinsic {
  const run = compileCall(text, call)
  const paths = listPaths(call)
  const variables = [...new Set(paths.flatMap((path) => path.variables()))]
  return {
    text,
    name: call.name,
    paths: () => paths,
    variables: () => variables,
    evaluate(scope) {
      try {
        return ok(run(scope.work === undefined ? { ...scope, work: new Work() } : scope))
      } catch (error) {
        if (error instanceof Broken) return err(error.failure)
        // Data nested deeper than the call stack: no fault of ours, and no reason to stop the turn.
        if (error instanceof RangeError) return err(intrinsicFailure(text, call.name, 'the arguments nest too deeply'))
        throw error
      }
    },
  }
}

const listPaths = (argument: Argument): JsonPath[] =>
  argument.type === 'path' ? [argument.path] : argument.type === 'call' ? argument.args.flatMap(listPaths) : []

function compileCall(text: string, call: Call): Evaluate {
  const evaluators = call.args.map((argument) => compileArgument(text, argument))
  const raw = call.args.map((argument) => (argument.type === 'string' ? argument.raw : undefined))
  return (scope) => {
    const values = evaluators.map((evaluate) => evaluate(scope))
    const { work, draws } = scope
    try {
      work?.spend(workOf(values))
      const result = call.function.call(values, draws, raw)
      work?.spend(workOf([result]))
      return result
    } catch (error) {
      if (error instanceof WorkSpent) throw new Broken(intrinsicFailure(text, call.name, 'the expressions do too much work'))
      if (error instanceof InvalidArguments) throw new Broken(intrinsicFailure(text, call.name, error.message))
      throw error
    }
  }
}

function compileArgument(text: string, argument: Argument): Evaluate {
  if (argument.type === 'call') return compileCall(text, argument)
  if (argument.type !== 'path') return () => argument.value
  const { path } = argument
  return (scope) => {
    const found = path.selectPresent(scope)
    if (!found.ok) throw new Broken(missingArgument(text, path, found.error.missing, scope))
    return found.value
  }
}

/**
 * AWS names a context path by its part behind the first `$`, and always shows the state's input. An index on something that
 * is no array lets the JSONPath library speak for itself.
 */
function missingArgument(text: string, path: JsonPath, missing: string, scope: Scope): EvaluationFailure {
  const field = path.root === 'context' ? path.text.slice(1) : path.text
  const reason = missing.startsWith('Filter: ')
    ? missing
    : `The JsonPath argument for the field '${field}' could not be found in the input '${showJson(scope.input)}'`
  return { error: ErrorName.Runtime, cause: `The function '${text}' had the following error: ${reason}` }
}

function intrinsicFailure(text: string, name: string, detail: string): EvaluationFailure {
  const subject = detail.startsWith('matching ') ? 'template' : 'arguments'
  return {
    error: ErrorName.IntrinsicFailure,
    cause: `The function '${text}' had the following error: Invalid ${subject} in ${name}: ${detail}.`,
  }
}
