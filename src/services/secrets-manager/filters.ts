/**
 * The filters of ListSecrets: all of them must match, any value of each. `name` and `all` match by prefix, `!` turns a value
 * around. Source: Secrets Manager API reference, Filter; user guide, "Find secrets".
 */
import type { JsonObject } from '../../base/json.ts'

import { objectList } from '../kit/input.ts'
import type { Tags } from '../kit/tags.ts'

import { constraintError } from './errors.ts'
import { readText, readTexts } from './input.ts'

export interface Findable {
  readonly name: string
  readonly description: string
  readonly tags: Tags
}

type Texts = (secret: Findable) => readonly string[]
/** What stands behind each slash is found too. */
const names = ({ name }: Findable) => name.split('/').map((_, i, parts) => parts.slice(i).join('/'))
const words = ({ description }: Findable) => [description, ...description.split(/\s+/)]
const keys = ({ tags }: Findable) => [...tags.keys()]
const values = ({ tags }: Findable) => [...tags.values()]

const TEXTS: ReadonlyMap<string, Texts> = new Map<string, Texts>([
  ['name', names],
  ['description', words],
  ['tag-key', keys],
  ['tag-value', values],
  ['all', (secret) => [...names(secret), ...words(secret), ...keys(secret), ...values(secret)]],
  ['primary-region', () => []],
  ['owning-service', () => []],
])
/** Of the others case does not matter. */
const CASED: ReadonlySet<string> = new Set(['name', 'tag-key', 'tag-value'])

/** AWS's bound on filters, and on the values of each. */
const ITEMS_MAX = 10

/** Throws ValidationException for a key that there is not, and for too much. */
export function readFilters(input: JsonObject): (secret: Findable) => boolean {
  const given = objectList(input, 'Filters')
  if (given.length > ITEMS_MAX) throw constraintError('', 'Filters', `Member must have length less than or equal to ${ITEMS_MAX}`)
  const filters = given.map(readFilter)
  return (secret) => filters.every((filter) => filter(secret))
}

function readFilter(input: JsonObject): (secret: Findable) => boolean {
  const key = readText(input, 'Key') ?? 'all'
  const texts = TEXTS.get(key)
  if (!texts) throw constraintError(key, 'Filters', `Member must satisfy enum value set: [${[...TEXTS.keys()].join(', ')}]`)
  const fold = (text: string) => (CASED.has(key) ? text : text.toLowerCase())
  const wanted = (readTexts(input, 'Values', ITEMS_MAX) ?? []).map((value) => ({
    isNot: value.startsWith('!'),
    prefix: fold(value.replace(/^!/, '')),
  }))
  return (secret) => {
    const found = texts(secret).map(fold)
    return wanted.some(({ isNot, prefix }) => found.some((one) => one.startsWith(prefix)) !== isNot)
  }
}
