/** A compiled expression of the language itself, before anything that is particular to states and fields. */
import type { Work } from '../work.ts'
import { type AstNode, childrenOf } from './ast.ts'
import { TreeCompiler } from './compile/compiler.ts'
import type { Eval, Unit } from './compile/eval.ts'
import { BoundError, STACK_OVERFLOW } from './bound-error.ts'
import { JsonataError } from './error.ts'
import { Evaluation } from './evaluation.ts'
import { BUILT_IN } from './functions/table.ts'
import type { Draws, JsonataLimits } from './run.ts'
import { Frame, namesBoundBy, Scope } from './scope.ts'
import { isArray, type MutableArray, type Value } from './value.ts'

export type Computed =
  | { readonly ok: true; readonly value: Value }
  /** `code` is JSONata's; a bound that was reached has none. */
  | { readonly ok: false; readonly code: string | undefined; readonly message: string }

export interface ProgramScope {
  variable(name: string): Value
  readonly draws: Draws
  readonly limits?: JsonataLimits | undefined
  readonly work?: Work | undefined
}

export interface Program {
  /** Never throws. `input` is the context that a path starts from. */
  run(scope: ProgramScope, input?: Value): Computed
}

/** Throws UnsupportedPattern, and RangeError when the tree is too deep to be walked. */
export function compileProgram(ast: AstNode): Program {
  const unit: Unit = { free: new Map(), tupleNames: tupleNamesOf(ast) }
  const evaluate = new TreeCompiler(unit).body(ast, new Scope(undefined, namesBoundBy(ast)))
  return { run: (scope, input) => compute(evaluate, scope, input) }
}

function tupleNamesOf(node: AstNode, names: Set<string> = new Set()): Set<string> {
  if (node.focus !== undefined) names.add(node.focus)
  if (node.index !== undefined) names.add(node.index)
  if (node.ancestor !== undefined) names.add(node.ancestor.label)
  for (const stage of node.stages ?? []) if (stage.type === 'index' && stage.value !== undefined) names.add(stage.value)
  for (const child of childrenOf(node)) tupleNamesOf(child, names)
  return names
}

function compute(evaluate: Eval, scope: ProgramScope, input: Value): Computed {
  const variable = (name: string): Value => (name === '$' ? input : known(scope, name))
  const run = new Evaluation(scope.draws, variable, scope.limits, scope.work)
  try {
    return { ok: true, value: evaluate(wrapped(input), new Frame(run, undefined, [])) }
  } catch (thrown) {
    return failureOf(thrown)
  } finally {
    if (scope.work !== undefined) run.chargeTo(scope.work)
  }
}

/** A variable of the state machine, which may be null, else a built-in function. */
function known(scope: ProgramScope, name: string): Value {
  const value = scope.variable(name)
  return value === undefined ? BUILT_IN.get(name) : value
}

/** A document that is an array is one item, not many. */
function wrapped(input: Value): Value {
  if (!isArray(input)) return input
  const wrapper: MutableArray = [input]
  wrapper.sequence = true
  wrapper.wrapsInput = true
  return wrapper
}

function failureOf(thrown: unknown): Computed {
  if (thrown instanceof JsonataError) return { ok: false, code: thrown.code, message: thrown.text }
  if (thrown instanceof BoundError) return { ok: false, code: undefined, message: thrown.message }
  // The stack of this process is a bound too: deep data and composed functions can reach it before the depth does.
  if (thrown instanceof RangeError) return { ok: false, code: undefined, message: STACK_OVERFLOW }
  // A function that was handed what it cannot take: AWS answers "an internal error" too (`$base64decode("!!!")`).
  return { ok: false, code: undefined, message: 'An internal error occurred' }
}
