/** What inputs of a workflow look like, guessed from those that it had: names, kinds, and whether they were always there. */
import { isArray, isObject, type Json } from '../../../src/base/json.ts'

export interface InputShape {
  readonly kinds: readonly Kind[]
  /** Of the texts and numbers that were seen, the first. */
  readonly example: Json | undefined
  /** Of objects. */
  readonly members: ReadonlyMap<string, InputMember>
  /** Of lists: what their items look like together. */
  readonly items: InputShape | undefined
}

export interface InputMember {
  readonly shape: InputShape
  readonly isAlways: boolean
}

export type Kind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'

/** More of an input is not looked at: a guess need not be complete. */
const [MEMBERS_MAX, ITEMS_MAX, DEPTH_MAX] = [200, 20, 6]

export function guessShape(values: readonly Json[], depth = 0): InputShape {
  const objects = values.filter(isObject)
  const items = values.filter(isArray).flatMap((list) => list.slice(0, ITEMS_MAX))
  const names = depth < DEPTH_MAX ? [...new Set(objects.flatMap((one) => Object.keys(one)))].slice(0, MEMBERS_MAX) : []
  return {
    kinds: [...new Set(values.map(kindOf))],
    example: values.find((value) => !isObject(value) && !isArray(value)),
    members: new Map(
      names.map((name) => {
        const having = objects.filter((one) => Object.hasOwn(one, name))
        const shape = guessShape(
          having.map((one) => one[name] ?? null),
          depth + 1,
        )
        return [name, { shape, isAlways: having.length === values.length }]
      }),
    ),
    items: items.length > 0 && depth < DEPTH_MAX ? guessShape(items, depth + 1) : undefined,
  }
}

export interface MissingMember {
  readonly name: string
  readonly kinds: readonly Kind[]
}

/** Members that every earlier input had and this one lacks, with what was there. */
export function missingMembers({ members }: InputShape, input: Json): readonly MissingMember[] {
  if (!isObject(input)) return []
  return [...members]
    .filter(([name, { isAlways }]) => isAlways && !Object.hasOwn(input, name))
    .map(([name, { shape }]) => ({ name, kinds: shape.kinds }))
}

/** An input of that shape. */
export function exampleOf({ kinds, example, members, items }: InputShape): Json {
  if (kinds.includes('object'))
    return Object.fromEntries(
      [...members].filter(([, { isAlways }]) => isAlways).map(([name, { shape }]) => [name, exampleOf(shape)]),
    )
  if (kinds.includes('array')) return items ? [exampleOf(items)] : []
  return example ?? null
}

/** Every name of a member, however deep. */
export function namesOf({ members, items }: InputShape): readonly string[] {
  const inner = [...[...members.values()].map(({ shape }) => shape), ...(items ? [items] : [])].flatMap(namesOf)
  return [...new Set([...members.keys(), ...inner])]
}

function kindOf(value: Json): Kind {
  if (value === null) return 'null'
  if (isArray(value)) return 'array'
  return typeof value as Kind
}
