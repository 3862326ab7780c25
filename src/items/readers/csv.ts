/**
 * Delimited text. Every value is a string; a short row is filled with "", surplus fields are dropped, empty lines are no
 * rows. Quotes are optional, `""` is a quote wherever it does not begin a field, a backslash escapes backslash, quote and
 * delimiter and vanishes before anything else. Members come in the order of java.util.HashMap, as AWS prints them (recorded
 * case typed-headers).
 * Source: AWS developer guide, "ItemReader (Map)": CSVHeaderLocation, CSVDelimiter and the notes on parsing.
 */
import { type Json, setOwn, utf8Length } from '../../base/json.ts'

import { ITEM_BYTES_MAX, ReadFailure } from '../item.ts'
import type { CsvSettings } from '../settings.ts'
import type { Draft, Drafts } from './draft.ts'

const HEADER_BYTES_MAX = 10 * 1024
/** A piece of the body may have thousands: they are not made before they are wanted. */
const ROWS_AT_ONCE = 100

export async function* readCsv(body: AsyncIterable<Uint8Array>, settings: CsvSettings, source: string): Drafts {
  let columns = settings.headers === undefined ? undefined : toColumns(settings.headers)
  for await (const rows of readRows(body, settings.delimiter)) {
    let drafts: Draft[] = []
    for (const { fields, chars } of rows) {
      if (columns === undefined) columns = toColumns(fields)
      else drafts.push({ item: { value: toItem(columns, fields), source }, bytes: chars })
      if (drafts.length < ROWS_AT_ONCE) continue
      yield drafts
      drafts = []
    }
    yield drafts
  }
}

interface Column {
  readonly name: string
  readonly position: number
}

function toColumns(headers: readonly string[]): Column[] {
  if (new Set(headers).size < headers.length) throw new ReadFailure('CSV headers cannot contain duplicates.')
  if (utf8Length(headers.join(',')) > HEADER_BYTES_MAX) throw new ReadFailure('CSV headers cannot be larger than 10 KiB.')
  return inHashMapOrder(headers.map((name, position) => ({ name, position })))
}

function toItem(columns: readonly Column[], fields: readonly string[]): Json {
  const item: Record<string, Json> = {}
  for (const { name, position } of columns) setOwn(item, name, fields[position] ?? '')
  return item
}

/** Buckets by the spread hash; within one bucket as inserted. The table doubles when it is three quarters full. */
function inHashMapOrder(columns: readonly Column[]): Column[] {
  let capacity = 16
  while (columns.length > capacity * 0.75) capacity *= 2
  const bucket = (name: string) => {
    const hash = javaHash(name)
    return (hash ^ (hash >>> 16)) & (capacity - 1)
  }
  return columns.toSorted((a, b) => bucket(a.name) - bucket(b.name) || a.position - b.position)
}

function javaHash(text: string): number {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash
}

interface Row {
  readonly fields: string[]
  readonly chars: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const LF = 0x0a
const CR = 0x0d

/** The rows that end in each piece of the body. It may be cut anywhere: what the parser is in the middle of is in its state. */
async function* readRows(body: AsyncIterable<Uint8Array>, delimiter: string): AsyncGenerator<Iterable<Row>> {
  const parser = new RowParser(delimiter.charCodeAt(0))
  const decoder = new TextDecoder()
  for await (const piece of body) yield parser.push(decoder.decode(piece, { stream: true }))
  yield parser.push(decoder.decode())
  yield parser.end()
}

type Mode = 'start' | 'plain' | 'quoteInPlain' | 'quoted' | 'quoteInQuoted' | 'escape' | 'escapeInQuoted' | 'afterCr'

/**
 * 1. `#field` holds what was read of the current field, escapes resolved; `#fields` the whole fields of the row.
 * 2. `#mode` is all that is known of the characters before.
 */
class RowParser {
  readonly #delimiter: number
  #fields: string[] = []
  #field = ''
  #chars = 0
  #mode: Mode = 'start'

  constructor(delimiter: number) {
    this.#delimiter = delimiter
  }

  *push(text: string): Generator<Row> {
    let i = 0
    while (i < text.length) {
      const unit = text.charCodeAt(i)
      if (this.#mode === 'afterCr') {
        this.#mode = 'start'
        if (unit === LF) {
          i++
          continue
        }
      }
      switch (this.#mode) {
        case 'quoted': {
          const end = endOfQuotedRun(text, i)
          this.#append(text.slice(i, end))
          i = end
          if (i < text.length) this.#mode = text.charCodeAt(i++) === QUOTE ? 'quoteInQuoted' : 'escapeInQuoted'
          break
        }
        case 'quoteInQuoted':
          if (unit === QUOTE) {
            this.#append('"')
            this.#mode = 'quoted'
            i++
          } else this.#mode = 'plain'
          break
        case 'quoteInPlain':
          this.#append('"')
          if (unit === QUOTE) i++
          this.#mode = 'plain'
          break
        case 'escape':
        case 'escapeInQuoted':
          // Whatever follows is kept; the backslash itself is what vanishes.
          if (unit === LF || unit === CR) {
            this.#mode = this.#mode === 'escape' ? 'plain' : 'quoted'
            break
          }
          this.#append(text.charAt(i++))
          this.#mode = this.#mode === 'escape' ? 'plain' : 'quoted'
          break
        default: {
          if (unit === QUOTE && this.#mode === 'start') {
            this.#mode = 'quoted'
            i++
            break
          }
          const end = this.#endOfPlainRun(text, i)
          if (end > i) {
            this.#append(text.slice(i, end))
            if (this.#mode === 'start') this.#mode = 'plain'
            i = end
            break
          }
          i++
          if (unit === BACKSLASH) this.#mode = 'escape'
          else if (unit === QUOTE) this.#mode = 'quoteInPlain'
          else if (unit === this.#delimiter) this.#endField()
          else {
            const row = this.#endRow()
            this.#mode = unit === CR ? 'afterCr' : 'start'
            if (row !== undefined) yield row
          }
        }
      }
    }
  }

  *end(): Generator<Row> {
    if (this.#mode === 'quoteInPlain') this.#append('"')
    const row = this.#endRow()
    if (row !== undefined) yield row
  }

  #append(text: string): void {
    this.#field = this.#field === '' ? text : this.#field + text
    this.#chars += text.length
    if (this.#chars > ITEM_BYTES_MAX) throw new ReadFailure('An item of the dataset is larger than the limit of 8 MB.')
  }

  #endField(): void {
    this.#fields.push(this.#field)
    this.#field = ''
    this.#chars++
    if (this.#chars > ITEM_BYTES_MAX) throw new ReadFailure('An item of the dataset is larger than the limit of 8 MB.')
    this.#mode = 'start'
  }

  /** Undefined for an empty line. */
  #endRow(): Row | undefined {
    const isAtStart = this.#mode === 'start' || this.#mode === 'afterCr'
    if (this.#fields.length === 0 && this.#field === '' && isAtStart) return undefined
    const chars = this.#chars
    this.#endField()
    const fields = this.#fields
    this.#fields = []
    this.#chars = 0
    return { fields, chars }
  }

  #endOfPlainRun(text: string, from: number): number {
    let i = from
    for (; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      if (unit === this.#delimiter || unit === QUOTE || unit === LF || unit === CR || unit === BACKSLASH) break
    }
    return i
  }
}

function endOfQuotedRun(text: string, from: number): number {
  let i = from
  for (; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === QUOTE || unit === BACKSLASH) break
  }
  return i
}
