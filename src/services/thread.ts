/**
 * The embedded services in a thread of their own (`service-thread.ts` starts it): their SQLite, their functions and their senders
 * hold nobody up. Answers HTTP on a socket that the server's process alone can reach; nothing else is shared with it.
 */
import { setMaxListeners } from 'node:events'
import { createServer } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'

import { assert } from '../base/assert.ts'
import type { ServiceLimits } from '../base/limits.ts'
import { describeBug, type Log } from '../base/log.ts'

import { createDescribe } from '../wire/describe.ts'
import { toWireError, WireError } from '../wire/errors.ts'
import { endPollsOn } from '../wire/long-poll.ts'
import { requestFields } from '../wire/request-context.ts'
import { sendServiceError } from '../wire/service-error.ts'
import { returnMemoryWhenIdle } from '../idle-memory.ts'

import { callFinder } from './actions.ts'
import { createLinkDoor, Engines } from './link-door.ts'
import { isEmbedded } from './router.ts'
import { startServices } from './services.ts'

export interface ThreadOptions {
  readonly socketPath: string
  readonly directory: string
  readonly region: string
  readonly account: string
  /** The server's own URL, until it says so itself. */
  readonly url: string
  readonly limits: ServiceLimits
  readonly smtp?: string
}

/** `drain` ends long polls with an empty answer, `close` all. */
export type ToThread = 'drain' | 'close'
export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'log'; readonly level: keyof Log; readonly message: string; readonly fields: Record<string, unknown> }

assert(parentPort !== null, 'this is a thread')
const port = parentPort
const tell = (message: FromThread) => port.postMessage(message)

const options = workerData as ThreadOptions
const { socketPath, region, account } = options
const log: Log = { debug: logAs('debug'), info: logAs('info'), warn: logAs('warn'), error: logAs('error') }
const engines = new Engines(() => options.url)
const services = startServices({ ...options, endpoint: engines.url, log })
const linkDoor = createLinkDoor({ services, engines, region, account, trusts: () => true })
const drains = new AbortController()
setMaxListeners(0, drains.signal)

const describe = createDescribe({
  account,
  isForwarded: () => true,
  callOf: callFinder(() => ({ region, account, endpointHost: new URL(engines.url()).hostname })),
})

const handlerFor = (service: string | undefined) =>
  service === undefined ? services.handlerOf('form') : isEmbedded(service) ? services.handlerOf(service) : undefined

// Whoever asks is this very process: there is nobody to be cut off.
const server = createServer({ keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0, maxHeaderSize: 131_072 }, (req, res) => {
  const { call } = describe(req)
  endPollsOn(drains.signal, res)
  const handler = linkDoor(req) ?? (call && handlerFor(call.service))
  if (!handler)
    return sendServiceError(req, res, new WireError(400, 'UnknownOperationException', 'No service here answers this request.'))
  handler(req, res).catch((error: unknown) => {
    log.error('a request failed', { ...requestFields(req), ...describeBug(error) })
    if (res.headersSent) res.destroy()
    else sendServiceError(req, res, toWireError(error))
  })
})

port.on('message', (message: ToThread) => {
  drains.abort()
  if (message === 'close') void close()
})
returnMemoryWhenIdle()
server.listen(socketPath, () => tell({ kind: 'ready' }))

async function close(): Promise<void> {
  server.close()
  await services.close().catch((error: unknown) => log.error('an embedded service did not close', describeBug(error)))
  server.closeAllConnections()
  port.close()
}

/** What cannot be sent between threads is told as its text. */
function logAs(level: keyof Log) {
  return (message: string, fields: Record<string, unknown> = {}): void => {
    try {
      tell({ kind: 'log', level, message, fields })
    } catch {
      tell({ kind: 'log', level, message, fields: { text: String(Object.values(fields)) } })
    }
  }
}
