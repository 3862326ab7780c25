/**
 * Reads a template of the Velocity Template Language, in one pass over its characters: time and memory grow with its length, whatever
 * it holds. Of `#parse`, `#include` and `#evaluate`, which API Gateway has not, the text stays.
 * Source: Apache Velocity, VTL reference. velocityjs 2.1.7 was measured: its parser needs 0.1 s for 4 KB of `$` and 8 s for 32 KB, its
 * evaluator runs any method of JavaScript's strings (`$a.repeat(…)`) and none of Java's; a template is what strangers write.
 */
import {
  type Branch,
  type Expression,
  type Node,
  type Operation,
  type Operator,
  type Reference,
  type Step,
  type Template,
  TemplateError,
} from './syntax.ts'

/** Nothing deeper is read: neither reading nor running it may overflow the stack. */
const DEPTH_MAX = 64

/** Throws TemplateError. */
export function parseTemplate(text: string): Template {
  return new Parser(text, 0, new Set()).whole()
}

const NAME = /[A-Za-z_][\w-]*/y
const SPACE = /\s*/y
/** What a directive leaves of its own line. */
const REST_OF_LINE = /[ \t]*\r?\n/y
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const DIRECTIVE = /#(?:\{(\w+)\}|(\w+))/y
const PLAIN = /[^$#\\]+/y
const WORDS: ReadonlyMap<string, Operator> = new Map([
  ['or', '||'],
  ['and', '&&'],
  ['eq', '=='],
  ['ne', '!='],
  ['lt', '<'],
  ['le', '<='],
  ['gt', '>'],
  ['ge', '>='],
])
/** From what binds least. */
const LEVELS: readonly (readonly Operator[])[] = [
  ['||'],
  ['&&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/', '%'],
]

class Parser {
  readonly #text: string
  /** The macros of the template so far. What looks like a call of another is text. */
  readonly #macros: Set<string>
  /** Templates within strings nest on. */
  #depth: number
  #at = 0

  constructor(text: string, depth: number, macros: Set<string>) {
    this.#text = text
    this.#depth = depth
    this.#macros = macros
  }

  whole(): Template {
    const { body, end } = this.#body()
    if (end !== undefined) throw this.#wrong(`#${end} has no beginning`)
    return body
  }

  /** As far as `#end`, `#else` or `#elseif`, which is read too; to the end of the text where there is none. */
  #body(): { readonly body: Template; readonly end: string | undefined } {
    const nodes: Node[] = []
    const put = (text: string) => {
      if (text !== '') nodes.push({ kind: 'text', text })
    }
    while (this.#at < this.#text.length) {
      put(this.#take(PLAIN) ?? '')
      const char = this.#text[this.#at]
      if (char === '\\') put(this.#escaped())
      else if (char === '$') {
        const begin = this.#at
        const reference = this.#reference()
        if (reference) nodes.push({ kind: 'reference', reference })
        else {
          this.#at = begin + 1
          put('$')
        }
      } else if (char === '#') {
        if (this.#skipComment()) continue
        const raw = this.#raw()
        if (raw !== undefined) {
          put(raw)
          continue
        }
        const begin = this.#at
        const name = this.#directiveName()
        if (name === 'end' || name === 'else' || name === 'elseif') {
          if (name !== 'elseif') this.#take(REST_OF_LINE)
          return { body: nodes, end: name }
        }
        const node = name === undefined ? undefined : this.#within(() => this.#directive(name))
        if (node) nodes.push(node)
        else {
          this.#at = begin + 1
          put('#')
        }
      }
    }
    return { body: nodes, end: undefined }
  }

  /** `\$name` and `\#name` stand for themselves. */
  #escaped(): string {
    const next = this.#text[this.#at + 1]
    const isEscape = next === '$' || next === '#'
    this.#at += isEscape ? 2 : 1
    return isEscape ? next : '\\'
  }

  #skipComment(): boolean {
    const end = this.#looksAt('##') ? '\n' : this.#looksAt('#*') ? '*#' : undefined
    if (end === undefined) return false
    const found = this.#text.indexOf(end, this.#at + 2)
    this.#at = found < 0 ? this.#text.length : found + end.length
    return true
  }

  /** `#[[ … ]]#`: nothing within is read. */
  #raw(): string | undefined {
    if (!this.#looksAt('#[[')) return undefined
    const end = this.#text.indexOf(']]#', this.#at + 3)
    if (end < 0) throw this.#wrong('#[[ has no end')
    const text = this.#text.slice(this.#at + 3, end)
    this.#at = end + 3
    return text
  }

  #directiveName(): string | undefined {
    DIRECTIVE.lastIndex = this.#at
    const match = DIRECTIVE.exec(this.#text)
    if (!match) return undefined
    this.#at += match[0].length
    return match[1] ?? match[2]
  }

  /** Undefined where it is none: then its text is text. */
  #directive(name: string): Node | undefined {
    switch (name) {
      case 'set': {
        if (!this.#opens()) return undefined
        this.#space()
        const target = this.#reference()
        if (!target) throw this.#wrong('#set sets a reference')
        this.#expect('=')
        const value = this.#expression()
        this.#expect(')')
        this.#take(REST_OF_LINE)
        return { kind: 'set', target, value }
      }
      case 'if':
        return this.#opens() ? this.#conditional() : undefined
      case 'foreach':
        return this.#opens() ? this.#loop() : undefined
      case 'define': {
        if (!this.#opens()) return undefined
        const block = this.#reference()
        if (!block) throw this.#wrong('#define names a reference')
        this.#expect(')')
        return { kind: 'define', name: block.name, body: this.#block() }
      }
      case 'macro':
        return this.#opens() ? this.#macro() : undefined
      case 'break':
      case 'stop':
        this.#take(REST_OF_LINE)
        return { kind: name }
      default: {
        if (!this.#macros.has(name) || !this.#opens()) return undefined
        return { kind: 'call', name, values: this.#values(')') }
      }
    }
  }

  #conditional(): Node {
    const branches: Branch[] = []
    for (let condition: Expression | undefined = this.#condition(); ; ) {
      this.#take(REST_OF_LINE)
      const { body, end } = this.#body()
      branches.push({ condition, body })
      if (end === 'end') return { kind: 'if', branches }
      if (end === undefined || condition === undefined) throw this.#wrong('#if has no #end')
      condition = undefined
      if (end === 'elseif') {
        this.#expect('(')
        condition = this.#condition()
      }
    }
  }

  #condition(): Expression {
    const condition = this.#expression()
    this.#expect(')')
    return condition
  }

  #loop(): Node {
    this.#space()
    const item = this.#reference()
    this.#space()
    if (!item || this.#take(NAME) !== 'in') throw this.#wrong('#foreach needs a reference and a list')
    const list = this.#expression()
    this.#expect(')')
    return { kind: 'foreach', name: item.name, list, body: this.#block() }
  }

  #macro(): Node {
    this.#space()
    const name = this.#take(NAME)
    if (name === undefined) throw this.#wrong('#macro has no name')
    const parameters: string[] = []
    for (;;) {
      this.#space()
      if (this.#text[this.#at] === ',') this.#at++
      else if (this.#text[this.#at] === '$') parameters.push(this.#reference()?.name ?? '')
      else break
    }
    this.#expect(')')
    this.#macros.add(name)
    return { kind: 'macro', name, parameters, body: this.#block() }
  }

  #block(): Template {
    this.#take(REST_OF_LINE)
    const { body, end } = this.#body()
    if (end !== 'end') throw this.#wrong('a block has no #end')
    return body
  }

  /** `$name`, `$!{name.property}`, …; undefined where it is none, with the place anywhere. */
  #reference(): Reference | undefined {
    if (this.#text[this.#at] !== '$') return undefined
    this.#at++
    if (this.#text[this.#at] === '!') this.#at++
    const isBraced = this.#text[this.#at] === '{'
    if (isBraced) this.#at++
    const name = this.#take(NAME)
    if (name === undefined) return undefined
    const steps = this.#within(() => this.#steps())
    if (isBraced) {
      if (this.#text[this.#at] !== '}') throw this.#wrong('${ has no }')
      this.#at++
    }
    return { name, steps }
  }

  #steps(): readonly Step[] {
    const steps: Step[] = []
    for (;;) {
      const begin = this.#at
      if (this.#text[begin] === '.') {
        this.#at++
        const name = this.#take(NAME)
        if (name === undefined) {
          this.#at = begin
          return steps
        }
        if (this.#text[this.#at] === '(') {
          this.#at++
          steps.push({ kind: 'method', name, values: this.#values(')') })
        } else steps.push({ kind: 'property', name })
      } else if (this.#text[begin] === '[') {
        this.#at++
        const index = this.#index()
        // Of a text, and no index: `$name[`.
        if (index === undefined) {
          this.#at = begin
          return steps
        }
        steps.push({ kind: 'index', index })
      } else return steps
    }
  }

  #index(): Expression | undefined {
    this.#space()
    const char = this.#text[this.#at] ?? ''
    if (!/[\d"'$-]/.test(char)) return undefined
    const index = this.#expression()
    this.#space()
    if (this.#text[this.#at] !== ']') return undefined
    this.#at++
    return index
  }

  #expression(): Expression {
    return this.#within(() => this.#operation(0))
  }

  #operation(level: number): Expression {
    const operators = LEVELS[level]
    if (!operators) return this.#operand()
    const first = this.#operation(level + 1)
    const rest: Operation[] = []
    for (;;) {
      const operator = this.#operator(operators)
      if (operator === undefined) return rest.length === 0 ? first : { kind: 'operations', first, rest }
      rest.push({ operator, operand: this.#operation(level + 1) })
    }
  }

  #operator(operators: readonly Operator[]): Operator | undefined {
    this.#space()
    const begin = this.#at
    const word = this.#take(NAME)
    const named = word === undefined ? undefined : WORDS.get(word)
    if (named !== undefined && operators.includes(named)) return named
    this.#at = begin
    const sign = operators.find((operator) => this.#text.startsWith(operator, begin))
    if (sign !== undefined) this.#at += sign.length
    return sign
  }

  #operand(): Expression {
    this.#space()
    const char = this.#text[this.#at] ?? ''
    if (char === '!' || char === '-') {
      this.#at++
      return this.#within(() => ({ kind: char === '!' ? 'not' : 'minus', operand: this.#operand() }))
    }
    if (char === '(') {
      this.#at++
      const inner = this.#expression()
      this.#expect(')')
      return inner
    }
    if (char === '$') {
      const reference = this.#reference()
      if (reference) return { kind: 'reference', reference }
    } else if (char === '"' || char === "'") return this.#string(char)
    else if (char === '[') return this.#list()
    else if (char === '{') return this.#map()
    const digits = this.#take(NUMBER)
    if (digits !== undefined) return { kind: 'literal', value: Number(digits) }
    const word = this.#take(NAME)
    if (word === 'not') return this.#within(() => ({ kind: 'not', operand: this.#operand() }))
    const value = word === 'true' ? true : word === 'false' ? false : word === 'null' ? null : undefined
    if (value === undefined) throw this.#wrong('an expression is missing')
    return { kind: 'literal', value }
  }

  /** A quote that is doubled is one. Nothing else is escaped. */
  #string(quote: string): Expression {
    let text = ''
    let from = this.#at + 1
    for (;;) {
      const end = this.#text.indexOf(quote, from)
      if (end < 0) throw this.#wrong('a string has no end')
      text += this.#text.slice(from, end)
      this.#at = end + 1
      if (this.#text[this.#at] !== quote) break
      text += quote
      from = this.#at + 1
    }
    if (quote === "'" || !/[$#]/.test(text)) return { kind: 'literal', value: text }
    return { kind: 'interpolated', template: this.#within(() => new Parser(text, this.#depth, this.#macros).whole()) }
  }

  #list(): Expression {
    this.#at++
    this.#space()
    if (this.#text[this.#at] === ']') {
      this.#at++
      return { kind: 'list', items: [] }
    }
    const first = this.#expression()
    this.#space()
    if (this.#looksAt('..')) {
      this.#at += 2
      const to = this.#expression()
      this.#expect(']')
      return { kind: 'range', from: first, to }
    }
    this.#skipComma()
    return { kind: 'list', items: [first, ...this.#values(']')] }
  }

  #map(): Expression {
    this.#at++
    const entries: (readonly [Expression, Expression])[] = []
    for (;;) {
      this.#space()
      if (this.#text[this.#at] === '}') {
        this.#at++
        return { kind: 'map', entries }
      }
      const key = this.#expression()
      this.#expect(':')
      entries.push([key, this.#expression()])
      this.#skipComma()
    }
  }

  /** Of a method, macro or list, to what closes it. Macros' stand apart by spaces alone. */
  #values(close: string): readonly Expression[] {
    const values: Expression[] = []
    for (;;) {
      this.#space()
      if (this.#text[this.#at] === close) {
        this.#at++
        return values
      }
      values.push(this.#expression())
      this.#skipComma()
    }
  }

  #skipComma(): void {
    this.#space()
    if (this.#text[this.#at] === ',') this.#at++
  }

  #opens(): boolean {
    const begin = this.#at
    this.#space()
    if (this.#text[this.#at] === '(') {
      this.#at++
      return true
    }
    this.#at = begin
    return false
  }

  #within<T>(read: () => T): T {
    const depth = this.#depth
    if (depth >= DEPTH_MAX) throw this.#wrong('it nests too deeply')
    this.#depth++
    const found = read()
    this.#depth = depth
    return found
  }

  #expect(char: string): void {
    this.#space()
    if (this.#text[this.#at] !== char) throw this.#wrong(`${JSON.stringify(char)} is missing`)
    this.#at++
  }

  #space(): void {
    this.#take(SPACE)
  }

  #looksAt(text: string): boolean {
    return this.#text.startsWith(text, this.#at)
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #wrong(what: string): TemplateError {
    const line = this.#text.slice(0, this.#at).split('\n').length
    return new TemplateError(`${what} (line ${line})`)
  }
}
