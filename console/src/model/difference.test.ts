import { expect, test } from 'vitest'

import { history, type Row } from '../../../src/history/test-history.ts'
import { foldHistory } from '../../../src/history/visits.ts'
import { compareRuns, firstDifference } from './difference.ts'

const runOf = (...rows: readonly Row[]) => foldHistory(history(...rows))
const one = (name: string, output: string, input = '{}') =>
  runOf(['PassStateEntered', 0, { name, input }], ['PassStateExited', 1, { name, output }])

const kindsOf = (left: ReturnType<typeof runOf>, right: ReturnType<typeof runOf>) =>
  compareRuns(left, right).map(({ left, right, kinds }) => [left?.name, right?.name, ...kinds])

test('runs that took the same way are alike, whatever the order of the members of their data', () => {
  expect(firstDifference(compareRuns(one('A', '{"a":1,"b":2}'), one('A', '{"b":2, "a":1}')))).toBeUndefined()
})

test('another output is told, and the way before it', () => {
  expect(firstDifference(compareRuns(one('A', '1'), one('A', '2')))).toMatchObject({ kind: 'output', left: { output: '1' } })
  expect(firstDifference(compareRuns(one('A', '1'), one('B', '1')))).toMatchObject({ kind: 'path', left: { name: 'A' } })
})

test('every state is told, with all that differs in it', () => {
  const left = runOf(
    ['PassStateEntered', 0, { name: 'A', input: '1' }],
    ['PassStateExited', 1, { name: 'A', output: '1' }],
    ['FailStateEntered', 2, { name: 'B', input: '1' }],
  )
  expect(kindsOf(left, one('A', '2', '2'))).toEqual([
    ['A', 'A', 'input', 'output'],
    ['B', undefined, 'path'],
  ])
  expect(firstDifference(compareRuns(left, one('A', '2', '2')))).toMatchObject({ kind: 'path', left: { name: 'B' } })
})

test('branches that took turns in another order went the same way', () => {
  const both = (first: string, second: string) =>
    runOf(
      ['ParallelStateEntered', 0, { name: 'P', input: '1' }],
      ['ParallelStateStarted', 1],
      ['PassStateEntered', 2, { name: first, input: '1' }],
      ['PassStateEntered', 2, { name: second, input: '1' }],
    )
  expect(firstDifference(compareRuns(both('A', 'B'), both('B', 'A')))).toBeUndefined()
})
