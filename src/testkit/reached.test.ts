import { expect, test } from 'vitest'

import type { HistoryEvent } from '../history/history-event.ts'

import { coverage } from './index.ts'
import { Reached } from './reached.ts'

const DEFINITION = '{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}'
const entering = (name: string, times: number) =>
  Array.from({ length: times }, (_, index) => ({
    id: index + 1,
    previousEventId: 0,
    type: 'SucceedStateEntered',
    timestamp: 1,
    stateEnteredEventDetails: { name, input: '{}' },
  }))

const runOf = (history: readonly HistoryEvent[]) => ({ history: () => history, children: () => [] })
const refuse = () => {
  throw new Error('not on this target')
}

test('what a target does not have is not counted', async () => {
  const reached = new Reached(DEFINITION, { template: 'template.yaml', resource: 'Order' })
  reached.add({ history: refuse, children: refuse })
  reached.add({ ...runOf(entering('A', 1)), children: refuse })
  const [workflow] = (await reached.coverage()).workflows
  expect(workflow?.runs).toBe(1)
  expect(workflow?.workflow).toMatchObject({ name: 'template.yaml#Order', file: 'template.yaml', resource: 'Order' })
})

test('what is wrong with a history is told to whoever asks, not to the run', async () => {
  const reached = new Reached(DEFINITION, {})
  reached.add(runOf(entering('B', 10_000)))
  reached.add(runOf(entering('B', 10)))
  await expect(reached.coverage()).rejects.toThrow("a state named 'B'")
})

test('many events are counted as they come, and counted once', async () => {
  const reached = new Reached(DEFINITION, { file: 'flows/a.asl.json' })
  for (let run = 0; run < 5; run++) reached.add(runOf(entering('A', 4_000)))
  const [workflow] = (await reached.coverage()).workflows
  expect(workflow?.runs).toBe(5)
  expect(workflow?.workflow).toMatchObject({ name: 'flows/a.asl.json', file: 'flows/a.asl.json' })
  expect(await reached.coverage()).toBe(await reached.coverage())
})

test('that of no workflow is there, for histories from elsewhere', async () => {
  const found = (await coverage()).add({ name: 'a', definition: DEFINITION }, entering('A', 1))
  expect(found.missing()).toEqual([])
})
