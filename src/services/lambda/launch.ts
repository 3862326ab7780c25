/**
 * What is started for a function and with which environment: our bootstrap under this machine's node or python3, or the
 * function's own `bootstrap`. Of Regente's environment only what a process needs to run at all goes along.
 * Source: AWS Lambda developer guide, "Working with Lambda environment variables", "Defined runtime environment variables".
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface LaunchPlan {
  readonly functionName: string
  readonly version: string
  readonly runtime: string
  readonly handler: string
  readonly directory: string
  /** Where the files of its layers lie. */
  readonly optDirectory?: string | undefined
  readonly isLive: boolean
  readonly memoryMb: number
  readonly responseBytesMax: number
  readonly region: string
  readonly endpoint: string
  readonly variables: Readonly<Record<string, string>>
  /** Where what it prints goes. */
  readonly logGroup: string
}

export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** What runs instead of what was asked for; told the first time. */
  readonly substitute?: string
}

export const isRunnable = (runtime: string): boolean =>
  /^(nodejs(\d+\.(x|\d+))?|python3(\.\d+)?|provided(\.al2|\.al2023)?)$/.test(runtime)

/** Said of runtimes that are none of these. */
export const RUNS = 'Regente runs nodejs*, python3* and provided* (an executable named bootstrap).'

const INHERITED = [
  ...['PATH', 'LANG', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LD_LIBRARY_PATH'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'],
]
/**
 * CDK's AwsCustomResource installs the newest SDK when it is called, and takes the one that is there where it cannot: without a
 * network npm would try for more than a minute first.
 */
const NPM_TRIES_ONCE = { npm_config_fetch_retries: '0' }
const bootstrap = (name: string): string => fileURLToPath(new URL(`./runtimes/${name}`, import.meta.url))

/** `debugPort`: of a Node function that is to be debugged. */
export async function planLaunch(plan: LaunchPlan, runtimeApi: string, logStream: string, debugPort?: number): Promise<Launch> {
  const environment = { ...withLayers(inherited(), plan), ...plan.variables, ...defined(plan, runtimeApi, logStream) }
  if (plan.runtime.startsWith('nodejs')) {
    return {
      command: process.execPath,
      args: [...debugging(debugPort), ...heapOf(plan), bootstrap('bootstrap.cjs')],
      environment: { ...NPM_TRIES_ONCE, ...environment, REGENTE_MODULES: import.meta.filename },
    }
  }
  if (plan.runtime.startsWith('python')) {
    const isNew = !pythons.has(plan.runtime)
    const python = await findPython(plan.runtime)
    return {
      command: python.path,
      ...(isNew && plan.runtime !== 'python3' && python.version !== plan.runtime && { substitute: python.version }),
      args: [...(plan.isLive ? ['-B'] : []), '-u', bootstrap('bootstrap.py')],
      environment: {
        PYTHONIOENCODING: 'utf-8',
        ...environment,
        ...(plan.optDirectory !== undefined && { REGENTE_LAYERS: plan.optDirectory }),
      },
    }
  }
  const bootstraps = [plan.directory, ...(plan.optDirectory === undefined ? [] : [plan.optDirectory])]
  const places = bootstraps.map((folder) => join(folder, 'bootstrap'))
  return { command: places.find((path) => existsSync(path)) ?? places[0] ?? '', args: [], environment }
}

/**
 * As AWS has them. What is young in the heap grows to as much as it may before it is looked through: at 16 MB, Node's own bound, a
 * function that does nothing holds 95 MB after 40,000 calls, at 2 MB 77, and takes no more time.
 */
function heapOf({ memoryMb }: LaunchPlan): readonly string[] {
  const oldMb = Math.max(48, Math.floor(memoryMb * 0.9))
  const youngMb = Math.min(16, Math.max(2, Math.floor(memoryMb / 64)))
  return ['--expose-gc', `--max-semi-space-size=${youngMb}`, `--max-old-space-size=${oldMb}`]
}

/** Whoever reaches a debugger runs code: nobody but this machine does. */
const debugging = (port: number | undefined): readonly string[] => (port === undefined ? [] : [`--inspect=127.0.0.1:${port}`])

/** Where AWS's runtimes look below `/opt`, before everything else. */
function withLayers(environment: Record<string, string>, { optDirectory, runtime }: LaunchPlan): Record<string, string> {
  if (optDirectory === undefined) return environment
  const at = (...paths: string[]) => paths.map((path) => join(optDirectory, path))
  const before = (name: string, ...paths: string[]) =>
    [...at(...paths), ...(environment[name] === undefined ? [] : [environment[name]])].join(delimiter)
  const node = /^nodejs(\d+)/.exec(runtime)?.[1] ?? ''
  return {
    ...environment,
    PATH: before('PATH', 'bin'),
    LD_LIBRARY_PATH: before('LD_LIBRARY_PATH', 'lib'),
    NODE_PATH: at(`nodejs/node${node}/node_modules`, 'nodejs/node_modules').join(delimiter),
    PYTHONPATH: at('python', `python/lib/${runtime}/site-packages`).join(delimiter),
  }
}

function inherited(): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of INHERITED) {
    const value = process.env[name]
    if (value !== undefined) found[name] = value
  }
  return found
}

function defined(plan: LaunchPlan, runtimeApi: string, logStream: string): Record<string, string> {
  return {
    _HANDLER: plan.handler,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    AWS_LAMBDA_FUNCTION_NAME: plan.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: plan.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(plan.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: plan.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    AWS_REGION: plan.region,
    AWS_DEFAULT_REGION: plan.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${plan.runtime}`,
    LAMBDA_TASK_ROOT: plan.directory,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    TZ: plan.variables['TZ'] ?? ':UTC',
    AWS_ACCESS_KEY_ID: plan.variables['AWS_ACCESS_KEY_ID'] ?? 'test',
    AWS_SECRET_ACCESS_KEY: plan.variables['AWS_SECRET_ACCESS_KEY'] ?? 'test',
    AWS_SESSION_TOKEN: plan.variables['AWS_SESSION_TOKEN'] ?? 'test',
    AWS_ENDPOINT_URL: plan.variables['AWS_ENDPOINT_URL'] ?? plan.endpoint,
  }
}

interface Python {
  readonly path: string
  /** As a runtime is named: `python3.12`. */
  readonly version: string
}

const pythons = new Map<string, Python>()
const ITSELF = ['-c', 'import sys; print(sys.executable, "python%d.%d" % sys.version_info[:2])']

/**
 * The very version if the machine has it (and not just a version manager's shim for it), else the machine's python3.
 * A shim starts slowly: what it leads to is found once.
 */
async function findPython(runtime: string): Promise<Python> {
  const known = pythons.get(runtime)
  if (known !== undefined) return known
  const [exact, any] = await Promise.all([pythonAt(runtime), pythonAt('python3')])
  const found = exact ?? any
  if (found !== undefined) pythons.set(runtime, found)
  return found ?? { path: 'python3', version: runtime }
}

function pythonAt(command: string): Promise<Python | undefined> {
  return new Promise((resolve) => {
    execFile(command, ITSELF, { timeout: 5000 }, (error, stdout) => {
      const [, path, version] = /^(.+) (python\d+\.\d+)$/.exec(stdout.trim()) ?? []
      resolve(error === null && path !== undefined && version !== undefined ? { path, version } : undefined)
    })
  })
}
