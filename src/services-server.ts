/**
 * The embedded services alone, on a port of their own, without the engine: `regente services`. Engines use them by
 * `--services-url`; whoever speaks to them directly is judged by the same guard as at an engine's port.
 */
import { join } from 'node:path'

import { systemClock } from './base/clock.ts'
import { isLoopback } from './base/host.ts'
import { AWS_LIMITS, NO_LIMITS } from './base/limits.ts'

import { createDescribe } from './wire/describe.ts'
import { endPollsOn } from './wire/long-poll.ts'
import { callFinder } from './services/actions.ts'
import { createCoverageMatch } from './services/coverage.ts'
import { createLinkDoor, Engines } from './services/link-door.ts'
import { isFormUpload, isPublic, SERVICE_NAMES } from './services/router.ts'
import { createKeyCheck, keyHeaders } from './services/service-key.ts'
import { startServices } from './services/services.ts'
import { keepSecret } from './store/secret-file.ts'
import { lockDirectory } from './store/sqlite/open.ts'
import { createLog } from './observe/log.ts'
import { toldAt } from './server/answer-log.ts'
import { createFrontDoor } from './server/front-door.ts'
import { createAuthorityMatch } from './server/authority-door.ts'
import { createCertificates } from './server/certificates.ts'
import { createGuard } from './server/guard.ts'
import { createHttpServer } from './server/http-server.ts'
import { readinessOf } from './server/readiness.ts'
import { createReadyCheck } from './server/ready-check.ts'
import { createSpread } from './server/spread.ts'

import type { Config } from './config.ts'
import { openDataDirectory } from './data-directory.ts'

export interface ServicesServer {
  readonly url: string
  /** Answers what is being asked, as long as the grace lasts. */
  stop(): Promise<void>
}

/** Rejects with the reason where the port or the folder cannot be had. */
export async function startServicesServer(config: Config): Promise<ServicesServer> {
  const log = createLog(config.logLevel)
  const { region, account, dataDirectory: directory, smtp, inspect } = config
  const limits = config.limits === 'off' ? NO_LIMITS : AWS_LIMITS
  if (config.insecure && !isLoopback(config.host))
    log.warn('everybody who reaches this port may do everything', { host: config.host })
  await openDataDirectory(directory, log)
  const lock = lockDirectory(directory)
  const key = await keepSecret(join(directory, 'services.key'))
  const trusts = createKeyCheck(key)
  let url = `http://${config.host}:${config.port}`
  const engines = new Engines(() => url)
  const services = startServices({
    directory,
    region,
    account,
    endpoint: () => url,
    publicUrl: engines.url,
    log,
    limits: limits.services,
    runnerHeaders: keyHeaders(key),
    ...(smtp !== undefined && { smtp }),
    inspect,
  })
  const judge = createGuard(config, {
    isUpload: (req) => isFormUpload(req, new URL(engines.url()).hostname),
    isPublic,
  })
  // What starts executions asks here, and again until an engine has come.
  const anEngine = createSpread({
    urls: engines.urls,
    isReady: createReadyCheck(log, UNREACHED),
    clock: systemClock,
    nobody: NO_ENGINE,
  })
  const certificates = createCertificates({ ...config, directory, clock: systemClock })
  const linkDoor = createLinkDoor({ services, engines, region, account, trusts })
  const door = createFrontDoor({
    describe: createDescribe({
      account,
      isForwarded: trusts,
      callOf: callFinder(() => ({ region, account, endpointHost: new URL(engines.url()).hostname })),
    }),
    // The engine's own guard has judged whom it speaks for.
    guard: (req) => (trusts(req) ? { kind: 'passes' } : judge(req)),
    health: () => ({ status: port.draining.aborted ? 'degraded' : 'ok', region, account, engines: engines.count }),
    ready: () => readinessOf(port.draining.aborted ? ['The services stop.'] : []),
    own: [linkDoor, createAuthorityMatch(certificates), createCoverageMatch(services.inventory)],
    services: new Map([
      [undefined, services.handlerOf('form')],
      ...SERVICE_NAMES.map((name) => [name, name === 'states' ? anEngine : services.handlerOf(name)] as const),
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
    { certificates, log },
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
      services.leavePort()
      await port.close(config.shutdownGraceSeconds * 1000)
      await close()
      log.info('stopped')
    },
  }
}

const UNREACHED = 'an engine cannot be reached where it says that it is; is its --node-url right?'
const NO_ENGINE = 'Step Functions is not here: this is `regente services` alone, and no engine that uses it is ready.'
