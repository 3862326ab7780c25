/**
 * Resident memory of a process and its descendants, from /proc. Undefined where there is no /proc: nothing is bounded there.
 * Read without waiting: the kernel answers in some 10 µs, and a turn of the thread pool costs more.
 */
import { readFileSync } from 'node:fs'

const DESCENDANTS_MAX = 64

/** Megabytes; undefined when the process is gone, the platform does not tell, or there is no descriptor left to ask with. */
export function residentMb(pid: number): number | undefined {
  const root = residentKb(pid)
  if (root === undefined) return undefined
  let totalKb = root
  const queue = childrenOf(pid)
  for (let i = 0; i < queue.length && i < DESCENDANTS_MAX; i++) {
    const child = queue[i] ?? 0
    totalKb += residentKb(child) ?? 0
    queue.push(...childrenOf(child))
  }
  return totalKb / 1024
}

function residentKb(pid: number): number | undefined {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))
  return match ? Number(match[1]) : undefined
}

const childrenOf = (pid: number): number[] => read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)

/** What the process does: `R` when it uses the processor or would, `S` when it waits, … Undefined as above. */
export const stateOf = (pid: number): string | undefined => /\) ([A-Z]) /.exec(read(`/proc/${pid}/stat`))?.[1]

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
