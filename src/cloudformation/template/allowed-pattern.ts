/**
 * Whether a parameter's value is all of what its AllowedPattern describes. The pattern is the caller's: one that takes its time is
 * stopped, and matches nothing. What counts is the time that it computes: on a busy machine the clock alone would stop what is short.
 */
import { runInNewContext } from 'node:vm'

const WITHIN_MS = 100
/** Each may be stopped by the clock before it has computed anything. */
const ATTEMPTS_MAX = 20

/** Undefined where the pattern is no regular expression. */
export function matchesWhole(pattern: string, text: string): boolean | undefined {
  const begunMs = computedMs()
  for (let attempt = 1; ; attempt++) {
    try {
      const variables = { source: `^(?:${pattern})$`, text }
      return runInNewContext('new RegExp(source).test(text)', variables, { timeout: WITHIN_MS }) === true
    } catch (error) {
      if (!isStopped(error)) return undefined
      if (attempt === ATTEMPTS_MAX || computedMs() - begunMs >= WITHIN_MS) return false
    }
  }
}

/** By this thread, so far; of a Node before 24, which does not tell them apart, by all threads. */
function computedMs(): number {
  const { threadCpuUsage = process.cpuUsage }: Partial<Pick<NodeJS.Process, 'threadCpuUsage'>> = process
  const { user, system } = threadCpuUsage.call(process)
  return (user + system) / 1000
}

const isStopped = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
