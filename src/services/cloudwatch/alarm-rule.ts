/**
 * The rule of a composite alarm: which other alarms must be in which state. Source: CloudWatch API reference, PutCompositeAlarm,
 * `AlarmRule`.
 */
import { assertNever } from '../../base/assert.ts'

import { validation } from './errors.ts'

export type State = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'
export const STATES = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const

export type AlarmRule =
  | { readonly kind: 'constant'; readonly value: boolean }
  /** By name or ARN. */
  | { readonly kind: 'state'; readonly state: State; readonly alarm: string }
  | { readonly kind: 'not'; readonly of: AlarmRule }
  | { readonly kind: 'and' | 'or'; readonly left: AlarmRule; readonly right: AlarmRule }

const TOKEN = /\s*(?:(\(|\))|"((?:[^"\\]|\\.)*)"|([^\s()"]+))/y
const REFERENCES_MAX = 100

/** Throws ValidationError. */
export function parseAlarmRule(text: string): AlarmRule {
  const tokens = tokensOf(text)
  let at = 0

  function fail(): never {
    throw validation(
      `AlarmRule expression is not valid near ${JSON.stringify(tokens.slice(at, at + 3).join(' ') || text.slice(-20))}`,
    )
  }
  function take(token: string): void {
    if (tokens[at++] !== token) fail()
  }
  function either(): AlarmRule {
    let left = both()
    while (tokens[at]?.toUpperCase() === 'OR') {
      at++
      left = { kind: 'or', left, right: both() }
    }
    return left
  }
  function both(): AlarmRule {
    let left = one()
    while (tokens[at]?.toUpperCase() === 'AND') {
      at++
      left = { kind: 'and', left, right: one() }
    }
    return left
  }
  function one(): AlarmRule {
    const token = tokens[at++]
    const word = token?.toUpperCase()
    if (token === '(') {
      const inner = either()
      take(')')
      return inner
    }
    if (word === 'NOT') return { kind: 'not', of: one() }
    if (word === 'TRUE' || word === 'FALSE') return { kind: 'constant', value: word === 'TRUE' }
    const state = STATES.find((known) => known === word)
    if (state === undefined) return fail()
    take('(')
    const alarm = tokens[at++] ?? fail()
    take(')')
    return { kind: 'state', state, alarm }
  }

  const rule = either()
  if (at < tokens.length) fail()
  if (alarmsIn(rule).length > REFERENCES_MAX) throw validation(`AlarmRule refers to more than ${REFERENCES_MAX} alarms.`)
  return rule
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = []
  const trimmed = text.trimEnd()
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < trimmed.length) {
    const match = TOKEN.exec(trimmed)
    if (!match) throw validation('AlarmRule has a quotation mark without its other one.')
    const [, sign, quoted, word = ''] = match
    tokens.push(sign ?? quoted?.replaceAll(/\\(.)/g, '$1') ?? word)
  }
  return tokens
}

/** The names or ARNs that a rule asks for. */
export function alarmsIn(rule: AlarmRule): readonly string[] {
  switch (rule.kind) {
    case 'constant':
      return []
    case 'state':
      return [rule.alarm]
    case 'not':
      return alarmsIn(rule.of)
    case 'and':
    case 'or':
      return [...alarmsIn(rule.left), ...alarmsIn(rule.right)]
    default:
      return assertNever(rule, 'kind of rule')
  }
}

/** An alarm that is not there is in no state. */
export function isTrue(rule: AlarmRule, stateOf: (alarm: string) => State | undefined): boolean {
  switch (rule.kind) {
    case 'constant':
      return rule.value
    case 'state':
      return stateOf(rule.alarm) === rule.state
    case 'not':
      return !isTrue(rule.of, stateOf)
    case 'and':
      return isTrue(rule.left, stateOf) && isTrue(rule.right, stateOf)
    case 'or':
      return isTrue(rule.left, stateOf) || isTrue(rule.right, stateOf)
    default:
      return assertNever(rule, 'kind of rule')
  }
}
