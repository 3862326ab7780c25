/**
 * The size of a JSON text before it is printed. A value may hold the same part many times by reference, so its text can be
 * far larger than its memory, beyond what a string may hold: ask here before printing.
 */
import { isArray, type Json } from './json.ts'
import { isNumeral } from './numeral.ts'

/** Jackson's own bound on nesting, which AWS's parser keeps. */
export const JSON_DEPTH_MAX = 1000

/** `deep`: nests deeper than JSON_DEPTH_MAX; `large`: its text has more than `charsMax` characters. */
export type Fit = 'fits' | 'large' | 'deep'

/**
 * Whether the text of `value` may fit. The text has at least as many characters as are counted here (numbers count as one,
 * escapes as what they stand for), so `large` is certain and `fits` is not. Stops as soon as it knows.
 */
export function fitOf(value: Json, charsMax: number): Fit {
  const measure = new Measure(charsMax)
  measure.add(value, 0)
  return measure.fit
}

/** Whether the value's JSON text may have at most `charsMax` characters, and nests no deeper than JSON allows. */
export const printsWithin = (value: Json, charsMax: number): boolean => fitOf(value, charsMax) === 'fits'

class Measure {
  fit: Fit = 'fits'
  #room: number

  constructor(charsMax: number) {
    this.#room = charsMax
  }

  /** False when nothing more need be counted. */
  add(value: Json, depth: number): boolean {
    if (typeof value === 'string') return this.#take(value.length + 2)
    if (typeof value !== 'object' || value === null || isNumeral(value)) return this.#take(1)
    if (depth >= JSON_DEPTH_MAX) {
      this.fit = 'deep'
      return false
    }
    if (isArray(value)) {
      if (!this.#take(value.length + 1)) return false
      for (const item of value) if (!this.add(item, depth + 1)) return false
      return true
    }
    let isFirst = true
    for (const key of Object.keys(value)) {
      if (!this.#take(key.length + (isFirst ? 5 : 4))) return false
      if (!this.add(value[key] ?? null, depth + 1)) return false
      isFirst = false
    }
    return !isFirst || this.#take(2)
  }

  #take(chars: number): boolean {
    this.#room -= chars
    if (this.#room >= 0) return true
    this.fit = 'large'
    return false
  }
}
