/**
 * The only place that wires the rooms together: store, runtime, control, api and the embedded neighbours behind one port.
 * Starts from the ground up, takes up what was left, then listens; stops in the opposite order.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { systemClock } from './base/clock.ts'
import { isLoopback } from './base/host.ts'

import { type Local, startLocal } from './local/local.ts'
import { AWS_LIMITS, NO_LIMITS } from './engine/limits.ts'
import type { Store } from './store/contract.ts'
import { keepSecret } from './store/secret-file.ts'
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
import { createStatesMatch } from './api/handler.ts'
import { createFrontDoor } from './server/front-door.ts'
import { createGuard } from './server/guard.ts'
import { createHttpServer, type HttpServer } from './server/http-server.ts'

import type { Config } from './config.ts'

export interface Regente {
  /** Resolves when requests are taken. */
  start(): Promise<{ readonly url: string }>
  /** Ends what is being answered, keeps the rest for the next start. */
  stop(): Promise<void>
}

const PARTITION = 'aws'

export function createRegente(config: Config): Regente {
  const log = createLog(config.logLevel)
  const { region, account } = config
  const place = { partition: PARTITION, region, account }
  const credentials = () => ({ accessKeyId: 'regente', secretAccessKey: 'regente' })
  let url = `http://${config.host}:${config.port}`
  let opened: Store | undefined
  let local: Local | undefined
  let runtime: Runtime | undefined
  let server: HttpServer | undefined
  let flushLogs = async () => {}

  return {
    async start() {
      if (config.insecure && !isLoopback(config.host))
        log.warn('everybody who reaches this port may do everything', { host: config.host })
      const directory = config.dataDirectory
      await mkdir(directory, { recursive: true })
      const store = await openSqliteStore({ directory, log })
      opened = store
      const endpoint = () => url
      local = startLocal({ directory, region, account, endpoint, log, ...(config.smtp !== undefined && { smtp: config.smtp }) })
      const endpoints = createEndpoints({ ownUrl: endpoint, region, env: process.env, ownCredentials: credentials })
      const executionLog = createExecutionLog({ putLogEvents: putLogEventsOverWire(endpoints), log })
      flushLogs = () => executionLog.close()
      const neighbours = local
      const statusChanges = createStatusChanges({
        hasListeners: () => neighbours.events.service.hasDefaultRules(),
        publish: (events) => neighbours.events.service.publish(events),
        redriveStatus: (execution) => redriveStatus(execution, false, systemClock.now()),
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
      runtime = new Runtime({
        ...{ store, clock: systemClock, log, place, limits: config.limits === 'off' ? NO_LIMITS : AWS_LIMITS },
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
        clock: systemClock,
        place,
        logGroups: logGroupsOverWire(endpoints, log),
        pageTokenKey: await keepSecret(join(directory, 'page-token.key')),
      })
      server = createHttpServer(
        createFrontDoor({
          guard: createGuard(config),
          health: () => ({ status: 'ok', region, account }),
          rooms: [createStatesMatch(control, log), pages.match, neighbours.match],
          log,
        }),
      )
      url = await server.listen(config.host, config.port)
      await runtime.open()
      neighbours.sns.service.resume()
      neighbours.events.resume()
      return { url }
    },

    async stop() {
      const drained = server?.drain(config.shutdownGraceSeconds * 1000)
      runtime?.close()
      await drained
      await flushLogs()
      await local?.close()
      await opened?.close()
    },
  }
}
