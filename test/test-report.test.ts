/** How a run of the tests is judged whose failed files were run once more, alone (`scripts/test-report.mjs`). */
import { expect, test } from 'vitest'

import { failedFiles, failures, mergeReports } from '../scripts/test-report.mjs'

const file = (name: string, ...statuses: string[]) => ({
  name,
  message: '',
  status: statuses.every((status) => status === 'passed') ? 'passed' : 'failed',
  assertionResults: statuses.map((status, index) => ({ status, fullName: `test ${index}`, failureMessages: ['it broke'] })),
})
const reportOf = (...testResults: ReturnType<typeof file>[]) => ({ testResults, success: false, startTime: 1 })

const first = reportOf(
  file('good', 'passed', 'passed'),
  file('late', 'passed', 'failed'),
  file('died', 'pending', 'pending'),
  file('unreadable'),
)

test('a file fails by a test, by the death of its process, or because it cannot be read', () => {
  first.testResults[3] = { ...file('unreadable'), status: 'failed', message: 'no such module' }
  expect(failedFiles(first)).toEqual(['late', 'died', 'unreadable'])
  expect(failures(first)).toEqual(['late test 1\n  it broke', 'died: its process died', 'unreadable: no such module'])
})

test('what passes the second time has passed', () => {
  const second = reportOf(file('late', 'passed', 'passed'), file('died', 'passed', 'passed'), file('unreadable', 'passed'))
  expect(mergeReports(first, second)).toMatchObject({ success: true, numPassedTests: 7, numFailedTests: 0, numPendingTests: 0 })
})

test('what fails twice has failed, and so has what was not run again', () => {
  const second = reportOf(file('late', 'passed', 'failed'), file('died', 'passed', 'passed'))
  expect(mergeReports(first, second)).toMatchObject({ success: false, numPassedTests: 5, numFailedTests: 1 })
  expect(failedFiles(mergeReports(first, second))).toEqual(['late', 'unreadable'])
})
