/** Calls, functions written in the expression, tail calls and partial application. */
import type { AstNode } from '../ast.ts'
import { JsonataError } from '../error.ts'
import type { Run } from '../run.ts'
import { Frame, namesBoundBy, Scope, type Slot } from '../scope.ts'
import { parseSignature, type Signature } from '../signature.ts'
import { type Callable, HOLE, isFunction, TailCall, type Value } from '../value.ts'
import type { Compiler, Eval } from './eval.ts'
import { compileLookup } from './variables.ts'

/** What evaluates to the function, the name that it goes by, and the error when it is none. */
interface Callee {
  readonly evaluate: Eval
  readonly name: string | undefined
  /** Thrown when there is no function: names the function that was probably meant. */
  readonly refuse: (input: Value, frame: Frame, found: Value) => never
}

function compileCallee(
  compiler: Compiler,
  node: AstNode,
  scope: Scope,
  depth: number,
  codes: { meant: string; none: string },
): Callee {
  const procedure = node.procedure as AstNode
  const name = (procedure.type === 'path' ? procedure.steps?.[0]?.value : procedure.value) as string | undefined
  const meant = procedure.type === 'path' && typeof name === 'string' ? compileLookup(compiler, name, scope) : undefined
  return {
    evaluate: compiler.node(procedure, scope, depth + 1),
    name,
    refuse: (input, frame, found) => {
      if (found === undefined && meant?.(input, frame)) throw new JsonataError(codes.meant, { token: name })
      throw new JsonataError(codes.none, { token: name })
    },
  }
}

export const compileCall = (compiler: Compiler, node: AstNode, scope: Scope, depth: number): Eval =>
  compileInvocation(compiler, node, scope, depth, undefined)

/** A call; `first` gives the value that `~>` puts before the written arguments. */
export function compileInvocation(compiler: Compiler, node: AstNode, scope: Scope, depth: number, first: Eval | undefined): Eval {
  const { evaluate, name, refuse } = compileCallee(compiler, node, scope, depth, { meant: 'T1005', none: 'T1006' })
  const written = (node.arguments ?? []).map((argument) => compiler.node(argument, scope, depth + 1))
  const args = first === undefined ? written : [first, ...written]
  const levels = compiler.levels(depth)
  return (input, frame) => {
    const { run } = frame
    // `lhs ~> f()` evaluates lhs before it looks for f.
    const values: Value[] = new Array(args.length)
    let fn: Value
    if (first !== undefined) values[0] = first(input, frame)
    fn = evaluate(input, frame)
    for (let i = first === undefined ? 0 : 1; i < args.length; i++) values[i] = (args[i] as Eval)(input, frame)
    if (!isFunction(fn)) return refuse(input, frame, fn)
    run.spend(1)
    run.depth += levels
    try {
      const value = fn(values, input, run)
      run.depth -= levels
      return value
    } catch (thrown) {
      throw named(thrown, name)
    }
  }
}

/** Puts the name of the called function into an error that does not name one. */
function named(thrown: unknown, name: string | undefined): unknown {
  if (thrown instanceof JsonataError && thrown.detail.token === undefined) thrown.detail = { ...thrown.detail, token: name }
  return thrown
}

export function compileLambda(compiler: Compiler, node: AstNode, outer: Scope): Eval {
  const parameters = (node.arguments ?? []).map((parameter) => parameter.value as string)
  const body = node.body as AstNode
  const scope = new Scope(outer, namesBoundBy(body), { parameters })
  const evaluate = compiler.body(body, scope)
  const signature = node.signature === undefined ? undefined : parseSignature(node.signature.definition)
  const endsInCall = hasTailCall(body)
  return (input, frame) =>
    makeFunction(parameters.length, signature, endsInCall, (slots) => evaluate(input, new Frame(frame.run, frame, slots)))
}

/** A call costs as much as two selections. */
const CALL_STEPS = 2

type Body = (slots: Slot[], run: Run) => Value

function makeFunction(count: number, signature: Signature | undefined, endsInCall: boolean, body: Body): Callable {
  const step = (args: Value[], context: Value, run: Run): Value => {
    run.spend(CALL_STEPS)
    const slots = signature === undefined ? args : signature.check(args, context)
    if (slots.length > count) slots.length = count
    return body(slots, run)
  }
  const call = (
    endsInCall ? (args: Value[], context: Value, run: Run) => trampoline(step(args, context, run), context, run) : step
  ) as Callable
  call.arity = count
  if (endsInCall) call.step = step
  call.partial = (bound) => {
    const holes = holesOf(bound, count)
    return makeFunction(holes.length, undefined, endsInCall, (slots, run) =>
      body(fill(bound, holes, slots as Value[], count), run),
    )
  }
  return call
}

/** Goes on with tail calls until there is a value. */
function trampoline(result: Value | TailCall, context: Value, run: Run): Value {
  let value = result
  while (value instanceof TailCall) {
    const { fn, args, name } = value.proceed(run)
    if (!isFunction(fn)) throw new JsonataError('T1006', { token: name })
    try {
      value = fn.step === undefined ? fn(args, context, run) : fn.step(args, context, run)
    } catch (thrown) {
      throw named(thrown, name)
    }
  }
  return value
}

function hasTailCall(node: AstNode | undefined): boolean {
  if (node === undefined) return false
  if (node.type === 'lambda') return node.thunk === true
  if (node.type === 'condition') return hasTailCall(node.then) || hasTailCall(node.else)
  return node.type === 'block' && hasTailCall(node.expressions?.at(-1))
}

/** The parser wraps a call at the end of a body in a function without parameters, marked `thunk`. */
export function compileTailCall(compiler: Compiler, node: AstNode, scope: Scope, depth: number): Eval {
  const call = node.body as AstNode
  const { evaluate, name } = compileCallee(compiler, call, scope, depth, { meant: 'T1005', none: 'T1006' })
  const args = (call.arguments ?? []).map((argument) => compiler.node(argument, scope, depth + 1))
  return (input, frame) =>
    new TailCall(() => ({
      fn: evaluate(input, frame),
      args: args.map((argument) => argument(input, frame)),
      name,
    })) as unknown as Value
}

export function compilePartial(compiler: Compiler, node: AstNode, scope: Scope, depth: number): Eval {
  const { evaluate, refuse } = compileCallee(compiler, node, scope, depth, { meant: 'T1007', none: 'T1008' })
  const args = (node.arguments ?? []).map((argument) =>
    argument.type === 'operator' && argument.value === '?' ? undefined : compiler.node(argument, scope, depth + 1),
  )
  return (input, frame) => {
    const bound = args.map((argument) => (argument === undefined ? HOLE : argument(input, frame)))
    const fn = evaluate(input, frame)
    if (!isFunction(fn) || fn.partial === undefined) return refuse(input, frame, fn)
    return fn.partial(bound)
  }
}

/** Places of the parameters still to be supplied. */
export function holesOf(bound: readonly (Value | typeof HOLE)[], count: number): number[] {
  const holes: number[] = []
  for (let i = 0; i < count; i++) if (bound[i] === HOLE) holes.push(i)
  return holes
}

export function fill(
  bound: readonly (Value | typeof HOLE)[],
  holes: readonly number[],
  args: readonly Value[],
  count: number,
): Value[] {
  const full: Value[] = Array.from({ length: count }, (_, i) => (bound[i] === HOLE ? undefined : (bound[i] as Value)))
  holes.forEach((place, i) => {
    full[place] = args[i]
  })
  return full
}
