/**
 * Reference paths: one place, named with `.` and `[n]` or `['x']` only; and the write that ResultPath makes there.
 * A write copies the nodes along the path and shares all others; members that are missing are made, array items never.
 * Where the path cannot be applied AWS answers `States.ReferencePathConflict` with "Unable to apply step …" (seen in many
 * reports from the service; the developer guide's name for it, States.ResultPathMatchFailure, never shows up in them).
 */
import { isArray, isObject, type Json, getOwn, setOwn } from '../../base/json.ts'
import { copyObject } from '../../base/member-order.ts'
import { err, ok, type Result } from '../../base/result.ts'

import { showJson } from '../json-bounds.ts'
import type { EvaluationFailure } from '../scope.ts'
import type { SyntaxProblem } from './cursor.ts'
import { compilePath, type JsonPath } from './path.ts'

export const REFERENCE_PATH_CONFLICT = 'States.ReferencePathConflict'

export interface ReferencePath extends JsonPath {
  /** `target` with `value` at the path; `target` itself is left as it is. */
  write(target: Json, value: Json): Result<Json, EvaluationFailure>
}

type Key = string | number

export function compileReferencePath(text: string): Result<ReferencePath, SyntaxProblem> {
  const path = compilePath(text)
  if (!path.ok) return path
  if (!path.value.isReference) return err({ message: 'Value is not a Reference Path', offset: 0 })
  const keys = path.value.steps.flatMap((step): readonly Key[] =>
    step.type === 'property' ? step.names : step.type === 'index' ? [step.index] : [],
  )
  const write = (target: Json, value: Json): Result<Json, EvaluationFailure> => writeAt(keys, target, value)
  return ok(Object.assign(path.value, { write }))
}

function writeAt(keys: readonly Key[], target: Json, value: Json): Result<Json, EvaluationFailure> {
  const parents: Json[] = []
  let node: Json | undefined = target
  for (const key of keys) {
    const parent: Json = node === undefined ? {} : node
    const child = childAt(parent, key)
    if (child === CONFLICT) return err(conflict(key, target))
    parents.push(parent)
    node = child
  }
  let written = value
  for (let i = keys.length - 1; i >= 0; i--) written = withChild(parents[i] as Json, keys[i] as Key, written)
  return ok(written)
}

const CONFLICT = Symbol('conflict')

/** The child to go on with; undefined when it must be made. */
function childAt(parent: Json, key: Key): Json | undefined | typeof CONFLICT {
  if (typeof key === 'string') return isObject(parent) ? getOwn(parent, key) : CONFLICT
  if (!isArray(parent)) return CONFLICT
  const child = parent.at(key)
  return child === undefined ? CONFLICT : child
}

function withChild(parent: Json, key: Key, child: Json): Json {
  if (isArray(parent)) return parent.with(Number(key), child)
  const copy: Record<string, Json> = isObject(parent) ? copyObject(parent) : {}
  setOwn(copy, String(key), child)
  return copy
}

const conflict = (key: Key, target: Json): EvaluationFailure => ({
  error: REFERENCE_PATH_CONFLICT,
  cause: `Unable to apply step "${typeof key === 'number' ? `[${key}]` : key}" to input ${showJson(target)}`,
})
