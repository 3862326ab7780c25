/**
 * The embedded services in a thread of their own (`service-thread.ts` starts it): their SQLite, their functions and their senders
 * hold nobody up. Answers HTTP on a socket that the server's process alone can reach, and the same requests where they come by a
 * port (`wire/message-server.ts`); nothing else is shared with it.
 */
import { setMaxListeners } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'

import { assert } from '../base/assert.ts'
import type { ServiceLimits } from '../base/limits.ts'
import { describeBug } from '../base/log.ts'

import { createDescribe } from '../wire/describe.ts'
import { toWireError, WireError } from '../wire/errors.ts'
import { endPollsOn } from '../wire/long-poll.ts'
import { serveMessages } from '../wire/message-server.ts'
import { requestFields } from '../wire/request-context.ts'
import { sendServiceError } from '../wire/service-error.ts'
import { returnMemoryWhenIdle } from '../idle-memory.ts'

import { callFinder } from './actions.ts'
import { createLinkDoor, Engines } from './link-door.ts'
import { isEmbedded } from './router.ts'
import { startServices } from './services.ts'
import { type FromThread, logOver, type ToThread } from './thread-messages.ts'

export interface ThreadOptions {
  readonly socketPath: string
  readonly directory: string
  readonly region: string
  readonly account: string
  /** The server's own URL, until it says so itself. */
  readonly url: string
  readonly limits: ServiceLimits
  readonly smtp?: string
  readonly inspect?: number
  /** By which requests come, beside the socket. */
  readonly requests?: MessagePort
}

assert(parentPort !== null, 'this is a thread')
const port = parentPort
const tell = (message: FromThread) => port.postMessage(message)

const options = workerData as ThreadOptions
const { socketPath, region, account } = options
const log = logOver(tell)
const engines = new Engines(() => options.url)
const services = startServices({ ...options, endpoint: engines.url, log })
// Also where an error that nobody caught ends the thread.
process.once('exit', () => {
  if (services.database.isOpen) services.database.close()
})
const linkDoor = createLinkDoor({ services, engines, region, account, trusts: () => true })
const drains = new AbortController()
setMaxListeners(0, drains.signal)

/** It changes with the engine, and is asked for with each request. */
let endpoint = { url: '', host: '' }
function endpointHost(): string {
  const url = engines.url()
  if (url !== endpoint.url) endpoint = { url, host: new URL(url).hostname }
  return endpoint.host
}

const describe = createDescribe({
  account,
  isForwarded: () => true,
  callOf: callFinder(() => ({ region, account, endpointHost: endpointHost() })),
})

const handlerFor = (service: string | undefined) =>
  service === undefined ? services.handlerOf('form') : isEmbedded(service) ? services.handlerOf(service) : undefined

const answer: RequestListener = (req, res) => {
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
}

// Whoever asks is this very process: there is nobody to be cut off.
const server = createServer({ keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0, maxHeaderSize: 131_072 }, answer)
const door = options.requests && serveMessages(options.requests, answer)

port.on('message', (message: ToThread) => {
  drains.abort()
  if (message === 'leavePort') services.leavePort()
  if (message === 'close') void close()
})
returnMemoryWhenIdle()
server.listen(socketPath, () => tell({ kind: 'ready' }))

async function close(): Promise<void> {
  server.close()
  door?.refuse()
  await services.close().catch((error: unknown) => log.error('an embedded service did not close', describeBug(error)))
  server.closeAllConnections()
  door?.close()
  port.close()
}
