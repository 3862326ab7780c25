/** Step Functions' own endpoint: AWS JSON 1.0, one operation a request. */
import type { JsonObject } from '../base/json.ts'
import type { Limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'

import { createAwsJsonHandler, type JsonOperation } from '../wire/aws-json.ts'
import { WireError } from '../wire/errors.ts'
import type { Handler } from '../wire/http.ts'

import type { Control } from '../control/control.ts'
import { ServiceError } from '../control/service-error.ts'
import { Input, textBoundsOf } from './input.ts'
import type { OperationName } from './model.ts'
import type { Call, Operations } from './operation.ts'
import { activityOperations } from './operations/activities.ts'
import { executionOperations } from './operations/executions.ts'
import { machineOperations } from './operations/machines.ts'
import { testStateOperations } from './operations/test-state.ts'

export const OPERATIONS: Operations = {
  ...machineOperations,
  ...executionOperations,
  ...activityOperations,
  ...testStateOperations,
}

type Run = (control: Control, input: Input<unknown>, call: Call) => Promise<unknown>

export function createStatesHandler(control: Control, log: Log, limits: Limits): Handler {
  const bounds = textBoundsOf(limits)
  const operations = new Map<string, JsonOperation>()
  for (const [name, run] of Object.entries(OPERATIONS) as [OperationName, Run][]) {
    operations.set(name, async (input, call) => {
      try {
        return (await run(control, new Input(input, bounds), call)) as JsonObject
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error
        throw new WireError(error.status, error.code, error.message, error.detail)
      }
    })
  }
  return createAwsJsonHandler(operations, { log, bytesMax: limits.api.requestBytesMax })
}
