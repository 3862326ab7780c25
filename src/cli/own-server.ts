/** The server that `run` talks to: the one that `--endpoint` names, or one of its own for as long as the command runs. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { readConfig } from '../config.ts'
import { createRegente } from '../regente.ts'

import { EXIT } from './cli-error.ts'
import { callsElsewhere } from './own-calls.ts'
import { takeAwsCredentials } from './own-keys.ts'
import type { Target } from './states-api.ts'
import { targetAt } from './target.ts'

export interface OpenTarget extends Target {
  readonly account: string
  close(): Promise<void>
}

export interface TargetFlags {
  readonly endpoint?: string
  readonly region?: string
  readonly account?: string
}

/** Without an endpoint: a server on a free port, whose data is gone when it is closed. */
export async function openTarget({ endpoint, region, account }: TargetFlags): Promise<OpenTarget> {
  if (endpoint !== undefined) {
    const config = readConfig({ account }, process.env)
    return { ...targetAt(endpoint, region), account: config.account, close: async () => {} }
  }
  const { dataDirectory, release } = borrowFolder()
  try {
    const config = readConfig({ port: '0', host: '127.0.0.1', dataDirectory, region, account }, process.env)
    for (const line of callsElsewhere(config, process.env)) process.stderr.write(`${line}\n`)
    const server = createRegente(config, takeAwsCredentials(process.env))
    const { url } = await server.start()
    return {
      ...targetAt(url, config.region),
      account: config.account,
      async close() {
        await server.stop()
        release()
      },
    }
  } catch (error) {
    release()
    throw error
  }
}

/** Gone when the process ends, however it is interrupted, or when it is released. */
function borrowFolder(): { readonly dataDirectory: string; release(): void } {
  let dataDirectory = ''
  const remove = () => {
    if (dataDirectory !== '') rmSync(dataDirectory, { recursive: true, force: true })
  }
  // Whoever follows an execution stops it first, and then ends by itself.
  const onSignal = (signal: NodeJS.Signals) => {
    if (process.listenerCount(signal) === 1) process.exit(EXIT.interrupted)
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).once('exit', remove)
  dataDirectory = mkdtempSync(join(tmpdir(), 'regente-run-'))
  return {
    dataDirectory,
    release() {
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('exit', remove)
      remove()
    },
  }
}
