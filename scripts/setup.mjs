/**
 * Installs what package-lock.json names and node_modules lacks; does nothing otherwise. Compared by npm's own record of
 * what it has installed, so a changed lock, a missing folder and a half-finished installation are all noticed.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { mustRun, NODE, ROOT, run } from './node.mjs'

export async function setUp() {
  const shell = process.platform === 'win32'
  const missing = missingPackages()
  if (missing.length > 0) {
    console.log(`Installing ${missing.length} packages …`)
    await mustRun('The installation', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { shell })
  }
  if (!existsSync(NODE) || (await run(NODE, ['-e', ''])) !== 0) {
    // Installed with --ignore-scripts: the Node package fetches its binary in a script.
    await mustRun('Setting up Node', 'npm', ['rebuild', 'node'], { shell })
  }
}

function missingPackages() {
  const locked = readPackages(join(ROOT, 'package-lock.json'))
  const installed = readPackages(join(ROOT, 'node_modules/.package-lock.json'))
  return Object.entries(locked)
    .filter(([path, { link }]) => path !== '' && !link)
    .filter(([path, { version, optional, devOptional }]) => {
      if (!installed[path]) return !optional && !devOptional
      return installed[path].version !== version || !existsSync(join(ROOT, path, 'package.json'))
    })
    .map(([path]) => path)
}

function readPackages(path) {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')).packages ?? {}) : {}
}

if (process.argv[1] === import.meta.filename) await setUp()
