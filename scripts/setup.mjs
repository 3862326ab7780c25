/**
 * Installs what package-lock.json names and node_modules lacks, and tells how far it is; does nothing otherwise. Compared by
 * npm's own record of what it has installed, so a changed lock, a missing folder and a half-finished installation are noticed.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { mustRun, NODE, ROOT, run } from './node.mjs'

/** npm would go on for long; what it leaves half done is done anew by the next installation. */
const NPM = { shell: process.platform === 'win32', graceMs: 500 }

export async function setUp() {
  const missing = missingPackages()
  if (missing.length > 0) {
    const done = showProgress(missing)
    await mustRun('The installation', 'npm', ['ci', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'], NPM)
    done()
  }
  if (!(await runs(NODE))) {
    // Installed with --ignore-scripts: the Node package fetches its binary in a script.
    console.log('Fetching Node …')
    await mustRun('Setting up Node', 'npm', ['rebuild', 'node'], NPM)
  }
}

const runs = (node) =>
  existsSync(node) &&
  run(node, ['-e', '']).then(
    (code) => code === 0,
    () => false,
  )

function missingPackages() {
  const locked = readPackages(join(ROOT, 'package-lock.json'))
  const installed = readPackages(join(ROOT, 'node_modules/.package-lock.json'))
  return Object.entries(locked)
    .filter(([path, { link }]) => path.startsWith('node_modules/') && !link)
    .filter(([path, { version, optional, devOptional }]) => {
      if (!installed[path]) return !optional && !devOptional
      return installed[path].version !== version || !isThere(path)
    })
    .map(([path]) => path)
}

function readPackages(path) {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')).packages ?? {}) : {}
}

const isThere = (path) => existsSync(join(ROOT, path, 'package.json'))

/** A line that keeps changing on a terminal, one every five seconds elsewhere. Returns what ends it. */
function showProgress(paths) {
  const { isTTY } = process.stdout
  const begun = Date.now()
  const say = (what) => {
    const line = `  ${Math.round((Date.now() - begun) / 1000)} s: ${what}`
    process.stdout.write(isTTY ? `\r\x1b[K${line}` : `${line}\n`)
  }
  const count = () => {
    const there = paths.filter(isThere).length
    say(there < paths.length ? `${there} of ${paths.length} packages` : 'all packages are here, Node itself comes last')
  }
  console.log(`Installing ${paths.length} packages …`)
  const timer = setInterval(count, isTTY ? 500 : 5_000)
  return () => {
    clearInterval(timer)
    say(isTTY ? 'installed\n' : 'installed')
  }
}

if (process.argv[1] === import.meta.filename) await setUp()
