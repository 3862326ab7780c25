import { expect, test } from 'vitest'

import { foldHistory } from '../../../src/history/visits.ts'
import { eventsOfLines, executionsOfLines } from './express-log.ts'

const ARN = 'arn:aws:states:us-east-1:000000000000:express:m'
const line = (run: string, id: number, type: string, previous: number, details: object = {}) =>
  JSON.stringify({
    id: String(id),
    type,
    details,
    previous_event_id: String(previous),
    event_timestamp: String(1_000 * (100 + id)),
    execution_arn: `${ARN}:${run}:uuid`,
    redrive_count: '0',
  })

const LINES = [
  line('a', 1, 'ExecutionStarted', 0, { input: '{}' }),
  line('b', 5, 'ExecutionFailed', 0, { error: 'E', cause: 'c' }),
  line('a', 3, 'PassStateExited', 2, { name: 'P', output: '12345678901234567890' }),
  line('a', 2, 'PassStateEntered', 0, { name: 'P', input: '{}' }),
  line('a', 3, 'PassStateExited', 2, { name: 'P', output: '12345678901234567890' }),
  line('a', 4, 'ExecutionSucceeded', 3, { output: '1' }),
  'not a line of an execution',
]

test('lines become events in their order, each once', () => {
  const events = eventsOfLines(LINES.filter((one) => one.includes(':a:')))
  expect(events.map(({ id, type }) => `${id} ${type}`)).toEqual([
    '1 ExecutionStarted',
    '2 PassStateEntered',
    '3 PassStateExited',
    '4 ExecutionSucceeded',
  ])
  expect(foldHistory(events).visits).toMatchObject([
    { name: 'P', status: 'succeeded', output: '12345678901234567890', startAt: 102 },
  ])
})

test('executions are told from their lines, the latest first; of one that only told its failure the end alone is known', () => {
  expect(executionsOfLines(LINES)).toEqual([
    { executionArn: `${ARN}:b:uuid`, name: 'b', status: 'FAILED', startDate: 105, stopDate: 105 },
    { executionArn: `${ARN}:a:uuid`, name: 'a', status: 'SUCCEEDED', startDate: 101, stopDate: 104 },
  ])
})
