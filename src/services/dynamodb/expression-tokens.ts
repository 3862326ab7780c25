/**
 * The words of an expression, and the reading of what all expressions have in common: names, paths, values.
 * Source: Amazon DynamoDB developer guide, "Using expressions in DynamoDB"; texts as DynamoDB answers them.
 */
import { type AttributeValue, attributeOf, checkValue, type Item } from './attribute-value.ts'
import { validationError } from './errors.ts'
import { isReserved } from './reserved-words.ts'

/** Names of attributes, and places in lists. */
export type Path = readonly [string, ...(string | number)[]]

export type Token =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'value'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'sign'; readonly text: string }
  | { readonly kind: 'end'; readonly text: '<EOF>' }

/** Names of the parameters that hold expressions. */
export type ExpressionName =
  | 'ConditionExpression'
  | 'FilterExpression'
  | 'KeyConditionExpression'
  | 'ProjectionExpression'
  | 'UpdateExpression'

const BYTES_MAX = 4096
const TOKEN = /\s*(?:([A-Za-z_][\w]*)|(#\w+)|(:\w+)|(\d+)|(<>|<=|>=|[()[\].,=<>+-]))/y
const KINDS = ['word', 'name', 'value', 'number', 'sign'] as const
const END: Token = { kind: 'end', text: '<EOF>' }

/** What an expression is faulty of; of several the first in the order of its kind is told. */
export type FaultKind =
  | 'parens'
  | 'reserved'
  | 'unknownFunction'
  | 'misused'
  | 'section'
  | 'undefined'
  | 'overlap'
  | 'conflict'
  | 'operand'
  | 'distinct'
  | 'function'

export class SyntaxFault extends Error {}

/** The values and names that a request gives its expressions, and which of them are used. */
export class Substitutes {
  readonly #names: Readonly<Record<string, string>>
  readonly #values: Item
  readonly #unusedNames: Set<string>
  readonly #unusedValues: Set<string>

  /** Throws ValidationException where a name or a value is none. */
  constructor(names: Readonly<Record<string, string>> | undefined, values: Item | undefined) {
    if (names !== undefined && Object.keys(names).length === 0)
      throw validationError('ExpressionAttributeNames must not be empty')
    for (const key of Object.keys(names ?? {}))
      if (!/^#\w+$/.test(key)) throw validationError(`ExpressionAttributeNames contains invalid key: Syntax error; key: "${key}"`)
    if (values !== undefined && Object.keys(values).length === 0)
      throw validationError('ExpressionAttributeValues must not be empty')
    for (const key of Object.keys(values ?? {}))
      if (!/^:\w+$/.test(key))
        throw validationError(`ExpressionAttributeValues contains invalid key: Syntax error; key: "${key}"`)
    this.#names = names ?? {}
    this.#values = Object.fromEntries(Object.entries(values ?? {}).map(([key, value]) => [key, checkNamed(key, value)]))
    this.#unusedNames = new Set(Object.keys(this.#names))
    this.#unusedValues = new Set(Object.keys(this.#values))
  }

  name(key: string): string | undefined {
    this.#unusedNames.delete(key)
    return Object.hasOwn(this.#names, key) ? this.#names[key] : undefined
  }

  value(key: string): AttributeValue | undefined {
    this.#unusedValues.delete(key)
    return attributeOf(this.#values, key)
  }

  /** When all expressions have been read. Throws ValidationException where something was given in vain. */
  checkUsed(): void {
    const tell = (what: string, keys: Set<string>) =>
      validationError(`Value provided in ${what} unused in expressions: keys: {${[...keys].join(', ')}}`)
    if (this.#unusedNames.size > 0) throw tell('ExpressionAttributeNames', this.#unusedNames)
    if (this.#unusedValues.size > 0) throw tell('ExpressionAttributeValues', this.#unusedValues)
  }
}

function checkNamed(key: string, value: AttributeValue): AttributeValue {
  try {
    return checkValue(value, 'ExpressionAttributeValues contains invalid value: ')
  } catch (error) {
    throw error instanceof Error ? validationError(`${error.message} for key ${key}`) : error
  }
}

/** Walks over the tokens of one expression, and collects what it is faulty of. */
export class ExpressionReader {
  readonly substitutes: Substitutes
  readonly #tokens: readonly Token[]
  readonly #faults = new Map<FaultKind, string>()
  #at = 0

  /** Throws SyntaxFault. */
  constructor(text: string, substitutes: Substitutes) {
    this.substitutes = substitutes
    this.#tokens = tokensOf(text)
  }

  get next(): Token {
    return this.#tokens[this.#at] ?? END
  }

  /** Of `next`. */
  get position(): number {
    return this.#at
  }

  /** The one behind `next`. */
  get second(): Token {
    return this.#tokens[this.#at + 1] ?? END
  }

  take(): Token {
    const { next } = this
    this.#at++
    return next
  }

  isSign(text: string): boolean {
    return this.next.kind === 'sign' && this.next.text === text
  }

  /** Takes the sign where it comes next. */
  skip(text: string): boolean {
    if (!this.isSign(text)) return false
    this.#at++
    return true
  }

  expect(text: string): void {
    if (!this.skip(text)) throw this.syntaxFault()
  }

  isWord(text: string): boolean {
    return this.next.kind === 'word' && this.next.text.toUpperCase() === text
  }

  skipWord(text: string): boolean {
    if (!this.isWord(text)) return false
    this.#at++
    return true
  }

  syntaxFault(): SyntaxFault {
    const around = [this.#tokens[this.#at - 1], this.next, this.#tokens[this.#at + 1]]
    const near = around.flatMap((token) => (token === undefined || token.kind === 'end' ? [] : token.text)).join(' ')
    return new SyntaxFault(`Syntax error; token: "${this.next.text}", near: "${near}"`)
  }

  /** Of each kind the first one counts. */
  fault(kind: FaultKind, text: string): void {
    if (!this.#faults.has(kind)) this.#faults.set(kind, text)
  }

  /** The first fault in an order. */
  faultIn(order: readonly FaultKind[]): string | undefined {
    return order.map((kind) => this.#faults.get(kind)).find((text) => text !== undefined)
  }

  path(): Path {
    const path: [string, ...(string | number)[]] = [this.#pathName()]
    for (;;) {
      if (this.skip('.')) path.push(this.#pathName())
      else if (this.skip('[')) {
        const { kind, text } = this.next
        if (kind !== 'number') throw this.syntaxFault()
        this.#at++
        this.expect(']')
        path.push(Number(text))
      } else return path
    }
  }

  #pathName(): string {
    const { kind, text } = this.next
    if (kind !== 'word' && kind !== 'name') throw this.syntaxFault()
    this.#at++
    if (kind === 'word') {
      if (isReserved(text)) this.fault('reserved', `Attribute name is a reserved keyword; reserved keyword: ${text}`)
      return text
    }
    const name = this.substitutes.name(text)
    if (name === undefined)
      this.fault('undefined', `An expression attribute name used in the document path is not defined; attribute name: ${text}`)
    return name ?? text
  }

  /** Of a value that is named; `undefined` is a fault that has been noted. */
  value(): AttributeValue | undefined {
    const { text } = this.take()
    const value = this.substitutes.value(text)
    if (value === undefined)
      this.fault('undefined', `An expression attribute value used in expression is not defined; attribute value: ${text}`)
    return value
  }
}

function tokensOf(text: string): readonly Token[] {
  if (text.trim() === '') throw new SyntaxFault('The expression can not be empty;')
  const bytes = Buffer.byteLength(text)
  if (bytes > BYTES_MAX) throw new SyntaxFault(`Expression size has exceeded the maximum allowed size; expression size: ${bytes}`)
  const tokens: Token[] = []
  for (let at = 0; at < text.length; ) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (!match) {
      const rest = text.slice(at).trimStart()
      if (rest === '') break
      const near = [tokens.at(-1)?.text, rest.slice(0, 10)].filter((one) => one !== undefined).join(' ')
      throw new SyntaxFault(`Syntax error; token: "${rest.slice(0, 1)}", near: "${near}"`)
    }
    at = TOKEN.lastIndex
    const group = match.slice(1).findIndex((found) => found !== undefined)
    tokens.push({ kind: KINDS[group] ?? 'sign', text: match[group + 1] ?? '' })
  }
  return tokens
}

export const printPath = (path: Path): string =>
  `[${path.map((piece) => (typeof piece === 'number' ? `[${piece}]` : piece)).join(', ')}]`

/** Reads one expression; what is wrong with it is told with the name of its parameter. Throws ValidationException. */
export function readExpression<T>(
  name: ExpressionName,
  text: string,
  substitutes: Substitutes,
  read: (reader: ExpressionReader) => T,
  order: readonly FaultKind[],
): T {
  try {
    const reader = new ExpressionReader(text, substitutes)
    const result = read(reader)
    if (reader.next.kind !== 'end') throw reader.syntaxFault()
    const fault = reader.faultIn(order)
    if (fault !== undefined) throw new SyntaxFault(fault)
    return result
  } catch (error) {
    throw error instanceof SyntaxFault ? validationError(`Invalid ${name}: ${error.message}`) : error
  }
}

/** Notes where two paths of one expression mean the same, or cannot both be. */
export function checkPaths(reader: ExpressionReader, paths: readonly Path[]): void {
  for (const [at, path] of paths.entries())
    for (const earlier of paths.slice(0, at)) {
      const told = `must remove or rewrite one of these paths; path one: ${printPath(earlier)}, path two: ${printPath(path)}`
      const relation = relationOf(earlier, path)
      if (relation === 'overlap') reader.fault('overlap', `Two document paths overlap with each other; ${told}`)
      if (relation === 'conflict') reader.fault('conflict', `Two document paths conflict with each other; ${told}`)
    }
}

function relationOf(one: Path, other: Path): 'overlap' | 'conflict' | undefined {
  for (let at = 0; at < Math.min(one.length, other.length); at++) {
    if (typeof one[at] !== typeof other[at]) return 'conflict'
    if (one[at] !== other[at]) return undefined
  }
  return 'overlap'
}
