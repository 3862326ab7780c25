import { type Json, utf8Length } from './json.ts'
import { type Fit, fitOf } from './json-size.ts'
import { parseInOrder, printInOrder } from './member-order.ts'

/**
 * A JSON payload that is text, a value, or both: each form is made from the other only when someone asks for it, once.
 * A text that only passes through keeps its caller's spelling, as on AWS; what the engine computes is printed compactly.
 */
export class Payload {
  #text: string | undefined
  #value: Json | undefined
  #bytes: number | undefined

  private constructor(text: string | undefined, value: Json | undefined) {
    this.#text = text
    this.#value = value
  }

  /** From a text that is known to be JSON (checked at the door). */
  static ofText(text: string): Payload {
    return new Payload(text, undefined)
  }

  static ofValue(value: Json): Payload {
    return new Payload(undefined, value)
  }

  get value(): Json {
    if (this.#value === undefined) this.#value = parseInOrder(this.#text as string) as Json
    return this.#value
  }

  get text(): string {
    if (this.#text === undefined) this.#text = printInOrder(this.#value)
    return this.#text
  }

  /**
   * Whether the text has at most `bytesMax` bytes of UTF-8, and nests no deeper than JSON may. A value that is certainly
   * larger is not printed (it may be too large for a text at all), and short texts are not counted byte by byte.
   */
  fit(bytesMax: number): Fit {
    const measured = this.#text === undefined ? fitOf(this.#value as Json, bytesMax) : 'fits'
    if (measured !== 'fits') return measured
    return this.text.length * 3 > bytesMax && this.bytes > bytesMax ? 'large' : 'fits'
  }

  /** Size of the text in bytes as UTF-8. */
  get bytes(): number {
    if (this.#bytes === undefined) this.#bytes = utf8Length(this.text)
    return this.#bytes
  }
}
