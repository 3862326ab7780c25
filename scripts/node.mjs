/**
 * What the scripts share: where the project is, its own Node, and running programs that end when we do: whoever stops a script,
 * by Ctrl-C or a signal, stops all that it has begun, and can begin again at once. Runs on Node 20.
 */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const IS_WINDOWS = process.platform === 'win32'
/** The Node that the project runs on, whatever npm runs on. */
export const NODE = join(ROOT, 'node_modules/.bin', IS_WINDOWS ? 'node.cmd' : 'node')

/** What has been told to end and does not is killed after this time. */
const GRACE_MS = 10_000
/** To its grace. Each leads a group of processes: npm's scripts start others, which npm does not end. Windows has no such groups. */
const running = new Map()
let isListening = false
let isEnding = false

/** As `spawn`, from the project's folder; ends when we do. */
export function start(command, args, { graceMs = GRACE_MS, ...options } = {}) {
  if (!isListening) listen()
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', detached: !IS_WINDOWS, ...options })
  running.set(child, graceMs)
  child.on('error', () => running.delete(child))
  child.on('exit', () => running.delete(child))
  return child
}

/** Resolves to the exit code; 143 for a signal. Output goes where ours goes. */
export const run = (command, args, options) => ended(start(command, args, options))

/** As `run`, but hands back what is written to standard output. */
export async function capture(command, args, options) {
  const child = start(command, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options })
  let output = ''
  child.stdout.on('data', (piece) => (output += piece))
  return { code: await ended(child), output }
}

/** What ends because we were told to end is no news to whoever waits for it. */
const ended = (child) =>
  new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => isEnding || resolve(signal === null ? (code ?? 1) : 143))
  })

/** Never resolves once we were told to end: what fails then is no news either. */
export const unlessEnding = () => (isEnding ? new Promise(() => {}) : Promise.resolve())

/** Ends this process when a step has failed. */
export async function mustRun(what, command, args, options) {
  const code = await run(command, args, options)
  if (code === 0) return
  console.error(`${what} failed (exit code ${code}).`)
  process.exit(code)
}

function listen() {
  isListening = true
  for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }))
    process.on(signal, () => endAll(128 + number))
  process.on('exit', () => {
    for (const child of running.keys()) tell(child, 'SIGTERM')
  })
}

/** A second signal does not wait. What has not ended with the leader of its group ends now. */
async function endAll(code) {
  const toldAt = Date.now()
  const mayStay = isEnding ? () => false : ([, graceMs]) => Date.now() - toldAt < graceMs
  isEnding = true
  const children = [...running.keys()]
  for (const child of children) tell(child, 'SIGTERM')
  while ([...running].some(mayStay)) await setTimeout(20)
  for (const child of children) tell(child, 'SIGKILL')
  process.exit(code)
}

function tell({ pid }, signal) {
  try {
    if (pid !== undefined) process.kill(IS_WINDOWS ? pid : -pid, signal)
  } catch {
    // Nobody is left to be told.
  }
}
