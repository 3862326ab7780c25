/**
 * "Step Functions Execution Status Change" events of Standard executions, for the default event bus. Best effort, as on AWS,
 * and never in the way of a turn: events are made only where a rule listens, and handed over after the turn. While nothing can
 * be written they wait, at most WAITING_MAX of them.
 * Source: developer guide, "Automating Step Functions event delivery with EventBridge" (members, limit of 248 KiB).
 */
import type { Clock } from '../base/clock.ts'
import { growingPause } from '../base/growing-pause.ts'
import { utf8Length } from '../base/json.ts'
import type { Log } from '../base/log.ts'

import type { ServiceEvent, ServiceEventBus } from '../aws/service-events.ts'

import { type EngineEvent, type ExecutionEvent, isStatusChange, STATUS_AFTER } from '../engine/event.ts'
import type { ExecutionState } from '../engine/state.ts'
import type { ExecutionRecord } from '../store/contract.ts'

export interface StatusChangesOptions {
  readonly bus: ServiceEventBus
  readonly redriveStatus: (execution: ExecutionRecord) => { readonly status: string; readonly reason?: string }
  readonly clock: Clock
  readonly log: Log
}

/** Input and output as they stand in the event, together. */
const PAYLOAD_BYTES_MAX = 248 * 1024
const WAITING_MAX = 10_000
const BATCH_MAX = 100
const PAUSE = { firstMs: 100, longestMs: 5_000 }

export function createStatusChanges({ bus, redriveStatus, clock, log }: StatusChangesOptions) {
  const waiting: ServiceEvent[] = []
  let underWay: Promise<void> | undefined
  let failures = 0
  let pause: { cancel(): void } | undefined

  /** One batch after the other, so that they arrive in their order. */
  async function deliver(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH_MAX)
      try {
        await bus.publish(batch)
        waiting.splice(0, batch.length)
        failures = 0
      } catch (error) {
        const pauseMs = growingPause(++failures, PAUSE)
        log.error('status change events could not be published', { error: String(error), againInMs: pauseMs })
        pause = clock.after(pauseMs, () => {
          pause = undefined
          schedule()
        })
        return
      }
    }
  }

  function schedule(): void {
    if (underWay !== undefined || pause !== undefined) return
    underWay = new Promise<void>((resolve) => setImmediate(resolve)).then(deliver).finally(() => {
      underWay = undefined
      if (waiting.length > 0) schedule()
    })
  }

  return {
    /** Takes the events of one committed turn. Returns at once. */
    committed(record: ExecutionRecord, state: ExecutionState, events: readonly EngineEvent[]): void {
      if (record.type !== 'STANDARD' || record.mapRunKey !== undefined || !bus.hasListeners()) return
      for (const { type } of events) {
        if (!isStatusChange(type)) continue
        if (waiting.length >= WAITING_MAX) return log.warn('a status change event was lost', { executionArn: record.arn })
        waiting.push(statusEvent(record, state, type, redriveStatus))
        schedule()
      }
    },
    /** Waits for what is under way, and gives up what cannot be written. */
    async close(): Promise<void> {
      while (underWay !== undefined) await underWay
      pause?.cancel()
    },
  }
}

/** A turn may hold both the start and the end: each event tells the status that it brought about. */
function statusEvent(
  record: ExecutionRecord,
  state: ExecutionState,
  type: ExecutionEvent['type'],
  redriveStatus: StatusChangesOptions['redriveStatus'],
): ServiceEvent {
  const status = STATUS_AFTER[type]
  const isRunning = status === 'RUNNING'
  const output = isRunning ? undefined : state.output?.text
  const bytes = escapedLength(record.input) + escapedLength(output ?? '')
  const included = bytes <= PAYLOAD_BYTES_MAX
  const { stopAt, ...open } = { ...record, lastEventId: state.lastEventId, stopAt: state.stopAt }
  const redrive = redriveStatus({ ...open, status, ...(!isRunning && stopAt !== undefined && { stopAt }) })
  const isTold = status === 'FAILED' || status === 'ABORTED'
  return {
    source: 'aws.states',
    detailType: 'Step Functions Execution Status Change',
    resources: [record.arn],
    detail: {
      executionArn: record.arn,
      stateMachineArn: record.stateMachineArn,
      name: record.name,
      status,
      startDate: record.startAt,
      stopDate: isRunning ? null : (state.stopAt ?? null),
      input: included ? record.input : null,
      output: included ? (output ?? null) : null,
      stateMachineVersionArn: record.versionArn ?? null,
      stateMachineAliasArn: record.aliasArn ?? null,
      redriveCount: state.redriveCount,
      redriveDate: state.redriveAt ?? null,
      redriveStatus: redrive.status,
      redriveStatusReason: redrive.reason ?? null,
      inputDetails: { included },
      outputDetails: output === undefined ? null : { included },
      error: isTold ? (state.error ?? null) : null,
      cause: isTold ? (state.cause ?? null) : null,
    },
  }
}

const escapedLength = (text: string): number => utf8Length(JSON.stringify(text))
