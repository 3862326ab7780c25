import { type Json, utf8Length } from './json.ts'

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
    if (this.#value === undefined) this.#value = JSON.parse(this.#text as string) as Json
    return this.#value
  }

  get text(): string {
    if (this.#text === undefined) this.#text = JSON.stringify(this.#value)
    return this.#text
  }

  /** Size of the text in bytes as UTF-8. */
  get bytes(): number {
    if (this.#bytes === undefined) this.#bytes = utf8Length(this.text)
    return this.#bytes
  }
}
