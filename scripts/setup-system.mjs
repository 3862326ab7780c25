/**
 * `npm run setup:system`: installs what tests use beyond node_modules: from Debian's packages the AWS CLI, boto3, Chromium, Firefox,
 * PostgreSQL, Patroni, etcd and HAProxy, from npm's registry the deploy tools (`client-tools.mjs`). Only when asked: it changes the
 * machine. Ends with 1 where something is missing still. Runs on Node 20.
 */
import { existsSync } from 'node:fs'

import { hasClientTools, installClientTools } from './client-tools.mjs'
import { run } from './node.mjs'
import { missingPackages, missingTools, works } from './system-tools.mjs'

const missing = missingPackages()
if (missing.length > 0) await install(missing)
if (!hasClientTools()) await installClientTools()
const left = missingTools()
if (left.length > 0) {
  console.error(`Not installed: ${left.join(', ')}.`)
  process.exitCode = 1
}

async function install(packages) {
  const isRoot = process.getuid?.() === 0
  if (!existsSync('/usr/bin/apt-get') || !(isRoot || works('sudo', '-n', 'true'))) return
  console.log(`Installing ${packages.join(', ')} …`)
  const [command, ...before] = isRoot ? ['apt-get'] : ['sudo', '-n', 'apt-get']
  const options = { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  const once = () => run(command, [...before, 'install', '-y', '-qq', '--no-install-recommends', ...packages], options)
  if ((await once()) === 0) return
  await run(command, [...before, 'update', '-qq'], options)
  await once()
}
