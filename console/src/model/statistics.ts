/** Executions counted by the time at which they started, for charts. */
import { percentile } from './percentile.ts'

export interface Started {
  /** Epoch seconds. */
  readonly startDate?: number | undefined
  readonly stopDate?: number | undefined
  readonly status?: string | undefined
}

export interface Slot {
  /** Epoch seconds at which it begins. */
  readonly at: number
  readonly started: number
  readonly succeeded: number
  /** Failed and timed out. */
  readonly failed: number
  readonly aborted: number
  /** Seconds; undefined where none has ended. */
  readonly p50: number | undefined
  readonly p95: number | undefined
  readonly p99: number | undefined
}

/** `count` slots of one length, the last of which ends at `to`. */
export function slotsOf(
  executions: readonly Started[],
  { from, to, count }: { from: number; to: number; count: number },
): readonly Slot[] {
  const length = (to - from) / count
  const inSlot = Map.groupBy(executions, ({ startDate = 0 }) => Math.min(count - 1, Math.floor((startDate - from) / length)))
  return Array.from({ length: count }, (_, index) => slotOf(from + index * length, inSlot.get(index) ?? []))
}

/** All of them in one. */
export const totalOf = (executions: readonly Started[]): Slot => slotOf(0, executions)

function slotOf(at: number, executions: readonly Started[]): Slot {
  const having = (...statuses: readonly string[]) => executions.filter(({ status = '' }) => statuses.includes(status)).length
  const spans = executions
    .flatMap(({ startDate = 0, stopDate }) => (stopDate === undefined ? [] : [stopDate - startDate]))
    .sort((a, b) => a - b)
  const share = (of: number) => (spans.length === 0 ? undefined : percentile(spans, of))
  return {
    at,
    started: executions.length,
    succeeded: having('SUCCEEDED'),
    failed: having('FAILED', 'TIMED_OUT'),
    aborted: having('ABORTED'),
    p50: share(0.5),
    p95: share(0.95),
    p99: share(0.99),
  }
}
