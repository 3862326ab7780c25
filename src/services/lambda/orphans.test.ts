import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, it, onTestFinished, vi } from 'vitest'

/** A Regente of its own: starts functions that are idle, busy for ever, or a shell, and never ends by itself. */
const SCRIPT = `
import { startTestLambda } from '${import.meta.dirname}/testing/lambda.ts'
const lambda = await startTestLambda()
const run = async (name, files, given) => {
  await lambda.create('orphan-' + name, files, given)
  lambda.invoke('orphan-' + name).catch(() => {})
}
const py = { runtime: 'python3.12', handler: 'index.handler', timeout: 60 }
await run('idle', { 'index.js': 'exports.handler = async () => 1' })
await run('node-busy', { 'index.js': 'exports.handler = () => { for (;;) {} }' }, { timeout: 60 })
await run('python-busy', { 'index.py': 'def handler(e, c):\\n    while True: pass\\n' }, py)
await run('python-child', { 'index.py': 'import subprocess\\ndef handler(e, c):\\n    subprocess.run(["sleep", "1000"])\\n' }, py)
await run('daemon', { 'index.py': 'import subprocess\\ndef handler(e, c):\\n    subprocess.Popen(["sleep", "1000"], start_new_session=True)\\n' }, py)
await run('own', { bootstrap: '#!/bin/sh\\nsleep 1000\\n' }, { runtime: 'provided.al2023', mode: 0o100755, timeout: 60 })
`

/** Process ids whose environment names one of the test's functions. */
function orphans(): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes('AWS_LAMBDA_FUNCTION_NAME=orphan-')
    } catch {
      return false
    }
  })
}

it.skipIf(process.platform !== 'linux')('no process of a function, and no daemon of one, outlives a killed Regente', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'regente-orphans-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const env = { ...process.env, TMPDIR: folder }
  const regente = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT], { stdio: 'inherit', env })
  try {
    await vi.waitFor(() => expect(orphans().length).toBeGreaterThanOrEqual(9), 20_000)
  } finally {
    regente.kill('SIGKILL')
  }
  await once(regente, 'exit')
  await vi.waitFor(() => expect(orphans()).toEqual([]), 5000)
})
