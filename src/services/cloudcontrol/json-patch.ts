/**
 * Changes of a document, written as a list of operations. Nothing is changed in place; a patch whose one operation cannot be done
 * changes nothing.
 * Source: RFC 6902.
 */
import { deepEqual, getOwn, isArray, isObject, type Json, type JsonObject, setOwn } from '../../base/json.ts'
import { keysOfPointer } from '../../base/json-pointer.ts'

export class PatchError extends Error {
  override readonly name = 'PatchError'
}

/** Throws PatchError. */
export function patched(document: Json, patch: Json): Json {
  if (!isArray(patch)) throw new PatchError('A patch is a list of operations.')
  return patch.reduce<Json>((current, operation) => {
    if (!isObject(operation)) throw new PatchError('An operation of a patch is an object.')
    return apply(current, operation)
  }, document)
}

function apply(document: Json, operation: JsonObject): Json {
  const path = pathIn(operation, 'path')
  switch (operation['op']) {
    case 'add':
      return changed(document, path, () => valueIn(operation), 'add')
    case 'replace':
      return changed(document, path, () => valueIn(operation), 'replace')
    case 'remove':
      return changed(document, path, () => undefined, 'replace')
    case 'move': {
      const from = pathIn(operation, 'from')
      if (path.length > from.length && from.every((key, i) => key === path[i]))
        throw new PatchError('Nothing can be moved into itself.')
      const moved = valueAt(document, from)
      return changed(
        changed(document, from, () => undefined, 'replace'),
        path,
        () => moved,
        'add',
      )
    }
    case 'copy':
      return changed(document, path, () => valueAt(document, pathIn(operation, 'from')), 'add')
    case 'test':
      if (!deepEqual(valueAt(document, path), valueIn(operation)))
        throw new PatchError(`The value at ${String(operation['path'])} is not the one that is tested for.`)
      return document
    default:
      throw new PatchError(`There is no operation ${JSON.stringify(operation['op'] ?? null)}.`)
  }
}

function pathIn(operation: JsonObject, member: string): readonly string[] {
  const path = getOwn(operation, member)
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/')))
    throw new PatchError(`${member} must be a JSON pointer.`)
  return keysOfPointer(path)
}

function valueIn(operation: JsonObject): Json {
  const value = getOwn(operation, 'value')
  if (value === undefined) throw new PatchError(`The operation ${String(operation['op'])} needs a value.`)
  return value
}

function valueAt(document: Json, path: readonly string[]): Json {
  return path.reduce<Json>((value, key) => {
    const member = isArray(value) ? value[indexOf(value, key)] : isObject(value) ? getOwn(value, key) : undefined
    if (member === undefined) throw new PatchError(`There is nothing at /${path.join('/')}.`)
    return member
  }, document)
}

/** `change` gives what stands there then; undefined takes it away. `add`: it need not be there yet, and goes into a list. */
function changed(document: Json, path: readonly string[], change: () => Json | undefined, how: 'add' | 'replace'): Json {
  const [key, ...rest] = path
  if (key === undefined) return change() ?? null
  if (isArray(document)) return withItem(document, key, rest, change, how)
  if (!isObject(document)) throw new PatchError(`There is nothing that could have a member ${key}.`)
  const before = getOwn(document, key)
  if (before === undefined && (rest.length > 0 || how === 'replace')) throw new PatchError(`There is no member ${key}.`)
  const after = rest.length > 0 && before !== undefined ? changed(before, rest, change, how) : change()
  const result: Record<string, Json> = {}
  for (const [name, value] of Object.entries(document)) {
    const current = name === key ? after : value
    if (current !== undefined) setOwn(result, name, current)
  }
  if (before === undefined && after !== undefined) setOwn(result, key, after)
  return result
}

function withItem(
  list: readonly Json[],
  key: string,
  rest: readonly string[],
  change: () => Json | undefined,
  how: 'add' | 'replace',
): Json {
  const isNew = rest.length === 0 && how === 'add'
  const index = isNew && key === '-' ? list.length : indexOf(list, key, isNew ? list.length : list.length - 1)
  const before = list[index]
  const after = rest.length > 0 && before !== undefined ? changed(before, rest, change, how) : change()
  return list.toSpliced(index, isNew ? 0 : 1, ...(after === undefined ? [] : [after]))
}

function indexOf(list: readonly Json[], key: string, last = list.length - 1): number {
  const index = /^(?:0|[1-9]\d*)$/.test(key) ? Number(key) : Number.NaN
  if (!(index <= last)) throw new PatchError(`There is no item ${key}.`)
  return index
}
