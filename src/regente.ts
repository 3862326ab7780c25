/**
 * The only place that wires the rooms together: store, runtime, control, api and the embedded neighbours behind one port.
 * Starts from the ground up, takes up what was left, then listens; stops in the opposite order.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { createBreather } from './base/breather.ts'
import { systemClock } from './base/clock.ts'
import { AWS_LIMITS, NO_LIMITS } from './base/limits.ts'

import { refusalOf } from './wire/guard.ts'
import { headerOf, sendJson } from './wire/http.ts'
import { type Local, startLocal } from './local/local.ts'
import type { Store } from './store/contract.ts'
import { openSqliteStore } from './store/sqlite/store.ts'
import { createS3ObjectSource } from './tasks/connectors/s3-objects.ts'
import { createEndpoints } from './tasks/endpoints.ts'
import { createConnectors } from './tasks/registry.ts'
import { createExecutionLog, putLogEventsOverWire } from './observe/execution-log.ts'
import { createLog } from './observe/log.ts'
import { createStatusChanges } from './observe/status-change.ts'
import { logGroupsOverWire } from './observe/log-groups.ts'
import { createControl } from './control/control.ts'
import { redriveStatus } from './control/redrive.ts'
import { Runtime } from './runtime/runtime.ts'
import { createConsole } from './api/console.ts'
import { createStatesHandler } from './api/handler.ts'

import type { Config } from './config.ts'

export interface Regente {
  /** Resolves when requests are taken. */
  start(): Promise<{ readonly url: string }>
  /** Ends what is being answered, keeps the rest for the next start. */
  stop(): Promise<void>
}

const PARTITION = 'aws'

/** Clients keep connections between long polls of a minute; whoever takes longer to say what he wants is cut off. */
const HTTP_BOUNDS = { keepAliveTimeout: 75_000, headersTimeout: 15_000, requestTimeout: 300_000, maxHeaderSize: 65_536 }
const CONNECTIONS_MAX = 20_000

export function createRegente(config: Config): Regente {
  const log = createLog(config.logLevel)
  const { region, account } = config
  const place = { partition: PARTITION, region, account }
  const limits = config.limits === 'off' ? NO_LIMITS : AWS_LIMITS
  const breathe = createBreather()
  const credentials = () => ({ accessKeyId: 'regente', secretAccessKey: 'regente' })
  let url = `http://${config.host}:${config.port}`
  let opened: Store | undefined
  let local: Local | undefined
  let runtime: Runtime | undefined
  let server: Server | undefined
  let flushLogs = async () => {}
  let closePages = () => {}

  return {
    async start() {
      const directory = config.dataDirectory
      await mkdir(directory, { recursive: true })
      const store = await openSqliteStore({ directory, log })
      opened = store
      const endpoint = () => url
      local = startLocal({
        directory,
        region,
        account,
        endpoint,
        log,
        limits: limits.services,
        ...(config.smtp !== undefined && { smtp: config.smtp }),
      })
      const endpoints = createEndpoints({ ownUrl: endpoint, region, env: process.env, ownCredentials: credentials })
      const executionLog = createExecutionLog({ putLogEvents: putLogEventsOverWire(endpoints), log })
      flushLogs = () => executionLog.close()
      const neighbours = local
      const statusChanges = createStatusChanges({
        hasListeners: () => neighbours.events.service.hasDefaultRules(),
        publish: (events) => neighbours.events.service.publish(events),
        redriveStatus: (execution) => redriveStatus(execution, false, systemClock.now(), limits.historyEventsMax),
        log,
      })
      const deployment = () => ({ endpoint: url, region, account, credentials: credentials() })
      const pages = createConsole({
        log,
        // Loaded when it is asked for: few servers ever deploy from the gallery.
        gallery: {
          list: async () => (await import('./deploy/gallery.ts')).listGallery(),
          deploy: async (name) => (await import('./deploy/gallery.ts')).deployFromGallery(name, deployment()),
        },
      })
      closePages = pages.close
      runtime = new Runtime({
        ...{ store, clock: systemClock, log, place, limits, breathe },
        ...{
          connectors: createConnectors(endpoints, (arn) => neighbours.events.connections.authorize(arn)),
          source: createS3ObjectSource(endpoints),
          spoolDirectory: join(directory, 'spool'),
        },
        observer: {
          committed({ record, state, loggingConfiguration, mapRunArn }, events) {
            statusChanges.committed(record, state, events)
            pages.ring(record.arn)
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
        engineRoom: runtime,
        ...{ clock: systemClock, place, limits, breathe },
        logGroups: logGroupsOverWire(endpoints, log),
        pageTokenKey: await secretOf(directory),
      })
      const states = createStatesHandler(control, log, limits)
      const allowedHosts = new Set(config.allowedHosts)
      const handle = async (req: IncomingMessage, res: ServerResponse) => {
        const refusal = refusalOf(req, allowedHosts)
        if (refusal !== undefined) return sendJson(res, { __type: 'AccessDeniedException', message: refusal }, { status: 403 })
        if (headerOf(req.headers, 'x-amz-target')?.startsWith('AWSStepFunctions.')) return states(req, res)
        if (req.url === '/_regente/health') return sendJson(res, { status: 'ok', region, account })
        const page = pages.match(req)
        if (page) return page(req, res)
        if (isBrowser(req)) return sendJson(res, { name: 'Regente', endpoint: url, health: `${url}/_regente/health` })
        const handler = neighbours.match(req)
        if (handler) return handler(req, res)
        sendJson(res, { __type: 'UnknownOperationException', message: 'No service here answers this request.' }, { status: 400 })
      }
      server = createServer(HTTP_BOUNDS, (req, res) => {
        handle(req, res).catch((error) => {
          log.error('a request failed', { error: String(error), stack: (error as Error).stack, url: req.url })
          if (!res.headersSent) sendJson(res, { __type: 'InternalFailure', message: 'Internal failure.' }, { status: 500 })
          else res.destroy()
        })
      })
      server.maxConnections = CONNECTIONS_MAX
      url = await listen(server, config.host, config.port)
      await runtime.open()
      neighbours.sns.service.resume()
      neighbours.events.resume()
      return { url }
    },

    async stop() {
      closePages()
      server?.closeIdleConnections()
      const closed = new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()))
      runtime?.close()
      setTimeout(() => server?.closeAllConnections(), 1_000).unref()
      await closed
      await flushLogs()
      await local?.close()
      await opened?.close()
    },
  }
}

/** The secret of this data directory, made when it is first used. */
async function secretOf(directory: string): Promise<Buffer> {
  const path = join(directory, 'page-token.key')
  try {
    await writeFile(path, randomBytes(32), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFile(path)
}

/** A person who looks what is here, not an S3 client that lists buckets. */
const isBrowser = (req: IncomingMessage) =>
  req.method === 'GET' &&
  req.url === '/' &&
  req.headers.authorization === undefined &&
  (headerOf(req.headers, 'accept') ?? '').includes('text/html')

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const { port: chosen } = server.address() as AddressInfo
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${chosen}`)
    })
  })
}
