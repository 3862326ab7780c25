/** What was expected beside what there is. Pure. */
import { deepEqual, isArray, isObject, type Json } from '../../base/json.ts'

import { diffLines } from '../expect/difference.ts'

/** Where `given` lacks what `wanted` has: objects may have more members, lists may not have more items. Empty where nothing is lacking. */
export function lacking(wanted: Json, given: Json | undefined, place = ''): readonly string[] {
  const where = place === '' ? 'it' : place
  if (given === undefined) return [`${where} is not there; expected is ${short(wanted)}`]
  if (isObject(wanted) && isObject(given))
    return Object.entries(wanted).flatMap(([name, value]) =>
      lacking(value, Object.hasOwn(given, name) ? given[name] : undefined, place === '' ? name : `${place}.${name}`),
    )
  if (isArray(wanted) && isArray(given)) {
    if (wanted.length !== given.length) return [`${where} has ${given.length} items; expected are ${wanted.length}`]
    return wanted.flatMap((item, index) => lacking(item, given[index], `${place}[${index}]`))
  }
  return deepEqual(wanted, given) ? [] : [`${where} is ${short(given)}; expected is ${short(wanted)}`]
}

const CONTEXT = 2
const LINES_MAX = 60

/** Lines of both as JSON: `-` what was expected, `+` what there is, a space what is the same, and some of that left out. */
export function diffOf(wanted: Json, given: Json | undefined): readonly string[] {
  return shortened(diffLines(linesOf(wanted), given === undefined ? ['nothing'] : linesOf(given)))
}

function shortened(lines: readonly string[]): readonly string[] {
  const isNear = (index: number): boolean =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some((line) => !line.startsWith('  '))
  const shown = lines.flatMap((line, index) => {
    if (isNear(index)) return [line]
    return index === 0 || isNear(index - 1) ? ['  …'] : []
  })
  return shown.length > LINES_MAX ? [...shown.slice(0, LINES_MAX), `  … and ${shown.length - LINES_MAX} lines more`] : shown
}

/** Members by name, for their order says nothing. */
const linesOf = (value: Json): readonly string[] => JSON.stringify(sorted(value), null, 2).split('\n')

function sorted(value: Json): Json {
  if (isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, inner]) => [name, sorted(inner)] as const)
      .toSorted(byName),
  )
}

const byName = ([a]: readonly [string, Json], [b]: readonly [string, Json]): number => (a < b ? -1 : a > b ? 1 : 0)

const SHORT_MAX = 80

function short(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > SHORT_MAX ? `${text.slice(0, SHORT_MAX)}…` : text
}
