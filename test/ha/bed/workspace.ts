/**
 * A temporary folder and the processes that work in it. Each process leads a group of its own and writes a log. Whatever becomes
 * of us, a guard ends what is left and removes the folder: it waits for the end of its standard input, which no kill can withhold.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export const HOST = '127.0.0.1'

/**
 * A process that is killed outright leaves PostgreSQL's servers running where Patroni has begun them, and shared memory where
 * we have: those are found by their own files, and told to end at once.
 */
const GUARD = `
cat > /dev/null
for file in "$1"/groups/*; do [ -e "$file" ] && kill -s KILL -- "-$(basename "$file")"; done
servers=$(find "$1" -name postmaster.pid -exec head -n 1 {} \\;)
for pid in $servers; do kill -s QUIT "$pid"; kill -s CONT "$pid"; done
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
  left=; for pid in $servers; do kill -0 "$pid" && left=yes; done
  [ -z "$left" ] && break
  sleep 0.1
done
for pid in $servers; do kill -s KILL "$pid"; done
rm -rf "$1"
`

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Whom it runs as, where we are allowed to choose. */
  readonly user?: User
  /** Not ended by its group: it leaves its pid in its data folder. */
  readonly isPostgres?: boolean
}

export interface User {
  readonly uid: number
  readonly gid: number
}

export interface Running {
  readonly name: string
  readonly pid: number
  readonly hasEnded: boolean
  /** The last lines that it has said. */
  readonly lastWords: string
  /** Resolves to the exit code; null after a signal. */
  readonly ended: Promise<number | null>
  /** Resolves to the first line of its standard output that matches. Rejects when it ends before. */
  line(pattern: RegExp): Promise<RegExpExecArray>
  /** To its whole group. */
  signal(name: NodeJS.Signals): void
}

const LAST_WORDS = 3

export class Workspace {
  readonly folder: string
  readonly #guard: ChildProcess
  readonly #running = new Set<Running>()
  readonly #started: Running[] = []
  #isClosed = false

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'regente-ha-'))
    // PostgreSQL does not run as root: its user has to get through.
    chmodSync(this.folder, 0o755)
    for (const name of ['groups', 'logs']) mkdirSync(join(this.folder, name))
    const stdio = ['pipe', 'ignore', 'ignore'] as const
    this.#guard = spawn('sh', ['-c', GUARD, 'guard', this.folder], { stdio: [...stdio], detached: true })
  }

  /** A folder inside, which belongs to `owner`. */
  makeFolder(name: string, owner?: User): string {
    const path = join(this.folder, name)
    mkdirSync(path, { recursive: true, mode: 0o700 })
    if (owner) chownSync(path, owner.uid, owner.gid)
    return path
  }

  writeFile(name: string, text: string): string {
    const path = join(this.folder, name)
    writeFileSync(path, text)
    return path
  }

  start(name: string, command: string, args: readonly string[], options: ProcessOptions = {}): Running {
    if (this.#isClosed) throw new Error(`${name} is started after the end`)
    const { user, env = {}, isPostgres = false } = options
    const child = spawn(command, args, {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...cleanEnv(), ...env },
      ...user,
    })
    const { pid } = child
    if (pid === undefined) throw new Error(`${name} could not be started: ${command}`)
    const group = join(this.folder, 'groups', String(pid))
    if (!isPostgres) writeFileSync(group, name)
    const log = createWriteStream(join(this.folder, 'logs', `${name}.log`), { flags: 'a' })
    log.on('error', () => {})
    child.stdout.pipe(log, { end: false })
    child.stderr.pipe(log, { end: false })
    const running = this.#track(name, pid, child)
    void running.ended.then(() => {
      rmSync(group, { force: true })
      log.end()
    })
    return running
  }

  /** As `start`, and waits for its end. Throws with what it said where it fails. */
  async run(name: string, command: string, args: readonly string[], options: ProcessOptions = {}): Promise<string> {
    const running = this.start(name, command, args, options)
    const code = await running.ended
    if (code !== 0) throw new Error(`${name} failed (${code}): ${command} ${args.join(' ')}\n${running.lastWords}`)
    return name
  }

  /** Of each process, by its name. */
  lastWords(): string {
    return this.#started.map(({ name, lastWords }) => `${name}: ${lastWords}`).join('\n')
  }

  /** Ends everything and removes the folder; what was logged is copied to `keepLogsIn` before. */
  async close(keepLogsIn?: string): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    if (keepLogsIn !== undefined) cpSync(join(this.folder, 'logs'), keepLogsIn, { recursive: true })
    this.#guard.stdin?.end()
    await once(this.#guard, 'exit')
    await Promise.all([...this.#running].map(({ ended }) => ended))
  }

  #track(name: string, pid: number, child: ChildProcess): Running {
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    const lines = createInterface({ input: child.stdout ?? process.stdin })
    const said: string[] = []
    for (const input of [child.stdout, child.stderr])
      input?.on('data', (piece) => said.splice(0, Math.max(0, said.push(...String(piece).trimEnd().split('\n')) - LAST_WORDS)))
    let hasEnded = false
    const running: Running = {
      name,
      pid,
      ended,
      get hasEnded() {
        return hasEnded
      },
      get lastWords() {
        return said.join('\n')
      },
      line: (pattern) =>
        new Promise((resolve, reject) => {
          lines.on('line', (line) => {
            const match = pattern.exec(line)
            if (match) resolve(match)
          })
          void ended.then((code) => reject(new Error(`${name} ended (${code}) before it was ready:\n${running.lastWords}`)))
        }),
      signal: (signal) => {
        if (!hasEnded) process.kill(-pid, signal)
      },
    }
    this.#running.add(running)
    this.#started.push(running)
    void ended.then(() => {
      hasEnded = true
      this.#running.delete(running)
    })
    return running
  }
}

/** Settings of the user's shell are for other servers. */
function cleanEnv(): Record<string, string> {
  const kept = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || /^(?:AWS|REGENTE|PG|PATRONI|ETCD)/.test(name) ? [] : [[name, value] as const],
  )
  return Object.fromEntries(kept)
}

export function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server listens on a port')
  return address.port
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Tries until it is true; an error is not yet. Throws with `what` and the last of them after `withinMs`. */
export async function until(what: string, withinMs: number, is: () => Promise<boolean>): Promise<void> {
  let last: unknown
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(50)) {
    try {
      if (await is()) return
    } catch (error) {
      last = error
    }
  }
  const why = last === undefined ? '' : ` (${String(last)})`
  throw new Error(`${what}: not within ${withinMs / 1_000} s${why}`, { cause: last })
}
