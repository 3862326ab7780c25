import { AssertionError } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { beforeAll, expect, test } from 'vitest'

import { mock, type Run, workflow } from '../index.ts'
import { assertRun, assertState } from './node.ts'
import { stableHistory } from './stable-history.ts'

const definition = {
  StartAt: 'Pay',
  States: {
    Pay: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: 'charge' },
      OutputPath: '$.Payload',
      Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 1 }],
      End: true,
    },
  },
}
let run: Run
beforeAll(async () => {
  const mocks = { Pay: mock.sequence(mock.throw('Busy'), mock.return({ Payload: 1 })) }
  run = await (await workflow({ definition, mocks })).run()
})

test('what does not hold is an AssertionError that says so, from the line of the test', () => {
  const thrown = (check: () => unknown): unknown => {
    try {
      check()
    } catch (error) {
      return error
    }
    return undefined
  }
  const error = thrown(() => assertRun(run).toHaveSucceeded().toHaveVisited(['Pay', 'Ship']))
  expect(error).toBeInstanceOf(AssertionError)
  expect(error).toHaveProperty('message', expect.stringContaining('Ship is missing'))
  expect((error as Error).stack).not.toContain('expect/node.ts')
  expect(thrown(() => assertRun(run).not.toHaveSucceeded(1))).toHaveProperty(
    'message',
    expect.stringContaining('not to have succeeded with this output'),
  )
  expect(thrown(() => assertState(run.state('Pay')).toHaveThrown('Busy').toHaveRetried(3))).toHaveProperty(
    'message',
    expect.stringContaining('Expected Pay to have retried 3 times'),
  )
})

test('what holds is followed by the next', () => {
  assertRun(run).toHaveSucceeded(1).not.toHaveFailed().toHaveVisited('Pay').toMatchHistory(stableHistory(run))
  assertState(run.state('Pay')).toHaveRetried(1).toHaveThrown('Busy').not.toHaveFailed().toHaveSucceeded(1)
})

test('a snapshot needs the context of the test', () => {
  expect(() => assertRun(run).toMatchHistory()).toThrow("toMatchHistory() needs the test's context")
  expect(() => assertRun(run, { assert: { snapshot() {} } }).not.toMatchHistory()).toThrow('not.toMatchHistory() takes a history')
})

test('node:test keeps the snapshots, and tells where one is another', () => {
  const folder = mkdtempSync(join(tmpdir(), 'regente-node-test-'))
  const own = (file: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, file)).href)
  const file = join(folder, 'order.test.mjs')
  writeFileSync(
    file,
    `import { test } from 'node:test'
import { workflow } from ${own('../index.ts')}
import { assertRun } from ${own('node.ts')}
const wf = await workflow({ definition: { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } } })
test('the same', async (t) => void assertRun(await wf.run(), t).toHaveSucceeded().toMatchHistory())
test('another', async (t) => void assertRun(await wf.run({ n: process.env.ORDER }), t).toMatchHistory())`,
  )
  const nodeTest = (order: string, ...flags: readonly string[]) => {
    const env = { ...process.env, ORDER: order, NODE_TEST_CONTEXT: undefined }
    return spawnSync(process.execPath, [...flags, '--test-reporter=tap', file], { encoding: 'utf8', env, timeout: 25_000 })
  }
  try {
    expect(nodeTest('1', '--test-update-snapshots').status).toBe(0)
    const { status, stdout } = nodeTest('2')
    expect(status).toBe(1)
    expect(stdout).toMatch(/^ok 1 - the same$/m)
    expect(stdout).toMatch(/^not ok 2 - another$/m)
    expect(stdout).toContain('"n": "2"')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
