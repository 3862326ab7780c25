/**
 * A store that does to a call what the test says. `fails`: refused, nothing is stored. `answerLost`: carried out, and then an
 * error. `stale`: a commit finds that somebody else has written. A promise: the call is carried out when that resolves.
 */
import { toInstant } from '../../base/time.ts'

import type { Store, StoreHealth } from '../../store/contract.ts'

export type Fault = 'fails' | 'answerLost' | 'stale' | Promise<unknown>

export class UnrulyStore {
  readonly store: Store
  /** All calls, in the order in which they came. */
  readonly calls: (keyof Store)[] = []
  /** Asked once a call, before it is carried out. */
  faultOf: (method: keyof Store) => Fault | undefined = () => undefined
  #health: StoreHealth = { status: 'ok' }

  constructor(inner: Store) {
    this.store = new Proxy(inner, {
      get: (target, property) => {
        const carryOut: unknown = Reflect.get(target, property)
        const method = property as keyof Store
        if (method === 'health') return () => this.#health
        if (typeof carryOut !== 'function' || method === 'newExecutionKey') return carryOut
        return (...args: unknown[]) => this.#call(method, () => Reflect.apply(carryOut, target, args), args)
      },
    })
  }

  /** The next calls of `method` are met by these, one each; all others pass. */
  meet(method: keyof Store, ...faults: Fault[]): void {
    this.faultOf = (called) => (called === method ? faults.shift() : undefined)
  }

  /** From now on nothing is committed, nor anything else done unless it `isReadable`; until `recover`. */
  fail({ isReadable = false } = {}): void {
    this.faultOf = (method) => (isReadable && method !== 'commit' ? undefined : 'fails')
    this.#health = { status: 'failing', reason: 'the disk is full', since: toInstant(0) }
  }

  recover(): void {
    this.faultOf = () => undefined
    this.#health = { status: 'ok' }
  }

  async #call(method: keyof Store, carryOut: () => unknown, args: readonly unknown[]): Promise<unknown> {
    this.calls.push(method)
    const fault = this.faultOf(method)
    if (fault === 'fails') throw new Error('the disk is full')
    if (fault === 'stale') return (args[0] as readonly unknown[]).map(() => 'stale')
    if (fault !== 'answerLost') await fault
    const value = await carryOut()
    if (fault === 'answerLost') throw new Error('the connection was reset')
    return value
  }
}
