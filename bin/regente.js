#!/usr/bin/env node
/**
 * Starts the command on a Node that can run it. Plain JavaScript that an old Node understands: where the running one is too
 * old, the one that npm has installed beside the package takes over. Runs the build when it is newer than the source.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { hideEnvironment } from './hide-environment.js'
import { hidePasswords } from './hide-passwords.js'

const ROOT = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))))
/** Has SQLite, and runs TypeScript itself. package.json says the same. */
const NEEDED = [22, 18]
/**
 * The server's young generation, in MiB a half. V8 lets each half grow to 64 where much is allocated, as while a Map Run goes
 * on: some 100 MiB of memory more, and no time saved that can be measured. It can only be told as a process begins.
 */
const YOUNG = '--max-semi-space-size=16'
const NODE_FLAGS = process.argv[2] === 'start' ? [YOUNG] : []

hideEnvironment()
hidePasswords()

// Told by the one that we take over from: looking takes as long as a Node does to begin.
const entry = process.env.REGENTE_ENTRY || (isBuilt() ? join(ROOT, 'dist/cli/main.js') : join(ROOT, 'src/cli/main.ts'))
delete process.env.REGENTE_ENTRY
if (!existsSync(entry)) fail(`Neither dist/ nor src/ is complete in ${ROOT}. Install the package again, or run: npm run build`)
if (!isAtLeast(NEEDED)) runNewer()
else if (isToBeTold())
  process.execve(process.execPath, [process.execPath, ...NODE_FLAGS, ...process.execArgv, ...process.argv.slice(1)], told())
else await import(pathToFileURL(entry).href)

/** The environment of whoever takes over. */
function told() {
  return { ...process.env, REGENTE_ENTRY: entry }
}

/** The stamp is written when a build is complete; anything changed since makes it stale, tests apart. */
function isBuilt() {
  const stamp = join(ROOT, 'dist/.stamp')
  if (!existsSync(stamp)) return false
  const builtAt = statSync(stamp).mtimeMs
  const source = join(ROOT, 'src')
  if (!existsSync(source)) return true
  const isNewer = (folder) =>
    readdirSync(folder, { withFileTypes: true }).some((item) => {
      const path = `${folder}/${item.name}`
      if (item.isDirectory()) return isNewer(path)
      return !path.endsWith('.test.ts') && statSync(path).mtimeMs > builtAt
    })
  return !isNewer(source)
}

function isAtLeast([major, minor]) {
  const [ourMajor, ourMinor] = process.versions.node.split('.').map(Number)
  return ourMajor > major || (ourMajor === major && ourMinor >= minor)
}

/**
 * A server that has no such setting yet, on a Node that can take its own place (from 24 on without a warning, not on Windows).
 * Whoever has started it with a channel would lose it.
 */
function isToBeTold() {
  if (NODE_FLAGS.length === 0 || process.channel || process.platform === 'win32' || !isAtLeast([24, 0])) return false
  const given = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ')
  return typeof process.execve === 'function' && !/semi-space|--inspect/.test(given)
}

/** The newer Node takes our place where this one can be replaced (from 22.15 on, not on Windows), else it runs beside us. */
function runNewer() {
  const name = process.platform === 'win32' ? 'node.cmd' : 'node'
  const node = [join(ROOT, 'node_modules/.bin', name), join(ROOT, '../.bin', name)].find((path) => existsSync(path))
  if (node === undefined || process.env.REGENTE_WRAPPED === '1') {
    fail(`Regente needs Node ${NEEDED.join('.')} or newer; this is ${process.version}. Bring one along with: npm install node@24`)
  }
  const env = { ...told(), REGENTE_WRAPPED: '1' }
  if (typeof process.execve !== 'function' || process.platform === 'win32') return runBeside(node, env)
  process.execve(realpathSync(node), [node, ...NODE_FLAGS, ...process.argv.slice(1)], env)
}

/** The newer Node gets our terminal and our signals; we end as it ends. Over the channel it learns that we were killed. */
function runBeside(node, env) {
  const child = spawn(node, [...NODE_FLAGS, ...process.argv.slice(1)], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  // A terminal sends SIGINT to the whole group, so the child has it already; a second one would end it at once.
  for (const signal of signals) process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY) || child.kill(signal))
  child.on('error', (error) => fail(`${node} could not be started: ${error.message}`))
  child.on('exit', (code, signal) => {
    for (const name of signals) process.removeAllListeners(name)
    if (signal === null) process.exit(code ?? 1)
    process.kill(process.pid, signal)
  })
}

function fail(message) {
  process.stderr.write(`regente: ${message}\n`)
  process.exit(1)
}
