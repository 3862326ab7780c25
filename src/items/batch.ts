/**
 * ItemBatcher: packs items, in order, into the inputs of child workflow executions. Bytes are those of the child's whole
 * serialized input, `{"BatchInput":…,"Items":[…]}`, which never passes AWS's bound of 256 KiB.
 * Source: AWS developer guide, "ItemBatcher (Map)".
 */
import { ErrorName } from '../base/error-names.ts'
import { type Failure, failure } from '../base/failure.ts'
import { type Json, utf8Length } from '../base/json.ts'
import { printInOrder } from '../base/member-order.ts'
import { err, ok, type Result } from '../base/result.ts'

export const BATCH_BYTES_MAX = 256 * 1024

export interface BatchSettings {
  readonly itemsMax?: number
  readonly bytesMax?: number
  /** Undefined: the children's input has no such member. */
  readonly batchInput?: Json
  /** The profile's bound on a payload; `Infinity` when limits are off. */
  readonly payloadBytesMax?: number
}

/** An item after ItemSelector, as compact JSON text. */
export interface BatchItem {
  readonly index: number
  readonly text: string
}

export interface Batch {
  readonly firstIndex: number
  readonly count: number
  /** The child's input. */
  readonly input: string
}

/** Fills one batch at a time. `add` gives back the batch that the new item did not fit into, or filled up. */
export class Batcher {
  readonly #prefix: string
  readonly #itemsMax: number
  readonly #bytesMax: number
  #texts: string[] = []
  #firstIndex = 0
  #bytes: number

  constructor(settings: BatchSettings) {
    const { batchInput } = settings
    this.#prefix = batchInput === undefined ? '{"Items":[' : `{"BatchInput":${printInOrder(batchInput)},"Items":[`
    this.#itemsMax = settings.itemsMax ?? Number.POSITIVE_INFINITY
    this.#bytesMax = Math.min(settings.bytesMax ?? Number.POSITIVE_INFINITY, settings.payloadBytesMax ?? BATCH_BYTES_MAX)
    this.#bytes = this.#emptyBytes
  }

  add(item: BatchItem): Result<readonly Batch[], Failure> {
    const bytes = utf8Length(item.text)
    if (this.#emptyBytes + bytes > this.#bytesMax) return err(this.#tooLarge(item.index))
    const done: Batch[] = []
    if (this.#texts.length > 0 && this.#bytes + 1 + bytes > this.#bytesMax) done.push(this.#take())
    if (this.#texts.length === 0) this.#firstIndex = item.index
    this.#bytes += bytes + (this.#texts.length > 0 ? 1 : 0)
    this.#texts.push(item.text)
    if (this.#texts.length >= this.#itemsMax) done.push(this.#take())
    return ok(done)
  }

  /** The batch that was begun, if one was. */
  flush(): Batch | undefined {
    return this.#texts.length === 0 ? undefined : this.#take()
  }

  /** Items in the batch that was begun. */
  get size(): number {
    return this.#texts.length
  }

  get #emptyBytes(): number {
    return utf8Length(this.#prefix) + ENDING.length
  }

  #take(): Batch {
    const batch = {
      firstIndex: this.#firstIndex,
      count: this.#texts.length,
      input: this.#prefix + this.#texts.join(',') + ENDING,
    }
    this.#texts = []
    this.#bytes = this.#emptyBytes
    return batch
  }

  #tooLarge(index: number): Failure {
    return failure(
      ErrorName.DataLimitExceeded,
      `The item at index ${index} does not fit into a batch: its input would exceed the maximum number of bytes, ${this.#bytesMax}.`,
    )
  }
}

const ENDING = ']}'
