/** A scope for tests: fixed draws, plain values. */
import type { Json } from '../base/json.ts'
import { drawUuid, seededRandom } from '../base/random.ts'
import type { Result } from '../base/result.ts'

import type { Scope } from './scope.ts'

export function testScope(input: Json, context: Json = {}, variables: Readonly<Record<string, Json>> = {}): Scope {
  const random = seededRandom('0123456789abcdef0123456789abcdef')
  return {
    input,
    context: () => context,
    variable: (name) => (Object.hasOwn(variables, name) ? variables[name] : undefined),
    draws: { uuid: () => drawUuid(random), next: () => random.next() },
  }
}

/** The value, or a thrown error that shows why there is none. */
export function must<T>(result: Result<T, unknown>): T {
  if (result.ok) return result.value
  throw new Error(`expected a value, got ${JSON.stringify(result.error)}`)
}

/** The error, or a thrown error that shows the unexpected value. */
export function mustFail<E>(result: Result<unknown, E>): E {
  if (!result.ok) return result.error
  throw new Error('expected an error, got a value')
}
