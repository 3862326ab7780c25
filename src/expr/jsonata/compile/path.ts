/**
 * Paths: `a.b[c].d`. The input becomes a list of items; each step maps every item and flattens what comes out by one
 * level. Steps that are plain names are followed without making lists for as long as there is only one item.
 * The last step is special: a single array that it finds in the data stays that array.
 */
import type { AstNode } from '../ast.ts'
import type { Run } from '../run.ts'
import type { Frame, Scope } from '../scope.ts'
import {
  asSequence,
  isArray,
  type MutableArray,
  settle,
  settleItems,
  type Value,
  type ValueArray,
  type ValueObject,
} from '../value.ts'
import type { Compiler, Eval } from './compiler.ts'
import { compileGroup } from './constructors.ts'
import { compileFilter, type Filter } from './filter.ts'
import { compileSort } from './sort.ts'
import { compileTuplePath } from './tuple-path.ts'

/** Maps a list of items to the next one. As the last step it may hand back an array of the data itself. */
export type Step = (items: readonly Value[], frame: Frame, isLast: boolean) => ValueArray

export function compilePath(compiler: Compiler, node: AstNode, scope: Scope, depth: number): Eval {
  const steps = node.steps ?? []
  if (steps.some((step) => step.tuple === true)) return compileTuplePath(compiler, node, scope, depth)
  const keepsSingleton = node.keepSingletonArray === true || node.keepArray === true
  if (!compiler.counts && node.group === undefined && !keepsSingleton) {
    const names = plainNames(steps)
    if (names !== undefined) {
      // Both the path and its names nest; nothing below them does.
      const first = steps[0] as AstNode
      const root = compiler.node(first.type === 'variable' ? first : { type: 'value', value: null }, scope, depth + 1)
      return first.type === 'variable' ? namesFrom(root, names) : namesOf(names)
    }
  }
  const select = compileSteps(compiler, steps, scope, depth)
  if (node.group !== undefined) {
    const group = compileGroup(compiler, node.group.lhs, scope, depth + 1)
    return (input, frame) => group(select(input, frame), frame)
  }
  if (!keepsSingleton) return (input, frame) => settle(select(input, frame))
  return (input, frame) => {
    const selected: MutableArray = select(input, frame) as MutableArray
    const kept = selected.constructed === true && selected.sequence !== true ? asSequence([selected]) : selected
    if (kept.sequence === true) kept.keepSingleton = true
    return settle(kept)
  }
}

/** The names of a path `name.name…` or `$variable.name…`, undefined for any other. */
function plainNames(steps: readonly AstNode[]): string[] | undefined {
  const names: string[] = []
  for (const [i, step] of steps.entries()) {
    if (step.stages !== undefined || step.predicate !== undefined || step.group !== undefined || step.keepArray) return undefined
    if (step.type === 'name') names.push(step.value as string)
    else if (i > 0 || step.type !== 'variable' || steps.length === 1) return undefined
  }
  return names
}

function namesOf(names: readonly string[]): Eval {
  const [first, second] = names
  if (first !== undefined && second === undefined && !isInherited(first)) {
    return (input, frame) => {
      if (typeof input !== 'object' || input === null) return undefined
      return isArray(input) ? follow(input, names, 0, frame.run) : (input as ValueObject)[first]
    }
  }
  return (input, frame) => follow(input, names, 0, frame.run)
}

function namesFrom(root: Eval, names: readonly string[]): Eval {
  return (input, frame) => {
    const value = root(input, frame)
    return isArray(value) && value.constructed === true
      ? settle(followItems([value], names, 0, frame.run))
      : follow(value, names, 0, frame.run)
  }
}

const isInherited = (name: string): boolean => name in Object.prototype

/** An own member. Names that every object inherits take the slower way. */
export function memberOf(object: ValueObject, name: string): Value {
  const value = object[name]
  if (value === undefined || !isInherited(name)) return value
  return Object.hasOwn(object, name) ? value : undefined
}

/** Follows names from `at` on, without a list while there is one item. */
function follow(input: Value, names: readonly string[], at: number, run: Run): Value {
  let value = input
  for (let i = at; i < names.length; i++) {
    if (typeof value !== 'object' || value === null) return undefined
    if (isArray(value)) return settle(followItems(value, names, i, run))
    value = memberOf(value as ValueObject, names[i] as string)
  }
  return value
}

function followItems(input: readonly Value[], names: readonly string[], at: number, run: Run): ValueArray {
  let items: ValueArray = input
  for (let i = at; i < names.length; i++) {
    items = selectName(items, names[i] as string, i === names.length - 1, run)
    if (items.length === 0) break
  }
  return items
}

/** One name step over a list. */
function selectName(items: readonly Value[], name: string, isLast: boolean, run: Run): ValueArray {
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

/** All steps of a path without tuples; the result is a raw sequence or an array of the data. */
function compileSteps(
  compiler: Compiler,
  steps: readonly AstNode[],
  scope: Scope,
  depth: number,
): (input: Value, frame: Frame) => ValueArray {
  const first = steps[0] as AstNode
  const compiled = steps.map((step, i) =>
    i === 0 && step.consarray === true ? NO_STEP : compileStep(compiler, step, scope, depth + 1),
  )
  const leading = first.consarray === true ? compiler.node(first, scope, depth + 1) : undefined
  const isAbsolute = first.type === 'variable'
  return (input, frame) => {
    let items: ValueArray = isArray(input) && !isAbsolute ? input : asSequence([input])
    for (let i = 0; i < compiled.length; i++) {
      items =
        i === 0 && leading !== undefined
          ? (leading(items, frame) as ValueArray)
          : (compiled[i] as Step)(items, frame, i === compiled.length - 1)
      if (items.length === 0) break
    }
    return items
  }
}

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
