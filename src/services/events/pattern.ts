/**
 * Event patterns as rules have them: checked once when a rule is put, then matched against each event of the bus.
 * Source: EventBridge user guide, "Creating event patterns", "Comparison operators".
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { jsonOf } from '../../base/json-text.ts'
import { plainNumbers } from '../../base/plain-numbers.ts'

import { checkPattern, matchesPattern, type PatternDialect } from '../kit/pattern.ts'
import { isCidr, numericFault } from '../kit/pattern-operators.ts'

import { withoutDots } from './dotted-names.ts'
import { invalidPattern } from './errors.ts'

const PATTERN_CHARS_MAX = 4096

const DIALECT: PatternDialect = {
  refuse: invalidPattern,
  depthMax: 101,
  tooDeep: 'Pattern is nested too deeply',
  fewAlternatives: 'There must have at least 2 Objects in "$or" relationship',
  emptyPattern: 'Empty objects are not allowed',
  noOperator: 'Unrecognized match type ',
  operators: {
    prefix: (value) => (isTextOrFolded(value) ? undefined : 'prefix match pattern must be a string'),
    suffix: (value) => (isTextOrFolded(value) ? undefined : 'suffix match pattern must be a string'),
    'anything-but': (value) =>
      isAnythingBut(value)
        ? undefined
        : 'Inside anything but list, either all values are number or string, mixed type is not supported',
    numeric: numericFault,
    exists: (value) => (typeof value === 'boolean' ? undefined : 'exists match pattern must be either true or false.'),
    cidr: (value) => (typeof value === 'string' && isCidr(value) ? undefined : 'Malformed CIDR, one slash and digits required'),
    'equals-ignore-case': (value) =>
      typeof value === 'string' ? undefined : 'equals-ignore-case match pattern must be a string',
    wildcard: (value) => {
      if (typeof value !== 'string') return 'wildcard match pattern must be a string'
      return value.includes('**') ? 'Consecutive wildcard characters at pos 0' : undefined
    },
  },
  // Of leaves alone: an object is not there, nor is a list of none.
  exists: (found) => (isArray(found) ? found : [found]).some((one) => one !== undefined && !isObject(one)),
  anythingBut: (values, isRefused) => values.some((value) => !isObject(value) && !isRefused(value)),
  seesAbsentObjects: true,
}

const isTextOrFolded = (value: Json): boolean =>
  typeof value === 'string' || (isObject(value) && typeof getOwn(value, 'equals-ignore-case') === 'string')

function isAnythingBut(value: Json): boolean {
  const isPlain = (one: Json) => typeof one === 'string' || typeof one === 'number'
  if (isPlain(value)) return true
  if (isArray(value)) return value.length > 0 && value.every(isPlain)
  const [[name, inner] = ['', null], ...others] = isObject(value) ? Object.entries(value) : []
  const isKnown = ['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(name)
  const isEmptyTaken = name === 'equals-ignore-case' || name === 'wildcard'
  const isText = (text: Json) => typeof text === 'string' && (isEmptyTaken || text !== '')
  return others.length === 0 && isKnown && (isArray(inner) ? inner : [inner]).every(isText)
}

/** The pattern without dots in its names. Throws WireError InvalidEventPatternException. */
export function parsePattern(text: string): JsonObject {
  if (text.length > PATTERN_CHARS_MAX) throw invalidPattern(`Pattern is longer than ${PATTERN_CHARS_MAX} characters`)
  const value = jsonOf(text)
  if (value === undefined) throw invalidPattern('Pattern is not valid JSON')
  if (!isObject(value)) throw invalidPattern('Filter is not an object')
  if (Object.keys(value).length === 0) throw invalidPattern('Empty pattern is not allowed')
  checkPattern(value, DIALECT)
  return withoutDots(value)
}

/** Says of patterns whether they match `event`: the whole event as targets get it, or any part of it, its numbers as they may be spelled. */
export function matcherOf(event: JsonObject): (pattern: JsonObject) => boolean {
  const numbers = plainNumbers(event)
  const plain = withoutDots(isObject(numbers) ? numbers : event)
  return (pattern) => matchesPattern(pattern, plain, DIALECT)
}
