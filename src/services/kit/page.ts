/** One page of a list, and the token that names the place where the next one begins. */
import type { PageTokens } from './page-token.ts'

export interface Page<T> {
  readonly items: readonly T[]
  /** The last of these, where others follow. */
  readonly last: T | undefined
}

/** `rows` are those from the page's beginning on; whether there is one more than `size` tells whether there is a next page. */
export function cutPage<T>(rows: readonly T[], size: number): Page<T> {
  const items = rows.slice(0, size)
  return { items, last: rows.length > size ? items.at(-1) : undefined }
}

export interface PageRequest<T> {
  readonly token: string | undefined
  readonly tokens: PageTokens
  readonly size: number
  /** What the list is ordered by. */
  readonly nameOf: (item: T) => string
}

/** The page after the name that the token carries. Throws what the service says of a token that it never gave. */
export function pageOf<T>(
  items: readonly T[],
  { token, tokens, size, nameOf }: PageRequest<T>,
): { readonly items: readonly T[]; readonly next: string | undefined } {
  const after = tokens.placeOf(token)
  const page = cutPage(after === '' ? items : items.filter((item) => nameOf(item) > after), size)
  return { items: page.items, next: page.last === undefined ? undefined : tokens.print([nameOf(page.last)]) }
}
