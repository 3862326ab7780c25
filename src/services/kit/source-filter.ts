/**
 * Which records of a source are wanted, by the patterns of its FilterCriteria, as Lambda's event sources and Pipes read them.
 * Source: AWS Lambda developer guide, "Control which events Lambda sends to your function".
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { jsonOf, objectOf } from '../../base/json-text.ts'

import type { WireError } from '../../wire/errors.ts'

import { checkPattern, matchesPattern, type PatternDialect } from './pattern.ts'
import { numericFault } from './pattern-operators.ts'

const isText = (value: Json): boolean => typeof value === 'string'
const INVALID = 'Invalid filter pattern definition.'
const wanted = (isRight: boolean): string | undefined => (isRight ? undefined : INVALID)

const DIALECT: PatternDialect = {
  refuse: (reason) => new Error(reason),
  depthMax: 50,
  tooDeep: '',
  fewAlternatives: '',
  emptyPattern: '',
  noOperator: '',
  operators: {
    prefix: (value) => wanted(isText(value)),
    suffix: (value) => wanted(isText(value)),
    'anything-but': (value) => wanted(isText(value) || typeof value === 'number' || isArray(value) || isObject(value)),
    numeric: numericFault,
    exists: (value) => wanted(typeof value === 'boolean'),
    'equals-ignore-case': (value) => wanted(isText(value)),
  },
  exists: (found) => (isArray(found) ? found : [found]).some((one) => one !== undefined && !isObject(one)),
  anythingBut: (values, isRefused) => values.some((value) => !isObject(value) && !isRefused(value)),
  seesAbsentObjects: true,
}

/** AWS's bounds: every record is held against all patterns. */
const FILTERS_MAX = 10
const PATTERN_CHARS_MAX = 4096

/** The patterns of a FilterCriteria; none lets everything through. Throws what `refuse` makes of a reason. */
export function patternsOf(criteria: JsonObject | undefined, refuse: (reason: string) => WireError): readonly JsonObject[] {
  const given = criteria && getOwn(criteria, 'Filters')
  const filters = isArray(given) ? given : []
  if (filters.length > FILTERS_MAX) throw refuse(`FilterCriteria can have at most ${FILTERS_MAX} Filters.`)
  return filters.map((filter) => {
    const text = isObject(filter) ? getOwn(filter, 'Pattern') : undefined
    const pattern = typeof text === 'string' && text.length <= PATTERN_CHARS_MAX ? objectOf(text) : undefined
    if (!pattern) throw refuse(INVALID)
    checkPattern(pattern, { ...DIALECT, refuse: () => refuse(INVALID) })
    return pattern
  })
}

/** A pattern that looks into `body` wants JSON there; one that compares it wants text. */
export function isWanted(record: JsonObject, patterns: readonly JsonObject[]): boolean {
  return (
    patterns.length === 0 ||
    patterns.some((pattern) => {
      const body = getOwn(record, 'body')
      if (!isObject(getOwn(pattern, 'body')) || body === undefined) return matchesPattern(pattern, record, DIALECT)
      const inside = typeof body === 'string' ? jsonOf(body) : undefined
      return isObject(inside) && matchesPattern(pattern, { ...record, body: inside }, DIALECT)
    })
  )
}
