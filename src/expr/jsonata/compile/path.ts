/**
 * Paths: `a.b[c].d`. The input becomes a list of items; each step maps every item and flattens what comes out by one
 * level. Steps that are plain names are followed without making lists for as long as there is only one item.
 * The last step is special: a single array that it finds in the data stays that array.
 */
import type { AstNode } from '../ast.ts'
import type { Run } from '../run.ts'
import type { Frame, Scope } from '../scope.ts'
import { asSequence, isArray, type MutableArray, settle, type Value, type ValueArray, type ValueObject } from '../value.ts'
import type { Compiler, Eval } from './eval.ts'
import { compileGroup } from './constructors.ts'
import { compileStep, isInherited, memberOf, NO_STEP, type Step, selectName } from './step.ts'
import { compileTuplePath } from './tuple-path.ts'

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
