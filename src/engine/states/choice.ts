/** Choice: goes where the first rule that matches says, else to Default. Source: developer guide, "Choice workflow state". */
import { ErrorName } from '../../base/error-names.ts'
import { failure } from '../../base/failure.ts'
import type { Payload } from '../../base/payload.ts'

import type { ChoiceRule, ChoiceState } from '../../asl/program.ts'

import { activeOf } from '../apply.ts'
import { effectiveInput, exitWithInput } from '../data-flow.ts'
import { failEvaluation, failState } from '../fail.ts'
import { leaveState } from '../leave.ts'
import { scopeOf } from '../scope.ts'
import type { Frame } from '../state.ts'
import type { Turn } from '../turn.ts'

export function enterChoice(turn: Turn, frame: Frame, state: ChoiceState): void {
  const effective = effectiveInput(turn, frame, state, activeOf(frame).input)
  if (!effective.ok) return failEvaluation(turn, frame, effective.error)
  const scope = scopeOf(turn, frame, { input: effective.value.value })
  for (const rule of state.choices) {
    const matches = rule.matches(scope)
    if (!matches.ok) return failEvaluation(turn, frame, matches.error)
    if (matches.value) return leaveBy(turn, frame, state, rule, rule.next, effective.value)
  }
  if (state.default !== undefined) return leaveBy(turn, frame, state, undefined, state.default, effective.value)
  const active = activeOf(frame)
  const place = `An error occurred while executing the state '${active.name}' (entered at the event id #${active.enteredEventId}).`
  failState(
    turn,
    frame,
    failure(
      ErrorName.NoChoiceMatched,
      `${place} Failed to transition out of the state. The state did not point to a next state.`,
    ),
  )
}

/** A rule's own Assign and Output take the place of the state's. */
function leaveBy(
  turn: Turn,
  frame: Frame,
  state: ChoiceState,
  rule: ChoiceRule | undefined,
  next: string,
  effective: Payload,
): void {
  const fields = rule ? { ...state, assign: rule.assign, output: rule.output ?? state.output } : state
  const exit = exitWithInput(turn, frame, fields, effective)
  if (exit.ok) leaveState(turn, frame, exit.value, next)
  else failEvaluation(turn, frame, exit.error)
}
