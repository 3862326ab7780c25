/**
 * What there is to check in the files that `validate` is given: each definition with its type and its places, and what could
 * not be read at all. One file that is wrong never hides another.
 */
import { dirname, isAbsolute, join } from 'node:path'

import type { JsonObject } from '../base/json.ts'

import type { Position } from '../source/position.ts'
import { notationOf, positionOf, readSource } from '../source/source.ts'

import { TemplateError } from '../deploy/problem.ts'
import { parseTemplate, type Template } from '../deploy/template.ts'

import { CliError } from './cli-error.ts'
import { definitionOf, fileOf, isTemplate, readText } from './definition-file.ts'
import { type Checkable, diagnose, type ShownDiagnostic } from './diagnostics.ts'
import { placesIn, placesOfText } from './places.ts'
import { inPlace, inPlaceInYaml, withKnownValues, withQuotedPlaceholders, withQuotedPlaceholdersInYaml } from './substitutions.ts'
import { chooseMachine, type DeclaredMachine, type MachineType, machinesOf } from './template-definitions.ts'

export interface CheckedFile {
  readonly path: string
  /** For excerpts; empty where the file cannot be read. */
  readonly source: string
  readonly machine?: string
  readonly diagnostics: readonly ShownDiagnostic[]
}

export interface Checked {
  readonly files: readonly CheckedFile[]
  /** What only a deployment can tell: a line each. */
  readonly unchecked: readonly string[]
}

export interface CheckSettings {
  /** Of definitions that no template declares. */
  readonly type: MachineType
  readonly ignore: readonly string[]
}

/** One file that was named, or standard input: `text` is read already. */
export async function checkFile(path: string, text: string, settings: CheckSettings): Promise<Checked> {
  if (!isTemplate(readSource(text))) {
    return { files: [checkDefinitionText({ path, text, substitutions: {}, type: settings.type }, settings)], unchecked: [] }
  }
  try {
    return await checkTemplate(parseTemplate(text, path), text, settings)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    const diagnostics = error.problems.map(({ message, position }) => problem('INVALID_TEMPLATE', message, position))
    return { files: [{ path, source: text, diagnostics }], unchecked: [] }
  }
}

/**
 * The one definition of a file as far as it is known before a deployment; of a template, of the machine with that id, or of its
 * only one. Throws CliError; TemplateError for a template that cannot be read.
 */
export async function readDefinition(
  given: string,
  wanted?: string,
): Promise<{ readonly path: string; readonly definition: string }> {
  const path = await fileOf(given)
  const text = await readText(path)
  if (!isTemplate(readSource(text))) return { path, definition: definitionTextOf(path, text) }
  const machines = machinesOf(parseTemplate(text, path))
  const { id, definition, substitutions } = chooseMachine(path, machines, wanted)
  if (definition.kind === 'unknown') throw new CliError(`${path}: ${id} cannot be read: ${definition.reason}.`)
  if (definition.kind !== 'file')
    return { path, definition: withQuotedPlaceholders(withKnownValues(definition.text, substitutions)) }
  const file = besideTemplate(path, definition.uri)
  return { path: file, definition: definitionTextOf(file, withKnownValues(await readText(file), substitutions)) }
}

/** Throws CliError where it is YAML that is broken; of JSON, whoever parses it will find out. */
function definitionTextOf(path: string, text: string): string {
  const read = readPlaceholders(text)
  if ('broken' in read) throw new CliError(`${path}:${read.broken.line}:${read.broken.column}: ${read.message}`)
  return read.definition
}

/** A file that is not to be had. */
export const unreadable = (path: string, error: CliError): CheckedFile => ({
  path,
  source: '',
  diagnostics: [problem('UNREADABLE_FILE', error.message, undefined)],
})

const problem = (code: string, message: string, position: Position | undefined): ShownDiagnostic => ({
  severity: 'ERROR',
  code,
  message,
  pointer: '',
  hint: undefined,
  position,
})

async function checkTemplate(template: Template, text: string, settings: CheckSettings): Promise<Checked> {
  const files: CheckedFile[] = []
  const unchecked: string[] = []
  for (const machine of machinesOf(template)) {
    const { definition, id } = machine
    if (definition.kind === 'unknown') unchecked.push(`${template.file}: ${id} is not checked: ${definition.reason}.`)
    else if (definition.kind === 'file') files.push(await checkDeclaredFile(template, text, machine, definition.uri, settings))
    else files.push(checkInline(template, text, machine, definition, settings))
  }
  return { files, unchecked }
}

async function checkDeclaredFile(
  template: Template,
  source: string,
  { id, type, substitutions }: DeclaredMachine,
  uri: string,
  settings: CheckSettings,
): Promise<CheckedFile> {
  const path = besideTemplate(template.file, uri)
  try {
    const text = await readText(path)
    return { ...checkDefinitionText({ path, text, substitutions, type }, settings), machine: id }
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    const position = template.locate(['Resources', id, 'Properties', 'DefinitionUri'])
    return { path: template.file, source, machine: id, diagnostics: [problem('UNREADABLE_FILE', error.message, position)] }
  }
}

const besideTemplate = (template: string, uri: string): string => (isAbsolute(uri) ? uri : join(dirname(template), uri))

function checkInline(
  { file: path }: Template,
  source: string,
  { id, type, substitutions }: DeclaredMachine,
  { kind, property, text }: DeclaredMachine['definition'] & { kind: 'mapping' | 'text' },
  settings: CheckSettings,
): CheckedFile {
  const prefix = ['Resources', id, 'Properties', property]
  const places = kind === 'mapping' ? placesIn(source, prefix) : placesOfText(source, prefix, inPlace(text))
  const definition = withQuotedPlaceholders(withKnownValues(text, substitutions))
  return { ...judge({ path, source, definition, places }, type, settings), machine: id }
}

interface DefinitionText {
  readonly path: string
  readonly text: string
  readonly substitutions: JsonObject
  readonly type: MachineType
}

function checkDefinitionText({ path, text, substitutions, type }: DefinitionText, settings: CheckSettings): CheckedFile {
  const read = readPlaceholders(withKnownValues(text, substitutions))
  if ('broken' in read) {
    const diagnostics = [problem('INVALID_JSON_DESCRIPTION', read.message, read.broken)]
    return { path, source: text, diagnostics }
  }
  return judge({ path, source: text, definition: read.definition, places: placesIn(read.inPlace(text)) }, type, settings)
}

type ReadDefinition =
  /** `inPlace` makes of the text as it is written what can be read, without moving anything. */
  | { readonly definition: string; readonly inPlace: (text: string) => string }
  | { readonly broken: Position; readonly message: string }

/** A definition in either notation whose values may be bare placeholders. Broken JSON is left to whoever parses it. */
function readPlaceholders(text: string): ReadDefinition {
  if (notationOf(text) === 'JSON') return { definition: withQuotedPlaceholders(text), inPlace }
  const plain = readSource(text)
  if (plain.problems.length === 0) return { definition: definitionOf(plain), inPlace: (written) => written }
  const read = readSource(withQuotedPlaceholdersInYaml(text))
  const [broken] = read.problems
  if (broken) return { broken: positionOf(read, broken.from), message: broken.message }
  return { definition: definitionOf(read), inPlace: inPlaceInYaml }
}

function judge(check: Checkable, type: MachineType, { ignore }: CheckSettings): CheckedFile {
  const diagnostics = diagnose(check, { type, advice: true, ignore, hasPlaceholders: true })
  return { path: check.path, source: check.source, diagnostics }
}
