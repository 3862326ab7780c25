/**
 * `[predicate]`: an index when it gives a number (or numbers), otherwise a condition on each item. The result is a raw
 * sequence: whoever asked settles it.
 */
import type { AstNode } from '../ast.ts'
import { Frame, namesBoundBy, Scope, type Tuple } from '../scope.ts'
import { isNumber, isTruthy } from '../truth.ts'
import { asSequence, isArray, type MutableArray, type Value } from '../value.ts'
import type { Compiler } from './eval.ts'
import { TupleStream } from './tuple.ts'

export type Filter = (input: Value, frame: Frame) => Value

export function compileFilter(compiler: Compiler, predicate: AstNode, scope: Scope, depth: number): Filter {
  if (predicate.type === 'number') {
    const position = Math.floor(predicate.value as number)
    return (input) => (input instanceof TupleStream ? (tupleAt(input, position) as unknown as Value) : itemAt(input, position))
  }
  const evaluate = compiler.node(predicate, scope, depth)
  let overTuples: ReturnType<typeof compileTupleFilter> | undefined
  return (input, frame) => {
    if (input instanceof TupleStream) {
      overTuples ??= compileTupleFilter(compiler, predicate, scope, depth)
      return overTuples(input, frame) as unknown as Value
    }
    const items: readonly Value[] = isArray(input) ? input : [input]
    const results: MutableArray = []
    const { run } = frame
    const { length } = items
    run.spend(length * 2)
    for (let i = 0; i < length; i++) {
      const item = items[i]
      const times = selects(evaluate(item, frame), i, length)
      for (let n = 0; n < times; n++) results.push(item)
    }
    return asSequence(results)
  }
}

/** The item at a place, counted from the end when negative. An array there is taken as it is. */
function itemAt(input: Value, position: number): Value {
  const items: readonly Value[] = isArray(input) ? input : [input]
  const item = items[position < 0 ? items.length + position : position]
  if (item === undefined) return asSequence([])
  return isArray(item) ? item : asSequence([item])
}

function tupleAt({ tuples }: TupleStream, position: number): TupleStream {
  const tuple = tuples.at(position)
  return new TupleStream(tuple === undefined ? [] : [tuple])
}

/** How many times the answer of a predicate picks the item at `index`. */
function selects(answer: Value, index: number, length: number): number {
  if (typeof answer === 'boolean') return answer ? 1 : 0
  if (isNumber(answer)) return isPlace(answer, index, length) ? 1 : 0
  if (isArray(answer) && answer.every(isNumber)) {
    let times = 0
    for (const place of answer) if (isPlace(place as number, index, length)) times++
    return times
  }
  return isTruthy(answer) ? 1 : 0
}

function isPlace(number: number, index: number, length: number): boolean {
  const place = Math.floor(number)
  return (place < 0 ? length + place : place) === index
}

/** The same over a tuple stream: the predicate sees the tuple's item as context and its names as variables. */
export function compileTupleFilter(
  compiler: Compiler,
  predicate: AstNode,
  outer: Scope,
  depth: number,
): (stream: TupleStream, frame: Frame) => TupleStream {
  if (predicate.type === 'number') {
    const position = Math.floor(predicate.value as number)
    return (stream) => tupleAt(stream, position)
  }
  const scope = new Scope(outer, namesBoundBy(predicate), { tuple: true })
  const evaluate = compiler.node(predicate, scope, depth)
  return (stream, frame) => {
    const kept: Tuple[] = []
    const { run } = frame
    const { length } = stream.tuples
    run.spend(length)
    stream.tuples.forEach((tuple, i) => {
      const times = selects(evaluate(tuple.get('@'), new Frame(run, frame, [], tuple)), i, length)
      for (let n = 0; n < times; n++) kept.push(tuple)
    })
    return new TupleStream(kept)
  }
}
