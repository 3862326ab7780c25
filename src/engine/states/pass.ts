/** Pass: hands its input on, or its Result or Parameters; does no work and cannot be retried. */
import { Payload } from '../../base/payload.ts'

import type { PassState } from '../../asl/program.ts'

import { activeOf } from '../apply.ts'
import { effectiveInput, evaluateParameters, exitWithInput, exitWithResult } from '../data-flow.ts'
import { failEvaluation } from '../fail.ts'
import { leaveState } from '../leave.ts'
import type { Frame } from '../state.ts'
import type { Turn } from '../turn.ts'

export function enterPass(turn: Turn, frame: Frame, state: PassState): void {
  const exit = passExit(turn, frame, state)
  if (exit.ok) leaveState(turn, frame, exit.value, state.next)
  else failEvaluation(turn, frame, exit.error)
}

function passExit(turn: Turn, frame: Frame, state: PassState): ReturnType<typeof exitWithResult> {
  const raw = activeOf(frame).input
  if (state.queryLanguage === 'JSONata') return exitWithInput(turn, frame, state, raw)
  const effective = effectiveInput(turn, frame, state, raw)
  if (!effective.ok) return effective
  const shaped = evaluateParameters(turn, frame, state, effective.value)
  if (!shaped.ok) return shaped
  const result = state.result === undefined ? shaped.value : Payload.ofValue(state.result)
  return exitWithResult(turn, frame, state, raw, result)
}
