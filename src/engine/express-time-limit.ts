/** Express executions end after five minutes (`AWS_LIMITS.expressSecondsMax`), whatever their definition says. */
import type { Limits } from '../base/limits.ts'
import { type Instant, toInstant } from '../base/time.ts'

/** When one that starts at `startAt` is over; its start event tells it. */
export const expressEnd = (startAt: Instant, { expressSecondsMax }: Limits): Instant =>
  toInstant(startAt + expressSecondsMax * 1000)
