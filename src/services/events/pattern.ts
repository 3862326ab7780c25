/**
 * Event patterns: checked once when a rule is put, then matched against each event of the bus.
 * A pattern's members must all match, the values of a list are alternatives, `$or` are alternatives of whole patterns.
 * Where the event has an array, one of its elements must match (all members of an object in the same element).
 * Source: EventBridge user guide, "Creating event patterns", "Comparison operators".
 */
import { BlockList, isIP } from 'node:net'

import { parseJson } from '../../base/json-bounds.ts'
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { invalidPattern } from './errors.ts'

const PATTERN_CHARS_MAX = 4096
const DEPTH_MAX = 100
const OPERATORS: ReadonlySet<string> = new Set([
  ...['prefix', 'suffix', 'anything-but', 'numeric', 'exists', 'cidr', 'equals-ignore-case', 'wildcard'],
])

/** Throws WireError InvalidEventPatternException. */
export function parsePattern(text: string): JsonObject {
  if (text.length > PATTERN_CHARS_MAX) throw invalidPattern(`Pattern is longer than ${PATTERN_CHARS_MAX} characters`)
  let value: Json
  try {
    value = parseJson(text)
  } catch {
    throw invalidPattern('Pattern is not valid JSON')
  }
  if (!isObject(value)) throw invalidPattern('Filter is not an object')
  if (Object.keys(value).length === 0) throw invalidPattern('Empty pattern is not allowed')
  checkObject(value, 0)
  return value
}

function checkObject(pattern: JsonObject, depth: number): void {
  if (depth > DEPTH_MAX) throw invalidPattern('Pattern is nested too deeply')
  for (const [name, wanted] of Object.entries(pattern)) {
    if (name === '$or' && isArray(wanted) && wanted.every(isObject)) {
      if (wanted.length < 2) throw invalidPattern('There must have at least 2 Objects in "$or" relationship')
      for (const one of wanted) checkObject(one as JsonObject, depth + 1)
    } else if (isArray(wanted)) {
      if (wanted.length === 0) throw invalidPattern('Empty arrays are not allowed')
      for (const condition of wanted) checkCondition(condition)
    } else if (isObject(wanted)) {
      if (Object.keys(wanted).length === 0) throw invalidPattern('Empty objects are not allowed')
      checkObject(wanted, depth + 1)
    } else throw invalidPattern(`"${name}" must be an object or an array`)
  }
}

function checkCondition(condition: Json): void {
  if (isArray(condition)) throw invalidPattern('Match value must be String, number, true, false, or null')
  if (!isObject(condition)) return
  const [[name, value] = ['', null], ...others] = Object.entries(condition)
  if (others.length > 0) throw invalidPattern('Only one key allowed in match expression')
  if (!OPERATORS.has(name)) throw invalidPattern(`Unrecognized match type ${name}`)
  const isTextOr = (inner: string) => typeof value === 'string' || (isObject(value) && typeof getOwn(value, inner) === 'string')
  switch (name) {
    case 'exists':
      if (typeof value !== 'boolean') throw invalidPattern('exists match pattern must be either true or false.')
      return
    case 'numeric':
      return checkNumeric(value)
    case 'cidr':
      if (typeof value !== 'string' || !subnetOf(value)) throw invalidPattern('Malformed CIDR, one slash and digits required')
      return
    case 'prefix':
    case 'suffix':
      if (!isTextOr('equals-ignore-case')) throw invalidPattern(`${name} match pattern must be a string`)
      return
    case 'wildcard':
    case 'equals-ignore-case':
      if (typeof value !== 'string') throw invalidPattern(`${name} match pattern must be a string`)
      if (name === 'wildcard' && value.includes('**')) throw invalidPattern('Consecutive wildcard characters at pos 0')
      return
    default:
      return checkAnythingBut(value)
  }
}

function checkAnythingBut(value: Json): void {
  const isPlain = (one: Json) => typeof one === 'string' || typeof one === 'number'
  if (isPlain(value) || (isArray(value) && value.length > 0 && value.every(isPlain))) return
  const [[name, inner] = ['', null], ...others] = isObject(value) ? Object.entries(value) : []
  const texts = isArray(inner) ? inner : [inner]
  const isKnown = ['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(name)
  if (others.length > 0 || !isKnown || !texts.every((text) => typeof text === 'string'))
    throw invalidPattern('Inside anything but list, either all values are number or string, mixed type is not supported')
}

function checkNumeric(value: Json): void {
  const isWhole = isArray(value) && (value.length === 2 || value.length === 4)
  const isRight =
    isWhole &&
    value.every((item, i) =>
      i % 2 === 0 ? typeof item === 'string' && ['=', '<', '<=', '>', '>='].includes(item) : typeof item === 'number',
    )
  if (!isRight) throw invalidPattern('Numeric match must have an operator and a number for each bound')
}

/** `event` is the whole event as targets get it, or any part of it. */
export function matchesPattern(pattern: JsonObject, event: JsonObject): boolean {
  return Object.entries(pattern).every(([name, wanted]) => {
    if (name === '$or' && isArray(wanted) && wanted.every(isObject))
      return wanted.some((one) => matchesPattern(one as JsonObject, event))
    const found = getOwn(event, name)
    if (isArray(wanted)) return wanted.some((condition) => matchesCondition(condition, found))
    const members = found === undefined ? [] : flatten(found)
    if (!isObject(wanted)) return false
    // Nothing there: only a pattern that asks for absence holds of it.
    if (!members.some(isObject)) return matchesPattern(wanted, {})
    return members.some((member) => isObject(member) && matchesPattern(wanted, member))
  })
}

const flatten = (value: Json): readonly Json[] => (isArray(value) ? value.flatMap(flatten) : [value])

function matchesCondition(condition: Json, found: Json | undefined): boolean {
  const values = found === undefined ? [] : flatten(found)
  if (!isObject(condition)) return values.includes(condition)
  const exists = getOwn(condition, 'exists')
  if (exists !== undefined) return (found !== undefined && !isObject(found)) === exists
  return values.some((value) => matchesValue(condition, value))
}

function matchesValue(condition: JsonObject, value: Json): boolean {
  const [name = '', wanted = null] = Object.entries(condition)[0] ?? []
  if (name === 'numeric') return isArray(wanted) && typeof value === 'number' && isWithinBounds(value, wanted)
  if (name === 'anything-but') return !isObject(value) && !isRefused(wanted, value)
  return typeof value === 'string' && matchesText(name, wanted, value)
}

function isRefused(refused: Json, value: Json): boolean {
  if (!isObject(refused)) return (isArray(refused) ? refused : [refused]).includes(value)
  return Object.entries(refused).some(([name, texts]) =>
    (isArray(texts) ? texts : [texts]).some((text) => typeof value === 'string' && matchesText(name, text, value)),
  )
}

function matchesText(name: string, wanted: Json, value: string): boolean {
  if (isObject(wanted)) {
    const folded = getOwn(wanted, 'equals-ignore-case')
    return typeof folded === 'string' && matchesText(name, folded.toLowerCase(), value.toLowerCase())
  }
  if (typeof wanted !== 'string') return false
  switch (name) {
    case 'prefix':
      return value.startsWith(wanted)
    case 'suffix':
      return value.endsWith(wanted)
    case 'equals-ignore-case':
      return value.toLowerCase() === wanted.toLowerCase()
    case 'wildcard':
      return matchesWildcard(wanted, value)
    case 'cidr':
      return isWithinCidr(value, wanted)
    default:
      return false
  }
}

/** `*` is any run of characters, `\*` a star. The pieces between stars are sought from left to right: linear, no backtracking. */
function matchesWildcard(wildcard: string, value: string): boolean {
  const pieces = piecesOf(wildcard)
  const first = pieces[0] ?? ''
  if (pieces.length === 1) return value === first
  const last = pieces.at(-1) ?? ''
  if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false
  const end = value.length - last.length
  let from = first.length
  for (const piece of pieces.slice(1, -1)) {
    const at = value.indexOf(piece, from)
    if (at < 0 || at + piece.length > end) return false
    from = at + piece.length
  }
  return true
}

function piecesOf(wildcard: string): readonly string[] {
  const pieces = ['']
  for (let i = 0; i < wildcard.length; i++) {
    const next = wildcard[i + 1]
    if (wildcard[i] === '*') pieces.push('')
    else {
      const isEscape = wildcard[i] === '\\' && (next === '*' || next === '\\')
      pieces.push(`${pieces.pop() ?? ''}${isEscape ? next : wildcard[i]}`)
      if (isEscape) i++
    }
  }
  return pieces
}

function subnetOf(cidr: string): { network: string; bits: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [network = '', bits = '', ...rest] = cidr.split('/')
  const version = isIP(network)
  if (rest.length > 0 || version === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (version === 4 ? 32 : 128)) return undefined
  return { network, bits: Number(bits), family: version === 4 ? 'ipv4' : 'ipv6' }
}

function isWithinCidr(address: string, cidr: string): boolean {
  const subnet = subnetOf(cidr)
  if (!subnet || isIP(address) !== (subnet.family === 'ipv4' ? 4 : 6)) return false
  const list = new BlockList()
  list.addSubnet(subnet.network, subnet.bits, subnet.family)
  return list.check(address, subnet.family)
}

function isWithinBounds(value: number, bounds: readonly Json[]): boolean {
  for (let i = 0; i + 1 < bounds.length; i += 2) if (!compare(value, bounds[i], Number(bounds[i + 1]))) return false
  return true
}

function compare(value: number, operator: Json | undefined, bound: number): boolean {
  switch (operator) {
    case '=':
      return value === bound
    case '<':
      return value < bound
    case '<=':
      return value <= bound
    case '>':
      return value > bound
    default:
      return operator === '>=' && value >= bound
  }
}
