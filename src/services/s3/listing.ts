/**
 * Listings: keys in byte order, those that share a prefix up to the delimiter folded into one. Each folded prefix costs
 * one seek on the primary key, however many keys are below it; a page never costs more than its own rows.
 * Source: Amazon S3 API reference, ListObjectsV2 and ListObjects.
 */
import { pageTokens } from '../kit/page-token.ts'

import { invalidArgument } from './errors.ts'

export interface ListRequest {
  readonly prefix: string
  readonly delimiter: string
  /** Only names after this one: a key, or a folded prefix of the page before. */
  readonly after: string
  readonly max: number
}

export interface Listing<T> {
  readonly entries: readonly T[]
  readonly commonPrefixes: readonly string[]
  /** The last name of this page, key or prefix; undefined when nothing follows. */
  readonly next: string | undefined
}

/** `scan` yields the entries from a name (as UTF-8 bytes, inclusive) on, in byte order, and may be called many times. */
export function list<T extends { readonly key: string }>(request: ListRequest, scan: (lower: Buffer) => Iterable<T>): Listing<T> {
  const { prefix, max } = request
  const entries: T[] = []
  const commonPrefixes: string[] = []
  let last = ''
  let lower: Buffer | undefined = firstLower(request)
  if (max === 0) return { entries, commonPrefixes, next: undefined }
  while (lower !== undefined) {
    const from: Buffer = lower
    lower = undefined
    for (const entry of scan(from)) {
      if (!entry.key.startsWith(prefix)) break
      if (entries.length + commonPrefixes.length >= max) return { entries, commonPrefixes, next: last }
      const folded = foldedPrefix(entry.key, request)
      if (folded === undefined) {
        entries.push(entry)
        last = entry.key
        continue
      }
      commonPrefixes.push(folded)
      last = folded
      lower = successor(folded)
      break
    }
  }
  return { entries, commonPrefixes, next: undefined }
}

/** For listings that go on within one key. */
export function* skipUntil<T>(items: Iterable<T>, isWanted: (item: T) => boolean): Generator<T> {
  for (const item of items) if (isWanted(item)) yield item
}

function firstLower({ prefix, delimiter, after }: ListRequest): Buffer {
  const start = Buffer.from(prefix, 'utf8')
  if (after === '') return start
  const folded = after.startsWith(prefix) ? foldedPrefix(after, { prefix, delimiter }) : undefined
  const behind = folded === undefined ? Buffer.concat([Buffer.from(after, 'utf8'), Buffer.of(0)]) : successor(folded)
  return Buffer.compare(behind, start) > 0 ? behind : start
}

function foldedPrefix(key: string, { prefix, delimiter }: Pick<ListRequest, 'prefix' | 'delimiter'>): string | undefined {
  if (delimiter === '') return undefined
  const found = key.indexOf(delimiter, prefix.length)
  return found < 0 ? undefined : key.slice(0, found + delimiter.length)
}

/** The least bytes greater than everything that starts with `text`. UTF-8 has no byte 0xFF, so the last one can grow. */
function successor(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8')
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) + 1
  return bytes
}

/** Of ListObjectsV2: it carries the last name of a page. */
export const CONTINUATION_TOKENS = pageTokens('s3', () =>
  invalidArgument('The continuation token provided is incorrect', 'continuation-token'),
)
