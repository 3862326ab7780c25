/** Variables, bindings, blocks and conditions. */
import type { AstNode } from '../ast.ts'
import { isTruthy } from '../truth.ts'
import { Frame, NOTHING, namesBoundBy, Scope, type Slot } from '../scope.ts'
import type { Value, ValueArray } from '../value.ts'
import type { Compiler, Eval } from './eval.ts'

/** The context as `$` gives it: a document that is an array was wrapped so as to be one item. */
function context(input: Value): Value {
  return typeof input === 'object' && input !== null && (input as ValueArray).wrapsInput === true
    ? (input as ValueArray)[0]
    : input
}

export function compileVariable(compiler: Compiler, node: AstNode, scope: Scope): Eval {
  const name = node.value as string
  return name === '' ? context : compileLookup(compiler, name, scope)
}

/** One place that may hold the variable: so many frames out, in a slot or in the frame's tuple (slot -1). */
interface Candidate {
  readonly hops: number
  readonly slot: number
}

export function compileLookup(compiler: Compiler, name: string, scope: Scope): Eval {
  const candidates: Candidate[] = []
  const canBeInTuple = compiler.unit.tupleNames.has(name)
  let hops = 0
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent, hops++) {
    const slot = at.slotOf(name)
    if (slot !== undefined && at.isParameter(slot)) {
      return candidates.length === 0 ? readParameter(hops, slot) : search(candidates, readParameter(hops, slot), name)
    }
    if (slot !== undefined) candidates.push({ hops, slot })
    if (at.holdsTuple && canBeInTuple) candidates.push({ hops, slot: -1 })
  }
  const free = readFree(compiler, name)
  return candidates.length === 0 ? free : search(candidates, free, name)
}

function readParameter(hops: number, slot: number): Eval {
  const read = (frame: Frame): Value => plain(frame.slots[slot])
  if (hops === 0) return (_input, frame) => read(frame)
  if (hops === 1) return (_input, frame) => read(frame.parent as Frame)
  return (_input, frame) => read(frameAt(frame, hops))
}

function frameAt(frame: Frame, hops: number): Frame {
  let at = frame
  for (let i = 0; i < hops; i++) at = at.parent as Frame
  return at
}

const plain = (slot: Slot | undefined): Value => (slot === NOTHING ? undefined : slot)

function search(candidates: readonly Candidate[], otherwise: Eval, name: string): Eval {
  const [only] = candidates
  if (candidates.length === 1 && only !== undefined && only.slot >= 0) {
    const { hops, slot } = only
    return (input, frame) => {
      const found = frameAt(frame, hops).slots[slot]
      return found === undefined ? otherwise(input, frame) : plain(found)
    }
  }
  return (input, frame) => {
    for (const { hops, slot } of candidates) {
      const at = frameAt(frame, hops)
      if (slot < 0) {
        if (at.tuple?.has(name)) return at.tuple.get(name)
      } else {
        const found = at.slots[slot]
        if (found !== undefined) return plain(found)
      }
    }
    return otherwise(input, frame)
  }
}

function readFree(compiler: Compiler, name: string): Eval {
  const { free } = compiler.unit
  const number = free.get(name) ?? free.size
  free.set(name, number)
  return (_input, frame) => {
    const { run } = frame
    return run.free[number] ?? (run.free[number] = run.variable(name))
  }
}

export function compileBind(compiler: Compiler, node: AstNode, scope: Scope, depth: number): Eval {
  const slot = scope.slotOf((node.lhs as AstNode).value as string) as number
  const evaluate = compiler.node(node.rhs as AstNode, scope, depth + 1)
  return (input, frame) => {
    const value = evaluate(input, frame)
    frame.slots[slot] = value === undefined ? NOTHING : value
    return value
  }
}

export function compileBlock(compiler: Compiler, node: AstNode, outer: Scope, depth: number): Eval {
  const expressions = node.expressions ?? []
  const names = new Set<string>()
  for (const expression of expressions) namesBoundBy(expression, names)
  // A block that binds nothing needs no frame of its own.
  const scope = names.size === 0 ? outer : new Scope(outer, names)
  const parts = expressions.map((expression) => compiler.node(expression, scope, depth + 1))
  const run = inOrder(parts)
  return names.size === 0 ? run : (input, frame) => run(input, new Frame(frame.run, frame, []))
}

function inOrder(parts: readonly Eval[]): Eval {
  const [first, second] = parts
  if (first === undefined) return () => undefined
  if (second === undefined) return first
  const last = parts.length - 1
  return (input, frame) => {
    for (let i = 0; i < last; i++) (parts[i] as Eval)(input, frame)
    return (parts[last] as Eval)(input, frame)
  }
}

export function compileCondition(compiler: Compiler, node: AstNode, scope: Scope, depth: number): Eval {
  const condition = compiler.node(node.condition as AstNode, scope, depth + 1)
  const then = compiler.node(node.then as AstNode, scope, depth + 1)
  if (node.else === undefined) return (input, frame) => (isTruthy(condition(input, frame)) ? then(input, frame) : undefined)
  const otherwise = compiler.node(node.else, scope, depth + 1)
  return (input, frame) => (isTruthy(condition(input, frame)) ? then(input, frame) : otherwise(input, frame))
}
