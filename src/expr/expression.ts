/**
 * What a JSONPath state may write where a value is computed: a path or an intrinsic call (`"key.$"` in payload templates,
 * `ErrorPath` and `CausePath` of Fail, `RoleArn.$`). Also the sentences that AWS says when a path finds nothing.
 */
import { ErrorName } from '../base/error-names.ts'
import type { Json } from '../base/json.ts'
import { err, ok, type Result } from '../base/result.ts'

import { compileIntrinsic, type Intrinsic } from './intrinsics/intrinsic.ts'
import { showJson } from './json-bounds.ts'
import type { SyntaxProblem } from './jsonpath/cursor.ts'
import { compilePath, type JsonPath } from './jsonpath/path.ts'
import type { EvaluationFailure, Scope } from './scope.ts'

export interface Expression {
  readonly text: string
  /** Which of the two it is. */
  readonly path?: JsonPath
  readonly intrinsic?: Intrinsic
  variables(): readonly string[]
  /** `field` is named in the failure's cause: `b.$`, `ErrorPath`. */
  evaluate(scope: Scope, field: string): Result<Json, EvaluationFailure>
}

/** Reads a path when the text begins with `$`, else an intrinsic call. */
export function compileExpression(text: string): Result<Expression, SyntaxProblem> {
  if (text.trimStart().startsWith('$')) {
    const path = compilePath(text)
    return path.ok ? ok(pathExpression(path.value)) : path
  }
  const intrinsic = compileIntrinsic(text)
  return intrinsic.ok ? ok(intrinsicExpression(intrinsic.value)) : intrinsic
}

const pathExpression = (path: JsonPath): Expression => ({
  text: path.text,
  path,
  variables: () => path.variables(),
  evaluate(scope, field) {
    if (readsNull(path, scope)) return err(NULL_INPUT)
    const found = path.select(scope)
    return found.ok ? found : err(pathNotFound(path, field, scope))
  },
})

const intrinsicExpression = (intrinsic: Intrinsic): Expression => ({
  text: intrinsic.text,
  intrinsic,
  variables: () => intrinsic.variables(),
  evaluate: (scope) => intrinsic.evaluate(scope),
})

/** AWS reads no path of an input that is null, not even `$`. */
export const readsNull = (path: JsonPath, scope: { readonly input: Json }): boolean =>
  path.root === 'input' && scope.input === null

export const NULL_INPUT: EvaluationFailure = {
  error: ErrorName.Runtime,
  cause: 'Unable to apply Path transformation to null or empty input.',
}

/** "The JSONPath '$.a' specified for the field 'b.$' could not be found in the input '…'": shows what was searched. */
export function pathNotFound(path: JsonPath, field: string, scope: Scope): EvaluationFailure {
  const searched = showJson(path.document(scope) ?? scope.input)
  const cause = `The JSONPath '${path.text}' specified for the field '${field}' could not be found in the input '${searched}'`
  return { error: ErrorName.Runtime, cause }
}

/** "Invalid path '$.no.such' : Missing property in path $['no']": InputPath, OutputPath, …Path fields. */
export function invalidPath(path: JsonPath, missing: string): EvaluationFailure {
  return { error: ErrorName.Runtime, cause: `Invalid path '${path.text}' : ${missing}` }
}

/** What a rule of a Choice compares is not there. */
export const invalidCondition = (path: JsonPath): EvaluationFailure => ({
  error: ErrorName.Runtime,
  cause: `Invalid path '${path.text}': The choice state's condition path references an invalid value.`,
})
