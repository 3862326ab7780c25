/** `regente validate FILE`: what is wrong with a definition, or with the definitions of a template, each at its place. */
import { readFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'

import { getOwn, isObject } from '../../base/json.ts'

import { CliError, EXIT } from '../cli-error.ts'
import { type DefinitionFile, readDefinitionFile, reasonOf } from '../definition-file.ts'
import { type Checkable, diagnose, renderDiagnostics } from '../diagnostics.ts'
import { painter } from '../terminal.ts'

export interface ValidateFlags {
  readonly type: string
  readonly ignore: readonly string[]
}

export async function validate(given: string, flags: ValidateFlags): Promise<number> {
  const type = flags.type.toUpperCase()
  if (type !== 'STANDARD' && type !== 'EXPRESS') throw new CliError(`--type must be STANDARD or EXPRESS, not ${flags.type}.`)
  const file = await readDefinitionFile(given)
  const checks: Check[] = file.kind === 'definition' ? [{ ...file, type }] : await definitionsOf(file)
  let errors = 0
  for (const check of checks) {
    const found = await diagnose(check, { type: check.type, advice: true, ignore: flags.ignore })
    errors += found.filter((diagnostic) => diagnostic.severity === 'ERROR').length
    const lines = renderDiagnostics(check, found, painter(process.stdout))
    process.stdout.write(`${found.length === 0 ? `${check.path}: no problems found` : lines.join('\n')}\n`)
  }
  return errors === 0 ? EXIT.ok : EXIT.usage
}

type Check = Checkable & { readonly type: 'STANDARD' | 'EXPRESS' }

/** Definitions that stand in files of their own, as SAM has them, or in the template as a mapping without functions. */
async function definitionsOf({ path, template }: DefinitionFile & { kind: 'template' }): Promise<Check[]> {
  const checks: Check[] = []
  for (const { id, type, properties } of template.resources.values()) {
    if (!/::(?:Serverless|StepFunctions)::StateMachine$/.test(type)) continue
    const machineType =
      (getOwn(properties, 'Type') ?? getOwn(properties, 'StateMachineType')) === 'EXPRESS' ? 'EXPRESS' : 'STANDARD'
    const uri = getOwn(properties, 'DefinitionUri')
    const inline = getOwn(properties, 'Definition')
    if (typeof uri === 'string') {
      const file = relative(process.cwd(), resolve(dirname(path), uri))
      const read = await readDefinitionFile(file)
      if (read.kind !== 'definition') throw new CliError(`${file}, the definition of ${id}, is a template itself.`)
      checks.push({ ...read, definition: withArns(read.definition), type: machineType })
    } else if (isObject(inline)) {
      const source = await readFile(path, 'utf8').catch((error: unknown) => {
        throw new CliError(`${path} cannot be read: ${reasonOf(error)}`)
      })
      const definition = withArns(JSON.stringify(inline))
      checks.push({ path, source, definition, type: machineType, root: `/Resources/${id}/Properties/Definition` })
    }
  }
  if (checks.length === 0) throw new CliError(`${path} has no state machine with DefinitionUri or Definition.`)
  return checks
}

/** DefinitionSubstitutions are known only on deployment; an ARN of the same length of lines stands for them until then. */
const withArns = (definition: string): string =>
  definition.replaceAll(/\$\{[^{}\n]+\}/g, 'arn:aws:lambda:us-east-1:000000000000:function:substituted')
