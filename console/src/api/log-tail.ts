/**
 * Follows a log group: asks only for what came since the newest event it has, and keeps a bounded number of events.
 * 1. Streams are written side by side and one may be late: what was written within `LATE_MS` of the last round is asked for
 *    again, and told by its id. What is older is settled: the next round begins after the newest event.
 * 2. One round reads at most `PAGES_MAX` pages; the rest comes with the next round.
 * 3. Of what has come the newest `KEPT_MAX` are kept.
 */
export interface LogEvent {
  readonly eventId: string
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly message: string
  readonly logStreamName: string
}

export interface LogPage {
  readonly events: readonly LogEvent[]
  readonly nextToken?: string
}

export interface LogTail {
  /** Oldest first. */
  readonly events: readonly LogEvent[]
  /** Where a round stopped that had more to read. */
  readonly next: { readonly token: string; readonly since: number } | undefined
  /** When the last round began to read, epoch milliseconds. */
  readonly readAt: number
}

export const KEPT_MAX = 10_000
const PAGES_MAX = 10
export const LATE_MS = 2_000
export const NO_LOG: LogTail = { events: [], next: undefined, readAt: 0 }

/** One round, at `now`, for events since `since` (epoch ms). `read` gives a page from an instant on, oldest first. */
export async function followLog(
  tail: LogTail,
  { since, now }: { readonly since: number; readonly now: number },
  read: (startTime: number, token: string | undefined) => Promise<LogPage>,
): Promise<LogTail> {
  const newest = tail.events.at(-1)?.timestamp
  const unsettled = newest === undefined ? since : Math.max(since, Math.min(newest + 1, tail.readAt - LATE_MS))
  const start = tail.next?.since ?? unsettled
  let token = tail.next?.token
  const fresh: LogEvent[] = []
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const { events, nextToken } = await read(start, token)
    fresh.push(...events)
    token = nextToken
    if (token === undefined) break
  }
  const next = token === undefined ? undefined : { token, since: start }
  return { events: merge(tail.events, fresh), next, readAt: now }
}

/** The same list where nothing is new. */
function merge(known: readonly LogEvent[], fresh: readonly LogEvent[]): readonly LogEvent[] {
  const oldest = fresh[0]?.timestamp ?? 0
  const ids = new Set<string>()
  for (let at = known.length - 1; at >= 0; at--) {
    const event = known[at]
    if (event === undefined || event.timestamp < oldest) break
    ids.add(event.eventId)
  }
  const added = fresh.filter(({ eventId }) => !ids.has(eventId))
  if (added.length === 0) return known
  const first = added[0]?.timestamp ?? 0
  const last = known.at(-1)?.timestamp ?? 0
  const all = [...known, ...added]
  return (first < last ? all.sort((a, b) => a.timestamp - b.timestamp) : all).slice(-KEPT_MAX)
}
