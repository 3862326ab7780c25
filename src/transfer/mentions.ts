/**
 * ARNs and URLs that stand in texts: in a definition, a policy, an environment variable. What is known is replaced, also where
 * more stands behind it (a version, an alias, an index); the rest of a text stays as it is.
 */
import { isArray, isObject, type Json } from '../base/json.ts'

/** An ARN or a URL ends where a quote, a blank, or a bracket is. */
const TOKEN = /(?:arn:[\w-]+:|https?:\/\/)[^\s"'`\\,;<>{}()[\]|]+/g

export type Piece<T> = string | { readonly mention: T }

/** A text in pieces. `find`: what a text stands for; undefined where it is not known. */
export function piecesOf<T>(text: string, find: (token: string) => T | undefined): readonly Piece<T>[] {
  const pieces: Piece<T>[] = []
  let from = 0
  for (const match of text.matchAll(TOKEN)) {
    const { length, mention } = longest(match[0], find) ?? {}
    if (length === undefined || mention === undefined) continue
    if (match.index > from) pieces.push(text.slice(from, match.index))
    pieces.push({ mention })
    from = match.index + length
  }
  if (from < text.length) pieces.push(text.slice(from))
  return pieces
}

/** What of a token is known: all of it, or what stands before a colon or a slash. */
function longest<T>(token: string, find: (token: string) => T | undefined): { length: number; mention: T } | undefined {
  for (let length = token.length; length > 0; ) {
    const mention = find(token.slice(0, length))
    if (mention !== undefined) return { length, mention }
    length = Math.max(token.lastIndexOf(':', length - 1), token.lastIndexOf('/', length - 1))
  }
  return undefined
}

/** All texts of a value, changed; names of members stay. */
export function mapTexts(value: Json, change: (text: string) => Json): Json {
  if (typeof value === 'string') return change(value)
  if (isArray(value)) return value.map((item) => mapTexts(item, change))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, mapTexts(member, change)]))
}

/** Every one that is known, of all texts of a value. */
export function mentionsIn<T>(value: Json, find: (token: string) => T | undefined): ReadonlySet<T> {
  const found = new Set<T>()
  mapTexts(value, (text) => {
    for (const piece of piecesOf(text, find)) if (typeof piece === 'object') found.add(piece.mention)
    return text
  })
  return found
}
