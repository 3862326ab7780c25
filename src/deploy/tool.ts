/**
 * A tool that makes templates: it may start programs of its own, take minutes, or never end. What it prints is read to a bound,
 * and it ends with all that it has started.
 */
import { type ChildProcess, spawn } from 'node:child_process'

import { type Clock, systemClock } from '../base/clock.ts'

export interface ToolRun {
  readonly cwd: string
  readonly variables: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock
}

/** A tool that is not there, or did not do what it should: with what it told. */
export class ToolError extends Error {
  override readonly name = 'ToolError'
}

/** Bytes, from the end, of what a tool prints. */
const PRINTED_BYTES_MAX = 16_384

/** `command`: for a shell. Rejects with ToolError that holds what the tool printed. */
export async function runTool(command: string, run: ToolRun): Promise<void> {
  const { cwd, variables, timeoutMs, signal, clock = systemClock } = run
  signal?.throwIfAborted()
  const isGrouped = process.platform !== 'win32'
  const env = { ...process.env, ...variables }
  const child = spawn(command, { cwd, env, shell: true, detached: isGrouped, stdio: ['ignore', 'pipe', 'pipe'] })
  const end = (): void => endAll(child, isGrouped)
  let isLate = false
  const alarm = clock.after(timeoutMs, () => {
    isLate = true
    end()
  })
  signal?.addEventListener('abort', end)
  try {
    const { code, printed } = await ended(child)
    signal?.throwIfAborted()
    if (isLate) throw new ToolError(`\`${command}\` in ${cwd} did not end within ${timeoutMs / 1000} seconds.${below(printed)}`)
    if (code !== 0) throw new ToolError(`\`${command}\` in ${cwd} failed:${below(printed)}`)
  } finally {
    alarm.cancel()
    signal?.removeEventListener('abort', end)
  }
}

const below = (printed: string): string => (printed === '' ? '' : `\n${printed}`)

function ended(child: ChildProcess): Promise<{ readonly code: number | null; readonly printed: string }> {
  let printed = Buffer.alloc(0)
  const take = (chunk: Buffer): void => {
    printed = Buffer.concat([printed, chunk]).subarray(-PRINTED_BYTES_MAX)
  }
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new ToolError(error.message, { cause: error })))
    child.on('close', (code) => resolve({ code, printed: printed.toString('utf8').trim() }))
  })
}

function endAll({ pid }: ChildProcess, isGrouped: boolean): void {
  if (pid === undefined) return
  try {
    process.kill(isGrouped ? -pid : pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
