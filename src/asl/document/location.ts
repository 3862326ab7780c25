/**
 * A place as AWS's diagnostics name it, `/States/A/Choices[0]/Next`, as a path. Names of states may hold slashes and brackets
 * themselves, so the document decides where a name ends: the longest that it has.
 */
import { type Key, placeOf, type SourceNode } from '../../source/tree.ts'

import type { Diagnostic } from '../diagnostic.ts'

/** AWS's place of a field that does not belong there is what holds it; this path goes on to the field. */
export function pathOfDiagnostic(root: SourceNode | undefined, { location = '', message }: Where): Key[] {
  const path = location === '/' ? [] : pathOfLocation(root, location)
  const field = /\bfield '(.+)' is (?:not|only) supported\b/i.exec(message)?.[1]
  return field !== undefined && placeOf(root, [...path, field]) !== undefined ? [...path, field] : path
}

type Where = Pick<Diagnostic, 'location' | 'message'>

export function pathOfLocation(root: SourceNode | undefined, location: string): Key[] {
  const path: Key[] = []
  let at = root
  let rest = location
  while (rest !== '') {
    const index: RegExpExecArray | null = /^(?:\[(\d+)\]|\/(\d+)(?=$|[/[]))/.exec(rest)
    const isItem = at?.kind === 'array' && index !== null
    const tail = rest.replace(/^\//, '')
    const key: Key = isItem ? Number(index[1] ?? index[2]) : (longestMember(tail, at) ?? /^[^/[]+/.exec(tail)?.[0] ?? tail)
    path.push(key)
    at = placeOf(at, [key])?.node
    rest = isItem ? rest.slice(index[0].length) : tail.slice(String(key).length)
  }
  return path
}

function longestMember(tail: string, node: SourceNode | undefined): string | undefined {
  if (node?.kind !== 'object') return undefined
  const ends = (name: string): boolean => name.length === tail.length || '/['.includes(tail[name.length] ?? '')
  return node.members
    .map(({ name }) => name)
    .filter((name) => name !== '' && tail.startsWith(name) && ends(name))
    .sort((a, b) => b.length - a.length)[0]
}
