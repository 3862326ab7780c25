/** What the three kinds of filter pattern share: a cursor over the text, values, and comparing with them. */
import { RE2JS } from 're2js'

export class PatternError extends Error {}

export type Operator = '=' | '!=' | '<' | '>' | '<=' | '>='

/** What a pattern compares with. Text may hold `*`, which stands for any characters. */
export type Operand =
  | { readonly type: 'text'; readonly matches: (value: string) => boolean }
  | { readonly type: 'number'; readonly number: number; readonly matches: (value: string) => boolean }

export const DEPTH_MAX = 100

export class PatternReader {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length
  }

  skipSpace(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++
  }

  /** Steps over `token` if it comes next (after space). */
  take(token: string): boolean {
    this.skipSpace()
    if (!this.text.startsWith(token, this.at)) return false
    this.at += token.length
    return true
  }

  expect(token: string): void {
    if (!this.take(token)) throw new PatternError(`expected ${token} at ${this.at}`)
  }

  /** The longest match of a sticky expression, after space. */
  match(expression: RegExp): string | undefined {
    this.skipSpace()
    expression.lastIndex = this.at
    const found = expression.exec(this.text)?.[0]
    if (found === undefined || found === '') return undefined
    this.at += found.length
    return found
  }

  /** A quoted string, its escapes undone. */
  quoted(): string | undefined {
    this.skipSpace()
    if (this.text[this.at] !== '"') return undefined
    let value = ''
    for (this.at++; this.at < this.text.length; this.at++) {
      const char = this.text[this.at] ?? ''
      if (char === '"') {
        this.at++
        return value
      }
      if (char === '\\' && this.at + 1 < this.text.length) value += this.text[++this.at]
      else value += char
    }
    throw new PatternError('a quoted string does not end')
  }

  /** `%expression%`, compiled. */
  regex(): ((value: string) => boolean) | undefined {
    this.skipSpace()
    if (this.text[this.at] !== '%') return undefined
    const end = this.text.indexOf('%', this.at + 1)
    if (end < 0) throw new PatternError('a regular expression does not end')
    const source = this.text.slice(this.at + 1, end)
    this.at = end + 1
    return compileRegex(source)
  }

  operator(): Operator | undefined {
    return (['!=', '<=', '>=', '=', '<', '>'] as const).find((token) => this.take(token))
  }

  /** A value to compare with; `bare` says which unquoted characters belong to it. */
  operand(bare: RegExp): Operand {
    const matchesRegex = this.regex()
    if (matchesRegex) return { type: 'text', matches: matchesRegex }
    const quoted = this.quoted()
    if (quoted !== undefined) return { type: 'text', matches: wildcard(quoted) }
    const text = this.match(bare)
    if (text === undefined) throw new PatternError(`expected a value at ${this.at}`)
    const number = Number(text)
    return Number.isNaN(number) ? { type: 'text', matches: wildcard(text) } : { type: 'number', number, matches: wildcard(text) }
  }
}

export function compileRegex(source: string): (value: string) => boolean {
  try {
    const compiled = RE2JS.compile(source)
    return (value) => compiled.matcher(value).find()
  } catch (cause) {
    throw new PatternError(`not a regular expression: ${source}`, { cause })
  }
}

/** Text with `*` for any characters; matched greedily in linear steps, never by backtracking over the whole. */
export function wildcard(pattern: string): (value: string) => boolean {
  if (!pattern.includes('*')) return (value) => value === pattern
  const parts = pattern.split('*')
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  const middle = parts.slice(1, -1)
  return (value) => {
    if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false
    let at = first.length
    for (const part of middle) {
      const found = value.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return at <= value.length - last.length
  }
}

/** Compares numbers by size, anything else as text; `<` and its kin want numbers on both sides. */
export function compare(value: string | number, operator: Operator, operand: Operand): boolean {
  if (operator === '=' || operator === '!=') return equals(value, operand) === (operator === '=')
  if (operand.type !== 'number') return false
  const number = typeof value === 'number' ? value : value.trim() === '' ? Number.NaN : Number(value)
  switch (operator) {
    case '<':
      return number < operand.number
    case '>':
      return number > operand.number
    case '<=':
      return number <= operand.number
    case '>=':
      return number >= operand.number
  }
}

function equals(value: string | number, operand: Operand): boolean {
  if (operand.type === 'number' && (typeof value === 'number' || value.trim() !== '') && Number(value) === operand.number)
    return true
  return operand.matches(String(value))
}
