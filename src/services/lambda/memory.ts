/** Resident memory of a process and its descendants, from /proc. Undefined where there is no /proc: nothing is bounded there. */
import { readFile } from 'node:fs/promises'

const DESCENDANTS_MAX = 64

/** Megabytes; undefined when the process is gone or the platform does not tell. */
export async function residentMb(pid: number): Promise<number | undefined> {
  const root = await residentKb(pid)
  if (root === undefined) return undefined
  let totalKb = root
  const queue = await childrenOf(pid)
  for (let i = 0; i < queue.length && i < DESCENDANTS_MAX; i++) {
    const child = queue[i] ?? 0
    totalKb += (await residentKb(child)) ?? 0
    queue.push(...(await childrenOf(child)))
  }
  return totalKb / 1024
}

async function residentKb(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(status)
  return match ? Number(match[1]) : undefined
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return text.split(' ').filter(Boolean).map(Number)
}
