import { expect, test } from 'vitest'

import { asId } from '../base/id-in-test.ts'

import { run, shown } from '../engine/flow-in-test.ts'
import type { Store } from '../store/contract.ts'

import { foldLog } from './fold-log.ts'

test('a log folds part by part to the state that lived, and breathes between the parts', async () => {
  const states = { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Wait', Seconds: 5, Next: 'A' } }
  const flow = run({ StartAt: 'A', States: states })
  for (let at = 5_000; at < 2_000_000; at += 5_000) flow.send({ type: 'TimerFired' }, at)
  const asked: number[] = []
  const store: Pick<Store, 'logPart'> = {
    logPart: async (_key, sequence) => {
      asked.push(sequence)
      return flow.events.slice(sequence, sequence + 100)
    },
  }
  let breaths = 0
  const folded = await foldLog(store, asId(1), flow.empty(), async () => void breaths++)
  expect(shown(folded)).toBe(shown(flow.state))
  expect(asked.length).toBeGreaterThan(5)
  expect(breaths).toBe(Math.floor((asked.length - 1) / 2))
})
