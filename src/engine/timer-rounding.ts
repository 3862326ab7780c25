/** Timers of tasks are kept in tenths of a second, rounded up, so that tasks begun together time out together, as AWS records them. */
import { type Instant, toInstant } from '../base/time.ts'

const TIMER_MS = 100

export const later = (at: Instant, seconds: number): Instant => toInstant(Math.ceil((at + seconds * 1000) / TIMER_MS) * TIMER_MS)
