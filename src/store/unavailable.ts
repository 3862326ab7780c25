import type { Store } from './contract.ts'

/** The store does not answer just now, whatever it was asked: nobody's bug, and no fault of what was asked. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError'
}

/** Whether an error of a store's is its being away. */
export const isAway = (store: Pick<Store, 'health'>, error: unknown): boolean =>
  error instanceof StoreUnavailableError || store.health().status !== 'ok'
