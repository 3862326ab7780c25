/** EventBridge's JSON 1.1 face: requests to operations. Scheduler's door is made beside it, because they share one outbox. */

import { createAwsJsonHandler, type JsonOperation } from '../../wire/aws-json.ts'
import type { Handler } from '../../wire/http.ts'

import { applySchema } from '../kit/database.ts'
import { Senders } from '../kit/senders.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'

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
  const outbox = new EventsOutbox({ database, clock, log, senders })
  const place = { region, account, clock, log }
  const store = new EventStore(database)
  const service = new EventsService({
    ...place,
    store,
    outbox,
    ...(deps.limits && { limits: deps.limits }),
  })
  const connections = new Connections({ ...place, database, seal: deps.seal })
  const scheduler = new Scheduler({ ...place, database, outbox, store })
  return {
    service,
    connections,
    scheduler,
    handler: createAwsJsonHandler(operationsOf(service, connections), { log, internalCode: 'InternalException' }),
    schedulerHandler: createSchedulerHandler(scheduler, log),
    /** Takes up deliveries and due times that were left. Call when the port listens. */
    resume(): void {
      outbox.pump()
      service.resume()
      scheduler.resume()
    },
    close(): void {
      service.close()
      scheduler.close()
      outbox.close()
    },
  }
}

export type Events = ReturnType<typeof createEvents> & { readonly handler: Handler }

function operationsOf(service: EventsService, connections: Connections): Map<string, JsonOperation> {
  return new Map<string, JsonOperation>([
    ['CreateEventBus', (input) => service.createEventBus(input)],
    ['DeleteEventBus', (input) => service.deleteEventBus(input)],
    ['DescribeEventBus', (input) => service.describeEventBus(input)],
    ['ListEventBuses', (input) => service.listEventBuses(input)],
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
  ])
}
