/** A history in a file: what `aws stepfunctions get-execution-history` prints, or its events alone. */
import { readFile } from 'node:fs/promises'

import { getOwn, isArray, isObject, type Json } from '../../base/json.ts'

import { type HistoryEvent, readHistory } from '../../history/history-event.ts'

import { messageOf, TestKitError } from '../kit-error.ts'

/** In the order of the file. Rejects with TestKitError where it is none, or is not whole. */
export async function readHistoryFile(file: string): Promise<readonly HistoryEvent[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new TestKitError(`${file} cannot be read: ${messageOf(error)}`)
  })
  const value = parse(text, file)
  const events = isObject(value) ? getOwn(value, 'events') : value
  if (!isArray(events))
    throw new TestKitError(`${file} has no events: it takes what aws stepfunctions get-execution-history prints, as JSON.`)
  if (isObject(value) && typeof (getOwn(value, 'nextToken') ?? getOwn(value, 'NextToken')) === 'string')
    throw new TestKitError(
      `${file} is one page of a history: it ends with a nextToken. Read all pages, without --no-paginate or --max-items.`,
    )
  const read = readHistory(events.map(withSeconds))
  const odd = events.length - read.length
  if (odd > 0)
    throw new TestKitError(`${file} has ${odd} events that are none of a history: each has an id, a type and a timestamp.`)
  return read
}

/** The AWS CLI prints times as texts. */
function withSeconds(event: Json): Json {
  const timestamp = isObject(event) ? getOwn(event, 'timestamp') : undefined
  if (!isObject(event) || typeof timestamp !== 'string') return event
  const ms = Date.parse(timestamp)
  return Number.isNaN(ms) ? event : { ...event, timestamp: ms / 1_000 }
}

function parse(text: string, file: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    throw new TestKitError(`${file} is not JSON: ${messageOf(error)}. Print it with --output json.`)
  }
}
