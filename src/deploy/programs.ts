/** Programs of the project or of this machine that a build runs. */
import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { delimiter, dirname, join, resolve } from 'node:path'

export interface Run {
  readonly cwd: string
  readonly timeoutMs: number
  readonly variables?: Readonly<Record<string, string>>
}

const ANSWER_MS = 60_000
const TOLD_LINES_MAX = 12

/** In the `node_modules/.bin` of the folders and of those above them, then on the PATH. */
export async function findProgram(name: string, folders: readonly string[]): Promise<string | undefined> {
  const places = folders.flatMap((folder) => above(resolve(folder)).map((one) => join(one, 'node_modules/.bin')))
  for (const place of [...places, ...(process.env['PATH'] ?? '').split(delimiter)])
    if (place !== '' && (await exists(join(place, name)))) return join(place, name)
  return undefined
}

const above = (folder: string): readonly string[] => (dirname(folder) === folder ? [folder] : [folder, ...above(dirname(folder))])

/** A version manager leaves programs on the PATH that lead nowhere. */
export const isRunning = async (command: string, cwd: string): Promise<boolean> =>
  (await runProgram(command, ['--version'], { cwd, timeoutMs: ANSWER_MS })) === undefined

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** What it says when it fails; undefined where it succeeds. */
export function runProgram(
  command: string,
  args: readonly string[],
  { cwd, timeoutMs, variables }: Run,
): Promise<string | undefined> {
  return new Promise((done) => {
    const options = { cwd, timeout: timeoutMs, env: { ...process.env, ...variables }, maxBuffer: 1 << 24 }
    execFile(command, args, options, (error, stdout, stderr) => {
      const told = stderr.trim() || stdout.trim() || error?.message || ''
      done(error === null ? undefined : told.split('\n').slice(-TOLD_LINES_MAX).join('\n'))
    })
  })
}
