/**
 * Why reading a path fails, in Jayway 2.0.0's words, as AWS prints them after "Invalid path '…' : ". What is missing below a
 * wildcard on an array is left out; all else that goes wrong ends the whole read.
 */
import { isArray, isObject, type Json } from '../../base/json.ts'
import { isNumeral } from '../../base/numeral.ts'

import { javaNumber, javaNumeral } from '../java-text.ts'
import { showJson } from '../json-bounds.ts'

/** Ends the whole read, from wherever it is thrown: a filter that cannot be judged. Never leaves this room. */
export class ReadFault extends Error {}

export interface Problem {
  readonly isMissing: boolean
  /** The whole sentence, given the path and the value at which the read ended. */
  readonly tell: (path: string, value: string) => string
  /** Undefined is Java's null: a member that is null, or an index past an array's end. A null item of an array is JSON's. */
  readonly value: Json | undefined
  /** The way up from there. Whoever called a visit adds its key. */
  readonly keys: (string | number)[]
  /** Whether the value stood in an array, or is the document: Jackson prints its texts in quotes. */
  isNode?: boolean
  /** Its keys are complete. */
  isRooted?: boolean
}

/** Nothing, or the problem as it looks from above the key. */
export function below<P extends Problem | undefined>(problem: P, key: string | number, isNode: boolean): P {
  if (problem !== undefined) {
    if (problem.isRooted !== true) problem.keys.push(key)
    problem.isNode ??= isNode
  }
  return problem
}

/** `isNode`: how the value at which the read began is printed. */
export function tell(problem: Problem, isNode: boolean): string {
  const path = problem.keys.map((key) => (typeof key === 'number' ? `[${key}]` : `['${key}']`))
  return problem.tell(`$${path.reverse().join('')}`, javaValue(problem.value, problem.isNode ?? isNode))
}

function javaValue(value: Json | undefined, isNode: boolean): string {
  if (typeof value === 'number') return javaNumber(value)
  if (isNumeral(value)) return javaNumeral(value)
  if (typeof value === 'string') return isNode ? showJson(value) : value
  return isArray(value) || isObject(value) ? showJson(value) : String(value ?? null)
}
