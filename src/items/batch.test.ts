import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Failure } from '../base/failure.ts'
import { utf8Length } from '../base/json.ts'

import { type Batch, Batcher, type BatchSettings } from './batch.ts'

function batch(texts: readonly string[], settings: BatchSettings): readonly Batch[] | Failure {
  const batcher = new Batcher(settings)
  const batches: Batch[] = []
  for (const [index, text] of texts.entries()) {
    const full = batcher.add({ index, text })
    if (!full.ok) return full.error
    batches.push(...full.value)
  }
  const last = batcher.flush()
  return last === undefined ? batches : [...batches, last]
}

test('a batch has at most MaxItemsPerBatch items and carries the shared input', async () => {
  expect(await batch(['1', '2', '3'], { itemsMax: 2, batchInput: { a: 1 } })).toEqual([
    { firstIndex: 0, count: 2, input: '{"BatchInput":{"a":1},"Items":[1,2]}' },
    { firstIndex: 2, count: 1, input: '{"BatchInput":{"a":1},"Items":[3]}' },
  ])
})

test('without a limit in bytes a batch stays under 256 KiB', async () => {
  const batches = (await batch(Array(10).fill(`"${'x'.repeat(100_000)}"`), { itemsMax: 10 })) as Batch[]
  expect(batches.map((b) => b.count)).toEqual([2, 2, 2, 2, 2])
})

test('an item that fits into no batch is a failure', async () => {
  expect(await batch(['1', `"${'x'.repeat(100)}"`], { bytesMax: 50 })).toMatchObject({ error: 'States.DataLimitExceeded' })
})

test('batches hold all items in order, each as full as it can be, none over the limit', async () => {
  const text = fc.string({ maxLength: 20 }).map((s) => JSON.stringify(s))
  await fc.assert(
    fc.asyncProperty(
      fc.array(text),
      fc.integer({ min: 200, max: 300 }),
      fc.integer({ min: 1, max: 9 }),
      async (texts, bytesMax, itemsMax) => {
        const batches = (await batch(texts, { bytesMax, itemsMax })) as Batch[]
        const items = batches.flatMap((b) => (JSON.parse(b.input) as { Items: string[] }).Items)
        expect(items).toEqual(texts.map((t) => JSON.parse(t)))
        batches.forEach((b, i) => {
          expect(b.count).toBeLessThanOrEqual(itemsMax)
          expect(utf8Length(b.input)).toBeLessThanOrEqual(bytesMax)
          const next = texts[b.firstIndex + b.count]
          if (i < batches.length - 1 && b.count < itemsMax)
            expect(utf8Length(b.input) + 1 + utf8Length(next ?? '')).toBeGreaterThan(bytesMax)
        })
      },
    ),
  )
})
