/**
 * Wait: stays until its instant has come. A number of seconds, or a timestamp; the past is now.
 * Source: developer guide, "Wait workflow state"; texts as recorded (conformance: scenarios/wait).
 */
import { ErrorName } from '../../base/error-names.ts'
import type { Json } from '../../base/json.ts'
import { numberOf } from '../../base/numeral.ts'
import { err, ok } from '../../base/result.ts'
import { type Instant, parseTimestamp, toInstant } from '../../base/time.ts'

import { showJson } from '../../expr/json-bounds.ts'
import type { WaitState } from '../../asl/program.ts'

import { effectiveInput, exitWithInput } from '../data-flow.ts'
import { exitState, failEvaluation } from '../fail.ts'
import type { Turn } from '../turn.ts'
import type { Outcome, Visit } from '../visit.ts'

export function enterWait(visit: Visit<WaitState>): void {
  const { turn, active } = visit
  const { kind, value: field } = visit.state.until
  const effective = effectiveInput(visit)
  if (!effective.ok) return failEvaluation(visit, effective.error)
  const value = visit.evaluate(field, effective.value.exact)
  if (!value.ok) return failEvaluation(visit, value.error)
  const until = kind === 'seconds' ? fromSeconds(visit, value.value) : fromTimestamp(visit, value.value)
  if (!until.ok) return failEvaluation(visit, until.error, active.enteredEventId)
  if (until.value <= turn.at) finishWait(visit)
  else visit.note({ type: 'WaitUntil', until: until.value })
}

export function finishWait(visit: Visit<WaitState>): void {
  const effective = effectiveInput(visit)
  exitState(visit, effective.ok ? exitWithInput(visit, effective.value) : effective, visit.state.next)
}

type Until = Outcome<Instant>

function fromSeconds({ turn, state }: Visit<WaitState>, value: Json): Until {
  const { field, text } = state.until.value
  const isPath = field === 'SecondsPath'
  const seconds = numberOf(value)
  if (typeof seconds !== 'number' || !Number.isInteger(seconds)) {
    return isPath
      ? refuse(state, `The SecondsPath parameter cannot be parsed as a long value: ${text} == ${show(value)}`)
      : refuse(state, `The Seconds field cannot be parsed as a long value: ${show(value)}`)
  }
  if (seconds < 0) {
    return isPath
      ? refuse(state, `The SecondsPath parameter references a negative value: ${text} == ${value}`)
      : refuse(state, `The Seconds field is a negative value: ${value}`)
  }
  return within(turn, state, turn.at + seconds * 1000)
}

function fromTimestamp({ turn, state }: Visit<WaitState>, value: Json): Until {
  const { field, text } = state.until.value
  const instant = typeof value === 'string' ? parseTimestamp(value) : undefined
  if (instant !== undefined) return within(turn, state, instant)
  return field === 'TimestampPath'
    ? refuse(
        state,
        `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${text} == ${show(value)}`,
      )
    : refuse(state, `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${show(value)}`)
}

/** 2^31 - 1 seconds (measured on AWS: 24,855 days pass, 24,856 do not). */
const WAIT_MS_MAX = (2 ** 31 - 1) * 1000

function within(turn: Turn, state: WaitState, until: number): Until {
  return until - turn.at > WAIT_MS_MAX ? refuse(state, 'Wait state delay is too long.') : ok(toInstant(until))
}

const show = (value: Json) => (typeof value === 'string' ? value : showJson(value))

function refuse(state: WaitState, cause: string): Until {
  if (state.queryLanguage === 'JSONPath') return err({ error: ErrorName.Runtime, cause })
  return err({ error: ErrorName.QueryEvaluationError, cause, location: state.until.value.field })
}
