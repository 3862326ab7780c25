/** What the readers of all formats take and give. */
import type { Item } from '../item.ts'
import type { ItemReaderSettings } from '../settings.ts'
import type { ObjectSource } from '../source.ts'

/** An item before it is numbered, and about how many bytes it keeps alive. */
export interface Draft {
  readonly item: Omit<Item, 'index'>
  readonly bytes: number
}

/** Items as they come to hand: those of a piece of the body together, where its format lets them be told apart. */
export type Drafts = AsyncGenerator<readonly Draft[]>

export interface Read {
  readonly settings: ItemReaderSettings
  readonly source: ObjectSource
  readonly iterateObjects: boolean
}
