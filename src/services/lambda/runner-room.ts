/** The functions of a node that runs them for `regente services`: a thread that is started with the first one, and its door. */
import type { IncomingMessage } from 'node:http'

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

import { type Handler, sendJson } from '../../wire/http.ts'

import { ServiceThread } from '../service-thread.ts'

import { RUN_PATH } from './run-protocol.ts'
import type { RunnerThreadOptions } from './runner-thread.ts'

export interface RunnerRoomOptions {
  readonly clock: Clock
  readonly log: Log
  /** Asked for when the thread is started. */
  readonly thread: () => RunnerThreadOptions
  /** Whether a request shows the key of the services. */
  readonly trusts: (req: IncomingMessage) => boolean
  /** Hands a request on to the socket at which the thread listens. */
  readonly forwardTo: (reach: () => string | Promise<string>) => Handler
}

export interface RunnerRoom {
  readonly match: (req: IncomingMessage) => Handler | undefined
  /** Ends all functions. */
  close(): Promise<void>
}

const THREAD = new URL(`./runner-thread.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)
const UNTRUSTED = 'Functions are run for those services alone whose key this node has: --services-key.'

export function openRunnerRoom({ clock, log, thread, trusts, forwardTo }: RunnerRoomOptions): RunnerRoom {
  const runner = new ServiceThread({ clock, log, thread, entry: THREAD, name: 'functions' })
  const forward = forwardTo(() => runner.reach())
  const handler: Handler = (req, res) => {
    if (trusts(req)) return forward(req, res)
    sendJson(res, { message: UNTRUSTED }, { status: 403 })
    return Promise.resolve()
  }
  return {
    match: (req) => (req.method === 'POST' && req.url === RUN_PATH ? handler : undefined),
    close: () => runner.close(),
  }
}
