/**
 * A place as AWS's diagnostics name it, `/States/A/Choices[0]/Next`, as keys and as a JSON pointer. Names of states may hold
 * slashes and brackets themselves, so the document decides where a key ends: the longest that it has.
 */
import { isArray, isObject, type Json } from '../base/json.ts'

export function keysOfLocation(location: string, document: Json): string[] {
  const keys: string[] = []
  let at: Json | undefined = document
  let rest = location
  while (rest !== '') {
    const index: RegExpExecArray | null = /^(?:\[(\d+)\]|\/(\d+)(?=$|[/[]))/.exec(rest)
    if (isArray(at) && index !== null) {
      const key: string = index[1] ?? index[2] ?? ''
      keys.push(key)
      at = at[Number(key)]
      rest = rest.slice(index[0].length)
      continue
    }
    const tail = rest.replace(/^\//, '')
    const key = longestMember(tail, at) ?? /^[^/[]+/.exec(tail)?.[0] ?? tail
    keys.push(key)
    at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined
    rest = tail.slice(key.length)
  }
  return keys
}

function longestMember(tail: string, object: Json | undefined): string | undefined {
  if (!isObject(object)) return undefined
  const ends = (key: string): boolean => key.length === tail.length || '/['.includes(tail[key.length] ?? '')
  return Object.keys(object)
    .filter((key) => key !== '' && tail.startsWith(key) && ends(key))
    .sort((a, b) => b.length - a.length)[0]
}

export const toPointer = (keys: readonly string[]): string =>
  keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
