/** Checks of shape before any verb: presence, type, length. Texts are AWS's constraint texts. */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../base/json.ts'

import { ServiceError } from '../control/service-error.ts'

/** Reads members of a request; all that is wrong is told at once by `done`. */
export class Input {
  readonly #input: JsonObject
  readonly #problems: string[] = []

  constructor(input: JsonObject) {
    this.#input = input
  }

  text(name: string, { min = 1, max = 256 }: { readonly min?: number; readonly max?: number } = {}): string {
    const value = this.optionalText(name, { min, max })
    if (value === undefined && !this.#has(name)) this.#problem('null', name, 'Member must not be null')
    return value ?? ''
  }

  optionalText(
    name: string,
    { min = 0, max = 1_048_576 }: { readonly min?: number; readonly max?: number } = {},
  ): string | undefined {
    const value = this.#member(name)
    if (value === undefined) return undefined
    if (typeof value !== 'string') return this.#wrongType(name, 'a string')
    if (value.length < min) this.#problem(value, name, `Member must have length greater than or equal to ${min}`)
    else if (value.length > max) this.#problem(value, name, `Member must have length less than or equal to ${max}`)
    return value
  }

  choice<const T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.#member(name)
    if (value === undefined) return undefined
    const found = allowed.find((one) => one === value)
    if (found === undefined) this.#problem(String(value), name, `Member must satisfy enum value set: [${allowed.join(', ')}]`)
    return found
  }

  number(name: string, { min, max }: { readonly min: number; readonly max: number }): number | undefined {
    const value = this.#member(name)
    if (value === undefined) return undefined
    if (typeof value !== 'number') return this.#wrongType(name, 'a number')
    if (value > max) this.#problem(String(value), name, `Member must have value less than or equal to ${max}`)
    if (value < min) this.#problem(String(value), name, `Member must have value greater than or equal to ${min}`)
    return value
  }

  flag(name: string): boolean | undefined {
    const value = this.#member(name)
    if (value === undefined) return undefined
    return typeof value === 'boolean' ? value : this.#wrongType(name, 'a boolean')
  }

  object(name: string): JsonObject | undefined {
    const value = this.#member(name)
    if (value === undefined) return undefined
    return isObject(value) ? value : this.#wrongType(name, 'an object')
  }

  objects(name: string): readonly JsonObject[] | undefined {
    const value = this.#member(name)
    if (value === undefined) return undefined
    return isArray(value) && value.every(isObject) ? (value as readonly JsonObject[]) : this.#wrongType(name, 'a list of objects')
  }

  texts(name: string): readonly string[] | undefined {
    const value = this.#member(name)
    if (value === undefined) return undefined
    return isArray(value) && value.every((item) => typeof item === 'string')
      ? (value as readonly string[])
      : this.#wrongType(name, 'a list of strings')
  }

  tags(name = 'tags'): readonly { readonly key: string; readonly value: string }[] | undefined {
    return this.objects(name)?.map((tag) => ({
      key: String(getOwn(tag, 'key') ?? ''),
      value: String(getOwn(tag, 'value') ?? ''),
    }))
  }

  page(tokenMax = 1_024): { readonly limit: number; readonly token: string | undefined } {
    const max = this.number('maxResults', { min: 0, max: 1_000 })
    return { limit: max === undefined || max === 0 ? 100 : max, token: this.optionalText('nextToken', { min: 1, max: tokenMax }) }
  }

  /** Throws ValidationException when anything was wrong. Call it after all members were read. */
  done(): void {
    const { length } = this.#problems
    if (length === 0) return
    throw new ServiceError(
      'ValidationException',
      `${length} validation error${length > 1 ? 's' : ''} detected: ${this.#problems.join('; ')}`,
    )
  }

  #has = (name: string) => this.#member(name) !== undefined

  #member(name: string): Json | undefined {
    const value = getOwn(this.#input, name)
    return value === null ? undefined : value
  }

  #problem(value: string, name: string, constraint: string): void {
    const shown = value === 'null' ? 'null' : `'${value.slice(0, 10_000)}'`
    this.#problems.push(`Value ${shown} at '${name}' failed to satisfy constraint: ${constraint}`)
  }

  #wrongType(name: string, wanted: string): never {
    throw new ServiceError('SerializationException', `The member '${name}' must be ${wanted}.`)
  }
}
