/**
 * Changes of what a text holds, made in the text: only what must change does, all else stays byte for byte, comments and layout
 * included. Paths mean the text before all changes. What comes out is read again and held against what was meant; a text that
 * cannot be changed so (an alias stands there, a notation too odd) is left alone.
 */
import { deepEqual, isArray, isObject, type Json, setOwn } from '../base/json.ts'
import { pointerOf } from '../base/json-pointer.ts'
import { err, ok, type Result } from '../base/result.ts'

import { layoutOf, type Run, type TextEdit } from './layout.ts'
import { readSource, type Source } from './source.ts'
import { type Key, jsonOf, type Member, type ObjectNode, placeOf, type SourceNode } from './tree.ts'

export type Change =
  | { readonly type: 'set'; readonly path: readonly Key[]; readonly value: Json }
  | { readonly type: 'rename'; readonly path: readonly Key[]; readonly name: string }
  | { readonly type: 'remove'; readonly path: readonly Key[] }
  /** `path` is the object's. `after`: the member it follows; undefined: it becomes the first. */
  | {
      readonly type: 'insert'
      readonly path: readonly Key[]
      readonly name: string
      readonly value: Json
      readonly after: string | undefined
    }

export interface Changed {
  readonly source: Source
  /** In the order of the text; they do not overlap. */
  readonly edits: readonly TextEdit[]
}

export function changeSource(source: Source, changes: readonly Change[]): Result<Changed, 'not changeable'> {
  if (!source.root || source.problems.length > 0) return err('not changeable')
  const edits = editsFor(source, changes)
  const text = edits && applyEdits(source.text, edits)
  if (!edits || text === undefined) return err('not changeable')
  const changed = readSource(text, source.notation)
  const isMeant =
    changed.root !== undefined &&
    changed.problems.length === 0 &&
    deepEqual(jsonOf(changed.root), applyChanges(jsonOf(source.root), changes))
  return isMeant ? ok({ source: changed, edits }) : err('not changeable')
}

/** Undefined: they overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string | undefined {
  let made = ''
  let at = 0
  for (const edit of edits) {
    if (edit.from < at) return undefined
    made += text.slice(at, edit.from) + edit.text
    at = edit.to
  }
  return made + text.slice(at)
}

/** What the changes mean, as data. */
export function applyChanges(value: Json, changes: readonly Change[]): Json {
  const at = changesByPointer(changes)
  const changed = (value: Json, path: readonly Key[]): Json => {
    const here = at.get(pointerOf(path)) ?? []
    for (const change of here) if (change.type === 'set') return change.value
    if (isArray(value)) return value.map((item, i) => changed(item, [...path, i]))
    if (!isObject(value)) return value
    const made: Record<string, Json> = {}
    const insert = (after: string | undefined) => {
      for (const change of here) if (change.type === 'insert' && change.after === after) setOwn(made, change.name, change.value)
    }
    insert(undefined)
    for (const [name, member] of Object.entries(value)) {
      const own = at.get(pointerOf([...path, name])) ?? []
      const renamed = own.find((change) => change.type === 'rename')
      if (!own.some(({ type }) => type === 'remove')) setOwn(made, renamed?.name ?? name, changed(member, [...path, name]))
      insert(name)
    }
    return made
  }
  return changed(value, [])
}

function changesByPointer(changes: readonly Change[]): ReadonlyMap<string, readonly Change[]> {
  const at = new Map<string, Change[]>()
  for (const change of changes) {
    const pointer = pointerOf(change.path)
    at.set(pointer, [...(at.get(pointer) ?? []), change])
  }
  return at
}

/** Undefined: something that is to be changed is not there, or the layout does not let it. */
function editsFor(source: Source, changes: readonly Change[]): readonly TextEdit[] | undefined {
  const layout = layoutOf(source)
  const edits: (TextEdit | undefined)[] = []
  const removed = new Map<ObjectNode, Set<Member>>()
  for (const change of changes) {
    switch (change.type) {
      case 'set': {
        const node = placeOf(source.root, change.path)?.node
        edits.push(node && layout.set(node, change.value))
        break
      }
      case 'rename': {
        const found = memberAt(source.root, change.path)
        edits.push(found && layout.rename(found.member, change.name))
        break
      }
      case 'insert': {
        const object = placeOf(source.root, change.path)?.node
        const after = change.after === undefined ? undefined : memberAt(source.root, [...change.path, change.after])
        const isThere = object?.kind === 'object' && (change.after === undefined || after !== undefined)
        edits.push(isThere ? layout.insert(object, after?.member, change.name, change.value) : undefined)
        break
      }
      case 'remove': {
        const found = memberAt(source.root, change.path)
        if (!found) return undefined
        const { object, member } = found
        removed.set(object, (removed.get(object) ?? new Set()).add(member))
        break
      }
    }
  }
  for (const [object, members] of removed) edits.push(...runsOf(object, members).map((run) => layout.remove(object, run)))
  const made = edits.filter((edit) => edit !== undefined)
  return made.length === edits.length ? made.toSorted((a, b) => a.from - b.from) : undefined
}

function memberAt(
  root: SourceNode | undefined,
  path: readonly Key[],
): { readonly object: ObjectNode; readonly member: Member } | undefined {
  const object = placeOf(root, path.slice(0, -1))?.node
  const member = object?.kind === 'object' ? object.members.findLast(({ name }) => name === String(path.at(-1))) : undefined
  return object?.kind === 'object' && member ? { object, member } : undefined
}

function runsOf({ members }: ObjectNode, removed: ReadonlySet<Member>): readonly Run[] {
  const runs: Run[] = []
  for (const [i, member] of members.entries()) {
    if (!removed.has(member)) continue
    const before = runs.at(-1)
    if (before?.last === i - 1) runs.splice(-1, 1, { first: before.first, last: i })
    else runs.push({ first: i, last: i })
  }
  return runs
}
