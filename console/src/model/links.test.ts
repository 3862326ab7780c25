import { expect, test } from 'vitest'

import { history, type Row } from '../../../src/history/test-history.ts'
import { foldHistory } from '../../../src/history/visits.ts'
import { linksOf, parentOf } from './links.ts'

function linksIn(...rows: readonly Row[]) {
  const visit = foldHistory(history(['TaskStateEntered', 0, { name: 'T' }], ...rows)).visits[0]
  return visit ? linksOf(visit).map(({ page, subject, text }) => [page, subject, text]) : []
}

test('a Lambda task leads to its function and the log of it', () => {
  const FunctionName = 'arn:aws:lambda:us-east-1:000000000000:function:resize:$LATEST'
  expect(linksIn(['TaskScheduled', 1, { parameters: JSON.stringify({ FunctionName }) }])).toEqual([
    ['functions', 'resize', 'resize'],
    ['logs', '/aws/lambda/resize', '/aws/lambda/resize'],
  ])
})

test('a nested execution is found in what the service answered', () => {
  const ExecutionArn = 'arn:aws:states:us-east-1:000000000000:execution:child:one'
  expect(
    linksIn(['TaskScheduled', 1, { parameters: '{}' }], ['TaskSubmitted', 2, { output: JSON.stringify({ ExecutionArn }) }]),
  ).toEqual([['execution', ExecutionArn, 'one']])
})

test('the parent is named by the reference that AWS recommends, and by nothing else', () => {
  const parent = 'arn:aws:states:us-east-1:000000000000:execution:m:e'
  expect(parentOf(JSON.stringify({ AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: parent }))).toBe(parent)
  expect(parentOf('{"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": 7}')).toBeUndefined()
  expect(parentOf('[1]')).toBeUndefined()
  expect(parentOf(undefined)).toBeUndefined()
})
