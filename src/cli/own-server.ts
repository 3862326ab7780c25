/** The server that `run` talks to: the one that `--endpoint` names, or one of its own for as long as the command runs. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type Config, readConfig } from '../config.ts'
import { createRegente } from '../regente.ts'

import { takeAwsCredentials } from './own-keys.ts'
import type { Target } from './states-api.ts'
import { targetAt } from './target.ts'

export interface OpenTarget extends Target {
  readonly account: string
  close(): Promise<void>
}

/** Without an endpoint: a server on a free port, whose data is gone when it is closed. */
export async function openTarget(endpoint: string | undefined): Promise<OpenTarget> {
  if (endpoint !== undefined) {
    const { account } = readConfig({}, process.env)
    return { ...targetAt(endpoint), account, close: async () => {} }
  }
  const dataDirectory = await mkdtemp(join(tmpdir(), 'regente-run-'))
  const config: Config = { ...readConfig({ port: '0', host: '127.0.0.1', dataDirectory }, process.env) }
  const server = createRegente(config, takeAwsCredentials(process.env))
  const { url } = await server.start()
  return {
    ...targetAt(url, config.region),
    account: config.account,
    async close() {
      await server.stop()
      await rm(dataDirectory, { recursive: true, force: true })
    },
  }
}
