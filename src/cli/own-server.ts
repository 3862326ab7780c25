/** The server that `run` talks to: the one that `--endpoint` names, or one of its own for as long as the command runs. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { readConfig } from '../config.ts'
import { createRegente } from '../regente.ts'

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
  const dataDirectory = await mkdtemp(join(tmpdir(), 'regente-run-'))
  const remove = () => rm(dataDirectory, { recursive: true, force: true })
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
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}
