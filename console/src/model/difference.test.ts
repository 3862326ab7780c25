import { expect, test } from 'vitest'

import { FAILED, RETRIED } from '../../../src/history/test-history.ts'
import { foldHistory } from '../../../src/history/visits.ts'
import { firstDifference } from './difference.ts'

test('the first difference of two executions is found', () => {
  expect(firstDifference(foldHistory(RETRIED), foldHistory(RETRIED))).toEqual({ kind: 'none' })
  expect(firstDifference(foldHistory(RETRIED), foldHistory(RETRIED, 4))).toMatchObject({ kind: 'status', left: { name: 'Pay' } })
  expect(firstDifference(foldHistory(RETRIED), foldHistory(FAILED))).toMatchObject({ kind: 'path', right: { name: 'Both' } })
})
