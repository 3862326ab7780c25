import type { Clock } from '../../base/clock.ts'

/** Resolves after `ms`, or when the signal aborts. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const alarm = clock.after(ms, done)
    function done(): void {
      signal.removeEventListener('abort', done)
      alarm.cancel()
      resolve()
    }
    signal.addEventListener('abort', done)
  })
}
