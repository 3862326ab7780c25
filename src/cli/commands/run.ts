/**
 * `regente run FILE`: one execution from start to end. Progress goes to standard error, the output to standard output; the
 * exit code tells how it went. An interrupted run stops its execution.
 */
import { basename } from 'node:path'

import { getOwn } from '../../base/json.ts'
import { drawUuid, newSeed, seededRandom } from '../../base/random.ts'

import { deploy } from '../../deploy/deploy.ts'
import { TemplateError } from '../../cloudformation/problem.ts'
import { stateMachinesIn } from '../../cloudformation/template/state-machines.ts'

import { CliError, EXIT } from '../cli-error.ts'
import { type DefinitionFile, readDefinitionFile } from '../definition-file.ts'
import { checkSource } from '../diagnostics.ts'
import { execute, type Machine } from '../execution.ts'
import { readInput } from '../input.ts'
import { type OpenTarget, openTarget, type TargetFlags } from '../own-server.ts'
import { parseAssignments } from '../parameters.ts'
import { StatesApi, textAt } from '../states-api.ts'
import { chooseMachine, machineTypeOf } from '../template-definitions.ts'

export interface RunFlags extends TargetFlags {
  readonly input: string
  readonly machine?: string
  readonly type: string
  readonly name?: string
  readonly parameter: readonly string[]
  readonly json?: boolean
}

const ROLE = 'arn:aws:iam::000000000000:role/regente-run'

export async function run(given: string, flags: RunFlags): Promise<number> {
  const type = machineTypeOf(flags.type)
  const input = await readInput(flags.input)
  const file = await readDefinitionFile(given)
  if (file.kind === 'definition') checkSource(file, type)
  const target = await openTarget(flags)
  try {
    const api = new StatesApi(target)
    const machine = file.kind === 'template' ? await deployMachine(file, target, flags) : await createMachine(file, api, type)
    return await execute(api, machine, { input, name: flags.name, json: flags.json === true })
  } finally {
    await target.close()
  }
}

async function createMachine(
  { path, definition }: DefinitionFile & { kind: 'definition' },
  api: StatesApi,
  type: string,
): Promise<Machine> {
  const stem = basename(path)
    .replace(/(?:\.asl)?\.(?:json|ya?ml)$/i, '')
    .replace(/[^A-Za-z0-9-_]+/g, '-')
  const suffix = drawUuid(seededRandom(newSeed())).slice(0, 8)
  const name = `${stem === '' ? 'workflow' : stem.slice(0, 60)}-${suffix}`
  const answer = await api.call('CreateStateMachine', { name, definition, roleArn: ROLE, type })
  return { arn: textAt(answer, 'stateMachineArn') ?? '', type }
}

async function deployMachine(
  { path, template }: DefinitionFile & { kind: 'template' },
  target: OpenTarget,
  flags: RunFlags,
): Promise<Machine> {
  const machine = chooseMachine(path, stateMachinesIn(template), flags.machine)
  const parameters = parseAssignments(flags.parameter)
  const onProgress = (step: { readonly kind: string; readonly message?: string }): void => {
    if (step.message !== undefined) process.stderr.write(`${step.message}\n`)
  }
  const stack = await deploy(path, { ...target, parameters, onProgress }).catch((error: unknown) => {
    throw error instanceof TemplateError ? new CliError(error.message, EXIT.usage, { cause: error }) : error
  })
  const { properties } = machine
  const type = getOwn(properties, 'Type') ?? getOwn(properties, 'StateMachineType')
  const arn = stack.resources.find(({ id }) => id === machine.id)?.ref
  if (arn === undefined) throw new CliError(`${machine.id} was not deployed: its condition does not hold.`)
  return { arn, type: type === 'EXPRESS' ? 'EXPRESS' : 'STANDARD' }
}
