/** The file of a server, as it changes under it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { type Log, silentLog } from '../../base/log.ts'

import { MockFile } from './mock-file.ts'

let folder: string
let path: string
let file: MockFile | undefined
const told: string[] = []
const log: Log = {
  ...silentLog,
  warn: (message) => void told.push(`warn ${message}`),
  error: (message) => void told.push(`error ${message}`),
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regente-mock-file-'))
  path = join(folder, 'm.json')
  told.length = 0
})
afterEach(async () => {
  file?.close()
  await rm(folder, { recursive: true, force: true })
})

const textOf = (answer: unknown, more: object = {}) =>
  JSON.stringify({
    StateMachines: { M: { TestCases: { C: { A: 'R' } } } },
    MockedResponses: { R: { 0: { Return: answer } }, ...more },
  })
const call = { stateMachineName: 'M', testCase: 'C', state: 'A', callIndex: 0 }

test('a change is seen though nobody asks; a broken one is told, and changes nothing', async () => {
  await writeFile(path, textOf(1, { Unused: { 0: { Return: 1 } } }))
  file = await MockFile.open(path, log)
  expect(told).toEqual([`warn ${path}:1:96: No test case uses the response 'Unused'. Take it away, or name it in one.`])
  await writeFile(path, '{')
  await vi.waitFor(
    () => expect(told.at(-1)).toMatch(/^error .*m\.json:1:\d+: This is no JSON: .* The file stays as it was read before\.$/),
    5_000,
  )
  expect(file.answerOf(call)).toEqual({ kind: 'succeeded', output: 1 })
  await writeFile(path, textOf(2))
  await vi.waitFor(() => expect(file?.answerOf(call)).toEqual({ kind: 'succeeded', output: 2 }), 5_000)
})

test('a file that goes away leaves what was read', async () => {
  await writeFile(path, textOf(1))
  file = await MockFile.open(path, log)
  await rm(path)
  await vi.waitFor(() => expect(told.at(-1)).toContain('cannot be read, and stays as it was'), 5_000)
  expect(file.answerOf(call)).toEqual({ kind: 'succeeded', output: 1 })
})

test('a test case that has left the file while its execution ran fails its calls; other states are not mocked', async () => {
  await writeFile(path, textOf(1))
  file = await MockFile.open(path, log)
  expect(file.answerOf({ ...call, state: 'B' })).toBeUndefined()
  expect(file.answerOf({ ...call, testCase: 'Gone' })).toMatchObject({
    kind: 'failed',
    failure: { error: 'States.Runtime', cause: expect.stringContaining("has no test case 'Gone' (it has 'C')") },
  })
})
