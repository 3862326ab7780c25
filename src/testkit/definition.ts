/**
 * Where a definition comes from: an object, a file of JSON or YAML with `${names}` in it, or a SAM or CloudFormation template that says
 * what stands for them.
 */
import { resolve } from 'node:path'

import type { DefinitionSource, ReadDefinition } from './definition-source.ts'
import { requireAll, requireNoTemplate, substituted } from './substitutions.ts'
import { messageOf, TestKitError } from './kit-error.ts'

export type { DeclaredResources, DefinitionSource, ReadDefinition } from './definition-source.ts'

const EITHER = "workflow({ file: './order.asl.json' }), workflow({ template: './template.yaml', resource: 'Orders' })"

/** Rejects with TestKitError. */
export async function readDefinition(source: DefinitionSource): Promise<ReadDefinition> {
  const { definition, file, template, substitutions = {} } = source
  const given = [definition, file, template].filter((one) => one !== undefined).length
  if (given === 0) throw new TestKitError(`A workflow has either a definition or a file or a template: ${EITHER}.`)
  if (given > 1) throw new TestKitError(`A workflow has a definition, a file or a template, and one of them alone: ${EITHER}.`)
  if (template !== undefined) return await ofTemplate(resolve(template), source)
  if (file !== undefined) return await ofFile(resolve(file), source)
  requireNoTemplate(source, 'What is given')
  const text = substituted(JSON.stringify(definition), substitutions, true)
  requireAll(text, substitutions, 'The definition')
  return { definition: text, folder: process.cwd() }
}

/** Readers of files are loaded when there is one: they bring YAML along. */
async function ofFile(path: string, source: DefinitionSource): Promise<ReadDefinition> {
  const { readFileDefinition } = await import('./file-definition.ts')
  const read = await readFileDefinition(path, source)
  return read === 'template' ? await ofTemplate(path, source) : read
}

/** Templates are loaded when there is one: most tests have none. */
async function ofTemplate(path: string, source: DefinitionSource): Promise<ReadDefinition> {
  const { readTemplateDefinition } = await import('./template-definition.ts')
  return await readTemplateDefinition(path, source)
}

/** What is told of a definition that a state machine cannot be made of. */
export const noMachine = ({ file, template }: DefinitionSource, error: unknown): TestKitError =>
  new TestKitError(`${file ?? template ?? 'The definition'} is no state machine: ${messageOf(error)}`)
