/** All services without a server around them, for tests that call their operations. */
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'

import { VirtualClock } from '../../../base/clock.ts'
import type { JsonObject } from '../../../base/json.ts'
import { silentLog } from '../../../base/log.ts'
import type { Instant } from '../../../base/time.ts'

import { type Local, startServices } from '../../services.ts'

/** Without a directory, in memory. */
export const startTestServices = (directory?: string, now?: Instant): Local =>
  startServices({
    directory,
    region: 'us-east-1',
    account: '123456789012',
    endpoint: () => 'http://127.0.0.1:1',
    log: silentLog,
    clock: new VirtualClock(now),
  })

const never = new AbortController().signal
const context = {
  req: new IncomingMessage(new Socket()),
  requestId: 'r',
  signal: never,
  pollSignal: () => never,
}

export const callSqs = async (local: Local, action: string, input: JsonObject) =>
  local.sqs.service.operations.get(action)?.(input, { origin: '', ...context })

export const callSns = async (local: Local, action: string, input: JsonObject) =>
  local.sns.service.operations.get(action)?.(input, context)
