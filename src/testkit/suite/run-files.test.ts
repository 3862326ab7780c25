import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import type { EndedRun } from './result.ts'
import { runFiles, type RunFilesOptions } from './run-files.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'regente-suites-'))
})
afterEach(() => rmSync(folder, { recursive: true, maxRetries: 3 }))

function put(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

const OPTIONS: RunFilesOptions = { update: false, isCi: false, timeoutMs: 5_000, workers: 2, onSuite: () => {} }
const succeed = (name: string) =>
  put(
    `${name}.workflow-test.yaml`,
    `definition: { StartAt: ${name}, States: { ${name}: { Type: Succeed } } }\ncases: [{ name: ${name} }]\n`,
  )

test('an error that nobody catches ends its process, and is told with what was before it', async () => {
  const code = `export default {
    definition: { StartAt: 'A', States: { A: { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Parameters: { TopicArn: 't', Message: 'm' }, End: true } } },
    cases: [
      { name: 'before', mocks: { A: { return: { MessageId: 'm' } } } },
      { name: 'stray', mocks: { A: () => { Promise.reject(new Error('stray, and meant to be')); return new Promise(() => {}) } } },
    ],
  }`
  const results = await runFiles([put('a.workflow-test.mjs', code), succeed('B')], { ...OPTIONS, workers: 1 })
  expect(results.map(({ cases }) => cases.map(({ name, status }) => [name, status]))).toEqual([
    [
      ['before', 'passed'],
      ['stray', 'failed'],
    ],
    [['B', 'passed']],
  ])
  expect(results[0]?.cases[1]?.findings[0]).toMatchObject({
    message:
      'The process that ran the case has ended by itself (code 1). An error that nobody has caught? Standard error tells it.',
    position: { line: 5 },
  })
})

test('results come in the order of the files, suites as they end, and runs from whichever process', async () => {
  const told: string[] = []
  const runs: EndedRun[] = []
  const files = ['A', 'B', 'C'].map(succeed)
  const results = await runFiles(files, {
    ...OPTIONS,
    onSuite: ({ file }) => told.push(file),
    onEnded: (run) => runs.push(run),
  })
  expect(results.map(({ file }) => file)).toEqual(files)
  expect(told.toSorted()).toEqual(files)
  expect(runs.map(({ history }) => history.length)).toEqual([4, 4, 4])
})
