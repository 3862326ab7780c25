/**
 * One item of a Map dataset, wherever it came from, and the bounds that every reader keeps.
 * Source: AWS developer guide, "ItemReader (Map)" and "Context object: Map.Item"; items may have 8 MB before ItemSelector.
 */
import { ErrorName } from '../base/error-names.ts'
import { type Failure, failure } from '../base/failure.ts'
import { isArray, isObject, type Json, type JsonObject } from '../base/json.ts'
import { entriesOf, parseExactly } from '../base/member-order.ts'

import type { SourceError } from './source.ts'

export interface Item {
  /** From 0, over the whole dataset. */
  readonly index: number
  /** What the child or the ItemSelector sees as `$$.Map.Item.Value`. */
  readonly value: Json
  /** Name of the member, when the dataset is an object: `$$.Map.Item.Key`. */
  readonly key?: string
  /** `$$.Map.Item.Source`: STATE_DATA, `S3://bucket` for a list, `S3://bucket/key` for the content of an object. */
  readonly source: string
}

export const ITEM_BYTES_MAX = 8 * 1024 * 1024
export const OBJECT_BYTES_MAX = 10 * 1024 ** 3
/** Deeper values cannot be printed again without exhausting the stack; Jackson, which AWS reads with, stops here too. */
export const ITEM_DEPTH_MAX = 1000

/** Ends a read. Thrown among readers only; `readItems` turns it into a value. */
export class ReadFailure extends Error {
  override readonly name = 'ReadFailure'
  readonly failure: Failure

  constructor(cause: string) {
    super(cause)
    this.failure = failure(ErrorName.ItemReaderFailed, cause)
  }
}

export function sourceFailureText(error: SourceError): string {
  const status = error.status === undefined ? '' : ` Status Code: ${error.status};`
  return `${error.message} (Service: Amazon S3;${status} Error Code: ${error.code})`
}

/** Items of a dataset in the state's own data: elements of an array, members of an object. Undefined for anything else. */
export function fromState(value: Json): Item[] | undefined {
  const source = 'STATE_DATA'
  if (isArray(value)) return value.map((element, index) => ({ index, value: element, source }))
  if (!isObject(value)) return undefined
  return entriesOf(value).map(([key, member], index) => ({ index, key, value: keyValue(key, member), source }))
}

/** An object's member as an item. Source: developer guide, "Distributed Map: JSON object as dataset" (2025). */
export const keyValue = (Key: string, Value: Json): JsonObject => ({ Key, Value })

/** Parses one item's text, its numbers as they are spelled. `what` names it in the failure: `line 7`. */
export function parseItem(text: string, what: string): Json {
  if (isDeeperThan(text, ITEM_DEPTH_MAX)) throw new ReadFailure(`The dataset is nested too deeply at ${what}.`)
  try {
    return parseExactly(text) as Json
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ReadFailure(`The dataset is not valid JSON at ${what}: ${reason}`)
  }
}

/** Counts brackets outside strings; does not judge the text otherwise. */
function isDeeperThan(text: string, depthMax: number): boolean {
  if (text.length <= depthMax) return false
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === 0x22) {
      for (i++; i < text.length && text.charCodeAt(i) !== 0x22; i++) if (text.charCodeAt(i) === 0x5c) i++
    } else if (unit === 0x5b || unit === 0x7b) {
      if (++depth > depthMax) return true
    } else if (unit === 0x5d || unit === 0x7d) depth--
  }
  return false
}
