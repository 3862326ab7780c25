/** What an attempt to deliver came to, and what becomes of the delivery: over, tried again, or given up. */
import { type Ending, OVER } from './outbox.ts'

/** `refused`: another attempt would end alike. */
export type SendResult = { readonly kind: 'delivered' } | { readonly kind: 'again' | 'refused'; readonly reason: string }

export const DELIVERED: SendResult = { kind: 'delivered' }

export interface Persistence {
  /** Milliseconds before the next attempt; undefined where there have been enough. */
  readonly pauseMs: () => number | undefined
  /** Nobody takes it: to a dead-letter queue, if there is one. */
  readonly giveUp: (reason: string) => Promise<void>
}

export async function endingOf(result: SendResult, { pauseMs, giveUp }: Persistence): Promise<Ending> {
  if (result.kind === 'delivered') return OVER
  const pause = result.kind === 'again' ? pauseMs() : undefined
  if (pause !== undefined) return { kind: 'again', pauseMs: pause, counts: true }
  await giveUp(result.reason)
  return OVER
}
