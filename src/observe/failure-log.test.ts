import { expect, test } from 'vitest'

import { silentLog } from '../base/log.ts'

import type { EngineEvent } from '../engine/event.ts'
import type { ExecutionRecord } from '../store/contract.ts'

import { createFailureLog } from './failure-log.ts'

const record = { arn: 'arn:e' } as ExecutionRecord
const event = (body: object) => body as EngineEvent

test('what did not succeed is told with its error and the beginning of its cause; children of a Map Run are not', () => {
  const lines: unknown[] = []
  const failures = createFailureLog({ ...silentLog, info: (...line) => void lines.push(line) })
  failures.committed(record, [
    event({ type: 'StateEntered' }),
    event({ type: 'ExecutionFailed', error: 'E', cause: 'c'.repeat(1_000) }),
    event({ type: 'ExecutionSucceeded' }),
  ])
  failures.committed(record, [event({ type: 'ExecutionTimedOut' })])
  failures.committed({ ...record, mapRunKey: 1 } as unknown as ExecutionRecord, [event({ type: 'ExecutionFailed' })])
  expect(lines).toEqual([
    ['an execution failed', { executionArn: 'arn:e', error: 'E', cause: 'c'.repeat(200) }],
    ['an execution timed out', { executionArn: 'arn:e' }],
  ])
})
