import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { validate } from './validate.ts'

let path = ''
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'regente-validate-')), 'template.yaml')
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(join(path, '..'), { recursive: true })
})

const MACHINES = `Resources:
  M: {Type: AWS::Serverless::StateMachine, Properties: {Definition: {StartAt: A, States: {A: {Type: Succeed}}}}}
  N: {Type: AWS::Serverless::StateMachine, Properties: {Definition: {StartAt: A, States: {A: {Type: Succeed}}}}}
`

async function told(template: string): Promise<{ readonly exit: number; readonly text: string }> {
  writeFileSync(path, template)
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const exit = await validate([path], { type: 'STANDARD', ignore: [] })
  return { exit, text: written.mock.calls.map(([chunk]) => String(chunk)).join('') }
}

test('a template is one file, however many machines it declares', async () => {
  expect(await told(MACHINES)).toEqual({ exit: 0, text: `${path}: no problems found\n` })
})

test('a template that is wrong is not said to be right because its machines are', async () => {
  const { exit, text } = await told(`${MACHINES}  None: {Properties: {}}\n`)
  expect(exit).toBe(2)
  expect(text).toContain(`${path}:4:3: error INVALID_TEMPLATE: Resource None has no Type.`)
  expect(text).not.toMatch(/no problems|checked/)
})
