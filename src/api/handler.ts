/** Step Functions' own endpoint: AWS JSON 1.0, one operation a request. */
import type { ArnScope } from '../base/arn.ts'
import type { JsonObject } from '../base/json.ts'
import type { Limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'

import { type CallContext, createAwsJsonHandler, type JsonOperation } from '../wire/aws-json.ts'
import { WireError } from '../wire/errors.ts'
import type { Handler } from '../wire/http.ts'

import { apiOf } from '../aws/operations.ts'
import type { Control } from '../control/control.ts'
import type { StoreHealth } from '../store/contract.ts'
import { StoreUnavailableError } from '../store/unavailable.ts'
import { ServiceError, unavailable } from '../control/service-error.ts'
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

export interface StatesHandlerOptions {
  readonly log: Log
  readonly limits: Limits
  /** Of the ARNs that are made here. */
  readonly arnScope: ArnScope
  readonly storeHealth: () => StoreHealth
}

export function createStatesHandler(control: Control, options: StatesHandlerOptions): Handler {
  const { log, limits, arnScope, storeHealth } = options
  const bounds = textBoundsOf(limits)
  const operations = new Map<string, JsonOperation>()
  for (const [name, run] of Object.entries(OPERATIONS) as [OperationName, Run][]) {
    operations.set(name, async (input, call) => {
      try {
        const output = (await run(control, new Input(input, bounds), call)) as JsonObject
        if (CHANGES.test(name)) log.info('what is deployed was changed', changeFields(name, input, output, call))
        return output
      } catch (error) {
        const isAway = error instanceof StoreUnavailableError || storeHealth().status !== 'ok'
        if (!(error instanceof ServiceError) && !isAway) throw error
        // What fails while the store is away is no bug of ours: whoever has asked asks again.
        const told = error instanceof ServiceError ? error : unavailable()
        throw new WireError(told.status, told.code, withScope(told, arnScope), told.detail)
      }
    })
  }
  return createAwsJsonHandler(operations, { log, bytesMax: limits.api.requestBytesMax, aws: apiOf('states') })
}

const CHANGES = /^(?:Create|Update|Delete|Publish)(?:StateMachine|Activity)/

const changeFields = (name: string, input: JsonObject, output: JsonObject, { requestId }: Pick<CallContext, 'requestId'>) => ({
  requestId,
  action: `states:${name}`,
  resource: Object.entries({ ...input, ...output }).findLast(([member]) => /Arn$/.test(member) && member !== 'roleArn')?.[1],
})

/** What is not there may be of another region or account than all that is made here: AWS's text says no more, ours does. */
function withScope({ code, message }: ServiceError, { region, account }: ArnScope): string {
  const [, theirs, owner] = /\barn:[^:']*:states:([^:']*):([^:']*):/.exec(message) ?? []
  if (!/DoesNotExist$|^ResourceNotFound$/.test(code) || theirs === undefined) return message
  if (theirs === region && owner === account) return message
  return `${message} (what is made on this server is of the region ${region} and the account ${account})`
}
