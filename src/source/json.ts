/**
 * JSON as a tree with places. A text that is none has the first thing wrong told in the words of the parser that AWS runs
 * (Jackson: `Unrecognized token 'not': …`), and is read on past it. Never throws. Source: recorded cases (api_validation);
 * Jackson's own texts.
 */
import { JSON_DEPTH_MAX } from '../base/json-size.ts'

import { type Position, positionsIn } from './position.ts'
import type { Member, Range, ScalarNode, SourceNode } from './tree.ts'

export interface JsonSyntaxError extends Position {
  /** Without the source that Jackson puts behind it. The position is that of the character after the one that is wrong. */
  readonly message: string
}

export interface JsonText {
  /** Undefined: the text is empty. */
  readonly root: SourceNode | undefined
  /** `offset` is that of the character after the one that is wrong. */
  readonly problem: { readonly message: string; readonly offset: number } | undefined
}

export function readJson(text: string): JsonText {
  const reader = new Reader(text, 'on past the problem')
  return { root: reader.document(), problem: reader.problem }
}

/** The first thing wrong with a text that JSON.parse has refused. */
export function findJsonSyntaxError(text: string): JsonSyntaxError {
  const reader = new Reader(text, 'until the problem')
  reader.document()
  const { message, offset } = reader.problem ?? { message: 'Unexpected content', offset: text.length }
  return { message, ...positionsIn(text)(offset) }
}

const SOURCE_CHARS_MAX = 500

/** How Jackson names the place: `[Source: (String)"…"; line: 1, column: 4]`. */
export function jacksonLocation(text: string, { line, column }: Position): string {
  const rest = text.length - SOURCE_CHARS_MAX
  const shown = rest > 0 ? `"${text.slice(0, SOURCE_CHARS_MAX)}"[truncated ${rest} chars]` : `"${text}"`
  return `[Source: (String)${shown}; line: ${line}, column: ${column}]`
}

const JSON_VALUE = "JSON String, Number, Array, Object or token 'null', 'true' or 'false'"
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const SIGN = /-/y
const REST_OF_NUMBER = /[\d.eE+-]*/y
const NO_CHARACTER = '(CTRL-CHAR, code 0)'
const SLASH = 0x2f
const NO_COMMENTS =
  "maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)"
const TOKEN = /[\p{L}\p{N}_$]+/uy
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])
const MARKS = { Object: ['{', '}'], Array: ['[', ']'] } as const
type Container = keyof typeof MARKS

class Reader {
  /** The first one; what follows from it is not told. */
  problem: JsonText['problem']
  readonly #text: string
  readonly #reads: 'on past the problem' | 'until the problem'
  #at = 0
  #depth = 0

  constructor(text: string, reads: 'on past the problem' | 'until the problem') {
    this.#text = text
    this.#reads = reads
  }

  document(): SourceNode | undefined {
    this.#skipSpace()
    if (this.#isAtEnd()) {
      this.#report('No content to map due to end-of-input')
      return undefined
    }
    const root = this.#value()
    this.#skipSpace()
    if (!this.#isAtEnd()) this.#unexpected('expected end of the text')
    return root
  }

  #value(): SourceNode {
    switch (this.#text[this.#at]) {
      case '{':
        return this.#nested('Object', (from) => this.#object(from))
      case '[':
        return this.#nested('Array', (from) => this.#array(from))
      case '"': {
        const from = this.#at
        return { kind: 'scalar', value: this.#string(), from, to: this.#at }
      }
      default:
        return this.#plain()
    }
  }

  /** Whatever nests deeper than AWS's parser takes is not read. */
  #nested(container: Container, read: (from: number) => SourceNode): SourceNode {
    const from = this.#at++
    if (++this.#depth > JSON_DEPTH_MAX) {
      this.#report(`${container} is nested deeper than ${JSON_DEPTH_MAX} levels`)
      this.#at = this.#text.length
    }
    const node = read(from)
    this.#depth--
    return node
  }

  #object(from: number): SourceNode {
    const members: Member[] = []
    for (;;) {
      this.#skipSpace()
      const next = this.#text[this.#at]
      if (this.#isAtEnd() || (next === '}' && members.length === 0)) break
      if (next === ']' && members.length === 0) {
        this.#mismatched('Object', from)
        break
      }
      if (next !== '"') {
        this.#unexpected('was expecting double-quote to start field name')
        if (next === '}' || next === ']') break
        this.#skipStray()
        continue
      }
      members.push(this.#member())
      if (!this.#separates('Object', from)) break
    }
    return { kind: 'object', isBlock: false, members, from, to: this.#close('Object', from) }
  }

  #member(): Member {
    const from = this.#at
    const name = this.#string(' in field name')
    const nameRange = { from, to: this.#at }
    this.#skipSpace()
    if (this.#text[this.#at] !== ':') {
      if (this.#isAtEnd()) this.#cutOff('Object')
      else this.#unexpected('was expecting a colon to separate field name and value')
      return { name, nameRange, value: missing({ from: nameRange.to, to: nameRange.to }) }
    }
    const after = ++this.#at
    this.#skipSpace()
    return { name, nameRange, value: this.#isValueAbsent('Object') ? missing({ from: after, to: this.#at }) : this.#value() }
  }

  #array(from: number): SourceNode {
    const items: SourceNode[] = []
    for (;;) {
      this.#skipSpace()
      const next = this.#text[this.#at]
      if (this.#isAtEnd() || (next === ']' && items.length === 0)) break
      if (next === '}' && items.length === 0) {
        this.#mismatched('Array', from)
        break
      }
      if (this.#isValueAbsent('Array')) {
        if (this.#text[this.#at] !== ',') break
        this.#at++
        continue
      }
      items.push(this.#value())
      if (!this.#separates('Array', from)) break
    }
    return { kind: 'array', isBlock: false, items, from, to: this.#close('Array', from) }
  }

  /** Whether another member or item is to come. A comma that is forgotten is told and read on past. */
  #separates(container: Container, from: number): boolean {
    this.#skipSpace()
    const next = this.#text[this.#at]
    if (next === ',') {
      this.#at++
      this.#skipSpace()
      if (this.#isAtEnd()) this.#cutOff(container)
      return true
    }
    if (this.#isAtEnd() || next === MARKS[container][1]) return false
    if (next === '}' || next === ']') {
      this.#mismatched(container, from)
      return false
    }
    this.#unexpected(`was expecting comma to separate ${container} entries`)
    return true
  }

  #close(container: Container, from: number): number {
    if (this.#text[this.#at] === MARKS[container][1]) return ++this.#at
    if (this.#isAtEnd()) this.#unclosed(container, from)
    return this.#at
  }

  /** Where a value is to be: told, when a mark or nothing stands there instead. */
  #isValueAbsent(container: Container): boolean {
    const next = this.#text[this.#at]
    if (next === undefined) this.#cutOff(container)
    else if (next === '}') this.#unexpected('expected a value')
    else if (next === ']' || next === ',') this.#unexpected(`expected a valid value (${JSON_VALUE})`)
    else return false
    return true
  }

  /** A number, a word, or something that is neither. */
  #plain(): ScalarNode {
    const from = this.#at
    if (/[-\d]/.test(this.#text[from] ?? '')) {
      const number = this.#match(NUMBER) ?? this.#match(SIGN) ?? ''
      this.#afterNumber(number)
      return { kind: 'scalar', value: number === '-' ? null : Number(number), from, to: this.#at }
    }
    const token = this.#match(TOKEN)
    const word = token === undefined ? undefined : WORDS.get(token)
    if (word !== undefined) return { kind: 'scalar', value: word, from, to: this.#at }
    if (token === 'NaN' || token === 'Infinity') {
      this.#report(`Non-standard token '${token}': enable JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS to allow`)
    } else if (token === undefined) {
      this.#unexpected(`expected a valid value (${JSON_VALUE})`)
      this.#skipStray()
    } else this.#report(`Unrecognized token '${token}': was expecting (${JSON_VALUE})`)
    return { kind: 'scalar', value: null, from, to: this.#at }
  }

  /** What may not follow what was read of a number. It is read past. */
  #afterNumber(number: string): void {
    const next = this.#text[this.#at]
    const told = (wanted: string, at: number) => {
      const unit = this.#text.codePointAt(at)
      this.#report(
        `Unexpected character (${unit === undefined ? NO_CHARACTER : shown(unit)}) in numeric value: ${wanted}`,
        at + 1,
      )
    }
    if (number === '-' && next === undefined) this.#report('Unexpected end-of-input in a Number value')
    else if (number === '-') told('expected digit (0-9) to follow minus sign, for valid numeric value', this.#at)
    else if (/^-?0$/.test(number) && next !== undefined && next >= '0' && next <= '9')
      this.#report('Invalid numeric value: Leading zeroes not allowed')
    else if (next === '.' && !/[.eE]/.test(number)) told('Decimal point not followed by a digit', this.#at + 1)
    else if ((next === 'e' || next === 'E') && !/[eE]/.test(number)) {
      const sign = /[+-]/.test(this.#text[this.#at + 1] ?? '') ? 1 : 0
      told('Exponent indicator not followed by a digit', this.#at + 1 + sign)
    } else return
    this.#match(REST_OF_NUMBER)
  }

  /** By hand: a regular expression takes stack for each character of a long string. A line's end ends it, closed or not. */
  #string(unclosed = ': was expecting closing quote for a string value'): string {
    const from = this.#at
    let isEscaped = false
    for (this.#at++; ; this.#at++) {
      const unit = this.#text.charCodeAt(this.#at)
      if (unit === 0x22) break
      if (Number.isNaN(unit)) {
        this.#report(`Unexpected end-of-input${unclosed}`)
        return this.#text.slice(from + 1)
      }
      if (unit < 0x20) {
        const told = `Illegal unquoted character ((CTRL-CHAR, code ${unit})): has to be escaped using backslash to be included in string value`
        this.#report(told, this.#at + 1)
        if (unit === 0x0a) return this.#text.slice(from + 1, this.#at)
      }
      if (unit !== 0x5c) continue
      isEscaped = true
      this.#escape()
    }
    const written = this.#text.slice(from, ++this.#at)
    return isEscaped ? unescaped(written) : written.slice(1, -1)
  }

  /** At the backslash; leaves the place at what is escaped. */
  #escape(): void {
    const escaped = this.#text[this.#at + 1]
    if (escaped === undefined) return
    this.#at++
    if (!'"\\/bfnrtu'.includes(escaped)) {
      this.#report(`Unrecognized character escape '${escaped}' (code ${escaped.codePointAt(0) ?? 0})`, this.#at + 1)
    } else if (escaped === 'u') {
      const digits = /^[\dA-Fa-f]*/.exec(this.#text.slice(this.#at + 1, this.#at + 5))?.[0].length ?? 0
      const wrong = digits < 4 ? this.#text.codePointAt(this.#at + 1 + digits) : undefined
      if (wrong !== undefined)
        this.#report(
          `Unexpected character ('${String.fromCodePoint(wrong)}' (code ${wrong})): expected a hex-digit for character escape sequence`,
          this.#at + 2 + digits,
        )
    }
  }

  #unclosed(container: Container, from: number): void {
    if (this.problem) return
    const marker = jacksonLocation(this.#text, positionsIn(this.#text)(from))
    this.#report(`Unexpected end-of-input: expected close marker for ${container} (start marker at ${marker})`)
  }

  /** The text ends within an object or array where something more has to come. */
  #cutOff(container: Container): void {
    this.#report(`Unexpected end-of-input within/between ${container} entries`)
  }

  /** The mark of the other kind of container. */
  #mismatched(container: Container, from: number): void {
    if (this.problem) return
    const marker = jacksonLocation(this.#text, positionsIn(this.#text)(from))
    const [, close] = MARKS[container]
    const found = this.#text[this.#at]
    this.#report(`Unexpected close marker '${found}': expected '${close}' (for ${container} starting at ${marker})`, this.#at + 1)
  }

  /** Leaves the place where it is. */
  #unexpected(wanted: string): void {
    const next = this.#text.codePointAt(this.#at)
    if (next === undefined) this.#report('Unexpected end-of-input')
    else this.#report(`Unexpected character (${shown(next)}): ${next === SLASH ? NO_COMMENTS : wanted}`, this.#at + 1)
  }

  #report(message: string, offset = this.#at): void {
    this.problem ??= { message, offset }
    // Then the rest of the text is as good as not there: all readers see its end and return.
    if (this.#reads === 'until the problem') this.#at = this.#text.length
  }

  #isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }

  /** A token, or one character, that has no business here. */
  #skipStray(): void {
    if (this.#match(TOKEN) === undefined) this.#at++
  }

  #skipSpace(): void {
    for (; ; this.#at++) {
      const unit = this.#text.charCodeAt(this.#at)
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }
}

const shown = (unit: number): string => `'${String.fromCodePoint(unit)}' (code ${unit})`

const missing = (room: Range): ScalarNode => ({ kind: 'scalar', value: null, ...room })

function unescaped(written: string): string {
  try {
    return String(JSON.parse(written))
  } catch {
    return written.slice(1, -1)
  }
}
