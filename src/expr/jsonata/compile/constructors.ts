/** `[...]`, `{...}` and grouping `sequence{key: value}`. */
import { isIndex } from '../../../base/member-order.ts'
import { type AstNode, type Group, leftOf, pairsOf } from '../ast.ts'
import { JsonataError } from '../error.ts'
import { Frame, Scope, namesBoundBy, type Tuple } from '../scope.ts'
import { append, isArray, type MutableArray, type MutableObject, setMember, type Value } from '../value.ts'
import type { Compiler, Eval } from './eval.ts'
import { range } from './operators.ts'
import { mergeTuples, TupleStream } from './tuple.ts'

/** `[from..to]` alone: the range is the array, and is made once. */
function compileRangeArray(compiler: Compiler, node: AstNode, scope: Scope, depth: number): Eval | undefined {
  const [only] = node.expressions ?? []
  if (only?.type !== 'binary' || only.value !== '..' || node.expressions?.length !== 1 || compiler.counts) return undefined
  const from = compiler.node(leftOf(only), scope, depth + 2)
  const to = compiler.node(only.rhs as AstNode, scope, depth + 2)
  return (input, frame) => {
    const items = range(from(input, frame), to(input, frame), frame.run) ?? []
    delete items.sequence
    if (node.consarray === true) items.constructed = true
    return items
  }
}

export function compileArray(compiler: Compiler, node: AstNode, scope: Scope, depth: number): Eval {
  const ofRange = compileRangeArray(compiler, node, scope, depth)
  if (ofRange !== undefined) return ofRange
  const items = (node.expressions ?? []).map((item) => ({
    evaluate: compiler.node(item, scope, depth + 1),
    // Only an array written in place stays an array in the array; any other one is taken apart.
    isNested: item.type === 'unary' && item.value === '[',
  }))
  const isConstructed = node.consarray === true
  return (input, frame) => {
    let result: MutableArray = []
    for (const { evaluate, isNested } of items) {
      const value = evaluate(input, frame)
      if (value === undefined) continue
      if (isNested || !isArray(value)) result.push(value)
      else {
        frame.run.allocateItems(value.length)
        if (result.length === 0) result = value.slice()
        else for (const item of value) result.push(item)
      }
    }
    frame.run.spend(CONSTRUCT_STEPS)
    if (isConstructed) result.constructed = true
    return result
  }
}

export function compileObject(compiler: Compiler, node: AstNode, scope: Scope, depth: number): Eval {
  const pairs = pairsOf(node)
  // Compiled when needed: an object in an object in an object would otherwise be compiled twice at every level.
  let lazyGroup: Eval | undefined
  const group: Eval = (input, frame) => {
    lazyGroup ??= compileGroup(compiler, pairs, scope, depth + 1)
    return lazyGroup(input, frame)
  }
  const keys = pairs.map(([key]) => (key.type === 'string' && !compiler.counts ? (key.value as string) : undefined))
  if (keys.some((key) => key === undefined || key === '__proto__' || isIndex(key)) || new Set(keys).size !== keys.length) {
    return compileGroup(compiler, pairs, scope, depth + 1)
  }
  const names = keys as string[]
  const values = pairs.map(([, value]) => compiler.node(value, scope, depth + 1))
  return (input, frame) => {
    if (isArray(input) || input instanceof TupleStream) return group(input, frame)
    frame.run.spend(CONSTRUCT_STEPS)
    const result: MutableObject = {}
    for (let i = 0; i < values.length; i++) {
      const value = (values[i] as Eval)(input, frame)
      if (value !== undefined) result[names[i] as string] = value
    }
    return result
  }
}

/** Making an array or an object. */
const CONSTRUCT_STEPS = 3
/** A member whose name is made by the evaluation costs as much as several selections. */
const NEW_KEY_STEPS = 12

/** Which pair made a key, and the items that share it. */
interface Entry {
  readonly pair: number
  data: Value | Tuple[]
}

/**
 * Items are gathered under the key each of them gives; then each value is evaluated once, over its gathered items. Two
 * pairs that give the same key are an error.
 */
export function compileGroup(compiler: Compiler, pairs: Group['lhs'], scope: Scope, depth: number): Eval {
  const keys = pairs.map(([key]) => compiler.node(key, scope, depth))
  const values = pairs.map(([, value]) => compiler.node(value, scope, depth))
  let overTuples: Eval | undefined
  return (input, frame) => {
    if (input instanceof TupleStream) {
      overTuples ??= compileTupleGroup(compiler, pairs, scope, depth)
      return overTuples(input as unknown as Value, frame)
    }
    const items: readonly Value[] = isArray(input) ? (input.length === 0 ? [undefined] : input) : [input]
    const entries = new Map<string, Entry>()
    for (const item of items) {
      keys.forEach((evaluateKey, pair) => {
        frame.run.spend(2)
        const key = checkedKey(evaluateKey(item, frame))
        if (key === undefined) return
        const entry = entries.get(key)
        if (entry === undefined) {
          frame.run.spend(NEW_KEY_STEPS)
          entries.set(key, { pair, data: item })
        } else if (entry.pair !== pair) throw new JsonataError('D1009', { value: key })
        else entry.data = gather(entry, item)
      })
    }
    return objectOf(entries, (entry) => (values[entry.pair] as Eval)(entry.data as Value, frame))
  }
}

/** Adds to a list of its own, so that gathering n items costs n. */
const gathered = new WeakSet<object>()
function gather(entry: Entry, item: Value): Value {
  const { data } = entry
  if (isArray(data as Value) && gathered.has(data as object)) {
    const list = data as MutableArray
    if (isArray(item)) for (const each of item) list.push(each)
    else if (item !== undefined) list.push(item)
    return list
  }
  const list = append(data as Value, item)
  if (isArray(list) && list !== data && list !== item) gathered.add(list)
  return list
}

function compileTupleGroup(compiler: Compiler, pairs: Group['lhs'], outer: Scope, depth: number): Eval {
  const names = new Set<string>()
  for (const pair of pairs) for (const part of pair) namesBoundBy(part, names)
  const scope = new Scope(outer, names, { tuple: true })
  const keys = pairs.map(([key]) => compiler.node(key, scope, depth))
  const values = pairs.map(([, value]) => compiler.node(value, scope, depth))
  return (input, frame) => {
    const { tuples } = input as unknown as TupleStream
    const { run } = frame
    const entries = new Map<string, Entry>()
    for (const tuple of tuples) {
      const inner = new Frame(run, frame, [], tuple)
      keys.forEach((evaluateKey, pair) => {
        run.spend(1)
        const key = checkedKey(evaluateKey(tuple.get('@'), inner))
        if (key === undefined) return
        const entry = entries.get(key)
        if (entry === undefined) {
          run.spend(NEW_KEY_STEPS)
          entries.set(key, { pair, data: [tuple] })
        } else if (entry.pair !== pair) throw new JsonataError('D1009', { value: key })
        else (entry.data as Tuple[]).push(tuple)
      })
    }
    return objectOf(entries, (entry) => {
      const merged = mergeTuples(entry.data as Tuple[], run)
      return (values[entry.pair] as Eval)(merged.get('@'), new Frame(run, frame, [], merged))
    })
  }
}

function checkedKey(key: Value): string | undefined {
  if (key !== undefined && typeof key !== 'string') throw new JsonataError('T1003', { value: key })
  return key
}

function objectOf(entries: Map<string, Entry>, evaluate: (entry: Entry) => Value): Value {
  const result: MutableObject = {}
  for (const [key, entry] of entries) {
    const value = evaluate(entry)
    if (value !== undefined) setMember(result, key, value)
  }
  return result
}
