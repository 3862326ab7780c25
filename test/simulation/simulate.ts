/**
 * `npm run simulate`: many seeds, or one with its trace.
 *   -- --seeds 1-10000   these (the default)
 *   -- --seed 17         this one, with everything that happened in it
 *   -- --planted         in how many of the seeds each planted bug is found
 */
import { parseArgs } from 'node:util'

import { PLANTED_AMONG_NODES } from './planted-among-nodes.ts'
import { PLANTED } from './planted-bugs.ts'
import { isOfNodes, runSeed } from './run.ts'

const { values } = parseArgs({
  options: { seed: { type: 'string' }, seeds: { type: 'string', default: '1-10000' }, planted: { type: 'boolean' } },
})
const [first = 1, last = first] = values.seeds.split('-').map(Number)
const seeds = Array.from({ length: last - first + 1 }, (_, index) => first + index)
const failed =
  values.seed !== undefined ? await replay(Number(values.seed)) : values.planted ? await findPlanted() : await runMany()
process.exitCode = failed > 0 ? 1 : 0

async function replay(seed: number): Promise<number> {
  const lines: string[] = []
  const { violations } = await runSeed(seed, { lines })
  console.log(lines.join('\n'))
  console.log(violations.length === 0 ? `Seed ${seed}: all is well.` : `Seed ${seed}:\n  ${violations.join('\n  ')}`)
  return violations.length
}

async function runMany(): Promise<number> {
  const begun = Date.now()
  const sum = { steps: 0, crashes: 0, stops: 0, freezes: 0, failed: 0 }
  for (const seed of seeds) {
    const { violations, steps, crashes, stops, freezes } = await runSeed(seed)
    sum.steps += steps
    sum.crashes += crashes
    sum.stops += stops
    sum.freezes += freezes
    if (violations.length === 0) continue
    sum.failed++
    console.log(`seed ${seed}: ${violations[0]}\n  npm run simulate -- --seed ${seed}`)
  }
  const seconds = ((Date.now() - begun) / 1000).toFixed(1)
  console.log(
    `${seeds.length} seeds, ${sum.steps} steps, ${sum.crashes} crashes, ${sum.stops} stops, ${sum.freezes} freezes in ${seconds} s.`,
  )
  console.log(sum.failed === 0 ? 'All is well.' : `${sum.failed} failed.`)
  return sum.failed
}

/** Answers how many of the planted bugs are not found. */
async function findPlanted(): Promise<number> {
  let unfound = 0
  for (const [planted, where] of [
    [PLANTED, seeds],
    [PLANTED_AMONG_NODES, seeds.filter(isOfNodes)],
  ] as const)
    for (const [name, doubles] of Object.entries(planted)) {
      const found: number[] = []
      for (const seed of where) if ((await runSeed(seed, { doubles })).violations.length > 0) found.push(seed)
      console.log(`${name}: found in ${found.length} of ${where.length} seeds, first in ${found[0] ?? 'none'}`)
      if (found.length === 0) unfound++
    }
  return unfound
}
