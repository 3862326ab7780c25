/** One execution as it is now, kept up by the change stream: its description, its definition, its history. */
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

import type { HistoryEvent } from '../../../src/history/history-event.ts'
import { type OutputOf, states } from '../api/client.ts'
import { fetchHistory } from '../api/history.ts'
import { watchExecution } from '../live.ts'

type Logging = OutputOf<'DescribeStateMachineForExecution'>['loggingConfiguration']

/** Where the execution is logged, if it is. */
function logGroupOf(logging: Logging): string | undefined {
  const arn = logging?.level === 'OFF' ? undefined : logging?.destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn
  return arn === undefined ? undefined : /:log-group:([^:]+)/.exec(arn)?.[1]
}

export function useExecution(executionArn: string) {
  const [events, setEvents] = useState<readonly HistoryEvent[]>([])
  const [historyError, setHistoryError] = useState<unknown>()
  const description = useQuery({
    queryKey: ['execution', executionArn],
    queryFn: ({ signal }) => states('DescribeExecution', { executionArn }, signal),
  })
  const machine = useQuery({
    queryKey: ['machineOfExecution', executionArn],
    queryFn: ({ signal }) => states('DescribeStateMachineForExecution', { executionArn }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const { refetch } = description
  useEffect(() => {
    const stop = new AbortController()
    let known: readonly HistoryEvent[] = []
    let [isReading, isAsked] = [false, false]
    const read = async () => {
      if (isReading) {
        isAsked = true
        return
      }
      isReading = true
      try {
        do {
          isAsked = false
          const before = known
          known = await fetchHistory(executionArn, known, stop.signal)
          if (known === before) continue
          setEvents(known)
          void refetch()
        } while (isAsked)
      } catch (error) {
        if (!stop.signal.aborted) setHistoryError(error)
      } finally {
        isReading = false
      }
    }
    const unwatch = watchExecution(executionArn, () => void read())
    return () => {
      stop.abort()
      unwatch()
    }
  }, [executionArn, refetch])
  return {
    description: description.data,
    definition: machine.data?.definition,
    roleArn: machine.data?.roleArn,
    events,
    logGroup: logGroupOf(machine.data?.loggingConfiguration),
    error: description.error ?? historyError,
  }
}
