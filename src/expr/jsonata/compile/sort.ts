/** `^(key, >key)`: a stable sort by terms. Each item's terms are evaluated when first compared, and once. */
import type { AstNode } from '../ast.ts'
import { JsonataError } from '../error.ts'
import { mergeSort } from '../merge-sort.ts'
import { Frame, Scope, type Tuple } from '../scope.ts'
import type { Run } from '../run.ts'
import type { Value, ValueArray } from '../value.ts'
import { namesBoundBy } from '../scope.ts'
import type { Compiler, Eval } from './eval.ts'
import { TupleStream } from './tuple.ts'

interface Term {
  readonly evaluate: Eval
  readonly sign: 1 | -1
}

export function compileSort(
  compiler: Compiler,
  node: AstNode,
  scope: Scope,
  depth: number,
): (items: ValueArray | readonly Value[], frame: Frame) => ValueArray {
  const terms = compileTerms(compiler, node, scope, depth)
  return (items, frame) => {
    if (items.length <= 1) return items as ValueArray
    return sortBy(items, terms, (term, item) => term.evaluate(item, frame), frame.run)
  }
}

export function compileTupleSort(
  compiler: Compiler,
  node: AstNode,
  outer: Scope,
  depth: number,
): (stream: TupleStream, frame: Frame) => TupleStream {
  const names = new Set<string>()
  for (const term of node.terms ?? []) namesBoundBy(term.expression, names)
  const terms = compileTerms(compiler, node, new Scope(outer, names, { tuple: true }), depth)
  return (stream, frame) => {
    const { run } = frame
    const inner = (tuple: Tuple) => new Frame(run, frame, [], tuple)
    return new TupleStream(sortBy(stream.tuples, terms, (term, tuple) => term.evaluate(tuple.get('@'), inner(tuple)), run))
  }
}

function compileTerms(compiler: Compiler, node: AstNode, scope: Scope, depth: number): Term[] {
  return (node.terms ?? []).map((term) => ({
    evaluate: compiler.node(term.expression, scope, depth),
    sign: term.descending ? -1 : 1,
  }))
}

function sortBy<T>(items: readonly T[], terms: readonly Term[], evaluate: (term: Term, item: T) => Value, run: Run): T[] {
  const keyed = items.map((item) => ({ item, keys: [] as { value: Value }[] }))
  const keyOf = (entry: (typeof keyed)[number], i: number): Value =>
    (entry.keys[i] ??= { value: evaluate(terms[i] as Term, entry.item) }).value
  const isAfter = (a: (typeof keyed)[number], b: (typeof keyed)[number]): boolean => {
    for (let i = 0; i < terms.length; i++) {
      const order = compareKeys(keyOf(a, i), keyOf(b, i))
      if (order !== 0) return (Math.abs(order) === 2 ? order : order * (terms[i] as Term).sign) > 0
    }
    return false
  }
  return mergeSort(keyed, isAfter, run).map(({ item }) => item)
}

/** ±1 by value; ±2 when one is nothing, which comes last in either direction. */
function compareKeys(a: Value, b: Value): number {
  if (a === undefined) return b === undefined ? 0 : 2
  if (b === undefined) return -2
  const isAScalar = typeof a === 'string' || typeof a === 'number'
  const isBScalar = typeof b === 'string' || typeof b === 'number'
  if (!isAScalar || !isBScalar) throw new JsonataError('T2008', { value: isAScalar ? b : a })
  if (typeof a !== typeof b) throw new JsonataError('T2007', { value: a, value2: b })
  if (a === b) return 0
  return a < b ? -1 : 1
}
