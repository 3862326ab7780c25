import type { Store } from '../contract.ts'

/** The store of the test that runs, and how it is closed and opened again on the same data. */
export interface Opened {
  store(): Store
  reopen(): Promise<void>
}
