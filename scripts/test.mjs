/**
 * `npm test`: sets up, builds, brings the real AWS CLI, boto3, Chromium and Firefox where Debian's packages can be installed, then runs all tests. What
 * cannot be installed is said; the tests that need it are skipped by name, and fail where CI is set.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { buildIfStale } from './build.mjs'
import { NODE, ROOT, run } from './node.mjs'
import { setUp } from './setup.mjs'

const TOOLS = [
  { debian: 'awscli', has: () => works('/usr/bin/aws', '--version') || works('aws', '--version') },
  {
    debian: 'chromium',
    has: () => ['chromium', 'chromium-browser', 'google-chrome'].some((name) => existsSync(`/usr/bin/${name}`)),
  },
  { debian: 'firefox-esr', has: () => ['firefox-esr', 'firefox'].some((name) => existsSync(`/usr/bin/${name}`)) },
  {
    debian: 'python3-boto3',
    has: () => works('/usr/bin/python3', '-c', 'import boto3') || works('python3', '-c', 'import boto3'),
  },
]

await setUp()
await buildIfStale()
await installTools()
const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
process.exitCode = await run(NODE, [vitest, 'run', ...process.argv.slice(2)])

async function installTools() {
  const missing = TOOLS.filter((tool) => !tool.has()).map((tool) => tool.debian)
  if (missing.length === 0) return
  const isRoot = process.getuid?.() === 0
  const canSudo = !isRoot && works('sudo', '-n', 'true')
  if (!existsSync('/usr/bin/apt-get') || !(isRoot || canSudo)) {
    console.log(`Not installed, and not installable here: ${missing.join(', ')}. The tests that need them are skipped.`)
    return
  }
  console.log(`Installing ${missing.join(', ')} …`)
  const [command, ...before] = isRoot ? ['apt-get'] : ['sudo', '-n', 'apt-get']
  const options = { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  const install = () => run(command, [...before, 'install', '-y', '-qq', '--no-install-recommends', ...missing], options)
  if ((await install()) === 0) return
  await run(command, [...before, 'update', '-qq'], options)
  if ((await install()) !== 0) console.log('The installation failed; the tests that need these tools are skipped.')
}

function works(command, ...args) {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 30_000 }).status === 0
}
