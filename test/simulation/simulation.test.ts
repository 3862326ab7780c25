/** Bad hours by the seed: `npm run simulate` runs many more of them. */
import { describe, expect, test } from 'vitest'

import { PLANTED_AMONG_NODES } from './planted-among-nodes.ts'
import { PLANTED } from './planted-bugs.ts'
import { isOfNodes, runSeed } from './run.ts'

const SEEDS = Number(process.env['REGENTE_SIMULATION_SEEDS'] ?? 300)
const PER_TEST = 25
const FIRST_SEEDS = Array.from({ length: Math.ceil(SEEDS / PER_TEST) }, (_, index) => 1 + index * PER_TEST)

describe('whatever goes wrong, what was acknowledged is kept and everything ends as on a quiet day', () => {
  test.for(FIRST_SEEDS)('seeds from %i', { timeout: 120_000 }, async (first) => {
    for (let seed = first; seed < Math.min(first + PER_TEST, SEEDS + 1); seed++) {
      const { violations } = await runSeed(seed)
      expect(violations, `seed ${seed}; its trace: npm run simulate -- --seed ${seed}`).toEqual([])
    }
  })
})

test('a seed is one order of events', async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const first = await runSeed(seed)
    expect(await runSeed(seed, { lines: [] })).toEqual(first)
    expect((await runSeed(seed + 1)).traceHash).not.toBe(first.traceHash)
  }
})

describe('a bug that is planted is found', () => {
  test.for(Object.entries(PLANTED))('%s', { timeout: 120_000 }, async ([, doubles]) => {
    for (let seed = 1; seed <= SEEDS; seed++) if ((await runSeed(seed, { doubles })).violations.length > 0) return
    expect.fail(`in none of ${SEEDS} seeds`)
  })
  test.for(Object.entries(PLANTED_AMONG_NODES))('of nodes: %s', { timeout: 120_000 }, async ([, doubles]) => {
    for (let seed = 1; seed <= SEEDS; seed++)
      if (isOfNodes(seed) && (await runSeed(seed, { doubles })).violations.length > 0) return
    expect.fail(`in none of ${SEEDS} seeds`)
  })
})
