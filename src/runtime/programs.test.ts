import { expect, test } from 'vitest'

import { asId } from '../base/id-in-test.ts'
import { toInstant } from '../base/time.ts'

import type { RevisionRecord, Store } from '../store/contract.ts'

import { Programs } from './programs.ts'

const revisionOf = (definition: object): RevisionRecord => ({
  key: asId(7),
  stateMachineKey: asId(1),
  roleArn: 'arn:aws:iam::000000000000:role/r',
  createdAt: toInstant(0),
  definition: JSON.stringify(definition),
})

/** A store that has one revision, and counts how often it is asked for. */
function storeOf(revision: RevisionRecord | undefined) {
  let asked = 0
  const store: Pick<Store, 'revision'> = {
    revision: async () => {
      asked++
      return revision
    },
  }
  return { store, asked: () => asked }
}

const LARGE = {
  QueryLanguage: 'JSONata',
  StartAt: 'A',
  States: {
    A: {
      Type: 'Pass',
      Output: Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`k${i}`, `{% ${i} + 1 %}`])),
      End: true,
    },
  },
}

test('a large definition is compiled in slices, once for all who ask', async () => {
  let breaths = 0
  const breathe = async () => void breaths++
  const { store, asked } = storeOf(revisionOf(LARGE))
  const programs = new Programs(store, breathe)
  const [one, two] = await Promise.all([programs.ofKey(asId(7)), programs.ofKey(asId(7))])
  expect(one).toBe(two)
  expect(await programs.of(revisionOf(LARGE))).toBe(one)
  expect(asked()).toBe(1)
  expect(breaths).toBeGreaterThan(0)
})

test('what could not be compiled is asked for again', async () => {
  const { store, asked } = storeOf(undefined)
  const programs = new Programs(store, async () => {})
  await expect(programs.ofKey(asId(7))).rejects.toThrow('revision 7')
  await expect(programs.ofKey(asId(7))).rejects.toThrow('revision 7')
  expect(asked()).toBe(2)
  await expect(programs.of(revisionOf({ States: {} }))).rejects.toThrow('revision 7')
})
