/** `regente dev [TEMPLATE]`: a server with a template's resources on it, deployed again whenever a file of it changes. */
import { deploy, type DeployedStack, type DeployOptions } from '../../deploy/deploy.ts'
import { printProblem, TemplateError } from '../../deploy/problem.ts'
import { watch } from '../../deploy/watch.ts'
import { createRegente } from '../../regente.ts'

import { EXIT } from '../cli-error.ts'
import { findTemplate, reasonOf } from '../definition-file.ts'
import { tellCalls } from '../own-calls.ts'
import { takeAwsCredentials } from '../own-keys.ts'
import { parseAssignments } from '../parameters.ts'
import { configOf, type ServerFlags, warnIfInsecure } from '../server-flags.ts'
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

export async function dev(given: string | undefined, flags: DevFlags): Promise<number> {
  const template = await findTemplate(given)
  const parameters = parseAssignments(flags.parameter)
  const config = configOf(flags)
  const signalled = stopSignal()
  if (flags.endpoint === undefined) warnIfInsecure(config)
  const server = flags.endpoint === undefined ? createRegente(config, takeAwsCredentials(process.env)) : undefined
  const url = server === undefined ? (flags.endpoint ?? '') : (await server.start()).url
  if (server !== undefined) tellCalls(config, url)
  process.stdout.write(`regente ready on ${url}\n`)
  const options: DeployOptions = {
    ...targetAt(url, config.region),
    account: config.account,
    parameters,
    ...(flags.stackName !== undefined && { stackName: flags.stackName }),
    onProgress: (step) => {
      if (step.kind === 'warning') process.stderr.write(`warning: ${step.message}\n`)
      if (step.kind === 'deployed') process.stdout.write(`  ${step.change.padEnd(9)} ${step.type}  ${step.ref}\n`)
    },
  }
  try {
    return flags.watch ? await watchUntil(signalled, template, options, url) : await deployOnce(template, options, url)
  } finally {
    await server?.stop()
  }
}

async function deployOnce(template: string, options: DeployOptions, url: string): Promise<number> {
  try {
    tell(await deploy(template, options), url)
    return EXIT.ok
  } catch (error) {
    complain(error)
    return EXIT.usage
  }
}

async function watchUntil(signalled: Promise<void>, template: string, options: DeployOptions, url: string): Promise<number> {
  const watching = watch(template, {
    ...options,
    onDeployed: (stack) => {
      tell(stack, url)
      process.stdout.write(`\nWatching ${stack.sources.length} files and folders. Ctrl-C ends.\n`)
    },
    onError: complain,
  })
  await signalled
  await watching.close()
  return EXIT.ok
}

/** Errors in the template are told at their places; the watch waits for them to be mended. */
function complain(error: unknown): void {
  const paint = painter(process.stderr)
  const lines = error instanceof TemplateError ? error.problems.map(printProblem) : [reasonOf(error)]
  process.stderr.write(`${paint('red', 'Not deployed:')}\n${lines.join('\n')}\n`)
}

function tell(stack: DeployedStack, url: string): void {
  const lines = ['', `${stack.stackName} is deployed.`]
  for (const [name, value] of Object.entries(stack.outputs))
    lines.push(`  ${name} = ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  lines.push(
    '',
    'In another terminal:',
    `  export AWS_ENDPOINT_URL=${url} AWS_DEFAULT_REGION=${regionOf(stack)} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test`,
  )
  for (const { ref } of machinesOf(stack)) {
    lines.push(`  aws stepfunctions start-execution --state-machine-arn ${ref} --input '{}'`)
    lines.push(`  aws stepfunctions list-executions --state-machine-arn ${ref}`)
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}

const machinesOf = (stack: DeployedStack) =>
  stack.resources.filter(({ type }) => /::(?:Serverless|StepFunctions)::StateMachine$/.test(type))

const regionOf = (stack: DeployedStack): string => machinesOf(stack)[0]?.ref.split(':')[3] ?? 'us-east-1'
