/**
 * `npm test`: sets up, builds, runs all tests. Tools that npm does not bring are never installed here: what is missing is said,
 * and the tests that need it are skipped by name; where CI is set they fail. What the tests put into the temporary folder is in
 * one folder there, which is gone in the end; where CI is set, a test that left something fails the run. Runs on Node 20.
 */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
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
const place = mkdtempSync(join(tmpdir(), 'regente-test-'))
process.on('exit', () => rmSync(place, { recursive: true, force: true, maxRetries: 5 }))
// As open as the temporary folder itself: some tests run programs as other users.
chmodSync(place, 0o1777)
const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
const env = { ...process.env, TMPDIR: place, TEMP: place, TMP: place }
process.exitCode = await run(NODE, [vitest, 'run', ...process.argv.slice(2)], { env })

// Not the tests': Node's cache of compiled code, which vitest and the compiler ask for, and what browsers have of their own there.
const OF_OTHERS = /^(?:node-compile-cache$|\.|mozilla|playwright)/
const left = readdirSync(place).filter((name) => !OF_OTHERS.test(name))
if (left.length > 0) {
  console.error(`Tests left these in the temporary folder:\n  ${left.join('\n  ')}`)
  if (process.env.CI) process.exitCode ||= 1
}
