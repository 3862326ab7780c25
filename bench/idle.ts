/** Time to the ready line (best of five) and resident memory of a server that has nothing to do. Beside: a bare Node. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { startBench } from './workload.ts'

const residentMb = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

const starts: number[] = []
let rss = 0
for (let round = 0; round < 5; round++) {
  const server = await startBench()
  starts.push(server.startMs)
  if (round === 4) {
    await sleep(5_000)
    rss = residentMb(server.child.pid ?? 0)
  }
  await server.stop()
}
const begun = performance.now()
spawnSync(process.execPath, ['-e', ''])
const bare = performance.now() - begun
console.log(
  `ready after ${Math.min(...starts).toFixed(0)} ms (all: ${starts.map((ms) => ms.toFixed(0)).join(', ')}); a bare Node takes ${bare.toFixed(0)} ms`,
)
console.log(`idle: ${rss.toFixed(0)} MB resident`)
