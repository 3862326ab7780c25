/** What inputs of a workflow look like, guessed from those that it had: names, kinds, and whether they were always there. */
import { isObject, type Json } from '../../../src/base/json.ts'
import { spell } from '../../../src/source/print-json.ts'
import type { ArrayNode, ObjectNode, ScalarNode, SourceNode } from '../../../src/source/tree.ts'
import { treeOf } from './json-text.ts'

export interface InputShape {
  readonly kinds: readonly Kind[]
  /** Of the texts and numbers that were seen, the first, as it was written. */
  readonly example: string | undefined
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

/** Of texts of JSON; those that are none tell nothing. */
export const guessShape = (texts: readonly string[]): InputShape =>
  shapeOf(
    texts.flatMap((text) => {
      const node = treeOf(text)
      return node ? [{ node, text }] : []
    }),
    0,
  )

/** A value, and the text that it stands in. */
interface Seen<Node extends SourceNode = SourceNode> {
  readonly node: Node
  readonly text: string
}

function shapeOf(seen: readonly Seen[], depth: number): InputShape {
  const objects = seen.filter(isObjectSeen).map(({ node, text }) => membersOf(node, text))
  const items = seen
    .filter(isListSeen)
    .flatMap(({ node, text }) => node.items.slice(0, ITEMS_MAX).map((item) => ({ node: item, text })))
  const scalar = seen.find(isScalarSeen)
  const names = depth < DEPTH_MAX ? [...new Set(objects.flatMap((one) => [...one.keys()]))].slice(0, MEMBERS_MAX) : []
  return {
    kinds: [...new Set(seen.map(({ node }) => kindOf(node)))],
    example: scalar && spell(scalar.node, scalar.text),
    members: new Map(
      names.map((name) => {
        const having = objects.flatMap((one) => one.get(name) ?? [])
        return [name, { shape: shapeOf(having, depth + 1), isAlways: having.length === seen.length }]
      }),
    ),
    items: items.length > 0 && depth < DEPTH_MAX ? shapeOf(items, depth + 1) : undefined,
  }
}

const isObjectSeen = (seen: Seen): seen is Seen<ObjectNode> => seen.node.kind === 'object'
const isScalarSeen = (seen: Seen): seen is Seen<ScalarNode> => seen.node.kind === 'scalar'
const isListSeen = (seen: Seen): seen is Seen<ArrayNode> => seen.node.kind === 'array'

/** Of members of the same name the last one counts. */
const membersOf = ({ members }: ObjectNode, text: string): ReadonlyMap<string, Seen> =>
  new Map(members.map(({ name, value }) => [name, { node: value, text }]))

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

/** An input of that shape, as JSON. */
export function exampleOf({ kinds, example, members, items }: InputShape): string {
  if (kinds.includes('object')) {
    const always = [...members].filter(([, { isAlways }]) => isAlways)
    return `{${always.map(([name, { shape }]) => `${JSON.stringify(name)}:${exampleOf(shape)}`).join(',')}}`
  }
  if (kinds.includes('array')) return items ? `[${exampleOf(items)}]` : '[]'
  return example ?? 'null'
}

/** Every name of a member, however deep. */
export function namesOf({ members, items }: InputShape): readonly string[] {
  const inner = [...[...members.values()].map(({ shape }) => shape), ...(items ? [items] : [])].flatMap(namesOf)
  return [...new Set([...members.keys(), ...inner])]
}

function kindOf(node: SourceNode): Kind {
  if (node.kind !== 'scalar') return node.kind
  return node.value === null ? 'null' : (typeof node.value as Kind)
}
