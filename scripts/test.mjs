/**
 * `npm test`: sets up, builds, runs all tests. Tools that npm does not bring are never installed here: what is missing is said,
 * and the tests that need it are skipped by name; where CI is set they fail. What the tests put into the temporary folder is in
 * one folder there, which is gone in the end; where CI is set, a test that left something fails the run. Test files share the
 * machine; where all were run and one failed, it is run once more, alone, and what passes then is named as unsteady. Runs on Node 20.
 */
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { buildIfStale } from './build.mjs'
import { NODE, ROOT, run } from './node.mjs'
import { setUp } from './setup.mjs'
import { missingTools } from './system-tools.mjs'
import { failedFiles, failures, mergeReports, readReport } from './test-report.mjs'

/** Where more files fail than these, it is not for chance. */
const AGAIN_MAX = 5

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
const args = process.argv.slice(2)
const given = args.find((arg) => arg.startsWith('--outputFile.json='))?.slice('--outputFile.json='.length)
const report = given ?? join(place, '.report.json')
const reporters = given === undefined ? ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`] : []
process.exitCode = await run(NODE, [vitest, 'run', ...reporters, ...args], { env })
const isWhole = args.every((arg) => arg.startsWith('--reporter=') || arg.startsWith('--outputFile.'))
const first = process.exitCode !== 0 && isWhole ? readReport(report) : undefined
if (first) await runAgain(first)

async function runAgain(first) {
  const files = failedFiles(first)
  if (files.length === 0 || files.length > AGAIN_MAX) return
  const unsteady = failures(first)
  console.log(`\nRun once more, alone:\n  ${files.join('\n  ')}`)
  const second = join(place, '.second-report.json')
  const alone = ['--maxWorkers=1', '--reporter=default', '--reporter=json', `--outputFile.json=${second}`]
  process.exitCode = await run(NODE, [vitest, 'run', ...alone, ...files], { env })
  const told = readReport(second)
  if (told) writeFileSync(report, JSON.stringify(mergeReports(first, told)))
  if (process.exitCode === 0) console.log(`\nUNSTEADY, passed when run alone:\n${unsteady.join('\n')}`)
}

// Not the tests': Node's cache of compiled code, which vitest and the compiler ask for, and what browsers have of their own there.
const OF_OTHERS = /^(?:node-compile-cache$|\.|mozilla|playwright)/
const left = readdirSync(place).filter((name) => !OF_OTHERS.test(name))
if (left.length > 0) {
  console.error(`Tests left these in the temporary folder:\n  ${left.join('\n  ')}`)
  // What fails cannot clean up.
  if (process.env.CI && !first) process.exitCode ||= 1
}
