/** CloudWatch's door: whichever protocol a request speaks, to the same operations. */
import { describeBug } from '../../base/log.ts'

import { missingOperation } from '../../wire/aws-json.ts'
import { toWireError, WireError } from '../../wire/errors.ts'
import { drainBody, type Handler } from '../../wire/http.ts'
import { requestFields, requestIdOf } from '../../wire/request-context.ts'
import { apiOf } from '../../aws/operations.ts'

import { protocolOf } from './protocols.ts'
import { type CloudWatchDeps, CloudWatchService } from './service.ts'

export interface CloudWatch {
  readonly handler: Handler
  readonly operations: () => Iterable<string>
  /** Evaluates alarms from now on, and carries on with what was to be sent. */
  resume(): void
  close(): void
}

const API = apiOf('monitoring')

export function createCloudWatch(deps: CloudWatchDeps): CloudWatch {
  const service = new CloudWatchService(deps)
  const handler: Handler = async (req, res) => {
    const requestId = requestIdOf(req)
    const protocol = protocolOf(req)
    try {
      const { operation, input } = await protocol.read(req)
      const run = service.operations.get(operation)
      if (!run) throw missingOperation(operation, API)
      protocol.send(res, operation, run(input), requestId)
    } catch (error) {
      if (!(error instanceof WireError)) deps.log.error('a request failed', { ...requestFields(req), ...describeBug(error) })
      await drainBody(req)
      protocol.refuse(res, toWireError(error, 'InternalServiceFault'), requestId)
    }
  }
  return { handler, operations: () => service.operations.keys(), resume: () => service.resume(), close: () => service.close() }
}
