/**
 * The file that `run` and `validate` are given: a definition (JSON or YAML), or a SAM or CloudFormation template, which has
 * Resources. Told apart by what is in it, not by its name.
 */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { positionOf, readEither, readSource, type Source, withoutMark } from '../source/source.ts'
import { jsonOf } from '../source/tree.ts'

import { parseTemplate, type Template } from '../cloudformation/template/template.ts'
import { isTemplate, TEMPLATE_NAMES } from '../cloudformation/template/template-source.ts'

import { CliError } from './cli-error.ts'
import { type Places, placesIn } from './places.ts'

export type DefinitionFile =
  | {
      readonly kind: 'definition'
      readonly path: string
      readonly source: string
      readonly definition: string
      readonly places: Places
    }
  | { readonly kind: 'template'; readonly path: string; readonly source: string; readonly template: Template }

const BYTES_MAX = 8 * 1024 * 1024

/** Throws CliError; TemplateError for a template that cannot be read. */
export async function readDefinitionFile(given: string): Promise<DefinitionFile> {
  const path = await fileOf(given)
  const source = await readText(path)
  const read = readNamed(path, source)
  const problem = read.problems.find(({ isDuplicate }) => !isDuplicate)
  // A broken JSON text goes on as it is: the check of the definition says where it breaks.
  if (read.notation === 'YAML' && problem !== undefined) {
    const { line, column } = positionOf(read, problem.from)
    throw new CliError(`${path}:${line}:${column}: ${problem.message}`)
  }
  if (isTemplate(read)) return { kind: 'template', path, source, template: parseTemplate(source, path) }
  return { kind: 'definition', path, source, definition: definitionOf(read), places: placesIn(source, [], read.notation) }
}

/** In a file of YAML braces may hold YAML; elsewhere what looks like JSON has to be it. */
export const readNamed = (path: string, text: string): Source => (/\.ya?ml$/i.test(path) ? readEither(text) : readSource(text))

/** Throws CliError. */
export async function readText(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CliError(`${path} cannot be read: ${reasonOf(error)}`)
  })
  if (text.length > BYTES_MAX) throw new CliError(`${path} is longer than 8 MiB.`)
  return withoutMark(text)
}

/** As JSON text. */
export const definitionOf = ({ notation, text, root }: Source): string =>
  notation === 'JSON' ? text : JSON.stringify(root ? jsonOf(root) : null, null, 2)

/** Undefined: the working directory. Throws CliError. */
export async function findTemplate(given = '.'): Promise<string> {
  const path = await fileOf(given)
  await stat(path).catch(() => {
    throw new CliError(`${given} does not exist.`)
  })
  return path
}

/** A folder stands for the template in it. Throws CliError where it has none. */
export async function fileOf(given: string): Promise<string> {
  const status = await stat(given).catch(() => undefined)
  if (status?.isDirectory() !== true) return given
  for (const name of TEMPLATE_NAMES) {
    const path = join(given, name)
    if ((await stat(path).catch(() => undefined))?.isFile() === true) return path
  }
  throw new CliError(`${given} is a folder without a template (${TEMPLATE_NAMES.join(', ')}).`)
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
