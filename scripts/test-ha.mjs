/**
 * `npm run test:ha`: a cluster on this machine, under load, and what can go wrong; see test/ha/run.ts for what it takes, and
 * test/ha/large-map.ts for `npm run test:ha:map`.
 */
import { buildIfStale } from './build.mjs'
import { NODE, run } from './node.mjs'
import { setUp } from './setup.mjs'

await setUp()
await buildIfStale()
const given = process.argv.slice(2)
const program = given[0] === '--map' ? ['test/ha/large-map.ts', ...given.slice(1)] : ['test/ha/run.ts', ...given]
process.exitCode = await run(NODE, program)
