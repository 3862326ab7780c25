/**
 * How the Java runtime beneath Step Functions prints JSON values: `Map.toString` and `List.toString` in `States.Format`,
 * `Double.toString` for fractions. Source: recorded AWS answers (conformance family intrinsic_functions, generic-format).
 */
import { isArray, isObject, type Json } from '../base/json.ts'
import { entriesOf } from '../base/member-order.ts'
import { isNumeral, type Numeral } from '../base/numeral.ts'

/** `{Arg1=1, Arg2=[]}`, `[1, a]`, `null`; strings as they are. Undefined when it would exceed `charsMax` characters. */
export function javaText(value: Json, charsMax: number): string | undefined {
  if (typeof value === 'string') return value.length <= charsMax ? value : undefined
  const printer = new Printer(charsMax)
  printer.print(value)
  return printer.text
}

class Printer {
  #text = ''
  #room: number

  constructor(charsMax: number) {
    this.#room = charsMax
  }

  get text(): string | undefined {
    return this.#room < 0 ? undefined : this.#text
  }

  print(value: Json): void {
    if (typeof value === 'number') this.#put(javaNumber(value))
    else if (isNumeral(value)) this.#put(javaNumeral(value))
    else if (isArray(value)) this.#printMembers('[', value.entries(), ']')
    else if (isObject(value)) this.#printMembers('{', entriesOf(value), '}')
    else this.#put(String(value))
  }

  #printMembers(open: string, members: Iterable<[string | number, Json]>, close: string): void {
    let before = open
    this.#put(open)
    for (const [key, member] of members) {
      if (this.#room < 0) return
      if (before === ', ') this.#put(before)
      before = ', '
      if (typeof key === 'string') this.#put(`${key}=`)
      this.print(member)
    }
    this.#put(close)
  }

  #put(text: string): void {
    this.#room -= text.length
    if (this.#room >= 0) this.#text += text
  }
}

/** `1.0`, `1.0E10`; integers as they are. */
export function javaNumeral({ rawJSON: text }: Numeral): string {
  if (!/[.eE]/.test(text)) return text
  const value = Number(text)
  const size = Math.abs(value)
  if (value === 0) return text.startsWith('-') ? '-0.0' : '0.0'
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value)
  return scientific(value)
}

/** Integers in full; fractions as `Double.toString`: plain from 10^-3 to 10^7, else `1.5E-5`. */
export function javaNumber(value: number): string {
  if (Number.isSafeInteger(value)) return String(value)
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return BigInt(value).toString()
  const size = Math.abs(value)
  if (size >= 1e-3 && size < 1e7) return String(value)
  return scientific(value)
}

function scientific(value: number): string {
  const [digits = '', exponent = ''] = value.toExponential().split('e')
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`
}

/** As Java's `trim`: without what is not above a space at either end. */
export function javaTrim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && text.charCodeAt(start) <= 0x20) start++
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--
  return text.slice(start, end)
}
