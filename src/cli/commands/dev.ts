/**
 * `regente dev [PROJECT…]`: a server with the resources of templates, or of projects that make such, on it, deployed again
 * whenever a file of them changes; it tells what happens on them, executions and functions' output, as it happens.
 */
import { join, relative, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { deployApp } from '../../deploy/app.ts'
import type { DeployedStack, Progress } from '../../deploy/deploy.ts'
import { printProblem, TemplateError } from '../../cloudformation/problem.ts'
import type { Project } from '../../deploy/project.ts'
import { openStackRecords } from '../../deploy/stack-record.ts'
import { watch, type WatchOptions } from '../../deploy/watch.ts'
import { createRegente } from '../../regente.ts'

import { addressesOf, functionsOf, machinesOf, startCommands } from '../addresses.ts'
import { CliError, EXIT } from '../cli-error.ts'
import { reasonOf } from '../definition-file.ts'
import { tellCalls } from '../own-calls.ts'
import { takeAwsCredentials } from '../own-keys.ts'
import { parseAssignments } from '../parameters.ts'
import { findProject } from '../project.ts'
import { configOf, type ServerFlags, warnIfInsecure, withoutNode } from '../server-flags.ts'
import { StackActivity } from '../stack-activity.ts'
import { StatesApi } from '../states-api.ts'
import { targetAt } from '../target.ts'
import { painter } from '../terminal.ts'
import { stopSignal } from './start.ts'

export interface DevFlags extends ServerFlags {
  readonly parameter: readonly string[]
  readonly stackName?: string
  /** False with `--no-watch`: deploys once and ends. */
  readonly watch: boolean
  /** An endpoint that is up already: no server is started. */
  readonly endpoint?: string
}

/** What is watched and deployed to. */
interface Session extends Omit<WatchOptions, 'onDeployed' | 'onError'> {
  readonly projects: readonly Project[]
}

const LOOK_MS = 500

export async function dev(given: readonly string[], flags: DevFlags): Promise<number> {
  const projects = await Promise.all((given.length > 0 ? given : ['.']).map(findProject))
  if (projects.length > 1 && flags.stackName !== undefined)
    throw new CliError(`--stack-name is for one template; there are ${projects.length}.`)
  const parameters = parseAssignments(flags.parameter)
  const config = configOf(flags, withoutNode(process.env))
  const signalled = stopSignal()
  const isOwn = flags.endpoint === undefined
  if (config.inspect !== undefined && (!isOwn || config.servicesUrl !== undefined))
    throw new CliError('--inspect is for functions that run in this server: not with --endpoint, nor with --services-url.')
  if (isOwn) warnIfInsecure(config)
  const server = isOwn ? createRegente(config, takeAwsCredentials(process.env)) : undefined
  const url = server === undefined ? (flags.endpoint ?? '') : (await server.start()).url
  if (server !== undefined) tellCalls(config, url)
  const data = resolve(config.dataDirectory)
  process.stdout.write(`regente ready on ${url}\n`)
  if (isOwn) process.stdout.write(`  console  ${url}/console\n  data     ${shown(data)}\n`)
  const session: Session = {
    projects,
    ...targetAt(url, config.region),
    account: config.account,
    parameters,
    excluded: isOwn ? [data] : [],
    records: await openStackRecords(isOwn ? join(data, 'stacks.json') : undefined),
    ...(flags.stackName !== undefined && { stackName: flags.stackName }),
    onProgress: stepTeller(),
  }
  try {
    return flags.watch ? await watchUntil(signalled, session) : await deployOnce(session)
  } finally {
    await server?.stop()
  }
}

/** A deployment that follows another tells what is new alone. */
function stepTeller(): (step: Progress) => void {
  const told = new Set<string>()
  return (step) => {
    const line = lineOf(step)
    const isNews = step.kind !== 'warning' && !('change' in step && step.change === 'unchanged')
    if (line === undefined || (told.has(line) && !isNews)) return
    told.add(line)
    const stream = step.kind === 'warning' ? process.stderr : process.stdout
    stream.write(`${line}\n`)
  }
}

function lineOf(step: Progress): string | undefined {
  switch (step.kind) {
    case 'deploying':
      return undefined
    case 'note':
      return `  ${step.message}`
    case 'warning':
      return `warning: ${step.message}`
    case 'deployed':
    case 'removed':
      return `  ${(step.kind === 'removed' ? step.kind : step.change).padEnd(9)} ${step.type}  ${step.ref}`
  }
}

async function deployOnce(session: Session): Promise<number> {
  try {
    const made = []
    for (const project of session.projects) {
      tellMaking(project)
      made.push(...(await project.make(session)))
    }
    requireOne(made.length, session)
    await tell(await deployApp(made, session), session)
    return EXIT.ok
  } catch (error) {
    complain(error)
    return EXIT.usage
  }
}

function tellMaking({ kind, folder }: Project): void {
  if (folder !== undefined) process.stdout.write(`${kind} ${shown(folder)}: its templates are made …\n`)
}

function requireOne(templates: number, { stackName }: Session): void {
  if (templates > 1 && stackName !== undefined) throw new CliError(`--stack-name is for one template; there are ${templates}.`)
}

async function watchUntil(signalled: Promise<void>, session: Session): Promise<number> {
  const activity = new StackActivity({
    api: new StatesApi(session),
    paint: painter(process.stdout),
    write: (line) => process.stdout.write(`${line}\n`),
    since: Date.now(),
  })
  let isFirst = true
  const watching = watch(session.projects, {
    ...session,
    onMaking: tellMaking,
    onReloaded: (names) =>
      process.stdout.write(`${names.join(', ')} ${names.length === 1 ? 'runs its' : 'run their'} new code.\n`),
    onDeployed: (stacks) => {
      activity.watch(machinesOf(stacks), functionsOf(stacks)).catch(complainOfLook)
      // The commands stay the same; a deployment that follows is told in a line.
      if (isFirst)
        tell(stacks, session)
          .then(() => process.stdout.write(`\n${watchedLine(stacks)}\n`))
          .catch(complain)
      else process.stdout.write(`${stacks.map(({ stackName }) => stackName).join(', ')} deployed again.\n`)
      isFirst = false
    },
    onError: complain,
  })
  const over = new AbortController()
  const looking = lookUntil(over.signal, activity)
  await signalled
  over.abort()
  await watching.close()
  await looking
  return EXIT.ok
}

async function lookUntil(signal: AbortSignal, activity: StackActivity): Promise<void> {
  while (!signal.aborted) {
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined)
    if (!signal.aborted) await activity.look().catch(complainOfLook)
  }
}

let isLookLost = false
/** Said once: the server may be gone, or busy. */
function complainOfLook(error: unknown): void {
  if (!isLookLost) process.stderr.write(`warning: what happens cannot be told at the moment: ${reasonOf(error)}\n`)
  isLookLost = true
}

const watchedLine = (stacks: readonly DeployedStack[]): string => {
  const count = new Set(stacks.flatMap(({ sources }) => sources)).size
  return `Watching ${count} files and folders. What happens is told here. Ctrl-C ends.`
}

/** Errors in the template are told at their places; the watch waits for them to be mended. */
function complain(error: unknown): void {
  const paint = painter(process.stderr)
  const lines = error instanceof TemplateError ? error.problems.map(printProblem) : [reasonOf(error)]
  process.stderr.write(`${paint('red', 'Not deployed:')}\n${lines.join('\n')}\n`)
}

async function tell(stacks: readonly DeployedStack[], session: Session): Promise<void> {
  const { endpoint, region } = session
  const lines: string[] = []
  for (const stack of stacks) {
    const outputs = Object.entries(stack.outputs)
    lines.push(
      '',
      `${stack.stackName} is deployed.`,
      ...outputs.map(([name, value]) => `  ${name} = ${typeof value === 'string' ? value : JSON.stringify(value)}`),
      ...(await addressesOf(stack, session)).map((line) => `  ${line}`),
    )
  }
  lines.push(
    '',
    'In another terminal:',
    `  export AWS_ENDPOINT_URL=${endpoint} AWS_DEFAULT_REGION=${region} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test`,
  )
  for (const stack of stacks) lines.push(...(await startCommands(stack, new StatesApi(session))).map((line) => `  ${line}`))
  process.stdout.write(`${lines.join('\n')}\n`)
}

function shown(path: string): string {
  const short = relative(process.cwd(), path)
  return short === '' || short.startsWith('..') ? path : short
}
