/**
 * The embedded services as an engine sees them: in a thread of its own process, or in a process of their own that the settings
 * name. Either way they are asked over HTTP, and clients find them at the engine's port.
 */
import { randomUUID } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { systemClock } from './base/clock.ts'
import type { ServiceLimits } from './base/limits.ts'
import type { Log } from './base/log.ts'
import { StartError } from './base/start-error.ts'

import type { Handler } from './wire/http.ts'
import type { Place } from './aws/endpoints.ts'
import { ENGINE_HEADER } from './services/link-door.ts'
import { ServicesLink } from './services/link.ts'
import { ServiceThread } from './services/service-thread.ts'
import { createForward } from './server/forward.ts'

import type { Config } from './config.ts'

export interface ServicesRoom {
  /** Answers all their requests. */
  readonly handler: Handler
  readonly link: ServicesLink
  /** Where tasks call them. */
  readonly place: () => Pick<Place, 'endpoint' | 'socketPath'>
  /** What keeps them from their work; undefined where nothing is known to. */
  trouble(): string | undefined
  /** Call when the engine's port is open. */
  open(): Promise<void>
  /** Ends long polls with an empty answer. */
  drain(): void
  close(): Promise<void>
}

export interface ServicesRoomOptions {
  readonly config: Config
  readonly limits: ServiceLimits
  /** Of the engine. */
  readonly url: () => string
  readonly log: Log
}

/** In which an engine shows that it may be trusted, and that its own door has judged whoever asks. */
export const KEY_HEADER = 'x-regente-services-key'

/** Rejects where the services cannot start, or their key cannot be read. */
export function openServicesRoom(options: ServicesRoomOptions): Promise<ServicesRoom> {
  const { servicesUrl } = options.config
  return servicesUrl === undefined ? openThread(options) : openRemote(options, servicesUrl)
}

async function openThread({ config, limits, url, log }: ServicesRoomOptions): Promise<ServicesRoom> {
  const { dataDirectory: directory, region, account, smtp } = config
  const thread = new ServiceThread({
    clock: systemClock,
    log,
    thread: () => ({ directory, region, account, url: url(), limits, ...(smtp !== undefined && { smtp }) }),
  })
  const link = new ServicesLink({
    place: async () => ({ endpoint: url(), socketPath: await thread.reach(), region }),
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
  const forward = createForward({
    upstream() {
      const path = thread.reach()
      return path instanceof Promise ? path.then(socketAt) : socketAt(path)
    },
  })
  return {
    handler: forward,
    link,
    place: () => ({ endpoint: url(), socketPath: thread.socketPath }),
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

async function openRemote({ config, url, log }: ServicesRoomOptions, servicesUrl: string): Promise<ServicesRoom> {
  const { region, account, servicesKey } = config
  const key = servicesKey === undefined ? undefined : await readKey(servicesKey)
  const headers = { [ENGINE_HEADER]: randomUUID(), ...(key !== undefined && { [KEY_HEADER]: key.toString('hex') }) }
  const link = new ServicesLink({
    place: async () => ({ endpoint: servicesUrl, region }),
    whenWanted: () => Promise.resolve(),
    engineUrl: url,
    headers,
    expected: { region, account, isTrusted: key !== undefined },
    clock: systemClock,
    log,
  })
  return {
    handler: createForward({ upstream: () => ({ kind: 'url', url: servicesUrl }), headers }),
    link,
    place: () => ({ endpoint: servicesUrl }),
    trouble: () => (link.trouble === undefined ? undefined : `${servicesUrl}: ${link.trouble}`),
    open: () => link.open(),
    drain: () => link.close(),
    close: async () => link.close(),
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
