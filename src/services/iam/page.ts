/** Lists by `Marker` and `MaxItems`. Source: IAM API reference, ListRoles. */
import type { JsonObject } from '../../base/json.ts'

import { element, type Xml } from '../../wire/xml.ts'

import { pageOf } from '../kit/page.ts'
import { pageTokens } from '../kit/page-token.ts'

import { validationError } from './errors.ts'
import { readText, readWhole } from './input.ts'

const TOKENS = pageTokens('iam', () => validationError('Invalid Marker.'))
const ITEMS = 100
const ITEMS_MAX = 1000

/**
 * `<Roles><member>…`, `IsTruncated` and `Marker`. The items are in the order of `nameOf`; `render` makes what stands in each
 * member.
 */
export function listPage<T>(
  input: JsonObject,
  name: string,
  items: readonly T[],
  nameOf: (item: T) => string,
  render: (item: T) => string | readonly (Xml | undefined)[],
): readonly Xml[] {
  const size = readWhole(input, 'MaxItems', 1, ITEMS_MAX) ?? ITEMS
  const { items: page, next } = pageOf(items, { token: readText(input, 'Marker', 4096), tokens: TOKENS, size, nameOf })
  return [
    element(
      name,
      page.map((item) => element('member', render(item))),
    ),
    element('IsTruncated', next !== undefined),
    ...(next === undefined ? [] : [element('Marker', next)]),
  ]
}
