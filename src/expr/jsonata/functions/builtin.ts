/** How a built-in function is made: a signature that checks its arguments, and the work itself. */
import { parseSignature } from '../signature.ts'
import type { Run } from '../run.ts'
import type { Callable, HOLE, Value } from '../value.ts'
import { fill, holesOf } from '../compile/functions.ts'

export type Work = (args: Value[], run: Run, context: Value) => Value

/** Checking the arguments of a call. */
const CHECK_STEPS = 2

/** `arity` is how many arguments the work looks at; higher-order functions and partial application go by it. */
export function builtIn(signature: string, arity: number, work: Work): Callable {
  const { check } = parseSignature(signature)
  const fn = ((args, context, run) => {
    run.spend(CHECK_STEPS)
    return work(check(args, context), run, context)
  }) as Callable
  fn.arity = arity
  fn.partial = (bound) => partial(fn, bound, arity)
  return fn
}

function partial(fn: Callable, bound: readonly (Value | typeof HOLE)[], arity: number): Callable {
  const holes = holesOf(bound, arity)
  const rest = ((args, context, run) => {
    const full = fill(bound, holes, args, arity)
    // Parameters neither bound nor left open were not supplied at all.
    while (full.length > 0 && full.at(-1) === undefined) full.pop()
    return fn(full, context, run)
  }) as Callable
  rest.arity = holes.length
  rest.partial = (more) => partial(rest, more, holes.length)
  return rest
}
