/**
 * Installs what package-lock.json names and node_modules lacks; does nothing otherwise. Compared by npm's own record of
 * what it has installed, so a changed lock, a missing folder and a half-finished installation are all noticed.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { mustRun, NODE, ROOT, run } from './node.mjs'

export async function setUp() {
  const missing = missingPackages()
  if (missing.length > 0) {
    console.log(`Installing ${missing.length} packages …`)
    const shell = process.platform === 'win32'
    const flags = ['--no-audit', '--no-fund', '--loglevel=error']
    // npm ci refuses a lock in which optional packages of other platforms are missing, as some registries leave them; npm
    // install takes the same versions from the same lock.
    if ((await run('npm', ['ci', ...flags], { shell, stdio: 'ignore' })) !== 0) {
      await mustRun('The installation', 'npm', ['install', '--no-save', ...flags], { shell })
    }
  }
  if (!existsSync(NODE) || (await run(NODE, ['-e', ''])) !== 0) {
    // Installed with --ignore-scripts: the Node package fetches its binary in a script.
    await mustRun('Setting up Node', 'npm', ['rebuild', 'node'], { shell: process.platform === 'win32' })
  }
}

function missingPackages() {
  const locked = readPackages(join(ROOT, 'package-lock.json'))
  const installed = readPackages(join(ROOT, 'node_modules/.package-lock.json'))
  return Object.entries(locked)
    .filter(([path, { optional, devOptional, link }]) => path !== '' && !optional && !devOptional && !link)
    .filter(([path, { version }]) => installed[path]?.version !== version || !existsSync(join(ROOT, path, 'package.json')))
    .map(([path]) => path)
}

function readPackages(path) {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')).packages ?? {}) : {}
}

if (process.argv[1] === import.meta.filename) await setUp()
