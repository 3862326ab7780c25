/**
 * Indefinite paths (`*`, `..`, slices, unions, filters): a chain of visitors, each of which hands on what it finds. They
 * answer an array in document order; what is missing on the way is left out. Kept from Jayway: a filter on an object
 * judges the object itself; `[1:-1]` is empty; `[-2:2]` counts through the array's start.
 */
import { isArray, isObject, type Json } from '../../base/json.ts'

import { isDefinite, type Step } from './ast.ts'
import { compileDefinite, compileMerge } from './definite.ts'
import { compileFilter, type Judge } from './filter.ts'
import { memberReader, type Run } from './run.ts'

type Visit = (value: Json, run: Run, found: Json[]) => void

/** Selects from `start`; `run.document` is what `$` means in filters. Undefined: a definite path found nothing. */
export type Select = (start: Json, run: Run) => Json | undefined

export function compileSelect(steps: readonly Step[]): Select {
  if (isDefinite(steps)) {
    const find = compileDefinite(steps)
    return (start) => find(start)
  }
  const visit = compileVisits(steps)
  return (start, run) => {
    const found: Json[] = []
    visit(start, run, found)
    return found
  }
}

const collect: Visit = (value, _run, found) => {
  found.push(value)
}

function compileVisits(steps: readonly Step[]): Visit {
  let next = collect
  let isLeaf = true
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i]
    if (step === undefined) continue
    if (steps[i - 1]?.type === 'scan') {
      next = compileScan(step, next, isLeaf)
      i--
    } else next = compileVisit(step, next, isLeaf)
    isLeaf = false
  }
  return next
}

function compileVisit(step: Step, next: Visit, isLeaf: boolean): Visit {
  switch (step.type) {
    case 'property':
      return compileProperty(step.names, next, isLeaf)
    case 'wildcard':
      return visitMembers(next)
    case 'index':
      return visitIndexes(step.indexes, next)
    case 'slice':
      return visitSlice(step.from, step.to, next)
    case 'filter':
      return visitMatching(compileFilter(step.filter, compileSelect), next)
    case 'scan':
      return next
  }
}

function compileProperty(names: readonly string[], next: Visit, isLeaf: boolean): Visit {
  if (isLeaf && names.length > 1) {
    const merge = compileMerge(names)
    return (value, run, found) => {
      run.spend(names.length)
      const merged = merge(value)
      if (merged !== undefined) next(merged, run, found)
    }
  }
  const readers = names.map(memberReader)
  return (value, run, found) => {
    if (!isObject(value)) return
    run.spend(readers.length)
    for (const read of readers) {
      const member = read(value)
      if (member !== undefined) next(member, run, found)
    }
  }
}

const visitMembers =
  (next: Visit): Visit =>
  (value, run, found) => {
    if (typeof value !== 'object' || value === null) return
    const members = isArray(value) ? value : Object.values(value)
    run.spend(members.length)
    for (const member of members) next(member, run, found)
  }

const visitIndexes =
  (indexes: readonly number[], next: Visit): Visit =>
  (value, run, found) => {
    if (!isArray(value)) return
    run.spend(indexes.length)
    for (const index of indexes) visitAt(value, index, next, run, found)
  }

function visitAt(array: readonly Json[], index: number, next: Visit, run: Run, found: Json[]): void {
  const member = array[index < 0 ? array.length + index : index]
  if (member !== undefined) next(member, run, found)
}

const visitSlice =
  (from: number | undefined, to: number | undefined, next: Visit): Visit =>
  (value, run, found) => {
    if (!isArray(value) || value.length === 0) return
    const [first, end] = sliceBounds(from, to, value.length)
    if (end > first) run.spend(end - first)
    for (let i = first; i < end; i++) visitAt(value, i, next, run, found)
  }

/** Jayway's three kinds of slices; only the one with both ends leaves negative numbers as they are. */
function sliceBounds(from: number | undefined, to: number | undefined, length: number): [number, number] {
  if (from === undefined) return [0, Math.min(length, (to ?? 0) < 0 ? length + (to ?? 0) : (to ?? 0))]
  if (to === undefined) return [Math.max(0, from < 0 ? length + from : from), length]
  return [Math.max(from, -length), Math.min(length, to)]
}

const visitMatching =
  (judge: Judge, next: Visit): Visit =>
  (value, run, found) => {
    if (isObject(value)) {
      run.spend(1)
      if (judge(value, run)) next(value, run, found)
    } else if (isArray(value)) {
      run.spend(value.length)
      for (const item of value) if (judge(item, run)) next(item, run, found)
    }
  }

/** `..step`: the step is tried on every object and array, parents before children, without recursion. */
function compileScan(step: Step, next: Visit, isLeaf: boolean): Visit {
  const visit = compileVisit(step, next, isLeaf)
  const isWanted = scanCondition(step, isLeaf)
  return (start, run, found) => {
    const stack: Json[] = [start]
    for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
      if (typeof value !== 'object' || value === null) continue
      const members = isArray(value) ? value : Object.values(value)
      run.spend(members.length + 1)
      if (isWanted(value, run)) visit(value, run, found)
      for (let i = members.length - 1; i >= 0; i--) {
        const member = members[i]
        if (typeof member === 'object' && member !== null) stack.push(member)
      }
    }
  }
}

function scanCondition(step: Step, isLeaf: boolean): Judge {
  if (step.type === 'filter') return compileFilter(step.filter, compileSelect)
  if (step.type !== 'property' || !isLeaf) return () => true
  return (value) => isObject(value) && step.names.every((name) => Object.hasOwn(value, name))
}
