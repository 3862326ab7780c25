import { type Json, utf8Length } from './json.ts'
import { type Fit, fitOf } from './json-size.ts'
import { parseExactly, parseInOrder, printInOrder } from './member-order.ts'
import { isUnusual } from './numeral.ts'
import { plainNumbers } from './plain-numbers.ts'

/**
 * A JSON payload that is text, a value, or both: each form is made from the other only when someone asks for it, once.
 * A text that only passes through keeps its caller's spelling, as on AWS; what the engine computes is printed compactly.
 */
export class Payload {
  #text: string | undefined
  #exact: Json | undefined
  /** No number of it is spelled in a way of its own. */
  #isPlain = false
  #bytes: number | undefined

  private constructor(text: string | undefined, exact: Json | undefined) {
    this.#text = text
    this.#exact = exact
  }

  /** From a text that is known to be JSON (checked at the door). */
  static ofText(text: string): Payload {
    return new Payload(text, undefined)
  }

  /** Numbers may be spelled as they were (`numeral.ts`). */
  static ofValue(value: Json): Payload {
    return new Payload(undefined, value)
  }

  /** The value with its numbers as the text spells them, for those who only move them about. */
  get exact(): Json {
    if (this.#exact === undefined) {
      const text = this.#text as string
      this.#isPlain = !isUnusual(text)
      this.#exact = (this.#isPlain ? parseInOrder(text) : parseExactly(text)) as Json
    }
    return this.#exact
  }

  get value(): Json {
    const { exact } = this
    return this.#isPlain ? exact : plainNumbers(exact)
  }

  get text(): string {
    if (this.#text === undefined) this.#text = printInOrder(this.#exact)
    return this.#text
  }

  /**
   * Whether the text has at most `bytesMax` bytes of UTF-8, and nests no deeper than JSON may. A value that is certainly
   * larger is not printed (it may be too large for a text at all), and short texts are not counted byte by byte.
   */
  fit(bytesMax: number): Fit {
    const measured = this.#text === undefined ? fitOf(this.#exact as Json, bytesMax) : 'fits'
    if (measured !== 'fits') return measured
    return this.text.length * 3 > bytesMax && this.bytes > bytesMax ? 'large' : 'fits'
  }

  /** Size of the text in bytes as UTF-8. */
  get bytes(): number {
    if (this.#bytes === undefined) this.#bytes = utf8Length(this.text)
    return this.#bytes
  }
}
