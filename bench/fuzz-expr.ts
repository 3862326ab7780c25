/**
 * The oracle tests of the expression room, at length: random intrinsic calls and JSONata against naive versions and the
 * `jsonata` package (JSONPath has `fuzz-jsonpath.ts`).
 * Run: node_modules/.bin/node bench/fuzz-expr.ts [RUNS, default 100000] [SEED, default the clock]
 * Prints the seed first; a failure shows its counterexample and can be run again with that seed.
 */
import { spawnSync } from 'node:child_process'

const ORACLES = ['src/expr/intrinsics/oracle.test.ts', 'src/expr/jsonata/oracle.test.ts']

const [runs = '100000', seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2)
console.log(`runs ${runs}, seed ${seed}`)
const arguments_ = ['node_modules/vitest/vitest.mjs', 'run', '--testTimeout=3600000', ...ORACLES]
const env = { ...process.env, RUNS: runs, SEED: seed }
const { status } = spawnSync(process.execPath, arguments_, { stdio: 'inherit', env })
process.exitCode = status ?? 1
