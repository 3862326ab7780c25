import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { CommanderError } from 'commander'
import { expect, test, vi } from 'vitest'

import { buildProgram } from './program.ts'

const program = buildProgram(() => {})
const text = readFileSync(join(import.meta.dirname, '../../docs/cli.md'), 'utf8')

test('docs/cli.md names every command and every flag, and no other', () => {
  const commands = program.commands.map((command) => command.name())
  const flags = new Set(program.commands.flatMap(({ options }) => options.map(({ long }) => long ?? '')))
  expect(commands.filter((name) => !text.includes(`regente ${name}`))).toEqual([])
  expect([...flags].filter((flag) => !new RegExp(`${flag}\\b`).test(text))).toEqual([])
  expect([...text.matchAll(/(?<=[`\s(])--[a-z][a-z-]*/g)].map(([flag]) => flag).filter((flag) => !flags.has(flag))).toEqual([])
})

test('each flag that takes a value, and each command, says what it is for', () => {
  for (const command of program.commands) {
    expect(command.description()).not.toBe('')
    for (const { description, long } of command.options) expect(description, `${command.name()} ${long}`).not.toBe('')
  }
})

test.each([
  [['lst'], 'Did you mean list?'],
  [['list', '--jsn'], 'Did you mean --json?'],
  [['validate'], "missing required argument 'file'"],
  [['stop', 'a', 'b'], 'too many arguments'],
])('%j is refused with what would do', async (args, hint) => {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    await expect(buildProgram(() => {}).parseAsync(args, { from: 'user' })).rejects.toThrow(CommanderError)
    expect(written.mock.calls.join('')).toContain(hint)
    expect(written.mock.calls.join('')).toContain('regente help COMMAND')
  } finally {
    written.mockRestore()
  }
})
