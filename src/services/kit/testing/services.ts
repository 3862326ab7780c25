/** All services without a server around them, for tests that call their operations. */
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'

import { VirtualClock } from '../../../base/clock.ts'
import type { JsonObject } from '../../../base/json.ts'
import { silentLog } from '../../../base/log.ts'
import type { Instant } from '../../../base/time.ts'

import type { Handler } from '../../../wire/http.ts'

import { serviceOf } from '../../router.ts'
import { type Services, startServices } from '../../services.ts'

/** Without a directory, in memory. */
export const startTestServices = (directory?: string, now?: Instant): Services =>
  startServices({
    directory,
    region: 'us-east-1',
    account: '123456789012',
    endpoint: () => 'http://127.0.0.1:1',
    log: silentLog,
    clock: new VirtualClock(now),
  })

/** Who answers a request; undefined where it is for none of them. */
export function handlerFor(services: Services, req: IncomingMessage): Handler | undefined {
  const route = serviceOf(req, '127.0.0.1')
  return route === undefined || route === 'states' ? undefined : services.handlerOf(route)
}

const never = new AbortController().signal
const context = {
  req: new IncomingMessage(new Socket()),
  requestId: 'r',
  signal: never,
  pollSignal: () => never,
}

export const callSqs = async (local: Services, action: string, input: JsonObject) =>
  local.sqs.service.operations.get(action)?.(input, { origin: '', traceHeader: undefined, ...context })

export const callSns = async (local: Services, action: string, input: JsonObject) =>
  local.sns.service.operations.get(action)?.(input, context)
