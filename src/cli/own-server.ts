/** The server that `run` talks to: the one that `--endpoint` names, or one of its own for as long as the command runs. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { readConfig } from '../config.ts'
import { createRegente, type Regente } from '../regente.ts'

import { EXIT } from './cli-error.ts'
import { callsElsewhere } from './own-calls.ts'
import { takeAwsCredentials } from './own-keys.ts'
import { withoutNode } from './server-flags.ts'
import type { Target } from './states-api.ts'
import { targetAt } from './target.ts'

const REMOVAL = { recursive: true, force: true, maxRetries: 5 }

export interface OpenTarget extends Target {
  readonly account: string
  close(): Promise<void>
}

export interface TargetFlags {
  readonly endpoint?: string
  readonly region?: string
  readonly account?: string
}

/** Without an endpoint: a server on a free port, whose data is gone when it is closed or the process ends. */
export async function openTarget({ endpoint, region, account }: TargetFlags): Promise<OpenTarget> {
  if (endpoint !== undefined) {
    const config = readConfig({ account }, withoutNode(process.env))
    return { ...targetAt(endpoint, region), account: config.account, close: async () => {} }
  }
  let folder: Folder | undefined
  let server: Regente | undefined
  const close = closeOnSignal(async () => {
    await server?.stop()
    folder?.remove()
  })
  try {
    folder = makeFolder()
    // Nobody else waits for its answers: what is still asked when it stops is cut off.
    const own = { port: '0', host: '127.0.0.1', dataDirectory: folder.path, shutdownGraceSeconds: '0' }
    const config = readConfig({ ...own, region, account }, withoutNode(process.env))
    for (const line of callsElsewhere(config, process.env)) process.stderr.write(`${line}\n`)
    server = createRegente(config, takeAwsCredentials(process.env))
    const { url } = await server.start()
    return { ...targetAt(url, config.region), account: config.account, close }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * The given `close`, which a signal calls too, and ends the process then: whoever waits for it meanwhile goes on waiting, for an
 * interrupted command has nothing more to say. A second signal ends the process at once.
 */
function closeOnSignal(close: () => Promise<void>): () => Promise<void> {
  let leaving: Promise<void> | undefined
  // Whoever follows an execution stops it first, and then ends by itself.
  const onSignal = (signal: NodeJS.Signals) => {
    if (process.listenerCount(signal) > 1) return
    if (leaving) process.exit(EXIT.interrupted)
    leaving = close().then(() => process.exit(EXIT.interrupted))
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  return async () => {
    if (!leaving) await close()
    await leaving
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

interface Folder {
  readonly path: string
  /** Call it when nobody writes there any more. */
  remove(): void
}

/**
 * Gone when the process has ended, however it is interrupted. Where it was not removed before, the threads of the process may
 * write there until its very end: then another process, whose input closes with this one, removes it.
 */
function makeFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'regente-run-'))
  const script = `process.stdin.resume().once('close', () => require('node:fs').rmSync(process.argv[1], ${JSON.stringify(REMOVAL)}))`
  const removeAfterwards = () =>
    void spawn(process.execPath, ['-e', script, path], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  process.once('exit', removeAfterwards)
  return {
    path,
    remove() {
      try {
        rmSync(path, REMOVAL)
        process.off('exit', removeAfterwards)
      } catch {
        // A part of the server that did not close in time still writes there.
      }
    },
  }
}
