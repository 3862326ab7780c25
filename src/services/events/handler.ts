/** EventBridge's JSON 1.1 face: requests to operations. Scheduler's door is made beside it, because they share one outbox. */

import { createAwsJsonHandler, type JsonOperation } from '../../wire/aws-json.ts'
import type { Handler } from '../../wire/http.ts'
import { apiOf } from '../../aws/operations.ts'

import { applySchema } from '../kit/database.ts'
import { Senders } from '../kit/senders.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'

import { ApiDestinations } from './api-destinations.ts'
import { Archives } from './archives.ts'
import { Connections } from './connections.ts'
import { EventStore } from './event-store.ts'
import { EventsOutbox } from './outbox.ts'
import { Scheduler } from './scheduler.ts'
import { createSchedulerHandler } from './scheduler-handler.ts'
import { EVENTS_SCHEMA } from './schema.ts'
import { EventsService } from './service.ts'

/** `endpoint` is where targets are called. */
export type EventsDeps = Omit<ServiceDeps, 'directory'>

export function createEvents(deps: EventsDeps) {
  const { database, region, account, endpoint, log, clock } = deps
  applySchema(database, EVENTS_SCHEMA)
  const senders = new Senders({ endpoint, credentials: deps.credentials, region })
  const place = { region, account, clock, log }
  const connections = new Connections({ ...place, database, seal: deps.seal })
  const destinations = new ApiDestinations({ ...place, database, connections })
  const outbox = new EventsOutbox({ database, clock, log, senders, destinations })
  const store = new EventStore(database)
  const archives = new Archives({
    ...place,
    database,
    checkBus: (arn) => service.checkBus(arn),
    replay: (...sent) => service.replay(...sent),
    pump: () => outbox.pump(),
  })
  const service: EventsService = new EventsService({
    ...place,
    store,
    outbox,
    archives,
    ...(deps.limits && { limits: deps.limits }),
  })
  const operations = operationsOf({ service, connections, destinations, archives })
  const scheduler = new Scheduler({ ...place, database, outbox, store })
  return {
    service,
    connections,
    scheduler,
    handler: createAwsJsonHandler(operations, { log, internalCode: 'InternalException', aws: apiOf('events') }),
    operations: () => operations.keys(),
    schedulerDoor: createSchedulerHandler(scheduler, log),
    /** Takes up deliveries and due times that were left. Call when the port listens. */
    resume(): void {
      outbox.pump()
      service.resume()
      archives.resume()
      scheduler.resume()
    },
    close(): void {
      service.close()
      archives.close()
      destinations.close()
      scheduler.close()
      outbox.close()
    },
  }
}

export type Events = ReturnType<typeof createEvents> & { readonly handler: Handler }

interface Parts {
  readonly service: EventsService
  readonly connections: Connections
  readonly destinations: ApiDestinations
  readonly archives: Archives
}

function operationsOf({ service, connections, destinations, archives }: Parts): Map<string, JsonOperation> {
  const { buses } = service
  return new Map<string, JsonOperation>([
    ['CreateEventBus', (input) => buses.create(input)],
    ['UpdateEventBus', (input) => buses.update(input)],
    ['PutPermission', (input) => buses.putPermission(input)],
    ['RemovePermission', (input) => buses.removePermission(input)],
    ['DeleteEventBus', (input) => buses.delete(input)],
    ['DescribeEventBus', (input) => buses.describe(input)],
    ['ListEventBuses', (input) => buses.list(input)],
    ['PutRule', (input) => service.putRule(input)],
    ['DescribeRule', (input) => service.describeRule(input)],
    ['ListRules', (input) => service.listRules(input)],
    ['DeleteRule', (input) => service.deleteRule(input)],
    ['EnableRule', (input) => service.enableRule(input)],
    ['DisableRule', (input) => service.disableRule(input)],
    ['PutTargets', (input) => service.putTargets(input)],
    ['RemoveTargets', (input) => service.removeTargets(input)],
    ['ListTargetsByRule', (input) => service.listTargetsByRule(input)],
    ['ListRuleNamesByTarget', (input) => service.listRuleNamesByTarget(input)],
    ['PutEvents', (input) => service.putEvents(input)],
    ['TestEventPattern', (input) => service.testEventPattern(input)],
    ['TagResource', (input) => service.tagResource(input)],
    ['UntagResource', (input) => service.untagResource(input)],
    ['ListTagsForResource', (input) => service.listTagsForResource(input)],
    ['CreateConnection', (input) => connections.create(input)],
    ['UpdateConnection', (input) => connections.update(input)],
    ['DescribeConnection', (input) => connections.describe(input)],
    ['ListConnections', (input) => connections.list(input)],
    ['DeleteConnection', (input) => connections.delete(input)],
    ['CreateApiDestination', (input) => destinations.create(input)],
    ['UpdateApiDestination', (input) => destinations.update(input)],
    ['DescribeApiDestination', (input) => destinations.describe(input)],
    ['ListApiDestinations', (input) => destinations.list(input)],
    ['DeleteApiDestination', (input) => destinations.delete(input)],
    ['CreateArchive', (input) => archives.create(input)],
    ['UpdateArchive', (input) => archives.update(input)],
    ['DescribeArchive', (input) => archives.describe(input)],
    ['ListArchives', (input) => archives.list(input)],
    ['DeleteArchive', (input) => archives.delete(input)],
    ['StartReplay', (input) => archives.startReplay(input)],
    ['DescribeReplay', (input) => archives.describeReplay(input)],
    ['ListReplays', (input) => archives.listReplays(input)],
    ['CancelReplay', (input) => archives.cancelReplay(input)],
  ])
}
