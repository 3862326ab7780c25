/**
 * Why a text is no JSON, and where, in the words of the parser that AWS runs (Jackson): `Unrecognized token 'not': …`.
 * Only for texts that JSON.parse has refused already. Source: recorded cases (api_validation); Jackson's own texts.
 */
export interface JsonSyntaxError {
  /** Without the source that Jackson puts behind it. */
  readonly message: string
  /** Both from 1, of the character after the one that is wrong. */
  readonly line: number
  readonly column: number
}

const SOURCE_CHARS_MAX = 500

/** The first thing wrong. Never throws; whatever is nested deeper than the stack could bear is refused before. */
export function findJsonSyntaxError(text: string): JsonSyntaxError {
  const reader = new Reader(text)
  const problem = reader.document() ?? 'Unexpected content'
  return { message: problem, ...reader.position() }
}

/** How Jackson names the place: `[Source: (String)"…"; line: 1, column: 4]`. */
export function jacksonLocation(text: string, { line, column }: JsonSyntaxError): string {
  const rest = text.length - SOURCE_CHARS_MAX
  const shown = rest > 0 ? `"${text.slice(0, SOURCE_CHARS_MAX)}"[truncated ${rest} chars]` : `"${text}"`
  return `[Source: (String)${shown}; line: ${line}, column: ${column}]`
}

const WANTED_VALUE = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const TOKEN = /[\p{L}\p{N}_$]+/uy
const SPACE = /[ \t\r\n]*/y

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): string | undefined {
    this.#skipSpace()
    if (this.#at >= this.#text.length) return 'No content to map due to end-of-input'
    const problem = this.#value()
    if (problem !== undefined) return problem
    this.#skipSpace()
    return this.#at < this.#text.length ? this.#unexpected('expected end of the text') : undefined
  }

  position(): { readonly line: number; readonly column: number } {
    const before = this.#text.slice(0, this.#at)
    const lineStart = before.lastIndexOf('\n') + 1
    return { line: before.split('\n').length, column: this.#at - lineStart + 1 }
  }

  #value(): string | undefined {
    const next = this.#text[this.#at]
    if (next === '{') return this.#object()
    if (next === '[') return this.#array()
    if (next === '"') return this.#string()
    if (next !== undefined && /[-\d]/.test(next)) return this.#match(NUMBER) ? undefined : this.#unexpected('expected digit')
    for (const word of ['true', 'false', 'null']) {
      if (this.#text.startsWith(word, this.#at) && !this.#isTokenAt(this.#at + word.length)) {
        this.#at += word.length
        return undefined
      }
    }
    const token = this.#match(TOKEN)
    if (token !== undefined) return `Unrecognized token '${token}': was expecting ${WANTED_VALUE}`
    return this.#unexpected("expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')")
  }

  #object(): string | undefined {
    const start = this.position()
    this.#at++
    for (let isFirst = true; ; isFirst = false) {
      this.#skipSpace()
      if (this.#text[this.#at] === '}' && isFirst) break
      if (this.#at >= this.#text.length) return unclosed('Object', start)
      if (this.#text[this.#at] !== '"') return this.#unexpected('was expecting double-quote to start field name')
      const name = this.#string()
      if (name !== undefined) return name
      this.#skipSpace()
      if (this.#at >= this.#text.length) return unclosed('Object', start)
      if (this.#text[this.#at] !== ':') return this.#unexpected('was expecting a colon to separate field name and value')
      this.#at++
      const value = this.#member('Object', start)
      if (value !== undefined) return value
      if (this.#text[this.#at] === '}') break
      if (this.#text[this.#at] !== ',') return this.#unexpected('was expecting comma to separate Object entries')
      this.#at++
    }
    this.#at++
    return undefined
  }

  #array(): string | undefined {
    const start = this.position()
    this.#at++
    for (let isFirst = true; ; isFirst = false) {
      this.#skipSpace()
      if (this.#text[this.#at] === ']' && isFirst) break
      const value = this.#member('Array', start)
      if (value !== undefined) return value
      if (this.#text[this.#at] === ']') break
      if (this.#text[this.#at] !== ',') return this.#unexpected('was expecting comma to separate Array entries')
      this.#at++
    }
    this.#at++
    return undefined
  }

  /** A value and the space around it; the text may break off at either side. */
  #member(container: 'Object' | 'Array', start: Start): string | undefined {
    this.#skipSpace()
    if (this.#at >= this.#text.length) return unclosed(container, start)
    const problem = this.#value()
    if (problem !== undefined) return problem
    this.#skipSpace()
    return this.#at >= this.#text.length ? unclosed(container, start) : undefined
  }

  #string(): string | undefined {
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const next = this.#text[this.#at] ?? ''
      if (next === '"') {
        this.#at++
        return undefined
      }
      if (next < ' ') {
        const code = next.charCodeAt(0)
        this.#at++
        return `Illegal unquoted character ((CTRL-CHAR, code ${code})): has to be escaped using backslash to be included in string value`
      }
      if (next !== '\\') continue
      const escaped = this.#text[++this.#at] ?? ''
      if (!/["\\/bfnrtu]/.test(escaped)) {
        this.#at++
        return `Unrecognized character escape '${escaped}' (code ${escaped.codePointAt(0) ?? 0})`
      }
    }
    return 'Unexpected end-of-input in VALUE_STRING'
  }

  #unexpected(wanted: string): string {
    const next = this.#text.codePointAt(this.#at)
    if (next === undefined) return 'Unexpected end-of-input'
    this.#at++
    return `Unexpected character ('${String.fromCodePoint(next)}' (code ${next})): ${wanted}`
  }

  #skipSpace(): void {
    this.#match(SPACE)
  }

  #isTokenAt(at: number): boolean {
    TOKEN.lastIndex = at
    return TOKEN.test(this.#text)
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }
}

type Start = { readonly line: number; readonly column: number }

const unclosed = (container: 'Object' | 'Array', { line, column }: Start) =>
  `Unexpected end-of-input: expected close marker for ${container} (start marker at line: ${line}, column: ${column})`
