/**
 * What a JSON or YAML text holds, and where: a tree of values, each with its range. Members keep their order, and stand in
 * it as often as they are written. Ranges count UTF-16 units from 0; `to` is the first that no longer belongs.
 */
import { type Json, setOwn } from '../base/json.ts'

export interface Range {
  readonly from: number
  readonly to: number
}

/** The name of a member, or the index of an item. */
export type Key = string | number

export type SourceNode = ObjectNode | ArrayNode | ScalarNode

interface Written extends Range {
  /** YAML's, as written: `!Sub`. */
  readonly tag?: string
}

export interface ObjectNode extends Written {
  readonly kind: 'object'
  /** YAML's notation by lines; without it, braces. */
  readonly isBlock: boolean
  readonly members: readonly Member[]
}

export interface Member {
  readonly name: string
  readonly nameRange: Range
  readonly value: SourceNode
}

export interface ArrayNode extends Written {
  readonly kind: 'array'
  readonly isBlock: boolean
  readonly items: readonly SourceNode[]
}

export interface ScalarNode extends Written {
  readonly kind: 'scalar'
  /** Null, too, where a value is missing: the range is the room that it would have. */
  readonly value: null | boolean | number | string
}

/** As JSON.parse has it: of members of the same name the last one counts. */
export function jsonOf(node: SourceNode): Json {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'array':
      return node.items.map(jsonOf)
    case 'object': {
      const value: Record<string, Json> = {}
      for (const member of node.members) setOwn(value, member.name, jsonOf(member.value))
      return value
    }
  }
}

export interface Place {
  readonly node: SourceNode
  /** Of the member's name; of the value itself where it has none. */
  readonly range: Range
}

/** What stands at a path; undefined where there is nothing. */
export function placeOf(root: SourceNode | undefined, path: readonly Key[]): Place | undefined {
  const { place, depth } = nearestPlace(root, path)
  return depth === path.length ? place : undefined
}

/** The same, or the last of what is around it that is there: `depth` keys lead to it. */
export function nearestPlace(
  root: SourceNode | undefined,
  path: readonly Key[],
): { readonly place: Place | undefined; readonly depth: number } {
  let place = root && { node: root, range: root as Range }
  for (const [depth, key] of path.entries()) {
    const inner = place && step(place.node, key)
    if (!inner) return { place, depth }
    place = inner
  }
  return { place, depth: path.length }
}

function step(node: SourceNode, key: Key): Place | undefined {
  if (node.kind === 'object') {
    const member = node.members.findLast(({ name }) => name === String(key))
    return member && { node: member.value, range: member.nameRange }
  }
  const item = node.kind === 'array' && /^\d+$/.test(String(key)) ? node.items[Number(key)] : undefined
  return item && { node: item, range: item }
}

export interface Cursor {
  /** To the value that an offset stands in; where a name is or is to be, to its object. */
  readonly path: readonly Key[]
  /** The name that stands there; empty where one is to be. Undefined within a value. */
  readonly name: string | undefined
}

export function cursorAt(root: SourceNode | undefined, offset: number): Cursor {
  const path: Key[] = []
  for (let node = root; node !== undefined; ) {
    if (node.kind === 'scalar') break
    if (node.kind === 'array') {
      const index = node.items.findIndex((item) => holds(item, offset))
      node = node.items[index]
      if (node) path.push(index)
      continue
    }
    const member = node.members.find(({ nameRange, value }) => holds(nameRange, offset) || holds(value, offset))
    if (!member || holds(member.nameRange, offset)) return { path, name: member?.name ?? '' }
    path.push(member.name)
    node = member.value
  }
  return { path, name: undefined }
}

/** A cursor may stand behind the last character, too. */
const holds = ({ from, to }: Range, offset: number): boolean => from <= offset && offset <= to

/** Members that stand in one object more than once, each time but the first: JSON.parse keeps the last without a word. */
export function duplicateMembers(root: SourceNode): readonly { readonly path: readonly Key[]; readonly member: Member }[] {
  const found: { readonly path: readonly Key[]; readonly member: Member }[] = []
  const visit = (node: SourceNode, path: readonly Key[]): void => {
    if (node.kind === 'array') node.items.forEach((item, i) => void visit(item, [...path, i]))
    if (node.kind !== 'object') return
    const seen = new Set<string>()
    for (const member of node.members) {
      if (seen.has(member.name)) found.push({ path, member })
      seen.add(member.name)
      if (member.value.kind !== 'scalar') visit(member.value, [...path, member.name])
    }
  }
  visit(root, [])
  return found
}
