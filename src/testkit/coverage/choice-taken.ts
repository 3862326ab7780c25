/**
 * By which of its rules a Choice went. A history tells where it led; where several rules lead there, they are evaluated on the
 * visit's input, in their order, for as long as what they look at is in the history.
 */
import type { Json } from '../../base/json.ts'

import type { ChoiceState } from '../../asl/program.ts'

import { evaluateKnown, jsonIn, type Seen } from './known.ts'

/** A rule by its index, or Default. */
export type ChoiceWay = number | 'Default'

/** One way where it is known, else those that are left. */
export function waysOfChoice(state: ChoiceState, seen: Seen, to: string): readonly ChoiceWay[] {
  const leading: ChoiceWay[] = state.choices.flatMap(({ next }, index) => (next === to ? [index] : []))
  if (state.default === to) leading.push('Default')
  if (leading.length < 2) return leading
  const input = effectiveInput(state, seen)
  while (input !== undefined && leading.length > 1) {
    const [first = 'Default'] = leading
    const rule = first === 'Default' ? undefined : state.choices[first]
    const matches = rule && evaluateKnown(seen, input, (scope) => rule.matches(scope))
    if (matches === undefined) return leading
    if (matches) return [first]
    leading.shift()
  }
  return leading
}

function effectiveInput({ inputPath: path }: ChoiceState, seen: Seen): Json | undefined {
  const input = jsonIn(seen.visit.input)
  if (path === undefined || input === undefined) return input
  return path === null ? {} : evaluateKnown(seen, input, (scope) => path.evaluate(scope))
}
