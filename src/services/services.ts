/**
 * The embedded services on one port: opens the database that they share, makes each of them, and says which one a request
 * is for. They meet over the wire (SNS delivers to SQS and Lambda at `endpoint()`), as they would on AWS; only the output of
 * functions goes to Logs directly, because it must not be lost to a full port.
 */
import { join } from 'node:path'

import { type Clock, systemClock } from '../base/clock.ts'
import { AWS_LIMITS, type ServiceLimits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'

import { sendQueryError } from '../wire/aws-query.ts'
import { WireError } from '../wire/errors.ts'
import type { Handler } from '../wire/http.ts'
import { requestIdOf } from '../wire/request-context.ts'
import type { Credentials } from '../wire/sigv4.ts'

import { openServicesDatabase } from './kit/database.ts'
import { createApiGateway } from './apigateway/handler.ts'
import { bootstrap } from './bootstrap.ts'
import { Durability, holdAnswer } from './durability.ts'
import { createCloudControl } from './cloudcontrol/handler.ts'
import { createCloudFormation } from './cloudformation/handler.ts'
import { createTemplateSource } from './cloudformation/template-objects.ts'
import type { Inventory } from './coverage.ts'
import { createCloudWatch } from './cloudwatch/handler.ts'
import { createDynamoDb } from './dynamodb/handler.ts'
import { createEcr } from './ecr/handler.ts'
import { createEvents } from './events/handler.ts'
import { createIam } from './iam/handler.ts'
import { createKms } from './kms/handler.ts'
import { createLambda } from './lambda/handler.ts'
import { createLogs } from './logs/handler.ts'
import { peekBody } from './peek.ts'
import { createPipes } from './pipes/handler.ts'
import { type EmbeddedService, type Route, serviceOfForm } from './router.ts'
import { createS3 } from './s3/handler.ts'
import { openSeal } from './seal.ts'
import { createSecretsManager } from './secrets-manager/handler.ts'
import { createSns } from './sns/handler.ts'
import { createSqs } from './sqs/handler.ts'
import { createSsm } from './ssm/handler.ts'
import { createSts } from './sts/handler.ts'
import { createTagging } from './tagging/handler.ts'

export interface ServicesOptions {
  /** Everything that lasts is kept here. Without it, in memory and in temporary folders. */
  readonly directory?: string | undefined
  readonly region: string
  readonly account: string
  /** Where the services and Step Functions are called, known only once the server listens. */
  readonly endpoint: () => string
  /** What is told to functions and in links, where that is another URL. */
  readonly publicUrl?: (() => string) | undefined
  readonly log: Log
  readonly clock?: Clock | undefined
  /** What SNS signs its deliveries with, where our own door demands signatures. */
  readonly credentials?: (() => Credentials) | undefined
  /** AWS's where none are given. */
  readonly limits?: ServiceLimits | undefined
  /** By which nodes that run functions know us. */
  readonly runnerHeaders?: Readonly<Record<string, string>> | undefined
  /** Where SNS sends mail: `smtp://user:password@host:587?from=me@example.org`. */
  readonly smtp?: string | undefined
  /** The first port of the debuggers with which Node functions start; without it they have none. */
  readonly inspect?: number | undefined
}

interface EmbeddedParts {
  readonly handler: Handler
  /** Those that it answers, by AWS's names. */
  readonly operations: () => Iterable<string>
  close(): void | Promise<void>
}

/** Starts all services. They cost little until they are used: DynamoDB is loaded, and functions are started, on first use. */
export function startServices(options: ServicesOptions) {
  const { directory, region, account, endpoint, publicUrl = endpoint, log, credentials, smtp } = options
  const database = openServicesDatabase(directory)
  const durability = directory === undefined ? undefined : new Durability(database, join(directory, 'local.sqlite-wal'))
  const deps = {
    database,
    region,
    account,
    endpoint,
    publicUrl,
    log,
    clock: options.clock ?? systemClock,
    seal: openSeal(directory),
    limits: options.limits ?? AWS_LIMITS.services,
    ...(directory !== undefined && { directory }),
  }
  const logs = createLogs({ ...deps, credentials })
  const events = createEvents({ ...deps, credentials })
  const s3 = createS3({ ...deps, credentials, tellBus: (told) => events.service.publish(told) })
  const cloudformation = createCloudFormation({ ...deps, credentials, source: createTemplateSource(s3.service) })
  const services = {
    // In the order in which they are closed: those that call others come first.
    cloudcontrolapi: createCloudControl({ ...deps, credentials, stackResources: cloudformation.stackResources }),
    cloudformation,
    monitoring: createCloudWatch({ ...deps, credentials, publishEvents: (told) => events.service.publish(told) }),
    apigateway: createApiGateway({ ...deps, credentials }),
    ssm: createSsm({ ...deps, credentials }),
    events,
    scheduler: { ...events.schedulerDoor, close: () => events.scheduler.close() },
    pipes: createPipes({ ...deps, credentials }),
    s3,
    sns: createSns({ ...deps, credentials, ...(smtp !== undefined && { smtp }) }),
    lambda: createLambda({
      ...deps,
      credentials,
      runnerHeaders: options.runnerHeaders,
      inspect: options.inspect,
      writeLog: (group, stream, events) => logs.service.append(group, stream, events),
    }),
    sqs: createSqs(deps),
    dynamodb: createDynamoDb(deps),
    secretsmanager: createSecretsManager(deps),
    kms: createKms(deps),
    ecr: createEcr(deps),
    iam: createIam(deps),
    sts: createSts({ ...deps, credentials }),
    tagging: createTagging({ ...deps, credentials }),
    logs,
  } satisfies Record<EmbeddedService, EmbeddedParts>

  bootstrap({ s3: services.s3.service, ssm: services.ssm.service }, deps)

  const watchers = new Set<(hasListeners: boolean) => void>()

  const byForm: Handler = async (req, res) => {
    const service = serviceOfForm((await peekBody(req)).toString('latin1'))
    if (service) return services[service].handler(req, res)
    sendQueryError(res, new WireError(400, 'InvalidAction', 'The action is not valid for this endpoint.'), requestIdOf(req))
  }

  function handlerOf(route: Exclude<Route, 'states'>): Handler {
    const handler = route === 'form' ? byForm : services[route].handler
    return (req, res) => {
      holdAnswer(res, () => {
        if (route === 'events') tellWatchers()
        return durability?.sync()
      })
      return handler(req, res)
    }
  }

  /** Before whoever has put a rule is answered: what he does next is heard. */
  function tellWatchers(): void {
    if (watchers.size === 0) return
    const hasListeners = events.service.hasListeners()
    for (const tell of watchers) tell(hasListeners)
  }

  return {
    ...services,
    database,
    /** Who answers the requests of a service, or those whose service stands in the form. */
    handlerOf,
    /** What is here, by the tables that dispatch it. */
    inventory(): Inventory {
      const here = Object.entries(services).map(([name, { operations }]) => [name, operations()] as const)
      return { operations: Object.fromEntries(here), resourceTypes: services.cloudformation.resourceTypes() }
    },
    /** Tells now, and whenever it may have changed, whether any rule listens to the events of AWS's services. Returns what ends it. */
    watchListeners(tell: (hasListeners: boolean) => void): () => void {
      watchers.add(tell)
      tell(events.service.hasListeners())
      return () => void watchers.delete(tell)
    },
    /** Carries on with what an earlier process left undone. When `endpoint()` answers; the second time changes nothing. */
    resume(): void {
      services.sns.service.resume()
      services.lambda.service.resume()
      services.pipes.resume()
      services.logs.service.resume()
      services.s3.service.resume()
      events.resume()
      services.dynamodb.service.resume()
      services.monitoring.resume()
      services.cloudformation.resume()
      services.cloudcontrolapi.resume()
    },
    /** Call when the port is about to close: what works by itself finds nobody there, and is done again by the next process. */
    leavePort(): void {
      services.lambda.service.leavePort()
    },
    /** Stops taking and doing work, then closes the database. Once. */
    async close(): Promise<void> {
      for (const service of Object.values(services)) await service.close()
      // What was asked by now is still done, and answered.
      await database.inGroup(() => {}).catch(() => {})
      await durability?.close()
      database.close()
    },
  }
}

export type Services = ReturnType<typeof startServices>
