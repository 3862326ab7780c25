/** The templates that a path names: a file, or those of a folder, which may be what `cdk synth` has made. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { readEither, withoutMark } from '../source/source.ts'
import { placeOf } from '../source/tree.ts'
import { parseTemplate, type ResourceDeclaration, type Template } from '../cloudformation/template/template.ts'
import { constructsOf, stateMachinesIn } from '../cloudformation/template/state-machines.ts'
import { TEMPLATE_NAMES } from '../cloudformation/template/template-source.ts'

import { messageOf, TestKitError } from './kit-error.ts'

export interface ChosenMachine {
  readonly template: Template
  readonly machine: ResourceDeclaration
}

/** The one that is named, or the only one. Rejects with TestKitError; TemplateError for a template that cannot be read. */
export async function chooseMachine(
  path: string,
  wanted: string | undefined,
  parameters: Readonly<Record<string, string>>,
): Promise<ChosenMachine> {
  const all: ChosenMachine[] = []
  for (const file of await filesAt(path)) {
    const template = templateOf(await readText(file), file, parameters)
    for (const machine of stateMachinesIn(template)) all.push({ template, machine })
  }
  const byId = all.filter(({ machine }) => machine.id === wanted)
  const byConstruct = all.filter(({ machine }) => wanted !== undefined && constructsOf(machine).includes(wanted))
  const found = wanted === undefined ? all : byId.length > 0 ? byId : byConstruct
  const [chosen] = found
  if (chosen !== undefined && found.length === 1) return chosen
  throw new TestKitError(refusal(path, wanted, all, found))
}

/** Throws TemplateError, with all places; TestKitError for what is none. */
function templateOf(text: string, file: string, parameters: Readonly<Record<string, string>>): Template {
  try {
    return parseTemplate(text, file, parameters)
  } catch (error) {
    const { root } = readEither(text)
    if (placeOf(root, ['States']) === undefined) throw error
    throw new TestKitError(`${file} is a definition, no template. Name it as such: workflow({ file: '…' }).`)
  }
}

function refusal(
  path: string,
  wanted: string | undefined,
  all: readonly ChosenMachine[],
  found: readonly ChosenMachine[],
): string {
  const names = (found.length > 0 ? found : all).map(({ machine }) => constructsOf(machine)[0] ?? machine.id)
  if (all.length === 0) return `${path} has no state machine.`
  if (found.length === 0) return `${path} has no state machine ${wanted}. It has ${names.join(', ')}.`
  const one = `workflow({ template: '…', resource: '${names[0] ?? ''}' })`
  return `${path} has the state machines ${names.join(', ')}. Say which: ${one}.`
}

async function readText(file: string): Promise<string> {
  return withoutMark(
    await readFile(file, 'utf8').catch((error: unknown) => {
      throw new TestKitError(`${file} cannot be read: ${messageOf(error)}`)
    }),
  )
}

async function filesAt(path: string): Promise<readonly string[]> {
  const status = await stat(path).catch(() => undefined)
  if (status?.isDirectory() !== true) return [path]
  const names = await readdir(path)
  const own = TEMPLATE_NAMES.find((name) => names.includes(name))
  if (own !== undefined) return [join(path, own)]
  const assembly = names.includes('manifest.json') ? path : names.includes('cdk.out') ? join(path, 'cdk.out') : undefined
  const files = assembly === undefined ? [] : await filesOfAssembly(assembly)
  if (files.length > 0) return files
  if (names.includes('cdk.json'))
    throw new TestKitError(`${path} is a CDK app that has not been synthesized: run npx cdk synth, and name its cdk.out.`)
  throw new TestKitError(`${path} is a folder without a template (${TEMPLATE_NAMES.join(', ')}), and no CDK assembly.`)
}

/** With its nested stacks, and the assemblies of its stages. */
async function filesOfAssembly(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const files = entries.filter(({ name }) => name.endsWith('.template.json')).map(({ name }) => join(folder, name))
  const stages = entries.filter((entry) => entry.isDirectory() && entry.name.startsWith('assembly-'))
  const below = await Promise.all(stages.map(({ name }) => filesOfAssembly(join(folder, name))))
  return [...files.toSorted(), ...below.flat()]
}
