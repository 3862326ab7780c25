/** What the scripts share: where the project is, its own Node, and running a program to its end. Runs on Node 20. */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
/** The Node that the project runs on, whatever npm runs on. */
export const NODE = join(ROOT, 'node_modules/.bin', process.platform === 'win32' ? 'node.cmd' : 'node')

/** Resolves to the exit code; 128 and more for a signal. Output goes where ours goes. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', ...options })
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 143))
  })
}

/** Ends this process when a step has failed. */
export async function mustRun(what, command, args, options) {
  const code = await run(command, args, options)
  if (code === 0) return
  console.error(`${what} failed (exit code ${code}).`)
  process.exit(code)
}
