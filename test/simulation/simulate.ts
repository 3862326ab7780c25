/**
 * `npm run simulate`: many seeds, or one with its trace.
 *   --seeds 1-10000   these (the default)
 *   --seed 17         this one, with everything that happened in it
 */
import { parseArgs } from 'node:util'

import { runSeed } from './run.ts'

const { values } = parseArgs({ options: { seed: { type: 'string' }, seeds: { type: 'string', default: '1-10000' } } })
process.exitCode = values.seed === undefined ? await runMany(values.seeds) : await replay(Number(values.seed))

async function replay(seed: number): Promise<number> {
  const lines: string[] = []
  const { violations } = await runSeed(seed, { lines })
  console.log(lines.join('\n'))
  console.log(violations.length === 0 ? `Seed ${seed}: all is well.` : `Seed ${seed}:\n  ${violations.join('\n  ')}`)
  return violations.length === 0 ? 0 : 1
}

async function runMany(range: string): Promise<number> {
  const [first = 1, last = first] = range.split('-').map(Number)
  const begun = Date.now()
  let steps = 0
  let crashes = 0
  let stops = 0
  const failed: number[] = []
  for (let seed = first; seed <= last; seed++) {
    const verdict = await runSeed(seed)
    steps += verdict.steps
    crashes += verdict.crashes
    stops += verdict.stops
    if (verdict.violations.length === 0) continue
    failed.push(seed)
    console.log(`seed ${seed}: ${verdict.violations[0]}\n  npm run simulate -- --seed ${seed}`)
  }
  const seconds = ((Date.now() - begun) / 1000).toFixed(1)
  console.log(
    `${last - first + 1} seeds, ${steps} steps, ${crashes} crashes, ${stops} stops in ${seconds} s: ${failed.length === 0 ? 'all is well' : `${failed.length} failed`}.`,
  )
  return failed.length === 0 ? 0 : 1
}
