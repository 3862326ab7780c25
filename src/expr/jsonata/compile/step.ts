/** One step of a path: a name, a sort, or any expression, mapped over the items, with the predicates behind it. */
import type { AstNode } from '../ast.ts'
import type { Run } from '../run.ts'
import type { Frame, Scope } from '../scope.ts'
import { asSequence, isArray, type MutableArray, settleItems, type Value, type ValueArray, type ValueObject } from '../value.ts'
import type { Compiler, Eval } from './eval.ts'
import { compileFilter, type Filter } from './filter.ts'
import { compileSort } from './sort.ts'

/** Maps a list of items to the next one. As the last step it may hand back an array of the data itself. */
export type Step = (items: readonly Value[], frame: Frame, isLast: boolean) => ValueArray

/** Stands for an array constructor at the start of a path, which is evaluated once and not for each item. */
export const NO_STEP: Step = () => []

export function compileStep(compiler: Compiler, step: AstNode, scope: Scope, depth: number): Step {
  if (step.type === 'sort') {
    const sort = compileSort(compiler, step, scope, depth)
    const filters = compileStages(compiler, step, scope, depth)
    return (items, frame) => filters.reduce<Value>((list, filter) => filter(list, frame), sort(items, frame)) as ValueArray
  }
  if (step.type === 'name' && step.stages === undefined && step.predicate === undefined && !step.group && !compiler.counts) {
    const name = step.value as string
    return (items, frame, isLast) => selectName(items, name, isLast, frame.run)
  }
  const evaluate = step.type === 'name' ? compileName(compiler, step, scope, depth) : compiler.node(step, scope, depth)
  return mapStep(evaluate, compileStages(compiler, step, scope, depth))
}

/** A name that a predicate or a grouping follows, or whose nesting is counted. */
export function compileName(compiler: Compiler, step: AstNode, scope: Scope, depth: number): Eval {
  // As a level of its own it counts like any node.
  compiler.node({ type: 'value', value: null }, scope, depth)
  const name = step.value as string
  return (input, frame) => {
    if (compiler.counts && frame.run.depth + 1 > frame.run.depthMax) frame.run.overflow()
    if (typeof input !== 'object' || input === null) return undefined
    return isArray(input) ? lookupAll(input, name, frame.run) : memberOf(input as ValueObject, name)
  }
}

function compileStages(compiler: Compiler, step: AstNode, scope: Scope, depth: number): Filter[] {
  return (step.stages ?? []).flatMap((stage) => (stage.expr ? [compileFilter(compiler, stage.expr, scope, depth)] : []))
}

function mapStep(evaluate: Eval, filters: readonly Filter[]): Step {
  return (items, frame, isLast) => {
    const { run } = frame
    const out: MutableArray = []
    run.spend(items.length)
    let found = 0
    let only: Value
    for (let i = 0; i < items.length; i++) {
      let value = evaluate(items[i], frame)
      for (const filter of filters) value = filter(value, frame)
      if (value === undefined) continue
      found++
      only = value
      addFlattened(out, value, run)
    }
    return isLast && found === 1 && isDataArray(only) ? only : asSequence(out)
  }
}

export const isInherited = (name: string): boolean => name in Object.prototype

/** An own member. Names that every object inherits take the slower way. */
export function memberOf(object: ValueObject, name: string): Value {
  const value = object[name]
  if (value === undefined || !isInherited(name)) return value
  return Object.hasOwn(object, name) ? value : undefined
}

/** One name step over a list. */
export function selectName(items: readonly Value[], name: string, isLast: boolean, run: Run): ValueArray {
  const out: MutableArray = []
  const { length } = items
  run.spend(1 + length)
  let found = 0
  let only: Value
  for (let i = 0; i < length; i++) {
    const item = items[i]
    if (typeof item !== 'object' || item === null) continue
    const value = isArray(item) ? lookupAll(item, name, run) : memberOf(item as ValueObject, name)
    if (value === undefined) continue
    found++
    only = value
    addFlattened(out, value, run)
  }
  return isLast && found === 1 && isDataArray(only) ? only : asSequence(out)
}

/** `name` of an array of an array: all that its items have, settled. */
function lookupAll(items: ValueArray, name: string, run: Run): Value {
  const out: MutableArray = []
  addLookedUp(items, name, out, run)
  return settleItems(out)
}

function addLookedUp(items: ValueArray, name: string, out: MutableArray, run: Run): void {
  run.spend(1 + items.length)
  for (const item of items) {
    if (typeof item !== 'object' || item === null) continue
    if (isArray(item)) addLookedUp(item, name, out, run)
    else {
      const value = memberOf(item as ValueObject, name)
      if (isArray(value)) addItems(out, value, run)
      else if (value !== undefined) out.push(value)
    }
  }
}

const isDataArray = (value: Value): value is ValueArray => isArray(value) && value.sequence !== true

function addItems(out: MutableArray, items: ValueArray, run: Run): void {
  run.allocateItems(items.length)
  for (let i = 0; i < items.length; i++) out.push(items[i])
}

function addFlattened(out: MutableArray, value: Value, run: Run): void {
  if (isArray(value) && value.constructed !== true) addItems(out, value, run)
  else out.push(value)
}
