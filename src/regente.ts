/**
 * The only place that wires the rooms together: store, runtime, control, api and the embedded services behind one port.
 * Starts from the ground up, takes up what was left, then listens; stops in the opposite order.
 */
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { createBreather } from './base/breather.ts'
import { systemClock } from './base/clock.ts'
import { isLoopback } from './base/host.ts'
import { AWS_LIMITS, NO_LIMITS } from './base/limits.ts'
import { systemEntropy } from './base/random.ts'

import { createDescribe } from './wire/describe.ts'
import type { RequestContext } from './wire/request-context.ts'
import type { Credentials } from './wire/sigv4.ts'
import { diskSpool } from './items/spool.ts'
import { createEndpoints } from './aws/endpoints.ts'
import { callFinder } from './services/actions.ts'
import { isFormUpload, SERVICE_NAMES } from './services/router.ts'
import { keepSecret } from './store/secret-file.ts'
import { openSqliteStore } from './store/sqlite/store.ts'
import type { Store } from './store/contract.ts'
import { createS3ObjectSource } from './tasks/connectors/s3-objects.ts'
import { createConnectors } from './tasks/registry.ts'
import { createExecutionLog, putLogEventsOverWire } from './observe/execution-log.ts'
import { createFailureLog } from './observe/failure-log.ts'
import { createLog } from './observe/log.ts'
import { createStatusChanges } from './observe/status-change.ts'
import { logGroupsOverWire } from './observe/log-groups.ts'
import { createControl } from './control/control.ts'
import { redriveStatus } from './control/redrive.ts'
import { Runtime } from './runtime/runtime.ts'
import { createConsole } from './api/console.ts'
import { createExpressRuns } from './api/express-runs.ts'
import { createStatesHandler } from './api/handler.ts'
import { createQuarantineMatch } from './api/quarantine.ts'
import { toldAt } from './server/answer-log.ts'
import { createFrontDoor } from './server/front-door.ts'
import { createGuard } from './server/guard.ts'
import { createHttpServer, type HttpServer } from './server/http-server.ts'

import { type GivenConfig, readConfig } from './config.ts'
import { openDataDirectory } from './data-directory.ts'
import { openServicesRoom, type ServicesRoom } from './services-room.ts'

export interface Regente {
  /**
   * Resolves when requests are taken. Rejects with the reason when that cannot be, and has let go of everything then. Asked
   * again it answers the same; after a stop it rejects: another server can be created on the same folder.
   */
  start(): Promise<{ readonly url: string }>
  /** Answers what is being asked, as long as the grace lasts; keeps the rest for the next start. Always resolves, once it is over. */
  stop(): Promise<void>
}

const PARTITION = 'aws'
/** What our own calls to this port are signed with, and known by. */
const OWN_CREDENTIALS = { accessKeyId: 'regente', secretAccessKey: 'regente' }
/** A part that does not close in this time is left as it is: it loses nothing that was acknowledged. */
const CLOSE_MS = 5_000

/**
 * A server in this process; docs/library.md tells of it. Settings that are left out have their defaults, and the environment is
 * not asked. `awsCredentials` are for calls to the real AWS; without them the usual chain is asked, which begins with the
 * environment. Throws ConfigError.
 */
export function createRegente(settings: GivenConfig = {}, awsCredentials?: Credentials): Regente {
  const config = readConfig(settings)
  const log = createLog(config.logLevel)
  const { region, account } = config
  const arnScope = { partition: PARTITION, region, account }
  const limits = config.limits === 'off' ? NO_LIMITS : AWS_LIMITS
  const breathe = createBreather()
  const credentials = () => OWN_CREDENTIALS
  let url = `http://${config.host}:${config.port}`
  let endpointHost = config.host
  /** What a stop has to end, in the order in which it was begun. */
  const parts: { readonly name: string; end(): void | Promise<void> }[] = []
  let server: HttpServer | undefined
  let room: ServicesRoom | undefined
  let started: Promise<{ readonly url: string }> | undefined
  let stopped: Promise<void> | undefined
  let released: Promise<void> | undefined
  /** When a stop cuts off what is still being asked. */
  let graceEndsAt = 0

  const letGo = (): Promise<void> => (released ??= endParts())

  async function endParts(): Promise<void> {
    const { shutdownGraceSeconds } = config
    graceEndsAt = systemClock.now() + shutdownGraceSeconds * 1000
    room?.drain()
    await server?.drain(shutdownGraceSeconds * 1000)
    for (const { name, end } of parts.toReversed()) {
      const isOver = await endsWithin(Math.max(CLOSE_MS, graceEndsAt - systemClock.now()), end).catch((error: unknown) => {
        log.error(`${name} did not close`, { error: String(error) })
        return true
      })
      if (!isOver) log.error(`${name} does not close and is left`)
    }
    log.info('stopped')
  }

  async function start(): Promise<void> {
    if (config.insecure && !isLoopback(config.host))
      log.warn('everybody who reaches this port may do everything', { host: config.host })
    const directory = config.dataDirectory
    await openDataDirectory(directory, log)
    const store = await openSqliteStore({ directory, log })
    parts.push({ name: 'the store', end: () => store.close() })
    const endpoint = () => url
    const services = await openServicesRoom({ config, limits: limits.services, url: endpoint, log })
    parts.push({ name: 'an embedded service', end: () => services.close() })
    const endpoints = createEndpoints({
      ownUrl: endpoint,
      services: services.place,
      region,
      env: process.env,
      others: config.awsEndpoint,
      ownCredentials: credentials,
      awsCredentials,
    })
    const executionLog = createExecutionLog({ putLogEvents: putLogEventsOverWire(endpoints), log })
    const statusChanges = createStatusChanges({
      bus: services.link,
      redriveStatus: (execution) => redriveStatus(execution, false, systemClock.now(), limits.historyEventsMax),
      clock: systemClock,
      log,
    })
    const failures = toldAt(config.logLevel) === undefined ? undefined : createFailureLog(log)
    const deployment = () => ({ endpoint: url, region, account, credentials: credentials() })
    const pages = createConsole({
      log,
      // Loaded when it is asked for: few servers ever deploy from the gallery.
      gallery: {
        list: async () => (await import('./deploy/gallery.ts')).listGallery(deployment()),
        deploy: async (name, mode) => (await import('./deploy/gallery.ts')).deployFromGallery(name, mode, deployment()),
      },
    })
    const expressRuns = createExpressRuns()
    const runtime = new Runtime({
      store,
      clock: systemClock,
      entropy: systemEntropy,
      breathe,
      log,
      arnScope,
      limits,
      connectors: createConnectors(endpoints, services.link),
      source: createS3ObjectSource(endpoints),
      spool: diskSpool(join(directory, 'spool')),
      observer: {
        committed({ record, state, loggingConfiguration, mapRunArn }, events) {
          statusChanges.committed(record, state, events)
          failures?.committed(record, events)
          expressRuns.committed(record, events)
          pages.moved(record.arn)
          if (loggingConfiguration === undefined) return
          executionLog.committed(
            {
              arn: record.arn,
              redriveCount: state.redriveCount,
              loggingConfiguration,
              ...(mapRunArn !== undefined && { mapRunArn }),
            },
            events,
          )
        },
      },
    })
    const control = createControl({
      store,
      executionPort: runtime,
      clock: systemClock,
      entropy: systemEntropy,
      limits,
      breathe,
      arnScope,
      logGroups: logGroupsOverWire(endpoints, log),
      pageTokenKey: await keepSecret(join(directory, 'page-token.key')),
    })
    const callOf = callFinder(() => ({ region, account, endpointHost }))
    const describe = createDescribe({
      account,
      callOf(req) {
        const call = callOf(req)
        // The console answers a browser that opens `/`.
        return call?.service === 's3' && pages.match(req) ? undefined : call
      },
    })
    const states = createStatesHandler(control, { log, limits, arnScope })
    const port = createHttpServer(
      createFrontDoor({
        describe,
        guard: createGuard(config, (req) => isFormUpload(req, endpointHost)),
        health: () => ({ ...healthOf(store, runtime, services, port.draining), region, account }),
        own: [createQuarantineMatch(runtime), expressRuns.match, pages.match],
        services: new Map([
          [undefined, services.handler],
          ...SERVICE_NAMES.map((name) => [name, name === 'states' ? states : services.handler] as const),
        ]),
        log,
        told: toldAt(config.logLevel),
      }),
      (req) => isOwn(describe(req)),
    )
    url = await port.listen(config.host, config.port)
    endpointHost = new URL(url).hostname
    server = port
    room = services
    // Results are no longer taken when the port closes, so that no call that is cut off counts as one.
    parts.push(
      { name: 'status changes', end: () => statusChanges.close() },
      { name: 'the port', end: () => port.close(Math.max(0, graceEndsAt - systemClock.now())) },
      { name: 'the execution log', end: () => executionLog.close() },
      { name: 'the runtime', end: () => runtime.close() },
    )
    await runtime.open()
    await services.open()
    log.info('started', { url, console: `${url}/`, dataDirectory: directory, region, account, pid: process.pid })
  }

  async function startOrLetGo(): Promise<{ readonly url: string }> {
    try {
      await start()
      return { url }
    } catch (error) {
      await letGo()
      throw error
    }
  }

  return {
    async start() {
      if (stopped !== undefined) throw new Error('This server was stopped. Create another.')
      return (started ??= startOrLetGo())
    },
    stop: () => (stopped ??= Promise.allSettled([started]).then(letGo)),
  }
}

const isOwn = ({ identity }: RequestContext): boolean =>
  identity.kind === 'accessKey' && identity.accessKeyId === OWN_CREDENTIALS.accessKeyId

/** What keeps the server from its work just now; `ok` when nothing does. */
function healthOf(store: Store, runtime: Runtime, services: ServicesRoom, draining: AbortSignal) {
  const health = store.health()
  const quarantined = runtime.quarantined().length
  const trouble = services.trouble()
  const reasons = [
    ...(draining.aborted ? ['The server stops.'] : []),
    ...(health.status === 'ok' ? [] : [`The store cannot write since ${new Date(health.since).toISOString()}: ${health.reason}`]),
    ...(trouble === undefined ? [] : [`The embedded services are away, and tried again: ${trouble}`]),
    ...(quarantined === 0 ? [] : [`Executions in quarantine (/_regente/quarantine): ${quarantined}.`]),
  ]
  return reasons.length === 0 ? { status: 'ok' } : { status: 'degraded', reasons }
}

/** False: it has not ended by then. */
async function endsWithin(ms: number, end: () => void | Promise<void>): Promise<boolean> {
  const over = new AbortController()
  const late = setTimeout(ms, false, { signal: over.signal, ref: true }).catch(() => false)
  try {
    return await Promise.race([Promise.resolve(end()).then(() => true), late])
  } finally {
    over.abort()
  }
}
