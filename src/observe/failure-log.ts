/**
 * Tells operators, at the level `info`, of executions that did not succeed. Children of a Map Run are not told one by one: the
 * execution that they belong to fails where they matter.
 */
import type { Log } from '../base/log.ts'

import type { EngineEvent } from '../engine/event.ts'
import type { ExecutionRecord } from '../store/contract.ts'

const CAUSE_CHARS_MAX = 200

const TEXTS = {
  ExecutionFailed: 'an execution failed',
  ExecutionTimedOut: 'an execution timed out',
  ExecutionAborted: 'an execution was aborted',
} as const

export function createFailureLog(log: Log) {
  return {
    /** Takes the events of one committed turn. */
    committed(
      { arn: executionArn, mapRunKey }: Pick<ExecutionRecord, 'arn' | 'mapRunKey'>,
      events: readonly EngineEvent[],
    ): void {
      if (mapRunKey !== undefined) return
      for (const event of events) {
        if (event.type !== 'ExecutionFailed' && event.type !== 'ExecutionTimedOut' && event.type !== 'ExecutionAborted') continue
        const { error, cause } = event
        log.info(TEXTS[event.type], {
          executionArn,
          ...(error !== undefined && { error }),
          ...(cause !== undefined && { cause: cause.slice(0, CAUSE_CHARS_MAX) }),
        })
      }
    },
  }
}
