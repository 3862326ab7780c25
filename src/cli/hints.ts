/** How to mend what the check of a definition finds: by AWS's code, and by the text where one code stands for many things. */
import { closest } from '../base/closest.ts'
import { getOwn, isObject, type Json } from '../base/json.ts'

const HINTS: Readonly<Record<string, string>> = {
  INVALID_JSON_DESCRIPTION: 'Mend the JSON at this place: a comma or quote that is missing, or one too many.',
  MISSING_DESCRIPTION: 'A definition is an object with StartAt and States.',
  INVALID_RESOURCE: 'Resource is the ARN of a function or an activity, or arn:aws:states:::service:action.',
  MISSING_END_STATE: 'Give one state "End": true, or end with a Succeed or Fail state.',
  DUPLICATE_STATE_NAME: 'Names of states are unique in the whole machine, branches and item processors included.',
  TOO_DEEPLY_NESTED: 'Move inner branches into a state machine of their own and call it with states:startExecution.',
}

export function hintFor(code: string, message: string, definition: Json): string | undefined {
  if (code === 'MISSING_TRANSITION_TARGET') {
    if (/not reachable/i.test(message)) return 'Lead a Next, a Default or a Catch to this state, or remove it.'
    return nearestState(message, definition) ?? 'Add a state of this name, or name one that exists in the same block.'
  }
  return HINTS[code]
}

/** "Did you mean …": a state whose name is a slip away from the quoted one. */
function nearestState(message: string, definition: Json): string | undefined {
  const wanted = [...message.matchAll(/["']([^"']+)["']/g)].map((match) => match[1] ?? '').at(-1)
  if (wanted === undefined) return undefined
  const nearest = closest(wanted, stateNames(definition))
  return nearest === undefined ? undefined : `Did you mean "${nearest}"?`
}

const NAMES_MAX = 1_000

function stateNames(definition: Json): string[] {
  const states = isObject(definition) ? getOwn(definition, 'States') : undefined
  return isObject(states) ? Object.keys(states).slice(0, NAMES_MAX) : []
}
