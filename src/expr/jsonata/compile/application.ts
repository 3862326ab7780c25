/** `value ~> function` and `| location | update, delete |`. */
import { keysOf } from '../../../base/member-order.ts'
import { type AstNode, leftOf } from '../ast.ts'
import { JsonataError } from '../error.ts'
import { builtIn } from '../functions/builtin.ts'
import type { Scope } from '../scope.ts'
import { type Callable, isArray, isFunction, isPlainObject, type MutableObject, setMember, type Value } from '../value.ts'
import type { Compiler, Eval } from './eval.ts'
import { compileInvocation } from './functions.ts'
import { compileLookup } from './variables.ts'

export function compileApply(compiler: Compiler, node: AstNode, scope: Scope, depth: number): Eval {
  const left = compiler.node(leftOf(node), scope, depth + 1)
  const right = node.rhs as AstNode
  if (right.type === 'function') return compileInvocation(compiler, right, scope, depth, left)
  const target = compiler.node(right, scope, depth + 1)
  const levels = compiler.levels(depth)
  return (input, frame) => {
    const value = left(input, frame)
    const fn = target(input, frame)
    if (!isFunction(fn)) throw new JsonataError('T2006', { value: fn })
    if (isFunction(value)) return chain(value, fn)
    const { run } = frame
    run.spend(1)
    run.depth += levels
    const result = fn([value], null, run)
    run.depth -= levels
    return result
  }
}

/** `f ~> g` is the function that does first f, then g. */
function chain(first: Callable, second: Callable): Callable {
  const both = ((args, context, run) => second([first([args[0]], context, run)], context, run)) as Callable
  both.arity = 1
  return both
}

/** A function that copies its argument, changes each place that the pattern finds in the copy, and gives the copy. */
export function compileTransform(compiler: Compiler, node: AstNode, scope: Scope, depth: number): Eval {
  const clone = compileLookup(compiler, 'clone', scope)
  const pattern = compiler.node(node.pattern as AstNode, scope, depth + 1)
  const update = compiler.node(node.update as AstNode, scope, depth + 1)
  const remove = node.delete === undefined ? undefined : compiler.node(node.delete, scope, depth + 1)
  return (input, frame) =>
    builtIn('<(oa):o>', 1, ([object], run) => {
      if (object === undefined) return undefined
      const cloning = clone(input, frame)
      if (!isFunction(cloning)) throw new JsonataError('T2013')
      const copy = cloning([object], null, run)
      const found = pattern(copy, frame)
      for (const place of found === undefined ? [] : isArray(found) ? found : [found]) {
        run.spend(4)
        change(place, update(place, frame))
        if (remove !== undefined) removeMembers(place, remove(place, frame))
      }
      return copy
    })
}

function change(place: Value, update: Value): void {
  if (update === undefined) return
  if (!isPlainObject(update)) throw new JsonataError('T2011', { value: update })
  if (!isPlainObject(place)) return
  for (const key of keysOf(update)) setMember(place as MutableObject, key, update[key])
}

function removeMembers(place: Value, names: Value): void {
  if (names === undefined) return
  const list = isArray(names) ? names : [names]
  if (!list.every((name) => typeof name === 'string')) throw new JsonataError('T2012', { value: names })
  if (isPlainObject(place)) for (const name of list) delete (place as MutableObject)[name as string]
}
