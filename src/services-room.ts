/**
 * The embedded services as an engine sees them: in a thread of its own process, or in a process of their own that the settings
 * name. Either way they are asked in HTTP, which takes no socket where tasks ask a thread of their own process (`servicesTransport`),
 * and clients find them at the engine's port. A node of several has none of its own:
 * each would keep other objects, queues and functions than the next. Where no others are named, it says so to whoever asks.
 */
import { randomUUID } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'

import { systemClock } from './base/clock.ts'
import type { ServiceLimits } from './base/limits.ts'
import type { Log } from './base/log.ts'
import { StartError } from './base/start-error.ts'

import { WireError } from './wire/errors.ts'
import { drainBody, type Handler } from './wire/http.ts'
import { sendServiceError } from './wire/service-error.ts'
import type { ConnectionSecrets } from './aws/connections.ts'
import type { Place } from './aws/endpoints.ts'
import type { ServiceEventBus } from './aws/service-events.ts'
import type { Inventory } from './services/coverage.ts'
import { openRunnerRoom } from './services/lambda/runner-room.ts'
import { ENGINE_HEADER } from './services/link-door.ts'
import { ServicesLink } from './services/link.ts'
import { createKeyCheck, keyHeaders } from './services/service-key.ts'
import { ServiceThread } from './services/service-thread.ts'
import type { ThreadOptions } from './services/thread.ts'
import { createForward } from './server/forward.ts'

import type { Config } from './config.ts'

export interface ServicesRoom {
  /** Answers all their requests. */
  readonly handler: Handler
  readonly link: ConnectionSecrets & ServiceEventBus
  /** What they have of AWS's operations. Rejects where they are away. */
  readonly inventory: () => Promise<Inventory>
  /** Finds what is answered here for the services. */
  readonly match?: (req: IncomingMessage) => Handler | undefined
  /** Where tasks call them. */
  readonly place: () => Pick<Place, 'endpoint' | 'socketPath' | 'transport'>
  /** What keeps them from their work; undefined where nothing is known to. */
  trouble(): string | undefined
  /** Call when the engine's port is open. */
  open(): Promise<void>
  /** Ends long polls with an empty answer. */
  drain(): void
  /** Call when the engine's port is about to close. */
  leavePort(): void
  close(): Promise<void>
}

export interface ServicesRoomOptions {
  readonly config: Config
  readonly limits: ServiceLimits
  /** Of the engine. */
  readonly url: () => string
  readonly log: Log
}

/** Rejects where the services cannot start, or their key cannot be read. */
export function openServicesRoom(options: ServicesRoomOptions): Promise<ServicesRoom> {
  const { servicesUrl, store } = options.config
  if (servicesUrl !== undefined) return openRemote(options, servicesUrl)
  return store === undefined ? openThread(options) : Promise.resolve(nowhere(options))
}

async function openThread({ config, limits, url, log }: ServicesRoomOptions): Promise<ServicesRoom> {
  const { dataDirectory: directory, region, account, smtp, inspect, servicesTransport } = config
  const thread = new ServiceThread({
    clock: systemClock,
    log,
    hasPort: servicesTransport === 'memory',
    thread: (): Omit<ThreadOptions, 'socketPath' | 'requests'> => ({
      directory,
      region,
      account,
      url: url(),
      limits,
      ...(smtp !== undefined && { smtp }),
      ...(inspect !== undefined && { inspect }),
    }),
  })
  const link = new ServicesLink({
    place: async () => ({ endpoint: url(), socketPath: await thread.reach(), transport: thread.transport, region }),
    whenWanted: () => thread.whenUp(),
    engineUrl: url,
    headers: { [ENGINE_HEADER]: randomUUID() },
    expected: { region, account, isTrusted: true },
    clock: systemClock,
    log,
  })
  const isUsed = await hasData(directory)
  try {
    if (isUsed) await thread.reach()
  } catch (error) {
    await thread.close()
    throw error
  }
  return {
    handler: forwardToSocket(() => thread.reach()),
    link,
    inventory: () => link.inventory(),
    place: () => ({ endpoint: url(), socketPath: thread.socketPath, transport: thread.transport }),
    trouble: () => thread.trouble ?? link.trouble,
    // A folder in which nothing was kept yet has nothing to resume: the thread, 20 MB, starts when it is asked.
    async open() {
      const held = link.open()
      if (isUsed) await held
    },
    drain() {
      link.close()
      thread.drain()
    },
    leavePort: () => thread.leavePort(),
    async close() {
      link.close()
      await thread.close()
    },
  }
}

const socketAt = (path: string) => ({ kind: 'socket', path }) as const

/** Whether services have kept anything there. */
async function hasData(directory: string): Promise<boolean> {
  const sizes = ['local.sqlite', 'local.sqlite-wal'].map((name) =>
    stat(join(directory, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  )
  return (await Promise.all(sizes)).some((size) => size > 0)
}

async function openRemote({ config, limits, url, log }: ServicesRoomOptions, servicesUrl: string): Promise<ServicesRoom> {
  const { region, account, servicesKey, nodeUrl, store, lambda: runsFunctions } = config
  const key = servicesKey === undefined ? undefined : await readKey(servicesKey)
  const headers = { [ENGINE_HEADER]: randomUUID(), ...(key !== undefined && keyHeaders(key)) }
  const link = new ServicesLink({
    place: async () => ({ endpoint: servicesUrl, region }),
    whenWanted: () => Promise.resolve(),
    engineUrl: () => nodeUrl ?? url(),
    isNode: store !== undefined,
    runsFunctions,
    headers,
    expected: { region, account, isTrusted: key !== undefined },
    clock: systemClock,
    log,
  })
  const runner = runsFunctions && key !== undefined ? openRunner({ config, limits, url, log }, servicesUrl, key) : undefined
  return {
    handler: createForward({ upstream: () => ({ kind: 'url', url: servicesUrl }), headers }),
    ...(runner && { match: runner.match }),
    link,
    inventory: () => link.inventory(),
    place: () => ({ endpoint: servicesUrl }),
    trouble: () => (link.trouble === undefined ? undefined : `${servicesUrl}: ${link.trouble}`),
    open: () => link.open(),
    drain: () => link.close(),
    leavePort() {},
    async close() {
      link.close()
      await runner?.close()
    },
  }
}

/** Copies of code lie in a folder of their own: another server may have kept functions of its own in the same data folder. */
const openRunner = ({ config, url, log }: ServicesRoomOptions, servicesUrl: string, key: Buffer) =>
  openRunnerRoom({
    clock: systemClock,
    log,
    thread: () => ({
      directory: join(config.dataDirectory, 'functions'),
      hidden: config.dataDirectory,
      servicesUrl,
      headers: keyHeaders(key),
      endpoint: url(),
    }),
    trusts: createKeyCheck(key),
    forwardTo: forwardToSocket,
  })

function forwardToSocket(reach: () => string | Promise<string>): Handler {
  return createForward({
    upstream() {
      const path = reach()
      return path instanceof Promise ? path.then(socketAt) : socketAt(path)
    },
  })
}

/** What clients are told at the port, and tasks that call a service for which no setting says where it is. */
export const NO_SERVICES =
  'A node with --store has no services of its own. Start `regente services --port 4567` and give all nodes --services-url http://HOST:4567, or name where it is called with --aws-endpoint or AWS_ENDPOINT_URL_<SERVICE>.'

/** Tasks find it at the node's own port. No client tries 501 again. */
function nowhere({ url }: ServicesRoomOptions): ServicesRoom {
  return {
    async handler(req, res) {
      await drainBody(req)
      sendServiceError(req, res, new WireError(501, 'NotImplemented', NO_SERVICES))
    },
    link: {
      hasListeners: () => false,
      publish: async () => {},
      authorize: () => Promise.reject(new Error(NO_SERVICES)),
    },
    inventory: async () => ({ operations: {} }),
    place: () => ({ endpoint: url() }),
    trouble: () => undefined,
    open: async () => {},
    drain() {},
    leavePort() {},
    close: async () => {},
  }
}

async function readKey(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new StartError(
      `The file that --services-key names cannot be read: ${file}. It is services.key of the services' data folder.`,
      {
        cause,
      },
    )
  }
}
