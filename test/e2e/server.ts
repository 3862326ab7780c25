/** The real program, as users start it: a process of its own on a free port. Killed for real where a test says so. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { freePorts } from '../../src/store/testing/free-ports.ts'

export const ROOT = join(import.meta.dirname, '../..')
export const ACCOUNT = '000000000000'
export const REGION = 'us-east-1'
export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }

export interface RunningServer {
  readonly url: string
  readonly pid: number
  readonly dataDirectory: string
  /** Bytes that it has written to its log. */
  readonly logBytes: number
  /** SIGTERM; resolves to the exit code. */
  stop(): Promise<number | null>
  /** SIGKILL: nothing is tidied up. */
  kill(): Promise<void>
}

export const makeDataDirectory = (): Promise<string> => mkdtemp(join(tmpdir(), 'regente-e2e-'))
export const removeDataDirectory = (path: string): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 5 })

export interface Surroundings {
  /** `start` unless told. */
  readonly command?: 'start' | 'services'
  readonly env?: Record<string, string>
  readonly uid?: number
  /** How many files and sockets it may have open. */
  readonly descriptors?: number
}

/** Resolves when the ready line has come. Under the Node that runs the tests, so no wrapper stands between. */
export async function startServer(
  dataDirectory: string,
  flags: readonly string[] = [],
  port = 0,
  { command: subcommand = 'start', env, descriptors, ...user }: Surroundings = {},
): Promise<RunningServer> {
  // Another may be started on the same one later: the system gives it to nobody meanwhile.
  const [own] = port === 0 ? await freePorts(1) : [port]
  const command = [process.execPath, join(ROOT, 'bin/regente.js'), subcommand, '--port', String(own), '--data', dataDirectory]
  const bound = descriptors === undefined ? [] : ['/bin/sh', '-c', `ulimit -n ${descriptors}; exec "$@"`, 'sh']
  const [program = '', ...args] = [...bound, ...command, ...flags]
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...cleanEnv(), ...env }, ...user })
  let logBytes = 0
  child.stderr.on('data', (piece: Buffer) => (logBytes += piece.length))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const url = await readyUrl(child, ended)
  return {
    url,
    pid: child.pid ?? 0,
    dataDirectory,
    get logBytes() {
      return logBytes
    },
    async stop() {
      child.kill('SIGTERM')
      return ended
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Settings of the shell that runs the tests must not reach the server. */
export function cleanEnv(): Record<string, string> {
  const ours = /^(?:AWS_|REGENTE_|NODE_COMPILE_CACHE$)/
  const kept = Object.entries(process.env).filter(([name, value]) => value !== undefined && !ours.test(name))
  return Object.fromEntries(kept) as Record<string, string>
}

function readyUrl(child: ChildProcess, ended: Promise<number | null>): Promise<string> {
  let told = ''
  child.stderr?.on('data', (piece: Buffer) => (told = (told + piece.toString()).slice(-8_000)))
  return new Promise((resolve, reject) => {
    void ended.then((code) => reject(new Error(`the server ended with code ${code} before it was ready:\n${told}`)))
    if (child.stdout === null) return reject(new Error('no output'))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /^regente(?: services)? ready on (\S+)$/.exec(line)?.[1]
      if (url !== undefined) resolve(url)
    })
  })
}
