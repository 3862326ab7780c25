/**
 * Function signatures, `<s-nn?:s>`: which arguments a function takes, which may be left out, and which the context
 * stands in for. Arguments are matched to parameters from the left, each parameter taking as many as it may; memory of
 * what failed keeps a hostile signature from being tried in every combination.
 * Source: JSONata documentation, "Function signature syntax"; release 2.0.6 for what happens at the edges.
 */
import { JsonataError } from './error.ts'
import { isArray, type Value } from './value.ts'

const BITS: Readonly<Record<string, number>> = { a: 1, s: 2, n: 4, b: 8, l: 16, f: 32, o: 64, m: 128 }
const ANY_JSON = 'asnblom'

interface Parameter {
  readonly mask: number
  readonly isArray: boolean
  isOptional: boolean
  takesMany: boolean
  takesContext: boolean
  subtype?: string
}

export interface Signature {
  /** The arguments as the function gets them: context filled in, single values made arrays. */
  check(args: Value[], context: Value): Value[]
}

const known = new Map<string, Signature>()
const KNOWN_MAX = 500

export function parseSignature(definition: string): Signature {
  const found = known.get(definition)
  if (found !== undefined) return found
  const parameters = readParameters(definition)
  const hasMany = parameters.some((parameter) => parameter.takesMany)
  const signature: Signature = {
    check: (args, context) => (!hasMany && oneEach(parameters, args)) || matched(parameters, args, context),
  }
  if (known.size < KNOWN_MAX) known.set(definition, signature)
  return signature
}

function readParameters(definition: string): Parameter[] {
  const parameters: Parameter[] = []
  for (let at = 1; at < definition.length && definition[at] !== ':'; at++) {
    const symbol = definition[at] as string
    const previous = parameters.at(-1)
    if (symbol === '(') {
      const end = closing(definition, at, '(', ')')
      parameters.push(newParameter(`${definition.slice(at + 1, end)}m`, false))
      at = end
    } else if (symbol === '<') {
      const end = closing(definition, at, '<', '>')
      if (previous) previous.subtype = definition.slice(at + 1, end)
      at = end
    } else if (symbol === '-' && previous) {
      previous.takesContext = true
      previous.isOptional = true
    } else if (symbol === '?' && previous) previous.isOptional = true
    else if (symbol === '+' && previous) previous.takesMany = true
    else if (symbol === 'a' || symbol === 'x') parameters.push(newParameter(`${ANY_JSON}f`, symbol === 'a'))
    else if (symbol === 'j') parameters.push(newParameter(ANY_JSON, false))
    else if (symbol === 'f') parameters.push(newParameter('f', false))
    else if (symbol in BITS) parameters.push(newParameter(`${symbol}m`, false))
  }
  return parameters
}

function newParameter(symbols: string, takesArray: boolean): Parameter {
  const mask = [...symbols].reduce((bits, symbol) => bits | (BITS[symbol] ?? 0), 0)
  return { mask, isArray: takesArray, isOptional: false, takesMany: false, takesContext: false }
}

function closing(text: string, from: number, open: string, close: string): number {
  let depth = 1
  let at = from
  while (at < text.length - 1 && depth > 0) {
    at++
    if (text[at] === close) depth--
    else if (text[at] === open) depth++
  }
  return at
}

function symbolOf(value: Value): string {
  switch (typeof value) {
    case 'string':
      return 's'
    case 'number':
      return 'n'
    case 'boolean':
      return 'b'
    case 'function':
      return 'f'
    case 'undefined':
      return 'm'
    default:
      return value === null ? 'l' : isArray(value) ? 'a' : typeof value === 'object' ? 'o' : 'm'
  }
}

const bitOf = (value: Value): number => BITS[symbolOf(value)] as number

/** The common case: one argument for each parameter in order, and whatever is missing may be. */
function oneEach(parameters: readonly Parameter[], args: Value[]): Value[] | undefined {
  const { length } = args
  if (length > parameters.length) return undefined
  for (let i = 0; i < length; i++) if ((bitOf(args[i]) & (parameters[i] as Parameter).mask) === 0) return undefined
  for (let i = length; i < parameters.length; i++) {
    const parameter = parameters[i] as Parameter
    if (!parameter.isOptional || parameter.takesContext) return undefined
  }
  for (let i = 0; i < length; i++) {
    const parameter = parameters[i] as Parameter
    if (parameter.isArray) args[i] = arrayArgument(args[i], i, parameter, 1)
  }
  return args
}

/** An array parameter's value: checked item by item when it says of what, a single value made an array. */
function arrayArgument(value: Value, index: number, parameter: Parameter, taken: number): Value {
  if (value === undefined) return undefined
  const { subtype } = parameter
  if (subtype !== undefined && !isArrayOf(value, subtype, taken)) {
    throw new JsonataError('T0412', { index: index + 1, value, type: PLURALS[subtype] })
  }
  return isArray(value) ? value : [value]
}

function isArrayOf(value: Value, subtype: string, taken: number): boolean {
  if (!isArray(value)) return taken === 1 && symbolOf(value) === subtype
  const symbol = subtype.charAt(0)
  // The two kinds that nearly every call has.
  if (symbol === 'n') return value.every((item) => typeof item === 'number')
  if (symbol === 's') return value.every((item) => typeof item === 'string')
  for (let i = 0; i < value.length; i++) if (symbolOf(value[i]) !== symbol) return false
  return true
}

const PLURALS: Readonly<Record<string, string>> = {
  a: 'arrays',
  b: 'booleans',
  f: 'functions',
  n: 'numbers',
  o: 'objects',
  s: 'strings',
}

function matched(parameters: readonly Parameter[], args: readonly Value[], context: Value): Value[] {
  const bits = args.map(bitOf)
  const counts = take(parameters, bits, true)
  if (counts === undefined) return refuse(parameters, args, bits)
  const result: Value[] = []
  let index = 0
  parameters.forEach((parameter, i) => {
    const count = counts[i] as number
    if (count === 0 && parameter.takesContext) {
      if ((bitOf(context) & parameter.mask) === 0) throw new JsonataError('T0411', { value: context, index: index + 1 })
      result.push(context)
    } else if (count === 0) result.push(args[index++])
    else {
      for (let n = 0; n < count; n++, index++) {
        result.push(parameter.isArray ? arrayArgument(args[index], index, parameter, count) : args[index])
      }
    }
  })
  return result
}

/** How many arguments each parameter takes, as a greedy pattern would; undefined when they do not fit. */
function take(parameters: readonly Parameter[], bits: readonly number[], mustUseAll: boolean): number[] | undefined {
  const dead = new Set<number>()
  const counts: number[] = []
  const fits = (p: number, at: number): boolean => {
    if (p === parameters.length) return !mustUseAll || at === bits.length
    const state = p * (bits.length + 1) + at
    if (dead.has(state)) return false
    const parameter = parameters[p] as Parameter
    let most = 0
    while (at + most < bits.length && most < (parameter.takesMany ? bits.length : 1)) {
      if (((bits[at + most] as number) & parameter.mask) === 0) break
      most++
    }
    for (let count = most; count >= (parameter.isOptional ? 0 : 1); count--) {
      counts[p] = count
      if (fits(p + 1, at + count)) return true
    }
    dead.add(state)
    return false
  }
  return fits(0, 0) ? counts : undefined
}

/** Names the first argument that cannot be placed. */
function refuse(parameters: readonly Parameter[], args: readonly Value[], bits: readonly number[]): never {
  let goodTo = 0
  for (let i = 1; i <= parameters.length; i++) {
    const counts = take(parameters.slice(0, i), bits, false)
    if (counts === undefined) break
    goodTo = counts.reduce((sum, count) => sum + count, 0)
  }
  throw new JsonataError('T0410', { value: args[goodTo], index: goodTo + 1 })
}
