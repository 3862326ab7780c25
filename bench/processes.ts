/** What a server under measurement and the processes that it has started use. */
import { readdirSync, readFileSync } from 'node:fs'

import { type Bench, pidOf } from './workload.ts'

/** The server, and all that it has started. */
function processesOf(server: Bench): number[] {
  const found = [pidOf(server)]
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      parents.set(Number(name), Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]))
    } catch {}
  }
  for (const parent of found) for (const [pid, of] of parents) if (of === parent) found.push(pid)
  return found
}

/** What they have used: computed so far, and the memory that is theirs (PSS) now. */
export function usedOf(server: Bench): { readonly cpuMs: number; readonly mb: number; readonly processes: number } {
  const pids = processesOf(server)
  let [ticks, kb] = [0, 0]
  for (const pid of pids) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      ticks += Number(fields[11]) + Number(fields[12])
      kb += Number(/Pss:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1])
    } catch {}
  }
  return { cpuMs: ticks * 10, mb: Math.round(kb / 1024), processes: pids.length }
}
