/** Pass: hands its input on, or its Result or Parameters; does no work and cannot be retried. */
import { Payload } from '../../base/payload.ts'

import type { PassState } from '../../asl/program.ts'

import { effectiveInput, type Exit, evaluateParameters, exitWithInput, exitWithResult } from '../data-flow.ts'
import { exitState } from '../fail.ts'
import type { Outcome, Visit } from '../visit.ts'

export function enterPass(visit: Visit<PassState>): void {
  exitState(visit, passExit(visit), visit.state.next)
}

function passExit(visit: Visit<PassState>): Outcome<Exit> {
  if (visit.isJsonata) return exitWithInput(visit, visit.input)
  const effective = effectiveInput(visit)
  if (!effective.ok) return effective
  const shaped = evaluateParameters(visit, effective.value)
  if (!shaped.ok) return shaped
  const { result } = visit.state
  return exitWithResult(visit, result === undefined ? shaped.value : Payload.ofValue(result))
}
