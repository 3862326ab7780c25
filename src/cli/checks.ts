/**
 * What there is to check in the files that `validate` is given: each definition with its type and its places, and what could
 * not be read at all. One file that is wrong never hides another.
 */
import { dirname, isAbsolute, join, relative } from 'node:path'

import type { JsonObject } from '../base/json.ts'

import type { Position } from '../source/position.ts'
import { positionOf, type Source } from '../source/source.ts'

import { DUPLICATE_KEY } from '../asl/rules/index.ts'

import { assetNamed } from '../deploy/assets.ts'
import { TemplateError } from '../cloudformation/problem.ts'
import { parseTemplate, readTemplate, type Template } from '../cloudformation/template/template.ts'
import { isTemplate } from '../cloudformation/template/template-source.ts'

import { CliError } from './cli-error.ts'
import { definitionOf, fileOf, readNamed, readText } from './definition-file.ts'
import { adviceHint, type Checkable, diagnose, type ShownDiagnostic } from './diagnostics.ts'
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
  if (!isTemplate(readNamed(path, text)))
    return { files: [checkDefinitionText({ path, text, substitutions: {}, type: settings.type }, settings)], unchecked: [] }
  try {
    const { template, problems } = readTemplate(text, path)
    const own = [
      ...problems.map(({ message, position }) => problem('INVALID_TEMPLATE', message, position)),
      ...(template?.warnings ?? []).map(({ message, position }) => duplicate(message, position)),
    ].filter(({ code }) => !settings.ignore.includes(code))
    const checked = template === undefined ? NOTHING : await checkTemplate(template, text, settings)
    return own.length === 0 ? checked : { ...checked, files: [{ path, source: text, diagnostics: own }, ...checked.files] }
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    const diagnostics = error.problems.map(({ message, position }) => problem('INVALID_TEMPLATE', message, position))
    return { files: [{ path, source: text, diagnostics }], unchecked: [] }
  }
}

const NOTHING: Checked = { files: [], unchecked: [] }

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
  if (!isTemplate(readNamed(path, text))) return { path, definition: definitionTextOf(path, text) }
  const machines = machinesOf(parseTemplate(text, path))
  const { id, substitutions, ...machine } = chooseMachine(path, machines, wanted)
  const definition = await located(path, machine.definition)
  if (definition.kind === 'unknown') throw new CliError(`${path}: ${id} cannot be read: ${definition.reason}.`)
  if (definition.kind !== 'file')
    return { path, definition: withQuotedPlaceholders(withKnownValues(definition.text, substitutions)) }
  const file = besideTemplate(path, definition.uri)
  return { path: file, definition: definitionTextOf(file, withKnownValues(await readText(file), substitutions)) }
}

/** Throws CliError where it is YAML that is broken; of JSON, whoever parses it will find out. */
function definitionTextOf(path: string, text: string): string {
  const { source, definition } = readPlaceholders(path, text)
  const broken = source.notation === 'YAML' ? source.problems.find(({ isDuplicate }) => !isDuplicate) : undefined
  if (broken === undefined) return definition
  const { line, column } = positionOf(source, broken.from)
  throw new CliError(`${path}:${line}:${column}: ${broken.message}`)
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

/** The last one counts, without a word from AWS. */
const duplicate = (message: string, position: Position | undefined): ShownDiagnostic => ({
  ...problem(DUPLICATE_KEY, message, position),
  severity: 'WARNING',
  hint: adviceHint(DUPLICATE_KEY),
})

async function checkTemplate(template: Template, text: string, settings: CheckSettings): Promise<Checked> {
  const files: CheckedFile[] = []
  const unchecked: string[] = []
  for (const machine of machinesOf(template)) {
    const { id } = machine
    const definition = await located(template.file, machine.definition)
    if (definition.kind === 'unknown') unchecked.push(`${template.file}: ${id} is not checked: ${definition.reason}.`)
    else if (definition.kind === 'file') files.push(await checkDeclaredFile(template, text, machine, definition.uri, settings))
    else files.push(checkInline(template, text, machine, definition, settings))
  }
  return { files, unchecked }
}

type Located = Exclude<DeclaredMachine['definition'], { kind: 'stored' }>

/** What `cdk synth` has put beside the template is read there; what is in a bucket is not asked for. */
async function located(template: string, definition: DeclaredMachine['definition']): Promise<Located> {
  if (definition.kind !== 'stored') return definition
  const asset = await assetNamed(definition.key, dirname(template))
  if (asset === undefined) return { kind: 'unknown', reason: 'its definition lies in S3' }
  return { kind: 'file', uri: relative(dirname(template), asset) }
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
  const places = kind === 'mapping' ? placesIn(source, prefix, 'YAML') : placesOfText(source, prefix, inPlace(text))
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
  const { source, isPlain, definition } = readPlaceholders(path, withKnownValues(text, substitutions))
  const found = source.notation === 'YAML' ? source.problems : []
  const own = found.map(({ message, from, isDuplicate }) => {
    const tell = isDuplicate ? duplicate : (message: string, at: Position) => problem('INVALID_JSON_DESCRIPTION', message, at)
    return tell(message, positionOf(source, from))
  })
  if (own.some(({ severity }) => severity === 'ERROR')) return { path, source: text, diagnostics: own }
  const places = placesIn(isPlain ? text : inPlaceOf[source.notation](text), [], source.notation)
  const judged = judge({ path, source: text, definition, places }, type, settings)
  const wanted = own.filter(({ code }) => !settings.ignore.includes(code))
  return { ...judged, diagnostics: [...judged.diagnostics, ...wanted] }
}

/** Makes of a text as it is written what can be read, without moving anything. */
const inPlaceOf = { JSON: inPlace, YAML: inPlaceInYaml }

interface ReadPlaceholders {
  readonly source: Source
  /** It could be read as it is. */
  readonly isPlain: boolean
  /** JSON, as far as the text could be read. */
  readonly definition: string
}

/** A definition in either notation whose values may be bare placeholders. Broken JSON is left to whoever parses it. */
function readPlaceholders(path: string, text: string): ReadPlaceholders {
  const plain = readNamed(path, text)
  if (plain.problems.every(({ isDuplicate }) => isDuplicate))
    return { source: plain, isPlain: true, definition: definitionOf(plain) }
  const quoted = plain.notation === 'JSON' ? withQuotedPlaceholders(text) : withQuotedPlaceholdersInYaml(text)
  const source = readNamed(path, quoted)
  return { source, isPlain: false, definition: definitionOf(source) }
}

function judge(check: Checkable, type: MachineType, { ignore }: CheckSettings): CheckedFile {
  const diagnostics = diagnose(check, { type, advice: true, ignore, takesPlaceholders: true })
  return { path: check.path, source: check.source, diagnostics }
}
