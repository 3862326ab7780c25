/** The scripts of package.json: what they begin ends with them, and what is not theirs stays. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { describe, expect, onTestFinished, test } from 'vitest'

import { makeDataFolder } from '../scripts/data-folder.mjs'

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    // What nobody has taken note of yet has ended all the same.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

describe.skipIf(process.platform !== 'linux')('a script that is stopped', () => {
  /** A script that runs `command`, which tells the process that it has left in the background. */
  async function begin(command: string): Promise<{ readonly script: ChildProcess; readonly background: number }> {
    const module = JSON.stringify(join(import.meta.dirname, '../scripts/node.mjs'))
    const program = `const { run } = await import(${module}); await run('sh', ['-c', process.argv[1]]); console.log('went on')`
    const script = spawn(process.execPath, ['-e', program, command], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void script.kill('SIGKILL'))
    const [line] = await once(createInterface({ input: script.stdout }), 'line')
    return { script, background: Number(line) }
  }

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s has ended all that it began, and does not go on', async (signal, code) => {
    const { script, background } = await begin('sleep 60 & echo $!; wait')
    expect(isRunning(background)).toBe(true)
    script.kill(signal)
    expect(await once(script, 'exit')).toEqual([code, null])
    expect(isRunning(background)).toBe(false)
  })

  test('twice does not wait for what does not end', async () => {
    const { script, background } = await begin("trap '' TERM; sleep 60 & echo $!; wait; wait")
    script.kill('SIGINT')
    script.kill('SIGTERM')
    await once(script, 'exit')
    await expect.poll(() => isRunning(background)).toBe(false)
  })
})

test('a demo takes a new folder, and leaves those of earlier ones as they are', () => {
  const root = mkdtempSync(join(tmpdir(), 'regente-demo-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const first = makeDataFolder(root)
  writeFileSync(join(root, first, 'mine'), 'kept')
  const folders = [makeDataFolder(root), makeDataFolder(root)]
  expect([first, ...folders]).toEqual(['.regente/demo', '.regente/demo-2', '.regente/demo-3'])
  expect(readFileSync(join(root, first, 'mine'), 'utf8')).toBe('kept')
})
