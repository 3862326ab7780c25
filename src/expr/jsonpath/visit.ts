/**
 * Every path, step by step, as Jayway 2.0.0 walks: a chain of visitors, each of which hands on what it finds. Kept from there:
 * a member that is missing at the path's end is a failure, but below a wildcard on an array; a filter on an object judges
 * the object itself; an index past either end is null; slices do not reach objects; `..x` before other steps takes all items
 * of an array for what `x` finds in it.
 */
import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { keysOf, valuesOf } from '../../base/member-order.ts'

import { isDefinite, printSteps, type Step } from './ast.ts'
import { compileDefinite, compileMerge } from './definite.ts'
import { compileFilter, type Judge, type ReadOperand } from './filter.ts'
import { below, type Problem, ReadFault, tell } from './problem.ts'
import { itemAt, memberReader, type Run } from './run.ts'

/**
 * Puts what it finds in `value` into `found`; a problem when the read ends here. Undefined is Java's null: a null member of an
 * object, and what is past an array's end; a null item of an array is a value. Throws ReadFault, WorkSpent.
 */
export type Visit = (value: Json | undefined, run: Run, found: Json[]) => Problem | undefined

interface Place {
  readonly steps: readonly Step[]
  readonly at: number
  readonly isLeaf: boolean
  readonly next: Visit
}

const collect: Visit = (value, _run, found) => {
  found.push(value ?? null)
  return undefined
}

export function compileVisits(steps: readonly Step[]): Visit {
  let next = collect
  let afterNext = collect
  for (let at = steps.length - 1; at >= 0; at--) {
    const visit = compileVisit({ steps, at, isLeaf: at === steps.length - 1, next }, afterNext)
    afterNext = next
    next = visit
  }
  return next
}

function compileVisit(place: Place, afterNext: Visit): Visit {
  const step = stepOf(place)
  switch (step?.type) {
    case 'property':
      return visitProperty(place, step.names)
    case 'index':
      return visitRange(place, () => [step.index, step.index + 1])
    case 'fromEnd':
      return visitRange(place, (length) => [length + step.offset, length + step.offset + 1])
    case 'slice':
      return visitRange(place, (length) => sliceBounds(step.from, step.to, length))
    case 'indexes':
      return visitIndexes(place, step.indexes)
    case 'wildcard':
      return visitAll(place)
    case 'filter':
      return visitMatching(place, compileFilter(step.filter, compileOperand))
    case 'unset':
      return visitMatching(place, failUnset)
    case 'scan':
      return visitDescendants(place, afterNext)
    case 'root':
      return visitRoot(place)
    case undefined:
      return place.next
  }
}

const stepOf = ({ steps, at }: Place): Step | undefined => steps[at]

function visitProperty(place: Place, names: readonly string[]): Visit {
  const [name] = names
  const printed = printSteps(place.steps.slice(place.at, place.at + 1))
  const visit = name === undefined || names.length > 1 ? visitMerged(place, names, printed) : visitMember(place, name)
  const noObject = (path: string): string => `Property ${printed} not found in path ${path}`
  return (value, run, found) => {
    if (!isObject(value)) return { isMissing: true, tell: noObject, value, keys: [] }
    run.spend(names.length)
    return visit(value, run, found)
  }
}

type VisitObject = (value: JsonObject, run: Run, found: Json[]) => Problem | undefined

function visitMember({ steps, at, isLeaf, next }: Place, name: string): VisitObject {
  const read = memberReader(name)
  // Jayway asks the step before it whether the path is definite from there on.
  const mayBeMissing = !isLeaf && !isDefinite(steps.slice(Math.max(0, at - 1)))
  const noMember = (path: string): string => `${isLeaf ? 'No results for path: ' : 'Missing property in path '}${path}`
  return (value, run, found) => {
    const member = read(value)
    if (member !== undefined) return below(next(member ?? undefined, run, found), name, false)
    return mayBeMissing ? undefined : { isMissing: true, tell: noMember, value, keys: [name] }
  }
}

function visitMerged({ isLeaf, next }: Place, names: readonly string[], printed: string): VisitObject {
  const merge = compileMerge(names)
  const noLeaf = (path: string): string => `Multi properties can only be used as path leafs: ${path}${printed}`
  return (value, run, found) => (isLeaf ? next(merge(value), run, found) : { isMissing: false, tell: noLeaf, value, keys: [] })
}

const visitRange =
  (place: Place, boundsOf: (length: number) => readonly [from: number, to: number]): Visit =>
  (value, run, found) => {
    if (!isArray(value)) return noArray(place, value)
    const [from, to] = boundsOf(value.length)
    if (to > from) run.spend(to - from)
    for (let i = from; i < to; i++) {
      const problem = below(place.next(itemAt(value, i), run, found), i, true)
      if (problem !== undefined) return problem
    }
    return undefined
  }

/** Three kinds of slices; only the one with both ends leaves negative numbers as they are. */
function sliceBounds(from: number | undefined, to: number | undefined, length: number): readonly [number, number] {
  if (length === 0) return [0, 0]
  if (from === undefined) return [0, Math.min(length, (to ?? 0) < 0 ? length + (to ?? 0) : (to ?? 0))]
  if (to === undefined) return [Math.max(0, from < 0 ? length + from : from), length]
  return [from, Math.min(length, to)]
}

const visitIndexes =
  (place: Place, indexes: readonly number[]): Visit =>
  (value, run, found) => {
    if (!isArray(value)) return noArray(place, value)
    run.spend(indexes.length)
    for (const index of indexes) {
      const problem = below(place.next(itemAt(value, index), run, found), index, true)
      if (problem !== undefined) return problem
    }
    return undefined
  }

const noArray = ({ steps, at }: Place, value: Json | undefined): Problem =>
  value === undefined
    ? { isMissing: true, tell: (path) => `The path ${path} is null`, value, keys: [] }
    : {
        isMissing: false,
        tell: (_path, shown) =>
          `Filter: ${printSteps(steps.slice(at))} can only be applied to arrays. Current context is: ${shown}`,
        value,
        keys: [],
      }

const visitAll =
  ({ next }: Place): Visit =>
  (value, run, found) => {
    if (isArray(value)) {
      run.spend(value.length)
      for (let i = 0; i < value.length; i++) {
        const problem = next(value[i], run, found)
        if (problem !== undefined && !problem.isMissing) return below(problem, i, true)
      }
    } else if (isObject(value)) {
      const names = keysOf(value)
      run.spend(names.length)
      for (const name of names) {
        const problem = below(next(value[name] ?? undefined, run, found), name, false)
        if (problem !== undefined) return problem
      }
    }
    return undefined
  }

const visitMatching =
  ({ steps, at, next }: Place, judge: Judge): Visit =>
  (value, run, found) => {
    if (isObject(value)) {
      run.spend(1)
      return judge(value, run) ? next(value, run, found) : undefined
    }
    if (!isArray(value)) {
      const rest = printSteps(steps.slice(at))
      const tell = (_path: string, shown: string): string =>
        `Filter: ${rest} can not be applied to primitives. Current context is: ${shown}`
      return { isMissing: false, tell, value, keys: [] }
    }
    run.spend(value.length)
    for (let i = 0; i < value.length; i++) {
      const item = value[i] as Json
      const problem = judge(item, run) ? next(item, run, found) : undefined
      if (problem !== undefined) return below(problem, i, true)
    }
    return undefined
  }

/** Stays where it is, and lets the path that is told begin anew. */
const visitRoot =
  ({ next }: Place): Visit =>
  (value, run, found) => {
    const problem = next(value, run, found)
    if (problem !== undefined) problem.isRooted = true
    return problem
  }

const failUnset: Judge = () => {
  throw new ReadFault('The filter is not set')
}

/** `..step`: the step is tried on every object and array, parents before children, without recursion. */
function visitDescendants({ steps, at, next }: Place, afterNext: Visit): Visit {
  const step = steps[at + 1]
  const isWanted = scanCondition(step)
  const isLeaf = at + 2 === steps.length
  const visitItems: Visit = (items, run, found) => {
    if (!isArray(items)) return undefined
    for (let i = 0; i < items.length; i++) {
      const problem = afterNext(items[i] ?? undefined, run, found)
      if (problem !== undefined) return below(problem, i, false)
    }
    return undefined
  }
  return (start, run, found) => {
    const open: Level[] = []
    for (let value: Json | undefined = start; ; value = nextMember(open)) {
      if (value === undefined) return undefined
      if (typeof value !== 'object' || value === null) continue
      const level = openLevel(value)
      run.spend(level.members.length + 1)
      const visit = isArray(value) && !isLeaf ? visitItems : next
      const problem = isWanted(value, run) ? visit(value, run, found) : undefined
      if (problem !== undefined) return open.reduceRight((inner, each) => belowLevel(inner, each), problem)
      open.push(level)
    }
  }
}

/** An object or array on the way down, and how many of its members have been walked. */
interface Level {
  readonly value: JsonObject | readonly Json[]
  readonly members: readonly Json[]
  walked: number
}

const openLevel = (value: JsonObject | readonly Json[]): Level => ({
  value,
  members: isArray(value) ? value : valuesOf(value),
  walked: 0,
})

/** In document order; leaves the levels that are through. */
function nextMember(open: Level[]): Json | undefined {
  for (let level = open.at(-1); level !== undefined; level = open.at(-1)) {
    if (level.walked < level.members.length) return level.members[level.walked++]
    open.pop()
  }
  return undefined
}

function belowLevel(problem: Problem, { value, walked }: Level): Problem {
  const key = isArray(value) ? walked - 1 : (keysOf(value)[walked - 1] ?? '')
  return below(problem, key, false)
}

function scanCondition(step: Step | undefined): Judge {
  switch (step?.type) {
    case 'property':
      return (value) => isObject(value) && step.names.every((name) => Object.hasOwn(value, name))
    case 'index':
    case 'indexes':
    case 'fromEnd':
    case 'slice':
      return isArray
    case 'wildcard':
      return () => true
    case 'filter':
      return compileFilter(step.filter, compileOperand)
    case 'unset':
      return failUnset
    default:
      return () => false
  }
}

/** A path inside a filter. Only what asks for an array, or for several names on the way, may end the whole read. */
function compileOperand(steps: readonly Step[]): ReadOperand {
  const find = compileDefinite(steps)
  const mayFault = steps.some((step) => step.type !== 'property' || step.names.length !== 1)
  if (!mayFault) return find
  const visit = compileVisits(steps)
  return (start, run) => {
    const value = find(start)
    if (value !== undefined) return value
    const problem = visit(start ?? undefined, run, [])
    if (problem !== undefined && !problem.isMissing) throw new ReadFault(tell(problem, false))
    return undefined
  }
}
