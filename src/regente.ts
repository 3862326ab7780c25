/**
 * The only place that wires the rooms together: store, runtime, control, api and the embedded services behind one port.
 * Starts from the ground up, takes up what was left, then listens; stops in the opposite order.
 */
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { createBreather } from './base/breather.ts'
import { systemClock } from './base/clock.ts'
import { isLoopback } from './base/host.ts'
import type { Log } from './base/log.ts'
import { AWS_LIMITS, NO_LIMITS } from './base/limits.ts'
import { systemEntropy } from './base/random.ts'

import { createDescribe } from './wire/describe.ts'
import { type InProcessDoor, openInProcess } from './wire/in-process.ts'
import { endPollsOn } from './wire/long-poll.ts'
import type { RequestContext } from './wire/request-context.ts'
import type { Credentials } from './wire/sigv4.ts'
import { diskSpool } from './items/spool.ts'
import { createEndpoints } from './aws/endpoints.ts'
import { callFinder } from './services/actions.ts'
import { createCoverageMatch, type Inventory } from './services/coverage.ts'
import { isFormUpload, isPublic, SERVICE_NAMES } from './services/router.ts'
import { keepSecret } from './store/secret-file.ts'
import { lockDirectory } from './store/sqlite/open.ts'
import { openSqliteStore } from './store/sqlite/store.ts'
import type { ExecutionRecord, Store } from './store/contract.ts'
import { createS3ObjectSource } from './tasks/connectors/s3-objects.ts'
import { createConnectors } from './tasks/registry.ts'
import { createExecutionLog, putLogEventsOverWire } from './observe/execution-log.ts'
import { createFailureLog } from './observe/failure-log.ts'
import { createLog } from './observe/log.ts'
import { createStatusChanges } from './observe/status-change.ts'
import { logGroupsOverWire } from './observe/log-groups.ts'
import { createControl } from './control/control.ts'
import { MockFile } from './control/mock-config/mock-file.ts'
import { redriveStatus } from './control/redrive.ts'
import { createArchive } from './runtime/archive.ts'
import { Runtime } from './runtime/runtime.ts'
import { createConsole } from './api/console.ts'
import { createExpressRuns } from './api/express-runs.ts'
import { createStatesHandler, OPERATIONS } from './api/handler.ts'
import { createQuarantineMatch } from './api/quarantine.ts'
import { renderExecution, renderHistory } from './api/render.ts'
import { toldAt } from './server/answer-log.ts'
import { createFrontDoor } from './server/front-door.ts'
import { createAuthorityMatch } from './server/authority-door.ts'
import { createCertificates } from './server/certificates.ts'
import { createGuard } from './server/guard.ts'
import { createHttpServer, type HttpServer } from './server/http-server.ts'
import { readinessOf } from './server/readiness.ts'

import { type Config, type GivenConfig, readConfig } from './config.ts'
import { checkNotMoved, openDataDirectory } from './data-directory.ts'
import { openNodeRoom } from './node-room.ts'
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
  /** Gives what is held to other nodes, where there are any. */
  let giveUp: ((graceMs: number) => Promise<void>) | undefined
  let started: Promise<{ readonly url: string }> | undefined
  let stopped: Promise<void> | undefined
  let released: Promise<void> | undefined
  /** A start that waits for its database need not wait on. */
  const stopping = new AbortController()
  /** Everything that was left is taken up. */
  let isRecovered = false
  /** When a stop cuts off what is still being asked. */
  let graceEndsAt = 0

  const letGo = (): Promise<void> => (released ??= endParts())

  async function endParts(): Promise<void> {
    const { shutdownGraceSeconds } = config
    graceEndsAt = systemClock.now() + shutdownGraceSeconds * 1000
    room?.drain()
    await Promise.all([server?.drain(shutdownGraceSeconds * 1000), giveUp?.(shutdownGraceSeconds * 1000)])
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
    if (config.store !== undefined) {
      // A node keeps what it works with in its folder, and clears it when it starts: another one's would go.
      const lock = lockDirectory(directory)
      parts.push({ name: 'the folder', end: () => lock.close() })
    }
    const store = await openStore(config, log, stopping.signal)
    parts.push({ name: 'the store', end: () => store.close() })
    const endpoint = () => url
    const { leases } = store
    const node = leases && (await openNodeRoom({ leases, url: () => config.nodeUrl ?? url, region, account, log }))
    const services = await openServicesRoom({ config, limits: limits.services, url: endpoint, log })
    parts.push({ name: 'an embedded service', end: () => services.close() })
    let ownDoor: InProcessDoor | undefined
    const endpoints = createEndpoints({
      ownUrl: endpoint,
      ownTransport: () => ownDoor?.transport,
      services: services.place,
      region,
      env: process.env,
      others: config.awsEndpoint,
      ownCredentials: credentials,
      awsCredentials,
    })
    const executionLog = createExecutionLog({ putLogEvents: putLogEventsOverWire(endpoints), log })
    const redriveStatusOf = (record: ExecutionRecord) => redriveStatus(record, false, systemClock.now(), limits.historyEventsMax)
    const statusChanges = createStatusChanges({
      bus: services.link,
      redriveStatus: redriveStatusOf,
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
    const source = createS3ObjectSource(endpoints)
    const spool = diskSpool(join(directory, 'spool'))
    const archiveAt = (place: string) =>
      createArchive({
        url: place,
        store,
        source,
        spool,
        render: {
          execution: (record, mapRunArn) => renderExecution(record, mapRunArn, redriveStatusOf(record), true),
          events: (events) => renderHistory(events, true),
        },
      })
    const mocks = config.mockConfig === undefined ? undefined : await MockFile.open(config.mockConfig, log)
    if (mocks) parts.push({ name: 'the mock file', end: () => mocks.close() })
    const pageTokenKey = node?.pageTokenKey ?? (await keepSecret(join(directory, 'page-token.key')))
    const runtime: Runtime = new Runtime({
      store,
      clock: systemClock,
      entropy: systemEntropy,
      breathe,
      log,
      arnScope,
      limits,
      connectors: createConnectors(endpoints, services.link),
      mocks,
      source,
      spool,
      retentionDays: config.retentionDays,
      archive: config.archive === undefined ? undefined : archiveAt(config.archive),
      cluster: node?.cluster,
      definitionsChanged: () => control.machines.forget(),
      movedElsewhere: (executionArn) => pages.moved(executionArn),
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
      mocks,
      pageTokenKey,
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
    const answered = createStatesHandler(control, { log, limits, arnScope, storeHealth: () => store.health() })
    const states = node?.handOn(runtime, answered) ?? answered
    const hosts = withNodeHost(config)
    const certificates = createCertificates({ ...hosts, directory, clock: systemClock })
    const frontDoor = createFrontDoor({
      describe,
      guard: createGuard(hosts, { isUpload: (req) => isFormUpload(req, endpointHost), isPublic }),
      health: () => ({ ...healthOf(store, runtime, services, port.draining), region, account }),
      ready: () =>
        readinessOf([
          ...(isRecovered ? [] : ['Executions are being taken up.']),
          ...(runtime.trouble === undefined ? [] : [runtime.trouble]),
          ...hindrancesOf(store, port.draining),
        ]),
      own: [
        // They have hosts of their own, where no path is ours.
        (req) => (isPublic(req) ? services.handler : undefined),
        ...(node ? [node.door(runtime)] : []),
        createAuthorityMatch(certificates),
        createCoverageMatch(async () => withStates(await services.inventory())),
        ...(services.match ? [services.match] : []),
        createQuarantineMatch(runtime),
        expressRuns.match,
        pages.match,
      ],
      services: new Map([
        [undefined, services.handler],
        ...SERVICE_NAMES.map((name) => [name, name === 'states' ? states : services.handler] as const),
      ]),
      log,
      told: toldAt(config.logLevel),
    })
    const port: HttpServer = createHttpServer(frontDoor, (req) => isOwn(describe(req)), { certificates, log })
    url = await port.listen(config.host, config.port)
    endpointHost = new URL(url).hostname
    const inProcess =
      config.servicesTransport === 'memory'
        ? openInProcess((req, res) => {
            endPollsOn(port.draining, res)
            frontDoor(req, res)
          })
        : undefined
    ownDoor = inProcess
    server = port
    room = services
    giveUp = (graceMs) => runtime.drain(graceMs)
    if (node) parts.push({ name: 'the watch', end: node.watch(pages.watched, pages.moved) })
    // Results are no longer taken when the port closes, so that no call that is cut off counts as one.
    parts.push(
      { name: 'status changes', end: () => statusChanges.close() },
      {
        name: 'the port',
        async end() {
          services.leavePort()
          inProcess?.refuse()
          await port.close(Math.max(0, graceEndsAt - systemClock.now()))
          inProcess?.close()
        },
      },
      { name: 'the execution log', end: () => executionLog.close() },
      { name: 'the runtime', end: () => runtime.close() },
    )
    await runtime.open()
    await services.open()
    isRecovered = true
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
    stop() {
      stopping.abort()
      return (stopped ??= Promise.allSettled([started]).then(letGo))
    },
  }
}

const isOwn = ({ identity }: RequestContext): boolean =>
  identity.kind === 'accessKey' && identity.accessKeyId === OWN_CREDENTIALS.accessKeyId

const withStates = ({ operations, ...others }: Inventory): Inventory => ({
  ...others,
  operations: { ...operations, states: Object.keys(OPERATIONS) },
})

/** The other nodes come by the name that was told to them. */
const withNodeHost = (config: Config): Config =>
  config.nodeUrl === undefined
    ? config
    : { ...config, allowedHosts: [...config.allowedHosts, new URL(config.nodeUrl).hostname.replace(/^\[|\]$/g, '')] }

/** SQLite in the data folder, or a PostgreSQL that other nodes use too, whose driver is loaded only then. */
async function openStore(
  { store, dataDirectory: directory, leaseSeconds }: Config,
  log: Log,
  stopped: AbortSignal,
): Promise<Store> {
  if (store === undefined) {
    await checkNotMoved(directory)
    return openSqliteStore({ directory, log })
  }
  const { openPostgresStore } = await import('./store/postgres/store.ts')
  return openPostgresStore({ url: store, leaseMs: leaseSeconds * 1000, log, stopped })
}

/** What keeps the server from its work just now; `ok` when nothing does. */
function healthOf(store: Store, runtime: Runtime, services: ServicesRoom, draining: AbortSignal) {
  const quarantined = runtime.quarantinedHere
  const trouble = services.trouble()
  const reasons = [
    ...hindrancesOf(store, draining),
    ...(trouble === undefined ? [] : [`The embedded services are away, and tried again: ${trouble}`]),
    ...(quarantined === 0 ? [] : [`Executions in quarantine (/_regente/quarantine): ${quarantined}.`]),
  ]
  return reasons.length === 0 ? { status: 'ok' } : { status: 'degraded', reasons }
}

/** Why requests should not be sent here. */
function hindrancesOf(store: Store, draining: AbortSignal): string[] {
  const health = store.health()
  return [
    ...(draining.aborted ? ['The server stops.'] : []),
    ...(health.status === 'ok' ? [] : [`The store cannot write since ${new Date(health.since).toISOString()}: ${health.reason}`]),
  ]
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
