/** EventBridge's JSON 1.1 face: requests to operations. Scheduler's door is made beside it, because they share one outbox. */
import type { Clock } from '../../base/clock.ts'
import type { ServiceLimits } from '../../base/limits.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Log } from '../../base/log.ts'

import { createAwsJsonHandler, type JsonOperation } from '../../wire/aws-json.ts'
import type { Handler } from '../../wire/http.ts'
import type { Credentials } from '../../wire/sigv4.ts'

import type { LocalDatabase } from '../database.ts'
import type { Seal } from '../seal.ts'

import { Connections } from './connections.ts'
import { EventStore } from './event-store.ts'
import { EventsOutbox } from './outbox.ts'
import { Scheduler } from './scheduler.ts'
import { createSchedulerHandler } from './scheduler-handler.ts'
import { EventSenders } from './senders.ts'
import { EventsService } from './service.ts'

export interface EventsDeps {
  readonly database: LocalDatabase
  readonly region: string
  readonly account: string
  /** Regente's own URL, where targets are called. */
  readonly endpoint: () => string
  /** For those calls, where Regente demands signatures. */
  readonly credentials?: (() => Credentials) | undefined
  readonly log: Log
  readonly clock: Clock
  readonly seal: Seal
  readonly limits?: ServiceLimits
}

export function createEvents(deps: EventsDeps) {
  const { database, region, account, endpoint, log, clock } = deps
  const senders = new EventSenders({ endpoint, credentials: deps.credentials, region, clock })
  const outbox = new EventsOutbox({
    database,
    clock,
    log,
    send: (delivery) => senders.send(delivery),
    bury: (delivery) => senders.bury(delivery),
  })
  const place = { region, account, clock, log }
  const service = new EventsService({
    ...place,
    store: new EventStore(database),
    outbox,
    ...(deps.limits && { limits: deps.limits }),
  })
  const connections = new Connections({ ...place, database, seal: deps.seal })
  const scheduler = new Scheduler({ ...place, database, outbox })
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
  const operation =
    (run: (input: JsonObject) => JsonObject): JsonOperation =>
    (input) =>
      run(input)
  return new Map([
    ['CreateEventBus', operation((input) => service.createEventBus(input))],
    ['DeleteEventBus', operation((input) => service.deleteEventBus(input))],
    ['DescribeEventBus', operation((input) => service.describeEventBus(input))],
    ['ListEventBuses', operation((input) => service.listEventBuses(input))],
    ['PutRule', operation((input) => service.putRule(input))],
    ['DescribeRule', operation((input) => service.describeRule(input))],
    ['ListRules', operation((input) => service.listRules(input))],
    ['DeleteRule', operation((input) => service.deleteRule(input))],
    ['EnableRule', operation((input) => service.enableRule(input))],
    ['DisableRule', operation((input) => service.disableRule(input))],
    ['PutTargets', operation((input) => service.putTargets(input))],
    ['RemoveTargets', operation((input) => service.removeTargets(input))],
    ['ListTargetsByRule', operation((input) => service.listTargetsByRule(input))],
    ['ListRuleNamesByTarget', operation((input) => service.listRuleNamesByTarget(input))],
    ['PutEvents', operation((input) => service.putEvents(input))],
    ['TestEventPattern', operation((input) => service.testEventPattern(input))],
    ['TagResource', operation((input) => service.tagResource(input))],
    ['UntagResource', operation((input) => service.untagResource(input))],
    ['ListTagsForResource', operation((input) => service.listTagsForResource(input))],
    ['CreateConnection', operation((input) => connections.create(input))],
    ['UpdateConnection', operation((input) => connections.update(input))],
    ['DescribeConnection', operation((input) => connections.describe(input))],
    ['ListConnections', operation((input) => connections.list(input))],
    ['DeleteConnection', operation((input) => connections.delete(input))],
  ])
}
