/** `npm run demo:cluster`: both founding workflows on a cluster, and a node killed in the middle; see test/ha/demo.ts. */
import { buildIfStale } from './build.mjs'
import { NODE, run } from './node.mjs'
import { setUp } from './setup.mjs'

await setUp()
await buildIfStale()
process.exitCode = await run(NODE, ['test/ha/demo.ts', ...process.argv.slice(2)])
