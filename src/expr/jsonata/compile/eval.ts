/** What the compilers of the single nodes see of each other: a node becomes an `Eval`, and `Compiler` compiles its children. */
import type { AstNode } from '../ast.ts'
import type { Frame, Scope } from '../scope.ts'
import type { Value } from '../value.ts'

/** What a node compiles to. The result follows the rule of `settle` already. */
export type Eval = (input: Value, frame: Frame) => Value

/** What the whole expression shares. */
export interface Unit {
  /** Variables that no part of the expression binds, each with its number in `Run.free`. */
  readonly free: Map<string, number>
  /** Names that some tuple stream carries. */
  readonly tupleNames: ReadonlySet<string>
}

export interface Compiler {
  readonly unit: Unit
  /** Compiles the counting form. */
  readonly counts: boolean
  /** How many levels a call at `depth` adds: none when levels are counted one by one. */
  levels(depth: number): number
  node(node: AstNode, scope: Scope, depth: number): Eval
  /** A function body or the whole expression: guarded so that it never nests deeper than the run allows. */
  body(node: AstNode, scope: Scope): Eval
}
