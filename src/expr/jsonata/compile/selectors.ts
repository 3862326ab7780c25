/** `*`, `**`, `%` and regular expressions as values. */
import { keysOf, valuesOf } from '../../../base/member-order.ts'
import type { AstNode } from '../ast.ts'
import { matcherOf } from '../regex.ts'
import type { Run } from '../run.ts'
import type { Scope } from '../scope.ts'
import { asSequence, isArray, isPlainObject, type MutableArray, type Value } from '../value.ts'
import type { Compiler, Eval } from './eval.ts'
import { compileLookup } from './variables.ts'

/**
 * Every member of an object, arrays taken apart down to their last item. Once an array has been joined in, the result is
 * an array and no longer a sequence, as in release 2.0.6: `{"a": []}.*` is an empty array and not nothing.
 */
export function compileWildcard(): Eval {
  return (input, frame) => {
    const results: MutableArray = []
    const holder = isArray(input) && input.wrapsInput === true && input.length > 0 ? input[0] : input
    if (typeof holder !== 'object' || holder === null) return asSequence(results)
    const members = isArray(holder) ? holder : valuesOf(holder)
    for (const member of members) addFlat(member, results, frame.run)
    return members.some(isArray) ? results : asSequence(results)
  }
}

function addFlat(value: Value, results: MutableArray, run: Run): void {
  run.allocateItems(1)
  if (isArray(value)) for (const item of value) addFlat(item, results, run)
  else results.push(value)
}

/** The context and everything inside it, arrays themselves left out. */
export function compileDescendants(): Eval {
  return (input, frame) => {
    if (input === undefined) return undefined
    const results: MutableArray = []
    addDescendants(input, results, frame.run)
    return results.length === 1 ? results[0] : asSequence(results)
  }
}

function addDescendants(value: Value, results: MutableArray, run: Run): void {
  run.allocateItems(1)
  if (isArray(value)) {
    for (const item of value) addDescendants(item, results, run)
    return
  }
  results.push(value)
  if (isPlainObject(value)) for (const key of keysOf(value)) addDescendants(value[key], results, run)
}

export function compileParent(compiler: Compiler, node: AstNode, scope: Scope): Eval {
  return compileLookup(compiler, node.slot?.label ?? '', scope)
}

export function compileRegex(_compiler: Compiler, node: AstNode): Eval {
  const matcher = matcherOf(node.value as RegExp)
  return () => matcher
}
