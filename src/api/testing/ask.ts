/** Step Functions' endpoint without its HTTP: an operation asked with any JSON, on a world in process. */
import type { JsonObject } from '../../base/json.ts'

import type { Control } from '../../control/control.ts'
import { ServiceError } from '../../control/service-error.ts'
import { openService } from '../../runtime/testing/world.ts'

import { OPERATIONS } from '../handler.ts'
import { Input } from '../input.ts'
import type { OperationName } from '../model.ts'
import type { Call } from '../operation.ts'

type Run = (control: Control, input: Input<unknown>, call: Call) => Promise<JsonObject>
export const ROLE = 'arn:aws:iam::000000000000:role/r'
export const machineOf = (States: Readonly<Record<string, object>>) => JSON.stringify({ StartAt: Object.keys(States)[0], States })
export const PASSING = machineOf({ P: { Type: 'Pass', End: true } })

export async function openApi() {
  const { world, control, service } = await openService()
  const { signal } = new AbortController()
  const ask = (name: OperationName, input: object = {}): Promise<JsonObject> =>
    (OPERATIONS[name] as Run)(control, new Input<unknown>(JSON.parse(JSON.stringify(input)) as JsonObject), {
      signal,
      pollSignal: () => signal,
    })
  /** Code and message of the refusal. */
  const refusal = async (name: OperationName, input: object = {}) => {
    const answer = await ask(name, input).catch((error: unknown) => error)
    if (!(answer instanceof ServiceError)) throw new Error(`${name} was not refused: ${JSON.stringify(answer)}`)
    return { code: answer.code, message: answer.message }
  }
  return { world, service, control, ask, refusal }
}
