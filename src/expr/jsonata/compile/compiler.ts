/**
 * Turns a syntax tree into closures: one per node, chosen by what is known before any data is seen.
 *
 * Depth is counted as the language's own evaluator nests (one level a node), because AWS's bound is set in that unit.
 * Counting at run time would slow every node, so it is done ahead: each function body knows how deep it can nest, and a
 * body that fits under the bound runs without looking. Only near the bound is a second, counting, form compiled and used.
 */
import type { AstNode } from '../ast.ts'
import type { Scope } from '../scope.ts'
import { type Value, settle } from '../value.ts'
import { compileArray, compileGroup, compileObject } from './constructors.ts'
import { compileCall, compileLambda, compilePartial, compileTailCall } from './functions.ts'
import { compileApply, compileTransform } from './application.ts'
import { compileBinary, compileNegation } from './operators.ts'
import type { Compiler, Eval, Unit } from './eval.ts'
import { compileFilter } from './filter.ts'
import { compilePath } from './path.ts'
import { compileDescendants, compileParent, compileRegex, compileWildcard } from './selectors.ts'
import { compileBind, compileBlock, compileCondition, compileVariable } from './variables.ts'

type NodeCompiler = (compiler: Compiler, node: AstNode, scope: Scope, depth: number) => Eval

const NODES: Readonly<Record<string, NodeCompiler>> = {
  path: compilePath,
  binary: compileBinary,
  unary: (compiler, node, scope, depth) => {
    if (node.value === '[') return compileArray(compiler, node, scope, depth)
    return node.value === '{' ? compileObject(compiler, node, scope, depth) : compileNegation(compiler, node, scope, depth)
  },
  string: compileLiteral,
  number: compileLiteral,
  value: compileLiteral,
  wildcard: compileWildcard,
  descendant: compileDescendants,
  parent: compileParent,
  condition: compileCondition,
  block: compileBlock,
  bind: compileBind,
  regex: compileRegex,
  function: compileCall,
  variable: compileVariable,
  lambda: (compiler, node, scope, depth) =>
    node.thunk ? compileTailCall(compiler, node, scope, depth) : compileLambda(compiler, node, scope),
  partial: compilePartial,
  apply: compileApply,
  transform: compileTransform,
}

/** Nodes whose value cannot be an unsettled sequence. */
const SETTLED: ReadonlySet<string> = new Set(['path', 'string', 'number', 'value', 'lambda', 'regex', 'partial', 'transform'])

export class TreeCompiler implements Compiler {
  readonly unit: Unit
  readonly counts: boolean
  #deepest = 0

  constructor(unit: Unit, counts = false) {
    this.unit = unit
    this.counts = counts
  }

  levels(depth: number): number {
    return this.counts ? 0 : depth
  }

  node(node: AstNode, scope: Scope, depth: number): Eval {
    if (depth > this.#deepest) this.#deepest = depth
    const compile = NODES[node.type]
    if (compile === undefined) return () => undefined
    let evaluate = compile(this, node, scope, depth)
    const isPlain = node.predicate === undefined && (node.type === 'path' || node.group === undefined)
    if (!isPlain) evaluate = this.#selected(node, evaluate, scope, depth)
    if (node.keepArray === true && node.type !== 'path') evaluate = keepingSingleton(evaluate)
    else if (!isPlain || !SETTLED.has(node.type)) evaluate = settling(node, evaluate)
    return this.counts ? counting(evaluate) : evaluate
  }

  /** `expression[predicate]` and `expression{grouping}` where the expression is not a path. */
  #selected(node: AstNode, evaluate: Eval, scope: Scope, depth: number): Eval {
    let selected = evaluate
    for (const stage of node.predicate ?? []) {
      if (stage.expr === undefined) continue
      const unfiltered = selected
      const filter = compileFilter(this, stage.expr, scope, depth + 1)
      selected = (input, frame) => filter(unfiltered(input, frame), frame)
    }
    if (node.group !== undefined) {
      const ungrouped = selected
      const group = compileGroup(this, node.group.lhs, scope, depth + 1)
      selected = (input, frame) => group(ungrouped(input, frame), frame)
    }
    return selected
  }

  body(node: AstNode, scope: Scope): Eval {
    const outer = this.#deepest
    this.#deepest = 0
    const plain = this.node(node, scope, 1)
    const deepest = this.#deepest
    this.#deepest = outer
    if (this.counts) return plain
    let exact: Eval | undefined
    return (input, frame) => {
      const { run } = frame
      if (run.depth + deepest <= run.depthMax) return plain(input, frame)
      exact ??= new TreeCompiler(this.unit, true).node(node, scope, 1)
      return exact(input, frame)
    }
  }
}

function compileLiteral(_compiler: Compiler, node: AstNode): Eval {
  const value = node.value as Value
  return () => value
}

const NEVER_SEQUENCES: ReadonlySet<unknown> = new Set([
  '+',
  '-',
  '*',
  '/',
  '%',
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '&',
  'and',
  'or',
  'in',
  '{',
  '[',
])

function settling(node: AstNode, evaluate: Eval): Eval {
  if ((node.type === 'binary' || node.type === 'unary') && NEVER_SEQUENCES.has(node.value) && !node.predicate) return evaluate
  return (input, frame) => settle(evaluate(input, frame))
}

function keepingSingleton(evaluate: Eval): Eval {
  return (input, frame) => {
    const value = evaluate(input, frame)
    if (Array.isArray(value) && (value as { sequence?: true }).sequence === true) {
      ;(value as { keepSingleton?: boolean }).keepSingleton = true
    }
    return settle(value)
  }
}

function counting(evaluate: Eval): Eval {
  return (input, frame) => {
    const { run } = frame
    if (++run.depth > run.depthMax) run.overflow()
    const value = evaluate(input, frame)
    run.depth--
    return value
  }
}
