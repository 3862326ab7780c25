/**
 * Where variables live. While compiling, a chain of `Scope`s knows which names each block, function body or tuple step
 * may bind; while evaluating, a chain of `Frame`s of the same shape holds the values.
 * A name is looked up from the inside out, and a frame counts only once the name has been bound in it: an inner
 * `$x := …` that has not run yet does not hide the outer `$x`. An empty slot (undefined) is an unbound one; a name bound
 * to nothing holds NOTHING.
 */
import { type AstNode, childrenOf } from './ast.ts'
import type { Evaluation } from './evaluation.ts'
import type { Value } from './value.ts'

export const NOTHING: unique symbol = Symbol('bound to nothing')
export type Slot = Value | typeof NOTHING

/** Variables that travel with an item of a tuple stream (`@$x`, `#$i`, ancestors for `%`); '@' is the item itself. */
export type Tuple = Map<string, Value>

export class Frame {
  readonly run: Evaluation
  readonly parent: Frame | undefined
  readonly slots: Slot[]
  readonly tuple: Tuple | undefined
  constructor(run: Evaluation, parent: Frame | undefined, slots: Slot[], tuple?: Tuple) {
    this.run = run
    this.parent = parent
    this.slots = slots
    this.tuple = tuple
  }
}

export class Scope {
  readonly parent: Scope | undefined
  readonly holdsTuple: boolean
  readonly #slots = new Map<string, number>()
  readonly #parameters: number

  constructor(
    parent: Scope | undefined,
    bound: Iterable<string>,
    options: { parameters?: readonly string[]; tuple?: boolean } = {},
  ) {
    this.parent = parent
    this.holdsTuple = options.tuple === true
    const parameters = options.parameters ?? []
    // A name used for two parameters means the last one.
    for (const [i, name] of parameters.entries()) this.#slots.set(name, i)
    this.#parameters = parameters.length
    let next = parameters.length
    for (const name of bound) if (!this.#slots.has(name)) this.#slots.set(name, next++)
  }

  slotOf(name: string): number | undefined {
    return this.#slots.get(name)
  }

  /** Parameters are bound from the start, so nothing further out can be meant. */
  isParameter(slot: number): boolean {
    return slot < this.#parameters
  }
}

/** The names that evaluating `node` may bind in the frame around it (blocks, functions and tuple steps have their own). */
export function namesBoundBy(node: AstNode, names: Set<string> = new Set()): Set<string> {
  if (node.type === 'bind') names.add((node.lhs as AstNode).value as string)
  if (node.type === 'lambda' || (node.type === 'block' && node.predicate === undefined && node.group === undefined)) return names
  if (node.type === 'block') {
    for (const stage of node.predicate ?? []) if (stage.expr) namesBoundBy(stage.expr, names)
    for (const pair of node.group?.lhs ?? []) for (const part of pair) namesBoundBy(part, names)
    return names
  }
  for (const child of childrenOf(node)) namesBoundBy(child, names)
  return names
}
