/** An execution's history, whole or what is new since an event. Order: as it happened. */
import { type HistoryEvent, readHistory } from '../../../src/history/history-event.ts'
import { allPages, states } from './client.ts'

const PAGE = 1_000

/** `known` and what came after it. Reads backwards from the end, so that little is read where little is new. */
export async function fetchHistory(
  executionArn: string,
  known: readonly HistoryEvent[],
  signal?: AbortSignal,
): Promise<readonly HistoryEvent[]> {
  const last = known.at(-1)?.id ?? 0
  const reverseOrder = last > 0
  const fresh: HistoryEvent[] = []
  await allPages(
    (nextToken) =>
      states('GetExecutionHistory', { executionArn, reverseOrder, maxResults: last > 0 ? 100 : PAGE, nextToken }, signal),
    ({ events = [] }) => {
      for (const event of readHistory(events)) {
        if (event.id <= last) return false
        fresh.push(event)
      }
      return true
    },
  )
  if (fresh.length === 0) return known
  return reverseOrder ? [...known, ...fresh.reverse()] : fresh
}
