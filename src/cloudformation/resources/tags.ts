/**
 * Tags: those that the template says are put where they differ, those that it said and says no more are taken away. Tags that
 * others have put stay.
 */
import { type Declared, tagsOf } from './resource.ts'

export type Tags = Readonly<Record<string, string>>

/** The operations of one service, on one resource. */
export interface TagCalls {
  list(): Promise<Tags>
  put(tags: Tags): Promise<unknown>
  remove(keys: readonly string[]): Promise<unknown>
}

export const tagMapOf = (properties: Declared['properties']): Tags =>
  Object.fromEntries(tagsOf(properties).map(({ key, value }) => [key, value]))

/** As most services take them. */
export const tagList = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))

/** Whether there was one to change. Asks nobody where there never was one. */
export async function changeTags({ properties, before }: Declared, calls: TagCalls): Promise<boolean> {
  const wanted = tagMapOf(properties)
  const gone = Object.keys(tagMapOf(before?.properties ?? {})).filter((key) => !Object.hasOwn(wanted, key))
  if (gone.length === 0 && Object.keys(wanted).length === 0) return false
  const known = await calls.list()
  const missing = Object.entries(wanted).filter(([key, value]) => !Object.hasOwn(known, key) || known[key] !== value)
  const surplus = gone.filter((key) => Object.hasOwn(known, key))
  if (missing.length > 0) await calls.put(Object.fromEntries(missing))
  if (surplus.length > 0) await calls.remove(surplus)
  return missing.length > 0 || surplus.length > 0
}
