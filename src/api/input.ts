/**
 * Checks of shape before any operation: presence, type, length. Texts are AWS's constraint texts (recorded: api, api_aliasing).
 * Member names are those of AWS's model for the operation; others do not compile.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../base/json.ts'
import { AWS_LIMITS, type Limits } from '../base/limits.ts'

import { ServiceError } from '../control/service-error.ts'

interface Bounds {
  readonly min?: number
  readonly max?: number
}

/** Lengths of texts that depend on the profile of limits. */
export interface TextBounds {
  readonly definition: Bounds
  /** An execution's input. */
  readonly input: Bounds
  /** `SensitiveData` of AWS's model, counted in characters here; bytes are the operation's to count. */
  readonly data: Bounds
  readonly error: Bounds
  readonly cause: Bounds
}

export const textBoundsOf = ({ api, errorCharsMax, causeCharsMax }: Limits): TextBounds => ({
  // An empty one is told in the words of the language.
  definition: { min: 0, max: api.definitionCharsMax },
  input: { max: api.inputCharsMax },
  data: { max: api.dataCharsMax },
  error: { max: errorCharsMax },
  cause: { max: causeCharsMax },
})

/** What a list may hold, and how AWS prints it when it refuses it. */
interface ListBounds extends Bounds {
  readonly item: string
}

const AWS_TEXT_BOUNDS = textBoundsOf(AWS_LIMITS)

type Name<T> = Extract<keyof T, string>
type ItemOf<T> = NonNullable<T> extends readonly (infer E)[] ? E : never

/** Reads members of a request; all that is wrong is told at once by `done`. */
export class Input<T> {
  readonly #input: JsonObject
  readonly bounds: TextBounds
  readonly #path: string
  readonly #problems: string[]
  /** Names that were asked for, nested ones with their path. */
  readonly asked: Set<string>

  constructor(input: JsonObject, bounds = AWS_TEXT_BOUNDS, path = '', problems: string[] = [], asked = new Set<string>()) {
    this.#input = input
    this.bounds = bounds
    this.#path = path
    this.#problems = problems
    this.asked = asked
  }

  text(name: Name<T>, { min = 1, max = 256 }: Bounds = {}): string {
    const value = this.optionalText(name, { min, max })
    if (value === undefined) this.#missing(name)
    return value ?? ''
  }

  optionalText(name: Name<T>, { min = 0, max = 1_048_576 }: Bounds = {}): string | undefined {
    const value = this.#member(name)
    if (value === undefined) return undefined
    if (typeof value !== 'string') return this.#wrongType(name, 'a string')
    this.#checkLength(value, value.length, name, { min, max })
    return value
  }

  choice<const C extends string>(name: Name<T>, allowed: readonly C[]): C | undefined {
    const value = this.#member(name)
    if (value === undefined) return undefined
    if (typeof value !== 'string') return this.#wrongType(name, 'a string')
    const found = allowed.find((one) => one === value)
    if (found === undefined) this.#problem(value, name, `Member must satisfy enum value set: [${allowed.join(', ')}]`)
    return found
  }

  number(name: Name<T>, { min, max }: { readonly min: number; readonly max: number }): number | undefined {
    const value = this.#member(name)
    if (value === undefined) return undefined
    if (typeof value !== 'number') return this.#wrongType(name, 'a number')
    if (value > max) this.#problem(String(value), name, `Member must have value less than or equal to ${max}`)
    if (value < min) this.#problem(String(value), name, `Member must have value greater than or equal to ${min}`)
    return value
  }

  flag(name: Name<T>): boolean | undefined {
    const value = this.#member(name)
    if (value === undefined) return undefined
    return typeof value === 'boolean' ? value : this.#wrongType(name, 'a boolean')
  }

  /** What `read` makes of a structure within; undefined when it is absent. */
  nested<K extends Name<T>, R>(name: K, read: (input: Input<NonNullable<T[K]>>) => R): R | undefined {
    const value = this.#member(name)
    if (value === undefined) return undefined
    if (!isObject(value)) return this.#wrongType(name, 'an object')
    return read(new Input(value, this.bounds, `${this.#path}${name}.`, this.#problems, this.asked))
  }

  /** What `read` makes of each structure of a list; undefined when it is absent. */
  list<K extends Name<T>, R>(name: K, bounds: ListBounds, read: (input: Input<ItemOf<T[K]>>) => R): readonly R[] | undefined {
    const value = this.#member(name)
    if (value === undefined) return undefined
    if (!isArray(value) || !value.every(isObject)) return this.#wrongType(name, 'a list of objects')
    this.#checkLength(printList(value, bounds.item), value.length, name, bounds)
    return value.map((item, index) =>
      read(new Input(item, this.bounds, `${this.#path}${name}.${index + 1}.member.`, this.#problems, this.asked)),
    )
  }

  texts(name: Name<T>): readonly string[] | undefined {
    const value = this.#member(name)
    if (value === undefined) return undefined
    return isArray(value) && value.every((item) => typeof item === 'string') ? value : this.#wrongType(name, 'a list of strings')
  }

  /** `value`, which AWS does not let be absent. */
  required<V>(name: Name<T>, value: V | undefined, otherwise: V): V {
    if (value === undefined) this.#missing(name)
    return value ?? otherwise
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

  #member(name: string): Json | undefined {
    this.asked.add(`${this.#path}${name}`.replaceAll(/\.\d+\.member/g, ''))
    const value = getOwn(this.#input, name)
    return value === null ? undefined : value
  }

  #missing(name: string): void {
    if (this.#member(name) === undefined) this.#problem(undefined, name, 'Member must not be null')
  }

  #checkLength(shown: string, length: number, name: string, { min = 0, max = Number.POSITIVE_INFINITY }: Bounds): void {
    if (length < min) this.#problem(shown, name, `Member must have length greater than or equal to ${min}`)
    else if (length > max) this.#problem(shown, name, `Member must have length less than or equal to ${max}`)
  }

  #problem(value: string | undefined, name: string, constraint: string): void {
    const shown = value === undefined ? 'null' : `'${value.slice(0, 10_000)}'`
    this.#problems.push(`Value ${shown} at '${this.#path}${name}' failed to satisfy constraint: ${constraint}`)
  }

  #wrongType(name: string, wanted: string): never {
    throw new ServiceError('SerializationException', `The member '${this.#path}${name}' must be ${wanted}.`)
  }
}

/** A list of structures as AWS's own service prints it. */
function printList(items: readonly Json[], item: string): string {
  const printed = items.map((members) => {
    const pairs = isObject(members) ? Object.entries(members) : []
    return `${item}(${pairs.map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`).join(', ')})`
  })
  return `[${printed.join(', ')}]`
}
