/** The operators of event patterns that judge one value. What is checked with a pattern is told beside what is matched. */
import { BlockList, isIP } from 'node:net'

import { getOwn, isArray, isObject, type Json } from '../../base/json.ts'

import { matchesWildcard } from './wildcard.ts'

const ofText: Readonly<Record<string, (wanted: string, value: string) => boolean>> = {
  prefix: (wanted, value) => value.startsWith(wanted),
  suffix: (wanted, value) => value.endsWith(wanted),
  'equals-ignore-case': (wanted, value) => value.toLowerCase() === wanted.toLowerCase(),
  wildcard: matchesWildcard,
  cidr: isWithinCidr,
}

/** `wanted` may be a list, of which one is enough. An operator that is not known matches nothing. */
export function matchesOperator(name: string, wanted: Json, value: Json): boolean {
  if (name === 'numeric') return typeof value === 'number' && isArray(wanted) && isWithinBounds(value, wanted)
  const matches = Object.hasOwn(ofText, name) ? ofText[name] : undefined
  if (matches === undefined || typeof value !== 'string') return false
  return (isArray(wanted) ? wanted : [wanted]).some((one) => {
    if (typeof one === 'string') return matches(one, value)
    const folded = isObject(one) ? getOwn(one, 'equals-ignore-case') : undefined
    return typeof folded === 'string' && matches(folded.toLowerCase(), value.toLowerCase())
  })
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
}

const isComparison = (item: Json): item is string => typeof item === 'string' && Object.hasOwn(COMPARISONS, item)

/**
 * What is wrong with the value of `numeric`, in the words of AWS; undefined for a comparison and a number (`['=', 5]`), and for a
 * lower and an upper bound (`['>', 0, '<=', 5]`).
 */
export function numericFault(bounds: Json): string | undefined {
  if (!isArray(bounds)) return 'Value of numeric must be an array.'
  const [first, bottom, second, top] = bounds
  if (typeof first !== 'string') return `Invalid member in numeric match: ${first === undefined ? ']' : JSON.stringify(first)}`
  if (!isComparison(first)) return `Unrecognized numeric range operator: ${first}`
  if (typeof bottom !== 'number') return notNumeric(first)
  if (second === undefined) return undefined
  if (first !== '>' && first !== '>=') return 'Too many elements in numeric expression'
  if (typeof second !== 'string') return `Bad value in numeric range: ${JSON.stringify(second)}`
  if (second !== '<' && second !== '<=') return `Bad numeric range operator: ${second}`
  if (typeof top !== 'number') return notNumeric(second)
  if (bottom >= top) return 'Bottom must be less than top'
  return bounds.length > 4 ? 'Too many terms in numeric range expression' : undefined
}

const notNumeric = (comparison: string): string => `Value of ${comparison === '=' ? 'equals' : comparison} must be numeric`

function isWithinBounds(value: number, bounds: readonly Json[]): boolean {
  for (let i = 0; i + 1 < bounds.length; i += 2) {
    const comparison = bounds[i] ?? null
    if (!isComparison(comparison) || COMPARISONS[comparison]?.(value, Number(bounds[i + 1])) !== true) return false
  }
  return true
}

interface Subnet {
  readonly network: string
  readonly bits: number
  readonly family: 'ipv4' | 'ipv6'
}

function subnetOf(cidr: string): Subnet | undefined {
  const [network = '', bits = '', ...rest] = cidr.split('/')
  const version = isIP(network)
  if (rest.length > 0 || version === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (version === 4 ? 32 : 128)) return undefined
  return { network, bits: Number(bits), family: version === 4 ? 'ipv4' : 'ipv6' }
}

/** `10.0.0.0/24`, `2001:db8::/32`. */
export const isCidr = (text: string): boolean => subnetOf(text) !== undefined

function isWithinCidr(cidr: string, address: string): boolean {
  const subnet = subnetOf(cidr)
  if (!subnet || isIP(address) !== (subnet.family === 'ipv4' ? 4 : 6)) return false
  const list = new BlockList()
  list.addSubnet(subnet.network, subnet.bits, subnet.family)
  return list.check(address, subnet.family)
}
