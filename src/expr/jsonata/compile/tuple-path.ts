/** Paths with `@$x`, `#$i` or `%` in them: from the first such step on, a tuple stream flows instead of a list. */
import type { AstNode } from '../ast.ts'
import { Frame, namesBoundBy, Scope, type Tuple } from '../scope.ts'
import { asSequence, isArray, settle, type Value, type ValueArray } from '../value.ts'
import type { Compiler, Eval } from './eval.ts'
import { compileGroup } from './constructors.ts'
import { compileTupleFilter } from './filter.ts'
import { compileName, compileStep, NO_STEP, type Step } from './step.ts'
import { compileSort, compileTupleSort } from './sort.ts'
import { tupleOf, TupleStream } from './tuple.ts'

/** A tuple is a map of its own: making one costs as much as many selections. */
const TUPLE_STEPS = 24

/** Takes the list before the first tuple step, or the stream after it. */
type TupleStep = (items: readonly Value[], stream: TupleStream | undefined, frame: Frame) => TupleStream

export function compileTuplePath(compiler: Compiler, node: AstNode, scope: Scope, depth: number): Eval {
  const steps = node.steps ?? []
  const from = steps.findIndex((step) => step.tuple === true)
  const before = steps
    .slice(0, from)
    .map((step) => (step.consarray === true && step === steps[0] ? NO_STEP : compileStep(compiler, step, scope, depth + 1)))
  const after = steps.slice(from).map((step) => compileTupleStep(compiler, step, scope, depth + 1))
  const first = steps[0] as AstNode
  const leading = first.consarray === true ? compiler.node(first, scope, depth + 1) : undefined
  const select = (input: Value, frame: Frame): TupleStream => {
    let items: ValueArray = isArray(input) && first.type !== 'variable' ? input : asSequence([input])
    for (let i = 0; i < before.length; i++) {
      items = i === 0 && leading !== undefined ? (leading(items, frame) as ValueArray) : (before[i] as Step)(items, frame, false)
      if (items.length === 0) return new TupleStream([])
    }
    let stream: TupleStream | undefined
    for (let i = 0; i < after.length; i++) {
      if (i === 0 && from === 0 && leading !== undefined) items = leading(items, frame) as ValueArray
      else stream = (after[i] as TupleStep)(items, stream, frame)
    }
    return stream ?? new TupleStream(items.map(tupleOf))
  }
  if (node.group !== undefined) {
    const group = compileGroup(compiler, node.group.lhs, scope, depth + 1)
    return (input, frame) => group(select(input, frame) as unknown as Value, frame)
  }
  if (node.tuple === true) return (input, frame) => select(input, frame) as unknown as Value
  const keepsSingleton = node.keepSingletonArray === true || node.keepArray === true
  return (input, frame) => {
    const selected = asSequence(select(input, frame).tuples.map((tuple) => tuple.get('@')))
    if (keepsSingleton) selected.keepSingleton = true
    return settle(selected)
  }
}

function compileTupleStep(compiler: Compiler, step: AstNode, scope: Scope, depth: number): TupleStep {
  const stages = compileTupleStages(compiler, step, scope, depth)
  const advance = step.type === 'sort' ? sortStep(compiler, step, scope, depth) : mapStep(compiler, step, scope, depth)
  return (items, stream, frame) => stages.reduce((current, stage) => stage(current, frame), advance(items, stream, frame))
}

function sortStep(compiler: Compiler, step: AstNode, scope: Scope, depth: number): TupleStep {
  // Which one is needed shows at the first use: compiling both would double at every level of nesting.
  let sortTuples: ReturnType<typeof compileTupleSort> | undefined
  let sortItems: ReturnType<typeof compileSort> | undefined
  return (items, stream, frame) => {
    if (stream !== undefined) {
      sortTuples ??= compileTupleSort(compiler, step, scope, depth)
      return sortTuples(stream, frame)
    }
    sortItems ??= compileSort(compiler, step, scope, depth)
    const sorted = sortItems(items, frame).map(tupleOf)
    if (step.index !== undefined) for (const [i, tuple] of sorted.entries()) tuple.set(step.index, i)
    return new TupleStream(sorted)
  }
}

function mapStep(compiler: Compiler, step: AstNode, outer: Scope, depth: number): TupleStep {
  const scope = new Scope(outer, namesBoundBy(step), { tuple: true })
  const evaluate = step.type === 'name' ? compileName(compiler, step, scope, depth) : compiler.node(step, scope, depth)
  return (items, stream, frame) => {
    const { run } = frame
    const next: Tuple[] = []
    for (const tuple of stream?.tuples ?? items.map(tupleOf)) {
      const context = tuple.get('@')
      const found = evaluate(context, new Frame(run, frame, [], tuple)) as Value | TupleStream
      run.spend(1)
      if (found === undefined) continue
      if (found instanceof TupleStream) {
        run.spend(found.tuples.length * TUPLE_STEPS)
        for (const inner of found.tuples) next.push(new Map([...tuple, ...inner]))
        continue
      }
      const list = isArray(found) ? found : [found]
      run.spend(list.length * TUPLE_STEPS)
      run.allocateItems(list.length * 8)
      for (let i = 0; i < list.length; i++) next.push(extend(tuple, step, list[i], i))
    }
    return new TupleStream(next)
  }
}

function extend(tuple: Tuple, step: AstNode, item: Value, position: number): Tuple {
  const extended: Tuple = new Map(tuple)
  if (step.focus !== undefined) extended.set(step.focus, item)
  else extended.set('@', item)
  if (step.index !== undefined) extended.set(step.index, position)
  if (step.ancestor !== undefined) extended.set(step.ancestor.label, tuple.get('@'))
  return extended
}

function compileTupleStages(
  compiler: Compiler,
  step: AstNode,
  scope: Scope,
  depth: number,
): ((stream: TupleStream, frame: Frame) => TupleStream)[] {
  return (step.stages ?? []).map((stage) => {
    if (stage.type === 'filter' && stage.expr !== undefined) return compileTupleFilter(compiler, stage.expr, scope, depth)
    const name = stage.value as string
    return (stream) => new TupleStream(stream.tuples.map((tuple, i) => new Map(tuple).set(name, i)))
  })
}
