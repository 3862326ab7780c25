/** What vitest's JSON report says of a run, and that of a run which repeats some of its files. Runs on Node 20. */
import { readFileSync } from 'node:fs'

/** Undefined where the run has written none. */
export function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** Those with a test that failed, that could not be read, or whose process died. */
export const failedFiles = ({ testResults }) => testResults.filter(({ status }) => status === 'failed').map(({ name }) => name)

/** A line for each failed test: what it is, and how it failed. Of a file without one, a line for the file. */
export function failures({ testResults }) {
  return testResults
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name, message, assertionResults }) => {
      const failed = assertionResults.filter(({ status }) => status === 'failed')
      if (failed.length === 0) return [`${name}: ${message || 'its process died'}`]
      return failed.map(({ fullName, failureMessages }) => `${name} ${fullName}\n  ${failureMessages.join('\n  ')}`)
    })
    .map((text) => text.slice(0, 800))
}

/** The first report, with what the second says of the files that are in both. */
export function mergeReports(first, second) {
  const again = new Map(second.testResults.map((file) => [file.name, file]))
  const testResults = first.testResults.map((file) => again.get(file.name) ?? file)
  const count = (...statuses) =>
    testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => statuses.includes(status)).length
  return {
    ...first,
    testResults,
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending', 'skipped', 'disabled'),
    numTodoTests: count('todo'),
    success: testResults.every(({ status }) => status !== 'failed'),
  }
}
