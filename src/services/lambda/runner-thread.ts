/**
 * The thread's side of a node that runs functions: they hold no execution up. Answers HTTP on a socket that the node's process alone
 * can reach; the node's port has looked at the key.
 */
import { createServer } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'

import { assert } from '../../base/assert.ts'
import { systemClock } from '../../base/clock.ts'
import { describeBug } from '../../base/log.ts'

import { sendJson } from '../../wire/http.ts'
import { returnMemoryWhenIdle } from '../../idle-memory.ts'

import { logOver, type FromThread, type ToThread } from '../thread-messages.ts'

import { FunctionRunner, type RunnerOptions } from './runner.ts'

export interface RunnerThreadOptions extends Omit<RunnerOptions, 'endpoint' | 'clock' | 'log'> {
  readonly endpoint: string
}

assert(parentPort !== null, 'this is a thread')
const port = parentPort
const tell = (message: FromThread) => port.postMessage(message)
const log = logOver(tell)
const { socketPath, endpoint, ...options } = workerData as RunnerThreadOptions & { readonly socketPath: string }
const runner = new FunctionRunner({ ...options, endpoint: () => endpoint, clock: systemClock, log })

const server = createServer({ keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0, maxHeaderSize: 131_072 }, (req, res) => {
  runner.handle(req, res).catch((error: unknown) => {
    log.error('a function could not be run', describeBug(error))
    if (res.headersSent) res.destroy()
    else sendJson(res, { message: String(error) }, { status: 500 })
  })
})

// Whoever drains waits for what is being answered.
port.on('message', (message: ToThread) => {
  if (message === 'close') void close()
})
returnMemoryWhenIdle()
server.listen(socketPath, () => tell({ kind: 'ready' }))

async function close(): Promise<void> {
  server.close()
  await runner.close().catch((error: unknown) => log.error('functions did not end', describeBug(error)))
  server.closeAllConnections()
  port.close()
}
