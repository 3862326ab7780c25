/**
 * How one child workflow execution appears in the results of a Map Run, and the three transformations of results.
 * Members stand in alphabetical order, as AWS writes them. Failed children are never transformed.
 * Source: AWS developer guide, "ResultWriter (Map)".
 */
import { isArray, type Json } from '../base/json.ts'
import { parseExactly, printInOrder } from '../base/member-order.ts'
import { formatIso, type Instant, toInstant } from '../base/time.ts'

export type Transformation = 'NONE' | 'COMPACT' | 'FLATTEN'
export type OutputType = 'JSON' | 'JSONL'

export interface ResultRecord {
  /** PENDING: never started. */
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING'
  /** JSON text. */
  readonly input: string
  /** JSON text, of a child that succeeded. */
  readonly output?: string | undefined
  readonly error?: string | undefined
  readonly cause?: string | undefined
  readonly name: string
  readonly executionArn: string
  readonly stateMachineArn: string
  readonly startDate?: Instant | undefined
  readonly stopDate?: Instant | undefined
  readonly redriveCount?: number | undefined
  readonly redriveStatus?: string | undefined
  readonly redriveStatusReason?: string | undefined
}

let lastDate = { instant: 0, text: formatIso(toInstant(0)) }

/** Neighbours begin and end together. */
function dateOf(instant: Instant): string {
  if (lastDate.instant !== instant) lastDate = { instant, text: formatIso(instant) }
  return lastDate.text
}

/** The texts that a record adds to its file: one for NONE and COMPACT, any number for FLATTEN. */
export function renderRecord(record: ResultRecord, transformation: Transformation): string[] {
  if (transformation === 'NONE' || record.status !== 'SUCCEEDED') return [JSON.stringify(executionOf(record))]
  const output = record.output ?? 'null'
  if (transformation === 'COMPACT') return [compactText(output)]
  const value = parseExactly(output) as Json
  return isArray(value) ? value.map(printInOrder) : [printInOrder(value)]
}

/** The Map state's own output when results are not exported: an array, or the JSON Lines as one string. */
export function renderStateOutput(
  records: Iterable<ResultRecord>,
  transformation: Transformation = 'COMPACT',
  outputType: OutputType = 'JSON',
): string {
  const texts: string[] = []
  for (const record of records) texts.push(...renderRecord(record, transformation))
  return outputType === 'JSON' ? `[${texts.join(',')}]` : JSON.stringify(texts.join('\n'))
}

/** A text with line feeds (white space of the caller's) would break JSON Lines. */
const compactText = (text: string): string => (/[\r\n]/.test(text) ? printInOrder(parseExactly(text)) : text)

function executionOf(record: ResultRecord): Readonly<Record<string, Json>> {
  if (record.status === 'PENDING') return { Input: record.input, InputDetails: { Included: true }, Status: 'PENDING' }
  const succeeded = record.status === 'SUCCEEDED'
  return {
    ...(record.cause !== undefined && { Cause: record.cause }),
    ...(record.error !== undefined && { Error: record.error }),
    ExecutionArn: record.executionArn,
    Input: record.input,
    InputDetails: { Included: true },
    Name: record.name,
    ...(succeeded && { Output: record.output ?? 'null', OutputDetails: { Included: true } }),
    RedriveCount: record.redriveCount ?? 0,
    RedriveStatus: record.redriveStatus ?? (succeeded ? 'NOT_REDRIVABLE' : 'REDRIVABLE_BY_MAP_RUN'),
    ...(record.redriveStatusReason !== undefined
      ? { RedriveStatusReason: record.redriveStatusReason }
      : succeeded && { RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven' }),
    ...(record.startDate !== undefined && { StartDate: dateOf(record.startDate) }),
    StateMachineArn: record.stateMachineArn,
    Status: record.status,
    ...(record.stopDate !== undefined && { StopDate: dateOf(record.stopDate) }),
  }
}
