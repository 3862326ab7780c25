/**
 * Evaluates an expression of a state on what a history tells of what the state saw: its input, the variables assigned before it,
 * the execution's input and start. What the history does not hold (a name, an ARN, chance, variables from outside of a child)
 * makes the answer unknown as soon as the expression asks for it: nothing is guessed.
 */
import type { Json } from '../../base/json.ts'
import { parseExactly } from '../../base/member-order.ts'
import type { Result } from '../../base/result.ts'
import { formatContextTime, toInstant } from '../../base/time.ts'

import type { EvaluationFailure, EvaluationScope } from '../../asl/program.ts'
import { detailsOf, type HistoryEvent } from '../../history/history-event.ts'
import type { Visit } from '../../history/visits.ts'

/** A visit, and the event with which its execution began. */
export interface Seen {
  readonly visit: Visit
  readonly started: HistoryEvent | undefined
}

/** Undefined where the history does not tell enough for it, or where it fails. */
export function evaluateKnown<T>(
  { visit, started }: Seen,
  input: Json,
  ask: (scope: EvaluationScope) => Result<T, EvaluationFailure>,
): T | undefined {
  let isKnown = true
  const unknown = (): undefined => {
    isKnown = false
  }
  const known = (value: Json | undefined) => {
    if (value === undefined) unknown()
    return value
  }
  const context = () => contextOf(visit, started, unknown)
  const result = ask({
    input,
    context,
    states: () => ({ input: known(jsonIn(visit.input)) ?? null, context: context() }),
    variable: (name) => known(variableOf(visit, name)),
    draws: {
      uuid: () => unknown() ?? '',
      next: () => unknown() ?? 0,
      now: visit.startAt * 1_000,
    },
  })
  return isKnown && result.ok ? result.value : undefined
}

/** What a text of a history holds; undefined where it was left out, or cut. */
export function jsonIn(text: string | undefined): Json | undefined {
  if (text === undefined) return undefined
  try {
    return parseExactly(text) as Json
  } catch {
    return undefined
  }
}

/** As assigned last before the visit, in its own scope, else in those around it. */
function variableOf(visit: Visit, name: string): Json | undefined {
  for (let scope: Visit | undefined = visit; scope; scope = scope.parent)
    for (let before = scope.previous; before; before = before.previous)
      if (Object.hasOwn(before.assigned, name)) return jsonIn(before.assigned[name])
  return undefined
}

function contextOf({ name, startAt }: Visit, started: HistoryEvent | undefined, unknown: () => void): Json {
  const input = started && jsonIn(detailsOf(started).input)
  const told = {
    ...(input !== undefined && { Input: input }),
    ...(started && { StartTime: timeOf(started.timestamp) }),
  }
  return {
    Execution: withUnknown(told, ['Id', 'Input', 'Name', 'RoleArn', 'StartTime', 'RedriveCount', 'RedriveTime'], unknown),
    StateMachine: withUnknown({}, ['Id', 'Name'], unknown),
    State: { EnteredTime: timeOf(startAt), Name: name },
  }
}

const timeOf = (seconds: number): string => formatContextTime(toInstant(Math.round(seconds * 1_000)))

/** Adds members that tell when somebody looks at them. */
function withUnknown(told: Record<string, Json>, names: readonly string[], unknown: () => void): Json {
  const look = () => {
    unknown()
    return null
  }
  for (const name of names)
    if (!Object.hasOwn(told, name)) Object.defineProperty(told, name, { enumerable: true, configurable: true, get: look })
  return told
}
