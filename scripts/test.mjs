/**
 * `npm test`: sets up, builds, runs all tests. Tools that npm does not bring are never installed here: what is missing is said,
 * and the tests that need it are skipped by name; where CI is set they fail. Runs on Node 20.
 */
import { join } from 'node:path'

import { buildIfStale } from './build.mjs'
import { NODE, ROOT, run } from './node.mjs'
import { setUp } from './setup.mjs'
import { missingTools } from './system-tools.mjs'

await setUp()
await buildIfStale()
const missing = missingTools()
if (missing.length > 0) {
  console.log(
    `Not installed: ${missing.join(', ')}. The tests that need them are skipped by name; npm run setup:system installs them.`,
  )
}
const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
process.exitCode = await run(NODE, [vitest, 'run', ...process.argv.slice(2)])
