import { expect, test } from 'vitest'

import { asId } from '../base/id-in-test.ts'
import { Payload } from '../base/payload.ts'
import { toInstant } from '../base/time.ts'

import type { EventBody, Fact } from '../engine/event.ts'

import { renderEvent } from './event-details.ts'

const render = (body: Exclude<EventBody, Fact>, withData = true) =>
  renderEvent({ ...body, id: 7, previousEventId: 6, at: toInstant(1_500), frame: asId(0) }, withData)

const left = {
  type: 'StateExited',
  stateType: 'Pass',
  name: 'A',
  output: Payload.ofText('{"a": 1}'),
  assigned: Payload.ofText('{"n": {"x": 1}}'),
  next: 'B',
} as const

test('an event is told by AWS’s name, in epoch seconds, with the details of its type and nothing else', () => {
  expect(render(left)).toEqual({
    id: 7,
    previousEventId: 6,
    type: 'PassStateExited',
    timestamp: 1.5,
    stateExitedEventDetails: {
      name: 'A',
      output: '{"a": 1}',
      outputDetails: { truncated: false },
      assignedVariables: { n: '{"x":1}' },
      assignedVariablesDetails: { truncated: false },
    },
  })
  expect(render({ type: 'StateAborted', stateType: 'Wait' })).toEqual({
    id: 7,
    previousEventId: 6,
    type: 'WaitStateAborted',
    timestamp: 1.5,
  })
})

test('without execution data neither payloads nor a word about them are told; errors and causes are', () => {
  expect(render(left, false).stateExitedEventDetails).toEqual({ name: 'A' })
  const call = { resourceType: 'sqs', resource: 'sendMessage' }
  expect(render({ type: 'TaskFailed', ...call, error: 'E', cause: 'c' }, false).taskFailedEventDetails).toEqual({
    ...call,
    error: 'E',
    cause: 'c',
  })
  const scheduled = { type: 'TaskScheduled', ...call, region: 'r', parameters: Payload.ofText('1'), facts: {} } as const
  expect(JSON.stringify(render(scheduled, false).taskScheduledEventDetails)).toBe(JSON.stringify({ ...call, region: 'r' }))
  expect(render(scheduled).taskScheduledEventDetails?.parameters).toBe('1')
})
