/** One execution as it is now, kept up by the change stream: its description, its definition, its history. */
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

import type { HistoryEvent } from '../../../src/history/history-event.ts'
import { type OutputOf, states } from '../api/client.ts'
import { type ExpressView, isChild, machineOfExpress, readExpress } from '../api/express.ts'
import { fetchHistory } from '../api/history.ts'
import { watchExecution } from '../live.ts'

export type Description = OutputOf<'DescribeExecution'>

export interface ExecutionView {
  readonly description: Description | undefined
  readonly definition: string | undefined
  readonly roleArn: string | undefined
  readonly logGroup: string | undefined
  readonly events: readonly HistoryEvent[]
  /** Where the events are from: Express executions have no history. */
  readonly source: 'history' | ExpressView['source'] | undefined
  /** Of the execution; without it, of its definition alone. */
  readonly error: unknown
  readonly definitionError: unknown
}

export const isExpressArn = (arn: string): boolean => arn.split(':')[5] === 'express'

export function useExecution(executionArn: string): ExecutionView {
  const isExpress = isExpressArn(executionArn)
  const machine = useQuery({
    queryKey: ['machineOfExecution', executionArn],
    queryFn: ({ signal }) => describeMachine(executionArn, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const logGroup = logGroupOf(machine.data?.loggingConfiguration)
  const standard = useStandard(executionArn, !isExpress)
  const express = useExpress(executionArn, logGroup, isExpress && !machine.isPending)
  return {
    description: isExpress ? express.data?.description : standard.description,
    definition: machine.data?.definition,
    roleArn: machine.data?.roleArn,
    events: isExpress ? (express.data?.events ?? NONE) : standard.events,
    source: isExpress ? express.data?.source : 'history',
    logGroup,
    error: isExpress ? express.error : standard.error,
    definitionError: machine.error,
  }
}

const NONE: readonly HistoryEvent[] = []

/** Of an Express execution that is nobody's child the API tells nothing: its machine as it is now. */
async function describeMachine(executionArn: string, signal: AbortSignal) {
  const isOwnExpress = isExpressArn(executionArn) && !isChild(executionArn)
  if (!isOwnExpress) return states('DescribeStateMachineForExecution', { executionArn }, signal)
  return states('DescribeStateMachine', { stateMachineArn: machineOfExpress(executionArn) }, signal)
}

type Logging = OutputOf<'DescribeStateMachineForExecution'>['loggingConfiguration']

/** Where the execution is logged, if it is. */
export function logGroupOf(logging: Logging): string | undefined {
  const arn = logging?.level === 'OFF' ? undefined : logging?.destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn
  return arn === undefined ? undefined : /:log-group:([^:]+)/.exec(arn)?.[1]
}

function useStandard(executionArn: string, isEnabled: boolean) {
  const [events, setEvents] = useState<readonly HistoryEvent[]>(NONE)
  const [historyError, setHistoryError] = useState<unknown>()
  const description = useQuery({
    queryKey: ['execution', executionArn],
    queryFn: ({ signal }) => states('DescribeExecution', { executionArn }, signal),
    enabled: isEnabled,
  })
  const { refetch } = description
  useEffect(() => {
    if (!isEnabled) return
    const stop = new AbortController()
    let known: readonly HistoryEvent[] = []
    let [isReading, isAsked, isAway] = [false, false, false]
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
          setHistoryError(undefined)
          if (known === before && !isAway) continue
          isAway = false
          setEvents(known)
          void refetch()
        } while (isAsked)
      } catch (error) {
        isAway = true
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
  }, [executionArn, isEnabled, refetch])
  return { description: description.data, events, error: description.error ?? historyError }
}

function useExpress(executionArn: string, logGroup: string | undefined, isEnabled: boolean) {
  const view = useQuery({
    queryKey: ['express', executionArn, logGroup],
    queryFn: ({ signal }) => readExpress(executionArn, logGroup, signal),
    enabled: isEnabled,
  })
  const { refetch } = view
  useEffect(
    () => (isEnabled ? watchExecution(executionArn, () => void refetch()) : undefined),
    [executionArn, isEnabled, refetch],
  )
  return view
}
