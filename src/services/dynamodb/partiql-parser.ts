/**
 * PartiQL statements as DynamoDB takes them: SELECT, INSERT, UPDATE, DELETE and EXISTS, read into the same conditions and updates
 * as expressions are.
 * Source: Amazon DynamoDB developer guide, "PartiQL for DynamoDB"; texts as DynamoDB answers them.
 */
import { type AttributeValue, checkValue, type Item } from './attribute-value.ts'
import type { Comparator, Condition, Operand } from './condition.ts'
import { validationError } from './errors.ts'
import type { Path } from './expression-tokens.ts'
import type { Source, UpdateAction } from './update.ts'

export type Returning = 'ALL OLD' | 'ALL NEW' | 'MODIFIED OLD' | 'MODIFIED NEW'

export interface Selection {
  readonly kind: 'select' | 'exists'
  readonly table: string
  readonly index: string | undefined
  /** Undefined for `*`. */
  readonly paths: readonly Path[] | undefined
  readonly condition: Condition | undefined
  readonly order: readonly { readonly path: Path; readonly isDown: boolean }[]
}

export type Statement =
  | Selection
  | { readonly kind: 'insert'; readonly table: string; readonly item: Item }
  | {
      readonly kind: 'update'
      readonly table: string
      readonly actions: readonly UpdateAction[]
      readonly condition: Condition | undefined
      readonly returning: Returning | undefined
    }
  | {
      readonly kind: 'delete'
      readonly table: string
      readonly condition: Condition | undefined
      readonly returning: Returning | undefined
    }

interface Token {
  readonly kind: 'word' | 'name' | 'text' | 'number' | 'sign' | 'end'
  readonly text: string
}

const CHARS_MAX = 8192
const DEPTH_MAX = 100
const TOKEN =
  /\s*(?:([A-Za-z_]\w*)|"((?:[^"]|"")*)"|'((?:[^']|'')*)'|(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|(<<|>>|<=|>=|<>|!=|[=<>()[\]{},.:?*+-]))/y
const KINDS = ['word', 'name', 'text', 'number', 'sign'] as const
const END: Token = { kind: 'end', text: '<EOF>' }
const COMPARATORS: Readonly<Record<string, Comparator>> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
}
const RETURNINGS: readonly Returning[] = ['ALL OLD', 'ALL NEW', 'MODIFIED OLD', 'MODIFIED NEW']

const malformed = (reason: string) => validationError(`Statement wasn't well formed, can't be processed: ${reason}`)

/** Throws ValidationException. */
export function parseStatement(text: string, parameters: readonly AttributeValue[]): Statement {
  return new StatementReader(tokensOf(text), parameters).read()
}

function tokensOf(text: string): readonly Token[] {
  if (text.length > CHARS_MAX) throw malformed(`it has more than ${CHARS_MAX} characters`)
  const tokens: Token[] = []
  const whole = text.trim().replace(/;$/, '').trimEnd()
  for (let at = 0; at < whole.length; ) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(whole)
    if (!match) throw malformed(`Unexpected character at ${at}: ${whole.slice(at, at + 20)}`)
    at = TOKEN.lastIndex
    const group = match.slice(1).findIndex((found) => found !== undefined)
    const kind = KINDS[group] ?? 'sign'
    const found = match[group + 1] ?? ''
    const quote = kind === 'name' ? '"' : kind === 'text' ? "'" : undefined
    tokens.push({ kind, text: quote === undefined ? found : found.replaceAll(quote + quote, quote) })
  }
  return tokens
}

class StatementReader {
  readonly #tokens: readonly Token[]
  readonly #parameters: readonly AttributeValue[]
  #at = 0
  #given = 0
  #depth = 0

  constructor(tokens: readonly Token[], parameters: readonly AttributeValue[]) {
    this.#tokens = tokens
    this.#parameters = parameters
  }

  read(): Statement {
    const statement = this.#statement()
    if (this.#next.kind !== 'end') throw this.#unexpected()
    if (this.#given !== this.#parameters.length)
      throw validationError("Number of parameters in request and statement don't match.")
    return statement
  }

  #statement(): Statement {
    if (this.#isWord('SELECT')) return this.#select('select')
    if (this.#skipWord('INSERT')) return this.#insert()
    if (this.#skipWord('UPDATE')) return this.#update()
    if (this.#skipWord('DELETE')) return this.#delete()
    if (this.#skipWord('EXISTS')) {
      this.#expect('(')
      const selection = this.#select('exists')
      this.#expect(')')
      return selection
    }
    throw this.#unexpected()
  }

  // ---- tokens

  get #next(): Token {
    return this.#tokens[this.#at] ?? END
  }

  #unexpected() {
    return malformed(`Unexpected token: ${this.#next.text}`)
  }

  #isSign(text: string): boolean {
    return this.#next.kind === 'sign' && this.#next.text === text
  }

  #skip(text: string): boolean {
    if (!this.#isSign(text)) return false
    this.#at++
    return true
  }

  #expect(text: string): void {
    if (!this.#skip(text)) throw this.#unexpected()
  }

  #isWord(word: string): boolean {
    return this.#next.kind === 'word' && this.#next.text.toUpperCase() === word
  }

  #skipWord(word: string): boolean {
    if (!this.#isWord(word)) return false
    this.#at++
    return true
  }

  #expectWord(word: string): void {
    if (!this.#skipWord(word)) throw this.#unexpected()
  }

  #name(): string {
    const { kind, text } = this.#next
    if (kind !== 'word' && kind !== 'name') throw this.#unexpected()
    this.#at++
    return text
  }

  /** Goes one level down; a statement is no place for depths. */
  #within<T>(read: () => T): T {
    if (++this.#depth > DEPTH_MAX) throw malformed('it is nested too deeply')
    const result = read()
    this.#depth--
    return result
  }

  // ---- statements

  #select(kind: Selection['kind']): Selection {
    this.#expectWord('SELECT')
    const paths = this.#skip('*') ? undefined : this.#list(() => this.#path())
    this.#expectWord('FROM')
    const table = this.#name()
    const index = this.#skip('.') ? this.#name() : undefined
    const condition = this.#skipWord('WHERE') ? this.#or() : undefined
    const order = []
    if (this.#skipWord('ORDER')) {
      this.#expectWord('BY')
      do {
        const path = this.#path()
        const isDown = this.#skipWord('DESC')
        if (!isDown) this.#skipWord('ASC')
        order.push({ path, isDown })
      } while (this.#skip(','))
    }
    return { kind, table, index, paths, condition, order }
  }

  #insert(): Statement {
    this.#expectWord('INTO')
    const table = this.#name()
    this.#expectWord('VALUE')
    const value = this.#value()
    if (!('M' in value)) throw malformed('the value of an INSERT must be a map')
    return { kind: 'insert', table, item: value.M }
  }

  #update(): Statement {
    const table = this.#name()
    const actions: UpdateAction[] = []
    while (this.#isWord('SET') || this.#isWord('REMOVE')) {
      if (this.#skipWord('REMOVE')) actions.push({ kind: 'remove', path: this.#path() })
      else {
        this.#at++
        do actions.push(this.#assignment())
        while (this.#skip(','))
      }
    }
    if (actions.length === 0) throw this.#unexpected()
    const condition = this.#skipWord('WHERE') ? this.#or() : undefined
    return { kind: 'update', table, actions, condition, returning: this.#returning() }
  }

  #delete(): Statement {
    this.#expectWord('FROM')
    const table = this.#name()
    const condition = this.#skipWord('WHERE') ? this.#or() : undefined
    return { kind: 'delete', table, condition, returning: this.#returning() }
  }

  #returning(): Returning | undefined {
    if (!this.#skipWord('RETURNING')) return undefined
    const words = `${this.#name()} ${this.#name()}`.toUpperCase()
    this.#expect('*')
    const found = RETURNINGS.find((one) => one === words)
    if (!found) throw malformed(`Unexpected RETURNING: ${words}`)
    return found
  }

  #assignment(): UpdateAction {
    const path = this.#path()
    this.#expect('=')
    if (this.#isWord('SET_ADD') || this.#isWord('SET_DELETE')) {
      const kind = this.#name().toUpperCase() === 'SET_ADD' ? 'add' : 'delete'
      this.#expect('(')
      this.#path()
      this.#expect(',')
      const value = this.#value()
      this.#expect(')')
      return { kind, path, value }
    }
    return { kind: 'set', path, source: this.#source() }
  }

  #source(): Source {
    let left = this.#term()
    for (;;) {
      const { text } = this.#next
      if (!this.#isSign('+') && !this.#isSign('-')) return left
      this.#at++
      left = { kind: text === '+' ? '+' : '-', left, right: this.#term() }
    }
  }

  #term(): Source {
    if (this.#isWord('LIST_APPEND')) {
      this.#at++
      this.#expect('(')
      const left = this.#within(() => this.#source())
      this.#expect(',')
      const right = this.#within(() => this.#source())
      this.#expect(')')
      return { kind: 'list_append', left, right }
    }
    if (this.#isWord('IF_NOT_EXISTS')) {
      this.#at++
      this.#expect('(')
      const path = this.#path()
      this.#expect(',')
      const otherwise = this.#within(() => this.#source())
      this.#expect(')')
      return { kind: 'if_not_exists', path, otherwise }
    }
    return this.#isValue() ? { kind: 'value', value: this.#value() } : { kind: 'path', path: this.#path() }
  }

  #list<T>(read: () => T): T[] {
    const items = [read()]
    while (this.#skip(',')) items.push(read())
    return items
  }

  #path(): Path {
    const path: [string, ...(string | number)[]] = [this.#name()]
    for (;;) {
      if (this.#skip('.')) path.push(this.#name())
      else if (this.#skip('[')) {
        const { kind, text } = this.#next
        if (kind !== 'number' && kind !== 'text') throw this.#unexpected()
        this.#at++
        this.#expect(']')
        path.push(kind === 'number' ? Number(text) : text)
      } else return path
    }
  }

  // ---- conditions

  #or(): Condition {
    return this.#within(() => {
      let left = this.#and()
      while (this.#skipWord('OR')) left = { kind: 'or', left, right: this.#and() }
      return left
    })
  }

  #and(): Condition {
    let left = this.#not()
    while (this.#skipWord('AND')) left = { kind: 'and', left, right: this.#not() }
    return left
  }

  #not(): Condition {
    if (this.#skipWord('NOT')) return { kind: 'not', of: this.#within(() => this.#not()) }
    if (!this.#skip('(')) return this.#test()
    const inner = this.#or()
    this.#expect(')')
    return inner
  }

  #test(): Condition {
    const left = this.#operand()
    const { kind, text } = this.#next
    const comparator = kind === 'sign' ? COMPARATORS[text] : undefined
    if (comparator) {
      this.#at++
      return { kind: 'compare', comparator, left, right: this.#operand() }
    }
    if (this.#skipWord('BETWEEN')) {
      const low = this.#operand()
      this.#expectWord('AND')
      return { kind: 'between', operand: left, low, high: this.#operand() }
    }
    if (this.#skipWord('IN')) return { kind: 'in', operand: left, list: this.#choices() }
    if (this.#skipWord('IS')) return this.#isTest(left)
    if (left.kind === 'function') return left
    throw this.#unexpected()
  }

  #choices(): readonly Operand[] {
    const close = this.#skip('[') ? ']' : ')'
    if (close === ')') this.#expect('(')
    const list = this.#list(() => this.#operand())
    this.#expect(close)
    return list
  }

  #isTest(operand: Operand): Condition {
    const isNot = this.#skipWord('NOT')
    const test: Condition = this.#skipWord('MISSING')
      ? { kind: 'function', name: 'attribute_not_exists', args: [operand] }
      : this.#skipWord('NULL')
        ? { kind: 'function', name: 'attribute_type', args: [operand, { kind: 'value', value: { S: 'NULL' } }] }
        : this.#fail()
    return isNot ? { kind: 'not', of: test } : test
  }

  #fail(): never {
    throw this.#unexpected()
  }

  #operand(): Operand {
    if (this.#isValue()) return { kind: 'value', value: this.#value() }
    const isCall =
      this.#next.kind === 'word' && this.#tokens[this.#at + 1]?.text === '(' && FUNCTIONS.has(this.#next.text.toLowerCase())
    if (!isCall) return { kind: 'path', path: this.#path() }
    const name = this.#name().toLowerCase()
    this.#expect('(')
    const args = this.#within(() => this.#list(() => this.#operand()))
    this.#expect(')')
    if (args.length !== FUNCTIONS.get(name)) throw malformed(`Wrong number of arguments for ${name}`)
    return { kind: 'function', name, args }
  }

  // ---- values

  #isValue(): boolean {
    const { kind, text } = this.#next
    if (kind === 'text' || kind === 'number') return true
    if (kind === 'sign') return ['?', '[', '{', '<<', '-'].includes(text)
    return kind === 'word' && /^(?:true|false|null)$/i.test(text)
  }

  #value(): AttributeValue {
    return checkValue(this.#within(() => this.#literal()))
  }

  #literal(): AttributeValue {
    const { kind, text } = this.#next
    this.#at++
    if (kind === 'text') return { S: text }
    if (kind === 'number') return { N: text }
    if (kind === 'word') {
      const word = text.toLowerCase()
      if (word === 'null') return { NULL: true }
      if (word === 'true' || word === 'false') return { BOOL: word === 'true' }
    }
    if (kind === 'sign') {
      if (text === '?') return this.#parameter()
      if (text === '[') return { L: this.#members(']') }
      if (text === '<<') return setOf(this.#members('>>'))
      if (text === '{') return { M: this.#map() }
      if (text === '-' && this.#next.kind === 'number') return { N: `-${this.#literalNumber()}` }
    }
    this.#at--
    throw this.#unexpected()
  }

  #literalNumber(): string {
    const { text } = this.#next
    this.#at++
    return text
  }

  #parameter(): AttributeValue {
    const value = this.#parameters[this.#given++]
    if (value === undefined) throw validationError("Number of parameters in request and statement don't match.")
    return value
  }

  #members(close: string): AttributeValue[] {
    const members: AttributeValue[] = []
    while (!this.#skip(close)) {
      if (members.length > 0) this.#expect(',')
      members.push(this.#value())
    }
    return members
  }

  #map(): Item {
    const entries: [string, AttributeValue][] = []
    while (!this.#skip('}')) {
      if (entries.length > 0) this.#expect(',')
      const { kind, text } = this.#next
      if (kind !== 'text' && kind !== 'name') throw this.#unexpected()
      this.#at++
      this.#expect(':')
      entries.push([text, this.#value()])
    }
    return Object.fromEntries(entries)
  }
}

/** With the number of what they are asked of. */
const FUNCTIONS: ReadonlyMap<string, number> = new Map([
  ['begins_with', 2],
  ['contains', 2],
  ['attribute_type', 2],
  ['size', 1],
])

function setOf(members: readonly AttributeValue[]): AttributeValue {
  const texts = members.flatMap((one) => ('S' in one ? [one.S] : []))
  const numbers = members.flatMap((one) => ('N' in one ? [one.N] : []))
  const bytes = members.flatMap((one) => ('B' in one ? [one.B] : []))
  if (members.length > 0 && texts.length === members.length) return { SS: texts }
  if (members.length > 0 && numbers.length === members.length) return { NS: numbers }
  if (members.length > 0 && bytes.length === members.length) return { BS: bytes }
  throw malformed('the members of a set must be of one type')
}
