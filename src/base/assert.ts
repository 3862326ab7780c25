/** Facts that only a bug of ours can break. A failed assertion stops the turn at hand; it is never caught to carry on. */

/** Throws when `fact` is false. Not for bad input: that is a Diagnostic, a Failure or a ServiceError. */
export function assert(fact: unknown, message: string): asserts fact {
  if (!fact) throw new Error(`Assertion failed: ${message}`)
}

/** Closes a switch over a union: fails to compile when a member is not handled, and throws if one slips in at run time. */
export function assertNever(value: never, what: string): never {
  throw new Error(`Assertion failed: unexpected ${what}: ${JSON.stringify(value)}`)
}
