/** What a source has brought, as the events that a function is given. Pure. */
import { type JsonObject, utf8Length } from '../../base/json.ts'

export interface SourceEvent<T> {
  readonly items: readonly T[]
  /** JSON text. */
  readonly event: string
}

const EVENT_BYTES = '{"Records":[]}'.length

/**
 * The items in their order, in as many events as it takes so that none has more than `bytesMax`; one that is larger by itself
 * stands alone.
 */
export function eventsOf<T>(items: readonly T[], recordOf: (item: T) => JsonObject, bytesMax: number): readonly SourceEvent<T>[] {
  const batches: { items: T[]; records: string[]; bytes: number }[] = []
  for (const item of items) {
    const record = JSON.stringify(recordOf(item))
    const bytes = utf8Length(record) + 1
    const last = batches.at(-1)
    if (last === undefined || last.bytes + bytes > bytesMax)
      batches.push({ items: [item], records: [record], bytes: EVENT_BYTES + bytes })
    else {
      last.items.push(item)
      last.records.push(record)
      last.bytes += bytes
    }
  }
  return batches.map(({ items: ofOne, records }) => ({ items: ofOne, event: `{"Records":[${records.join(',')}]}` }))
}
