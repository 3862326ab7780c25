/** `npm run simulate`: bad hours by the seed; see test/simulation/simulate.ts for what it takes. */
import { NODE, run } from './node.mjs'
import { setUp } from './setup.mjs'

await setUp()
process.exitCode = await run(NODE, ['test/simulation/simulate.ts', ...process.argv.slice(2)])
