/**
 * All that a store keeps, as rows that any other store takes as they are, keys and all: how definitions and executions move from
 * one store to another. Columns have the names that they have in all databases; a test compares them.
 *
 * A source tells its rows while nobody uses it. A target is empty before, and nothing until it is finished.
 */
export type ColumnKind = 'integer' | 'real' | 'text' | 'flag' | 'integer?' | 'text?'

/** In the order in which they are told. `?`: may be absent, which is NULL. */
export const TABLES = {
  state_machines: {
    key: 'integer',
    arn: 'text',
    name: 'text',
    type: 'text',
    status: 'text',
    created_at: 'integer',
    revision_key: 'integer',
    last_version: 'integer',
  },
  revisions: {
    key: 'integer',
    state_machine_key: 'integer',
    revision_id: 'text?',
    definition: 'text',
    role_arn: 'text',
    logging_configuration: 'text?',
    tracing_configuration: 'text?',
    encryption_configuration: 'text?',
    created_at: 'integer',
  },
  versions: {
    arn: 'text',
    state_machine_key: 'integer',
    version: 'integer',
    revision_key: 'integer',
    description: 'text?',
    created_at: 'integer',
  },
  aliases: {
    arn: 'text',
    state_machine_key: 'integer',
    name: 'text',
    description: 'text?',
    routing: 'text',
    created_at: 'integer',
    updated_at: 'integer',
  },
  activities: { arn: 'text', name: 'text', created_at: 'integer', encryption_configuration: 'text?' },
  tags: { resource_arn: 'text', key: 'text', value: 'text' },
  executions: {
    key: 'integer',
    arn: 'text',
    name: 'text',
    state_machine_arn: 'text',
    state_machine_key: 'integer',
    revision_key: 'integer',
    version_arn: 'text?',
    alias_arn: 'text?',
    type: 'text',
    status: 'text',
    start_at: 'integer',
    stop_at: 'integer?',
    input: 'text',
    output: 'text?',
    error: 'text?',
    cause: 'text?',
    trace_header: 'text?',
    map_run_key: 'integer?',
    item_count: 'integer?',
    item_index: 'integer?',
    map_state: 'text?',
    wake_at: 'integer?',
    is_busy: 'flag',
    redrive_count: 'integer',
    redrive_at: 'integer?',
    last_event_id: 'integer',
  },
  log: { execution_key: 'integer', sequence: 'integer', first_id: 'integer', last_id: 'integer', chunk: 'text' },
  redrives: { execution_key: 'integer', client_token: 'text', at: 'integer' },
  map_runs: {
    key: 'integer',
    arn: 'text',
    execution_key: 'integer',
    execution_arn: 'text',
    state_machine_arn: 'text',
    map_state: 'text',
    status: 'text',
    start_at: 'integer',
    stop_at: 'integer?',
    max_concurrency: 'integer',
    tolerated_failure_count: 'integer',
    tolerated_failure_percentage: 'real',
    redrive_count: 'integer',
    redrive_at: 'integer?',
    settings: 'text',
    items_read: 'integer',
    is_reading_done: 'flag',
    results_written: 'integer',
  },
  map_run_log: { map_run_key: 'integer', sequence: 'integer', events: 'text' },
  /** The highest key that was ever given, by table: none is given twice. */
  last_keys: { name: 'text', key: 'integer' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, ColumnKind>>>>

export type TableName = keyof typeof TABLES
export const TABLE_NAMES = Object.keys(TABLES) as readonly TableName[] // in the order in which they stand there
/** Tables whose rows get their keys from the store. */
export const KEYED_TABLES = ['state_machines', 'revisions', 'executions', 'map_runs'] as const satisfies readonly TableName[]

export type TransferValue = string | number | boolean
/** A member a column; what is NULL is absent. */
export type TransferRow = Readonly<Record<string, TransferValue>>

export interface TableRow {
  readonly table: TableName
  readonly row: TransferRow
}

/** Some rows of one table. */
export interface TransferPart {
  readonly table: TableName
  readonly rows: readonly TransferRow[]
}

export interface TransferSource {
  /**
   * Definitions, and the executions that are open, with all that belongs to them (logs, Map Runs, the runs' children whether they are
   * open or not); those that are closed too `withClosed`.
   */
  parts(withClosed: boolean): AsyncIterable<TransferPart>
  close(): Promise<void>
}

export interface TransferTarget {
  write(part: TransferPart): Promise<void>
  /** Makes it durable, and a store that can be opened. */
  finish(): Promise<void>
  /** Takes away what was written. */
  abandon(): Promise<void>
}

const ROWS_AT_ONCE = 1_000
const CHARS_AT_ONCE = 1024 * 1024

/** Rows, which come table by table, in parts of bounded size. */
export async function* inParts(rows: AsyncIterable<TableRow> | Iterable<TableRow>): AsyncGenerator<TransferPart> {
  let part: { readonly table: TableName; readonly rows: TransferRow[] } | undefined
  let chars = 0
  for await (const { table, row } of rows) {
    if (part && (part.table !== table || part.rows.length >= ROWS_AT_ONCE || chars >= CHARS_AT_ONCE)) {
      yield part
      part = undefined
      chars = 0
    }
    part ??= { table, rows: [] }
    part.rows.push(row)
    for (const value of Object.values(row)) if (typeof value === 'string') chars += value.length
  }
  if (part) yield part
}

export const columnsOf = (table: TableName): readonly (readonly [string, ColumnKind])[] => Object.entries(TABLES[table])

/** What is wrong with a row of `table`, as far as the kinds of its columns tell; undefined where nothing is. */
export function rowFault(table: TableName, row: Readonly<Record<string, unknown>>): string | undefined {
  const columns = new Map(columnsOf(table))
  const unknown = Object.keys(row).find((name) => !columns.has(name))
  if (unknown !== undefined) return `${table} has no column ${unknown}`
  for (const [name, kind] of columns) if (!KINDS[kind](row[name])) return `${table}.${name} is not ${WORDS[kind]}`
  return undefined
}

const isInteger = (value: unknown): boolean => Number.isSafeInteger(value)
const isText = (value: unknown): boolean => typeof value === 'string'
const KINDS: Readonly<Record<ColumnKind, (value: unknown) => boolean>> = {
  integer: isInteger,
  real: (value) => typeof value === 'number',
  text: isText,
  flag: (value) => typeof value === 'boolean',
  'integer?': (value) => value === undefined || isInteger(value),
  'text?': (value) => value === undefined || isText(value),
}
const WORDS: Readonly<Record<ColumnKind, string>> = {
  integer: 'a whole number',
  real: 'a number',
  text: 'a text',
  flag: 'true or false',
  'integer?': 'a whole number, or absent',
  'text?': 'a text, or absent',
}
