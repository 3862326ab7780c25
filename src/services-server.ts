/**
 * The embedded services alone, on a port of their own, without the engine: `regente services`. Engines use them by
 * `--services-url`; whoever speaks to them directly is judged by the same guard as at an engine's port.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'

import { isLoopback } from './base/host.ts'
import { AWS_LIMITS, NO_LIMITS } from './base/limits.ts'

import { createDescribe } from './wire/describe.ts'
import { WireError } from './wire/errors.ts'
import { drainBody, type Handler, headerOf } from './wire/http.ts'
import { endPollsOn } from './wire/long-poll.ts'
import { sendServiceError } from './wire/service-error.ts'
import { callFinder } from './services/actions.ts'
import { createLinkDoor, Engines } from './services/link-door.ts'
import { isFormUpload, SERVICE_NAMES } from './services/router.ts'
import { startServices } from './services/services.ts'
import { keepSecret } from './store/secret-file.ts'
import { lockDirectory } from './store/sqlite/open.ts'
import { createLog } from './observe/log.ts'
import { toldAt } from './server/answer-log.ts'
import { createFrontDoor } from './server/front-door.ts'
import { createGuard } from './server/guard.ts'
import { createHttpServer } from './server/http-server.ts'

import type { Config } from './config.ts'
import { openDataDirectory } from './data-directory.ts'
import { KEY_HEADER } from './services-room.ts'

export interface ServicesServer {
  readonly url: string
  /** Answers what is being asked, as long as the grace lasts. */
  stop(): Promise<void>
}

/** Rejects with the reason where the port or the folder cannot be had. */
export async function startServicesServer(config: Config): Promise<ServicesServer> {
  const log = createLog(config.logLevel)
  const { region, account, dataDirectory: directory, smtp } = config
  const limits = config.limits === 'off' ? NO_LIMITS : AWS_LIMITS
  if (config.insecure && !isLoopback(config.host))
    log.warn('everybody who reaches this port may do everything', { host: config.host })
  await openDataDirectory(directory, log)
  const lock = lockDirectory(directory)
  const trusts = trustOf(await keepSecret(join(directory, 'services.key')))
  let url = `http://${config.host}:${config.port}`
  const engines = new Engines(() => url)
  const services = startServices({
    directory,
    region,
    account,
    endpoint: engines.url,
    log,
    limits: limits.services,
    ...(smtp !== undefined && { smtp }),
  })
  const judge = createGuard(config, (req) => isFormUpload(req, new URL(engines.url()).hostname))
  const linkDoor = createLinkDoor({ services, engines, region, account, trusts })
  const door = createFrontDoor({
    describe: createDescribe({
      account,
      isForwarded: trusts,
      callOf: callFinder(() => ({ region, account, endpointHost: new URL(engines.url()).hostname })),
    }),
    // The engine's own guard has judged whom it speaks for.
    guard: (req) => (trusts(req) ? { kind: 'passes' } : judge(req)),
    health: () => ({ status: port.draining.aborted ? 'degraded' : 'ok', region, account, engines: engines.isEmpty ? 0 : 1 }),
    own: [linkDoor],
    services: new Map([
      [undefined, services.handlerOf('form')],
      ...SERVICE_NAMES.map((name) => [name, name === 'states' ? noEngine : services.handlerOf(name)] as const),
    ]),
    log,
    told: toldAt(config.logLevel),
  })
  const port = createHttpServer(
    (req, res) => {
      const end = engines.endOf(req)
      if (end) endPollsOn(AbortSignal.any([port.draining, end]), res)
      door(req, res)
    },
    () => false,
  )

  async function close(): Promise<void> {
    await services.close()
    lock.close()
  }

  try {
    url = await port.listen(config.host, config.port)
  } catch (error) {
    await close()
    throw error
  }
  services.resume()
  log.info('started', { url, dataDirectory: directory, region, account, pid: process.pid })
  return {
    url,
    async stop() {
      await port.close(config.shutdownGraceSeconds * 1000)
      await close()
      log.info('stopped')
    },
  }
}

/** A rule that starts executions tries it again until an engine has come. */
const noEngine: Handler = async (req, res) => {
  await drainBody(req)
  const message = 'Step Functions is not here: this is `regente services` alone. Ask the engine that uses it.'
  sendServiceError(req, res, new WireError(503, 'ServiceUnavailable', message))
}

/** Whether a request shows the key. */
function trustOf(key: Buffer): (req: IncomingMessage) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const expected = digest(key.toString('hex'))
  return (req) => {
    const shown = headerOf(req.headers, KEY_HEADER)
    return shown !== undefined && timingSafeEqual(digest(shown), expected)
  }
}
