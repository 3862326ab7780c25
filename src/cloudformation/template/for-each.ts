/**
 * Writes loops out: `Fn::ForEach::Name: [Identifier, [a, b], {Key${Identifier}: …}]` becomes its members, one for each item.
 * A list is written in the template, or is a parameter, or stands in a mapping. What cannot be written out is told, and left out.
 * Source: CloudFormation template reference, "Fn::ForEach"; of the transform AWS::LanguageExtensions.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject, setOwn } from '../../base/json.ts'

const LOOP = 'Fn::ForEach::'
const SECTIONS = ['Conditions', 'Resources', 'Outputs']

export interface WrittenOut {
  readonly root: JsonObject
  /** The names of loops that are left out. */
  readonly leftOut: readonly string[]
  /** Names that loops write where they stand already: the last one counts. */
  readonly twice: readonly string[]
  /** It would be more than `nodesMax` values: loops within loops grow fast. */
  readonly isTooLarge: boolean
}

export function writeLoopsOut(root: JsonObject, parameters: Readonly<Record<string, string>>, nodesMax: number): WrittenOut {
  const writer = new LoopWriter(root, parameters, nodesMax)
  const sections = SECTIONS.flatMap((name): [string, Json][] => {
    const section = getOwn(root, name)
    return section === undefined ? [] : [[name, writer.write(section)]]
  })
  return {
    root: { ...root, ...Object.fromEntries(sections) },
    leftOut: [...writer.leftOut],
    twice: [...writer.twice],
    isTooLarge: writer.nodesLeft <= 0,
  }
}

class LoopWriter {
  nodesLeft: number
  readonly leftOut = new Set<string>()
  readonly twice = new Set<string>()
  readonly #root: JsonObject
  readonly #parameters: Readonly<Record<string, string>>

  constructor(root: JsonObject, parameters: Readonly<Record<string, string>>, nodesMax: number) {
    this.#root = root
    this.#parameters = parameters
    this.nodesLeft = nodesMax
  }

  write(value: Json): Json {
    if (isArray(value)) return value.map((item) => this.write(item))
    if (!isObject(value)) return value
    const object: Record<string, Json> = {}
    for (const [key, member] of Object.entries(value)) {
      if (!key.startsWith(LOOP)) setOwn(object, key, this.write(member))
      else {
        for (const [name, made] of this.#membersOf(key, member)) {
          if (Object.hasOwn(object, name) || Object.hasOwn(value, name)) this.twice.add(name)
          setOwn(object, name, made)
        }
      }
    }
    return object
  }

  #membersOf(key: string, loop: Json): readonly [string, Json][] {
    const [identifier, collection = null, body, ...more] = isArray(loop) ? loop : []
    const items = this.#itemsOf(collection)
    if (typeof identifier !== 'string' || !isObject(body ?? null) || more.length > 0 || items === undefined) {
      this.leftOut.add(key)
      return []
    }
    return items.flatMap((item) => {
      const written = this.write(this.#replaced(body ?? null, identifier, item))
      return isObject(written) ? Object.entries(written) : []
    })
  }

  /** Undefined where they are not known before a deployment. */
  #itemsOf(collection: Json): readonly string[] | undefined {
    const known = this.#known(collection)
    if (!isArray(known)) return undefined
    const items: string[] = []
    for (const item of known.map((one) => this.#known(one))) {
      if (item === undefined || isObject(item)) return undefined
      items.push(...(isArray(item) ? item : [item]).map(String))
    }
    return items
  }

  #known(value: Json): Json | undefined {
    if (!isObject(value)) return value
    const name = getOwn(value, 'Ref')
    if (typeof name === 'string') return this.#parameter(name)
    const keys = getOwn(value, 'Fn::FindInMap')
    if (!isArray(keys)) return undefined
    return keys
      .slice(0, 3)
      .map((key) => this.#known(key))
      .reduce<Json | undefined>(
        (at, key) => (isObject(at) ? getOwn(at, String(key)) : undefined),
        getOwn(this.#root, 'Mappings') ?? {},
      )
  }

  #parameter(name: string): Json | undefined {
    const given = Object.hasOwn(this.#parameters, name) ? this.#parameters[name] : undefined
    if (name.startsWith('AWS::')) return given
    const section = getOwn(this.#root, 'Parameters')
    const declared = isObject(section) ? getOwn(section, name) : undefined
    if (!isObject(declared)) return undefined
    const text = given ?? getOwn(declared, 'Default')
    const isList = /^(?:CommaDelimitedList$|List<)/.test(String(getOwn(declared, 'Type')))
    return isList && text !== undefined
      ? String(text)
          .split(',')
          .map((part) => part.trim())
      : text
  }

  #replaced(value: Json, identifier: string, item: string): Json {
    if (--this.nodesLeft <= 0) return null
    if (typeof value === 'string') {
      this.nodesLeft -= value.length >> 6
      return replaceIn(value, identifier, item)
    }
    if (isArray(value)) return value.map((inner) => this.#replaced(inner, identifier, item))
    if (!isObject(value)) return value
    if (getOwn(value, 'Ref') === identifier && Object.keys(value).length === 1) return item
    const object: Record<string, Json> = {}
    for (const [key, member] of Object.entries(value))
      setOwn(object, replaceIn(key, identifier, item), this.#replaced(member, identifier, item))
    return object
  }
}

/** `&{…}` leaves out what a logical id may not have. */
const replaceIn = (text: string, identifier: string, item: string): string =>
  text.replaceAll(`\${${identifier}}`, () => item).replaceAll(`&{${identifier}}`, () => item.replaceAll(/[^A-Za-z0-9]/g, ''))
