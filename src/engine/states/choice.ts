/** Choice: goes where the first rule that matches says, else to Default. Source: developer guide, "Choice workflow state". */
import { ErrorName } from '../../base/error-names.ts'
import { failure } from '../../base/failure.ts'
import type { Payload } from '../../base/payload.ts'

import type { ChoiceRule, ChoiceState } from '../../asl/program.ts'

import { effectiveInput, exitWithInput } from '../data-flow.ts'
import { exitState, failEvaluation, failState } from '../fail.ts'
import type { Visit } from '../visit.ts'

export function enterChoice(visit: Visit<ChoiceState>): void {
  const { choices, default: otherwise } = visit.state
  const effective = effectiveInput(visit)
  if (!effective.ok) return failEvaluation(visit, effective.error)
  const scope = visit.scope({ input: effective.value.exact })
  for (const rule of choices) {
    const matches = rule.matches(scope)
    if (!matches.ok) return failEvaluation(visit, matches.error)
    if (matches.value) return leaveBy(visit, rule, effective.value)
  }
  if (otherwise !== undefined) return exitState(visit, exitWithInput(visit, effective.value), otherwise)
  const cause = `${visit.place} Failed to transition out of the state. The state did not point to a next state.`
  failState(visit, failure(ErrorName.NoChoiceMatched, cause))
}

/** A rule's own Assign takes the place of the state's, and so does its Output where it has one. */
function leaveBy(visit: Visit<ChoiceState>, { assign, output = visit.state.output, next }: ChoiceRule, effective: Payload): void {
  exitState(visit, exitWithInput(visit, effective, { assign, output }), next)
}
