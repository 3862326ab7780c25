/**
 * Faults on purpose: `workflow({ …, chaos: [chaos.crashAfter(7), chaos.throttle('Pay', 2)] })`. They strike each run anew; after it the
 * history is held against what must be true of every history (`invariants.ts`). In process alone.
 */
import type { Failure } from '../base/failure.ts'

import { isMeant } from './state-path.ts'
import { TestKitError } from './kit-error.ts'

export type Chaos =
  | { readonly kind: 'crashAfter'; readonly event: number }
  | { readonly kind: 'resultTwice'; readonly state: string }
  | { readonly kind: 'heartbeatLost'; readonly state: string }
  | { readonly kind: 'throttle'; readonly state: string; readonly times: number; readonly error: string }

const THROTTLED = 'Lambda.TooManyRequestsException'

export const chaos = {
  /**
   * The process dies once the event of that number is durable (with those that were recorded together with it), and the next one goes on:
   * calls that were under way are made again, with the same `idempotencyKey`.
   */
  crashAfter(event: number): Chaos {
    if (Number.isInteger(event) && event > 0) return { kind: 'crashAfter', event }
    throw new TestKitError(`chaos.crashAfter takes the number of an event, from 1, not ${event}.`)
  },
  /** The result of a task with a token (an activity, `.waitForTaskToken`) is delivered twice: the second one must be refused. */
  resultTwice: (state: string): Chaos => ({ kind: 'resultTwice', state }),
  /** `run.token('Work').heartbeat()` is sent, and never arrives. */
  heartbeatLost: (state: string): Chaos => ({ kind: 'heartbeatLost', state }),
  /** The first `times` calls of a state fail with `error`, for each item of a Map; then its mock answers. */
  throttle: (state: string, times = 1, error = THROTTLED): Chaos => ({ kind: 'throttle', state, times, error }),
} as const

/** Where a fault may strike. */
interface Place {
  readonly path: string
  readonly state: string
}

/** The faults of one run: which have struck. */
export class Faults {
  readonly #chaos: readonly Chaos[]
  readonly #struck = new Set<Chaos>()
  /** Calls that were throttled, by fault and path. */
  readonly #throttled = new Map<string, number>()

  constructor(chaos: readonly Chaos[]) {
    this.#chaos = chaos
  }

  get areAny(): boolean {
    return this.#chaos.length > 0
  }

  /** True once for each crash, when the history has come so far. */
  crashes(lastEventId: number): boolean {
    const due = this.#chaos.filter((one) => one.kind === 'crashAfter' && one.event <= lastEventId && !this.#struck.has(one))
    for (const one of due) this.#struck.add(one)
    return due.length > 0
  }

  /** What a call fails with, in the place of its mock's answer. */
  throttle(place: Place): Failure | undefined {
    for (const [index, one] of this.#chaos.entries()) {
      if (one.kind !== 'throttle' || !isMeant(one.state, place.path, place.state)) continue
      const key = `${index} ${place.path}`
      const times = this.#throttled.get(key) ?? 0
      if (times >= one.times) continue
      this.#throttled.set(key, times + 1)
      this.#struck.add(one)
      return { error: one.error, cause: `chaos.throttle('${one.state}'): call ${times + 1} of ${one.times}` }
    }
    return undefined
  }

  isToldTwice(place: Place): boolean {
    return this.#strikes('resultTwice', place)
  }

  losesHeartbeat(place: Place): boolean {
    return this.#strikes('heartbeatLost', place)
  }

  /** Throws TestKitError where a fault had nothing to strike. */
  checkAllStruck(lastEventId: number): void {
    for (const one of this.#chaos) if (!this.#struck.has(one)) throw new TestKitError(missed(one, lastEventId))
  }

  #strikes(kind: 'resultTwice' | 'heartbeatLost', { path, state }: Place): boolean {
    const found = this.#chaos.find((one) => one.kind === kind && isMeant(one.state, path, state))
    if (found) this.#struck.add(found)
    return found !== undefined
  }
}

function missed(one: Chaos, lastEventId: number): string {
  switch (one.kind) {
    case 'crashAfter':
      return `chaos.crashAfter(${one.event}) did not strike: the run has ${lastEventId} events. Take a smaller number.`
    case 'resultTwice':
      return `chaos.resultTwice('${one.state}') did not strike: no task of that state was answered by its token.`
    case 'heartbeatLost':
      return `chaos.heartbeatLost('${one.state}') did not strike: run.token('${one.state}').heartbeat() was not called.`
    case 'throttle':
      return `chaos.throttle('${one.state}') did not strike: no state of that path or name has called anything.`
  }
}
