import { expect, test } from 'vitest'

import { eventText } from './event-text.ts'
import { failureJson, messageOfCause } from './failure-text.ts'

test('what an event holds as a text of JSON is shown as JSON, digit by digit', () => {
  const details = {
    name: 'A',
    output: '{"n":12345678901234567890}',
    assignedVariables: { x: '1.10' },
    outputDetails: { truncated: false },
  }
  expect(eventText({ id: 1, type: 'PassStateExited', timestamp: 2, stateExitedEventDetails: details })).toBe(
    '{"id":1,"type":"PassStateExited","timestamp":2,"stateExitedEventDetails":' +
      '{"name":"A","output":{"n":12345678901234567890},"assignedVariables":{"x":1.10},"outputDetails":{"truncated":false}}}',
  )
  const failed = { error: 'E', cause: 'not JSON' }
  expect(eventText({ id: 2, type: 'ExecutionFailed', timestamp: 2, executionFailedEventDetails: failed })).toContain(
    '"cause":"not JSON"',
  )
})

test('the message within a cause is found', () => {
  expect(messageOfCause('{"errorMessage":"no","errorType":"E"}')).toBe('no')
  expect(messageOfCause('{"a":1}')).toBe('{"a":1}')
  expect(messageOfCause('{oh')).toBe('{oh')
  expect(failureJson({ error: 'E', cause: 'c' })).toBe('{"Error":"E","Cause":"c"}')
})
