/** A UUID that follows from a task's attempt: the same attempt made twice (after a crash) has the same. */
import { createHash } from 'node:crypto'

export function attemptId(idempotencyKey: string): string {
  const h = createHash('sha256').update(idempotencyKey).digest('hex')
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20, 32)}`
}
