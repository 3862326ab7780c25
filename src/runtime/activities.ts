/**
 * Activity tasks on offer and the workers that wait for them. In memory alone: a restart takes the offers from the logs of
 * the executions that still ask. Oldest offer to oldest waiter.
 */
import type { ExecutionKey } from '../store/contract.ts'

export interface Offer {
  readonly execution: ExecutionKey
  readonly frame: number
  readonly task: number
}

export class Activities {
  readonly #offers = new Map<string, Offer[]>()
  readonly #waiters = new Map<string, ((offer: Offer | undefined) => void)[]>()

  /** Tasks on offer, and workers that wait for one. */
  get sizes(): { readonly offers: number; readonly waiters: number } {
    const count = (lists: Iterable<readonly unknown[]>) => [...lists].reduce((sum, list) => sum + list.length, 0)
    return { offers: count(this.#offers.values()), waiters: count(this.#waiters.values()) }
  }

  offer(activityArn: string, offer: Offer): void {
    const waiter = this.#waiters.get(activityArn)?.shift()
    if (waiter) return waiter(offer)
    const offers = this.#offers.get(activityArn)
    if (offers) offers.push(offer)
    else this.#offers.set(activityArn, [offer])
  }

  /** The next offer, at once or when one comes; undefined once `signal` aborts. */
  take(activityArn: string, signal: AbortSignal): Promise<Offer | undefined> {
    const offer = this.#offers.get(activityArn)?.shift()
    if (offer || signal.aborted) return Promise.resolve(offer)
    return new Promise((resolve) => {
      const waiters = this.#waiters.get(activityArn) ?? []
      this.#waiters.set(activityArn, waiters)
      const leave = () => {
        const at = waiters.indexOf(waiter)
        if (at >= 0) waiters.splice(at, 1)
        resolve(undefined)
      }
      const waiter = (found: Offer | undefined) => {
        signal.removeEventListener('abort', leave)
        resolve(found)
      }
      waiters.push(waiter)
      signal.addEventListener('abort', leave, { once: true })
    })
  }
}
