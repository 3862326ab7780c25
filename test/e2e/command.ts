/** The command as a process: what it prints and how it ends. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'

import { cleanEnv, ROOT } from './server.ts'

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export const regente = (...args: readonly string[]): Promise<Ended> => regenteIn({}, ...args)

/** With these variables in its shell. */
export function regenteIn(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ended> {
  const options = { cwd: ROOT, env: { ...cleanEnv(), ...env }, maxBuffer: 64 * 1024 * 1024, timeout: 120_000 }
  return new Promise((resolve) => {
    execFile(process.execPath, [join(ROOT, 'bin/regente.js'), ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, stdout, stderr })
    })
  })
}

/** Deploys an example to a running server. */
export async function deployExample(name: string, endpoint: string): Promise<void> {
  const { code, stdout, stderr } = await regente('dev', `examples/${name}`, '--no-watch', '--endpoint', endpoint)
  if (code !== 0) throw new Error(`deploying ${name} failed:\n${stdout}${stderr}`)
}
