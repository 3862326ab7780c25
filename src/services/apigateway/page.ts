/** Lists as REST APIs page them: `item` and `position`, 25 at a time unless more are asked for. */
import type { JsonObject } from '../../base/json.ts'

import { pageOf } from '../kit/page.ts'
import { pageTokens } from '../kit/page-token.ts'

import { badRequest } from './errors.ts'

const TOKENS = pageTokens('apigateway', () => badRequest('Invalid position parameter'))
const SIZE = 25
const SIZE_MAX = 500

/** In the order of their ids. */
export function positioned(
  items: readonly JsonObject[],
  query: URLSearchParams,
  nameOf: (item: JsonObject) => string,
): JsonObject {
  const size = sizeOf(query.get('limit'), SIZE, SIZE_MAX)
  const page = pageOf(items, { token: query.get('position') ?? undefined, tokens: TOKENS, size, nameOf })
  return { item: page.items, ...(page.next !== undefined && { position: page.next }) }
}

/** As HTTP APIs page them. */
export function paged(items: readonly JsonObject[], query: URLSearchParams, nameOf: (item: JsonObject) => string): JsonObject {
  const size = sizeOf(query.get('maxResults'), SIZE_MAX, SIZE_MAX)
  const page = pageOf(items, { token: query.get('nextToken') ?? undefined, tokens: TOKENS, size, nameOf })
  return { items: page.items, ...(page.next !== undefined && { nextToken: page.next }) }
}

function sizeOf(asked: string | null, usual: number, most: number): number {
  const size = asked === null ? usual : Number(asked)
  if (!Number.isInteger(size) || size < 1) throw badRequest('Invalid limit parameter')
  return Math.min(size, most)
}
