/**
 * The deploy tools that tests run as users do: those of test/clients/tools/package.json, in the versions of its lock. They are
 * half a gigabyte that nothing but these tests wants, so they lie outside of the checkout, once a machine, in a folder that is
 * named by the lock. Runs on Node 20.
 */
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

import { ROOT, run } from './node.mjs'

const SOURCE = join(ROOT, 'test/clients/tools')
const lock = createHash('sha256')
  .update(readFileSync(join(SOURCE, 'package-lock.json')))
  .digest('hex')
  .slice(0, 16)

/** Where they lie, or would. What is there is whole. */
export const CLIENT_TOOLS = join(homedir(), '.cache/regente-test-tools', lock)

export const hasClientTools = () => existsSync(CLIENT_TOOLS)

/** From npm's registry alone: no package's scripts are run. Says so where it fails. */
export async function installClientTools() {
  console.log(`Installing the deploy tools (CDK, Serverless) into ${CLIENT_TOOLS} …`)
  const draft = `${CLIENT_TOOLS}.${process.pid}`
  mkdirSync(draft, { recursive: true })
  for (const name of ['package.json', 'package-lock.json']) cpSync(join(SOURCE, name), join(draft, name))
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error']
  const code = await run('npm', args, { cwd: draft, shell: process.platform === 'win32', graceMs: 500 })
  // Another run may have been faster.
  if (code === 0 && !hasClientTools()) renameSync(draft, CLIENT_TOOLS)
  else rmSync(draft, { recursive: true, force: true })
  if (code !== 0) console.error(`npm could not install the deploy tools (exit code ${code}).`)
}
