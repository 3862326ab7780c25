/** Succeed: ends its frame with its input, or what Output makes of it. */
import type { SucceedState } from '../../asl/program.ts'

import { activeOf } from '../apply.ts'
import { effectiveInput, exitWithInput } from '../data-flow.ts'
import { failEvaluation } from '../fail.ts'
import { leaveState } from '../leave.ts'
import type { Frame } from '../state.ts'
import type { Turn } from '../turn.ts'

export function enterSucceed(turn: Turn, frame: Frame, state: SucceedState): void {
  const effective = effectiveInput(turn, frame, state, activeOf(frame).input)
  const exit = effective.ok ? exitWithInput(turn, frame, state, effective.value) : effective
  if (exit.ok) leaveState(turn, frame, exit.value, undefined)
  else failEvaluation(turn, frame, exit.error)
}
