/**
 * `regente dev [TEMPLATE…]`: a server with the resources of templates on it, deployed again whenever a file of them changes; it
 * tells what happens on them, executions and functions' output, as it happens.
 */
import { stat } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { deployApp, templatesOfAssembly } from '../../deploy/app.ts'
import type { DeployedStack, Progress } from '../../deploy/deploy.ts'
import { printProblem, TemplateError } from '../../deploy/problem.ts'
import { openStackRecords } from '../../deploy/stack-record.ts'
import { watch, type WatchOptions } from '../../deploy/watch.ts'
import { createRegente } from '../../regente.ts'

import { CliError, EXIT } from '../cli-error.ts'
import { findTemplate, reasonOf } from '../definition-file.ts'
import { tellCalls } from '../own-calls.ts'
import { takeAwsCredentials } from '../own-keys.ts'
import { parseAssignments } from '../parameters.ts'
import { configOf, type ServerFlags, warnIfInsecure } from '../server-flags.ts'
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
  readonly templates: readonly string[]
}

const LOOK_MS = 500

export async function dev(given: readonly string[], flags: DevFlags): Promise<number> {
  const templates = (await Promise.all((given.length > 0 ? given : ['.']).map(templatesAt))).flat()
  if (templates.length > 1 && flags.stackName !== undefined)
    throw new CliError(`--stack-name is for one template; there are ${templates.length}.`)
  const parameters = parseAssignments(flags.parameter)
  const config = configOf(flags)
  const signalled = stopSignal()
  const isOwn = flags.endpoint === undefined
  if (isOwn) warnIfInsecure(config)
  const server = isOwn ? createRegente(config, takeAwsCredentials(process.env)) : undefined
  const url = server === undefined ? (flags.endpoint ?? '') : (await server.start()).url
  if (server !== undefined) tellCalls(config, url)
  const data = resolve(config.dataDirectory)
  process.stdout.write(`regente ready on ${url}\n`)
  if (isOwn) process.stdout.write(`  console  ${url}/console\n  data     ${shown(data)}\n`)
  const session: Session = {
    templates,
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

/** A template, or the folder of one; of a CDK app all stacks that it was synthesized to. Throws CliError. */
async function templatesAt(given: string): Promise<readonly string[]> {
  const isFolder = (await stat(given).catch(() => undefined))?.isDirectory() === true
  const assembly = isFolder
    ? ((await templatesOfAssembly(given)) ?? (await templatesOfAssembly(join(given, 'cdk.out'))))
    : undefined
  return assembly ?? [await findTemplate(given)]
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
    await tell(await deployApp(session.templates, session), session)
    return EXIT.ok
  } catch (error) {
    complain(error)
    return EXIT.usage
  }
}

async function watchUntil(signalled: Promise<void>, session: Session): Promise<number> {
  const activity = new StackActivity({
    api: new StatesApi(session),
    paint: painter(process.stdout),
    write: (line) => process.stdout.write(`${line}\n`),
    since: Date.now(),
  })
  let isFirst = true
  const watching = watch(session.templates, {
    ...session,
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
  const lines = stacks.flatMap((stack) => {
    const outputs = Object.entries(stack.outputs)
    return [
      '',
      `${stack.stackName} is deployed.`,
      ...outputs.map(([name, value]) => `  ${name} = ${typeof value === 'string' ? value : JSON.stringify(value)}`),
    ]
  })
  lines.push(
    '',
    'In another terminal:',
    `  export AWS_ENDPOINT_URL=${endpoint} AWS_DEFAULT_REGION=${region} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test`,
  )
  for (const stack of stacks) {
    const input = await inputFor(stack)
    for (const ref of machinesOf([stack])) {
      const { type } = await new StatesApi(session).call('DescribeStateMachine', { stateMachineArn: ref })
      const isExpress = type === 'EXPRESS'
      const start = isExpress ? 'start-sync-execution' : 'start-execution'
      lines.push(`  aws stepfunctions ${start} --state-machine-arn ${ref} --input ${input}`)
      if (!isExpress) lines.push(`  aws stepfunctions list-executions --state-machine-arn ${ref}`)
    }
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** The example input that lies beside the template or a definition, as the AWS CLI takes it. */
async function inputFor({ sources }: DeployedStack): Promise<string> {
  const places = sources.flatMap((source) => [join(dirname(source), 'input.json'), join(dirname(source), 'events/event.json')])
  for (const place of places) if ((await stat(place).catch(() => undefined))?.isFile() === true) return quoted(`file://${place}`)
  return "'{}'"
}

/** For a shell. */
const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

const machinesOf = (stacks: readonly DeployedStack[]): readonly string[] =>
  refsOf(stacks, /::(?:Serverless|StepFunctions)::StateMachine$/)
const functionsOf = (stacks: readonly DeployedStack[]): readonly string[] => refsOf(stacks, /::(?:Serverless|Lambda)::Function$/)

const refsOf = (stacks: readonly DeployedStack[], type: RegExp): readonly string[] =>
  stacks.flatMap(({ resources }) => resources.filter((resource) => type.test(resource.type)).map(({ ref }) => ref))

function shown(path: string): string {
  const short = relative(process.cwd(), path)
  return short === '' || short.startsWith('..') ? path : short
}
