/**
 * Tags of a resource, with AWS's limits; each service has words of its own for a tag that breaks one.
 * Source: AWS general reference, "Tag naming limits and requirements".
 */
import type { WireError } from '../../wire/errors.ts'

export type Tags = ReadonlyMap<string, string>

/** What a service says of tags that it refuses. */
export interface TagErrors {
  readonly tooMany: () => WireError
  readonly badKey: (key: string) => WireError
  readonly badValue: (value: string) => WireError
  /** Keys that begin with `aws:` are AWS's own. */
  readonly reserved: (key: string) => WireError
}

export const TAGS_MAX = 50
const KEY_CHARS_MAX = 128
const VALUE_CHARS_MAX = 256

/** What a resource has that is given more. Throws what the service says where one is refused: then none is added. */
export function addTags(known: Tags, more: Tags, errors: TagErrors): Tags {
  for (const [key, value] of more) checkTag(key, value, errors)
  const all = new Map([...known, ...more])
  if (all.size > TAGS_MAX) throw errors.tooMany()
  return all
}

export const NO_TAGS: Tags = new Map()

/** One tag alone, for resources with another limit of how many. */
export function checkTag(key: string, value: string, errors: Omit<TagErrors, 'tooMany'>): void {
  if (key.length === 0 || key.length > KEY_CHARS_MAX) throw errors.badKey(key)
  if (/^aws:/i.test(key)) throw errors.reserved(key)
  if (value.length > VALUE_CHARS_MAX) throw errors.badValue(value)
}

/** Keys that the resource does not have are passed over. */
export const removeTags = (known: Tags, keys: readonly string[]): Tags =>
  new Map([...known].filter(([key]) => !keys.includes(key)))

/** As AWS's newer services show them. */
export const tagList = (tags: Tags): { Key: string; Value: string }[] => [...tags].map(([Key, Value]) => ({ Key, Value }))

/** As an object in JSON holds them. */
export const tagsOf = (object: Readonly<Record<string, string>>): Tags => new Map(Object.entries(object))
export const tagsObject = (tags: Tags): Record<string, string> => Object.fromEntries(tags)
