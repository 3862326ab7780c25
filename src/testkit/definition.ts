/**
 * Where a definition comes from: an object, a file of JSON or YAML with `${names}` in it, or a SAM or CloudFormation template that says
 * what stands for them.
 */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

import { notationOf, positionOf, readEither, readSource, type Source, withoutMark } from '../source/source.ts'
import { jsonOf } from '../source/tree.ts'
import { isTemplate } from '../cloudformation/template/template-source.ts'

import type { DefinitionSource, ReadDefinition } from './definition-source.ts'
import { requireAll, substituted } from './substitutions.ts'
import { TestKitError } from './kit-error.ts'

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

async function ofFile(path: string, source: DefinitionSource): Promise<ReadDefinition> {
  const { substitutions = {} } = source
  const text = withoutMark(
    await readFile(path, 'utf8').catch((error: unknown) => {
      throw new TestKitError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    }),
  )
  const isYaml = /\.ya?ml$/i.test(path)
  if (/\bResources\b/.test(text) && isTemplate(isYaml ? readEither(text) : readSource(text)))
    return await ofTemplate(path, source)
  requireNoTemplate(source, path)
  const filled = substituted(text, substitutions, notationOf(text) === 'JSON')
  requireAll(filled, substitutions, path)
  return { definition: jsonTextOf(isYaml ? readEither(filled) : readSource(filled), path), folder: dirname(path) }
}

function requireNoTemplate({ resource, parameters }: DefinitionSource, where: string): void {
  if (resource !== undefined || parameters !== undefined)
    throw new TestKitError(`${where} is a definition, no template: it has no resource, and takes no parameters.`)
}

/** Broken JSON is left to whoever checks the definition, who says where it breaks. */
function jsonTextOf(source: Source, path: string): string {
  const { notation, text, root, problems } = source
  if (notation === 'JSON') return text
  const broken = problems.find(({ isDuplicate }) => !isDuplicate)
  if (broken === undefined) return JSON.stringify(root ? jsonOf(root) : null)
  const { line, column } = positionOf(source, broken.from)
  throw new TestKitError(`${path}:${line}:${column}: ${broken.message}`)
}

/** Templates are loaded when there is one: most tests have none. */
async function ofTemplate(path: string, source: DefinitionSource): Promise<ReadDefinition> {
  const { readTemplateDefinition } = await import('./template-definition.ts')
  return await readTemplateDefinition(path, source)
}

/** What is told of a definition that a state machine cannot be made of. */
export const noMachine = ({ file, template }: DefinitionSource, error: unknown): TestKitError =>
  new TestKitError(
    `${file ?? template ?? 'The definition'} is no state machine: ${error instanceof Error ? error.message : String(error)}`,
  )
