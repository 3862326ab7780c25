/** What the readers of all formats take and give. */
import type { Item } from '../item.ts'
import type { ItemReaderSettings } from '../settings.ts'
import type { ObjectSource } from '../source.ts'

/** An item before it is numbered, and about how many bytes it keeps alive. */
export interface Draft {
  readonly item: Omit<Item, 'index'>
  readonly bytes: number
}

export interface Read {
  readonly settings: ItemReaderSettings
  readonly source: ObjectSource
  readonly iterateObjects: boolean
}
