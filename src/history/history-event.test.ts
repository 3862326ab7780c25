import { expect, test } from 'vitest'

import { detailsOf, readHistory } from './history-event.ts'

test('an event is read with its details, whatever its type; what is none is left out', () => {
  const event = { id: 2, previousEventId: 1, type: 'X', timestamp: 1.5, somethingNewEventDetails: { name: 'n', newer: [1] } }
  const odd = { id: 3, type: 'TaskFailed', timestamp: 2, taskFailedEventDetails: { error: 7 } }
  const events = readHistory([event, 'x', { id: 1 }, odd])
  expect(events).toEqual([event])
  expect(events.map(detailsOf)).toEqual([{ name: 'n', newer: [1] }])
})

test('an event of a type without details has none', () => {
  expect(detailsOf({ id: 1, type: 'LambdaFunctionStarted', timestamp: 1 })).toEqual({})
})
