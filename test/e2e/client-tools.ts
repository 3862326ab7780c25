/** Deploy tools that npm has (CDK, Serverless), unmodified, on a copy of a project, against a server. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, test } from 'vitest'

import { CLIENT_TOOLS, hasClientTools } from '../../scripts/client-tools.mjs'

import { cleanEnv, credentials, REGION } from './server.ts'

/** Where the programs lie in `node_modules`. */
const PROGRAMS = {
  cdk: 'aws-cdk/bin/cdk',
  cdklocal: 'aws-cdk-local/bin/cdklocal',
  serverless: 'serverless/bin/serverless.js',
} as const
type Program = keyof typeof PROGRAMS

/** A group of tests that need these tools. */
export function describeWithClientTools(name: string, body: () => void): void {
  if (hasClientTools()) describe(name, body)
  else if (process.env['CI'])
    test(`${name}: needs the deploy tools`, () => Promise.reject(new Error('they are not installed (npm run setup:system)')))
  else test.skip(`${name} (skipped: the deploy tools are not installed; npm run setup:system)`, () => {})
}

export interface Project {
  /** The copy. */
  readonly folder: string
  /** Resolves to all that it told; rejects with it where it fails. */
  run(...args: readonly string[]): Promise<string>
  /** Until the end of the tests. Resolves as soon as it has told `text`. */
  start(text: RegExp, ...args: readonly string[]): Promise<{ told(text: RegExp): Promise<void>; stop(): Promise<void> }>
  read(path: string): string
  /** Writes what a file of the copy holds anew. */
  edit(path: string, change: (text: string) => string): void
}

/** For all tests of a group. `source`: the folder of the project. */
export function useProject(
  program: Program,
  source: string,
  server: { readonly url: string },
  settings: () => Record<string, string> = () => ({}),
): Project {
  const folder = mkdtempSync(join(tmpdir(), `regente-${program}-`))
  const modules = join(CLIENT_TOOLS, 'node_modules')
  const running = new Set<ChildProcess>()
  beforeAll(() => {
    cpSync(source, folder, { recursive: true })
    symlinkSync(modules, join(folder, 'node_modules'))
  })
  afterAll(() => {
    for (const child of running) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  const commandOf = (args: readonly string[]) => [join(modules, PROGRAMS[program]), ...args]
  const optionsOf = () => ({ cwd: folder, env: { ...toolsEnv(server.url, folder), ...settings() } })
  const path = (name: string) => join(folder, name)
  return {
    folder,
    async run(...args) {
      const options = { ...optionsOf(), maxBuffer: 64 * 1024 * 1024, timeout: 400_000 }
      const called = promisify(execFile)(process.execPath, commandOf(args), options)
      const { stdout, stderr } = await called.catch((error: { stdout: string; stderr: string }) => {
        throw new Error(`${program} ${args.join(' ')}\n${error.stdout}\n${error.stderr}`)
      })
      return stdout + stderr
    },
    async start(text, ...args) {
      const child = spawn(process.execPath, commandOf(args), { ...optionsOf(), stdio: ['ignore', 'pipe', 'pipe'] })
      running.add(child)
      const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
      const told = waiterOf(child, `${program} ${args.join(' ')}`)
      await told(text)
      return {
        told,
        async stop() {
          child.kill('SIGINT')
          await ended
          running.delete(child)
        },
      }
    },
    read: (name) => readFileSync(path(name), 'utf8'),
    edit: (name, change) => writeFileSync(path(name), change(readFileSync(path(name), 'utf8'))),
  }
}

/** Nothing of the machine's own settings, nothing sent to the tools' makers, no news asked for. */
const toolsEnv = (url: string, home: string): Record<string, string> => ({
  ...cleanEnv(),
  PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
  HOME: join(home, '.home'),
  NO_COLOR: '1',
  AWS_ENDPOINT_URL: url,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  CDK_DISABLE_CLI_TELEMETRY: 'true',
  CDK_DISABLE_VERSION_CHECK: 'true',
  // The CDK's own look at each template takes most of the time of a synthesis.
  CDK_VALIDATION: 'false',
  JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION: '1',
  SLS_TELEMETRY_DISABLED: '1',
  SLS_NOTIFICATIONS_MODE: 'off',
  SLS_AWS_MONITORING_FREQUENCY: '250',
})

/** Each call waits for what is told after what the call before has found. Rejects with all that was told where the program ends. */
function waiterOf(child: ChildProcess, name: string): (text: RegExp) => Promise<void> {
  let all = ''
  let seen = 0
  let look = () => {}
  let isOver = false
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (piece: Buffer) => {
      all += piece.toString()
      look()
    })
  child.once('close', () => {
    isOver = true
    look()
  })
  return (text) =>
    new Promise((resolve, reject) => {
      look = () => {
        const found = text.exec(all.slice(seen))
        if (found) seen += found.index + found[0].length
        if (found) resolve()
        else if (isOver) reject(new Error(`${name} ended before it told ${text}\n${all}`))
      }
      look()
    })
}
