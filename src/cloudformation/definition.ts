/**
 * The definition of a state machine: from a file (JSON or YAML, by what is in it), from the template as a mapping or a text, or
 * from a bucket. `${Name}` of DefinitionSubstitutions are replaced in the text, as CloudFormation does it, before it is read.
 * Whatever is wrong with it is told where it stands, in its own file.
 * Source: CloudFormation template reference, AWS::StepFunctions::StateMachine, DefinitionSubstitutions.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../base/json.ts'

import { printJson } from '../source/print-json.ts'
import { positionOf, readEither, readSource } from '../source/source.ts'
import { nearestPlace } from '../source/tree.ts'
import { SERVICES } from '../aws/services.ts'
import { pathOfDiagnostic } from '../asl/document/location.ts'

import { orUndefined } from './aws.ts'
import { type Problem, TemplateError } from './problem.ts'
import { type Declared, type DefinitionFile, type DeployContext, objectAt, PropertyError, textAt } from './resources/resource.ts'
import { locationIn, readObject } from './s3-location.ts'

export interface Definition {
  /** JSON. */
  readonly text: string
  /** Where a value of it stands, by its keys. */
  placeOf(path: readonly (string | number)[]): Pick<Problem, 'file' | 'position'>
}

/** Throws PropertyError, and TemplateError for a text that cannot be read. */
export const readDefinition = (resource: Declared, context: DeployContext): Promise<Definition> =>
  definitionFrom(resource, context, () => readFileOf(resource, context))

/** `readFile`: what the resource names, where it does not hold the definition itself. */
export async function definitionFrom(
  resource: Declared,
  context: Pick<DeployContext, 'placeOf'>,
  readFile: () => Promise<DefinitionFile>,
): Promise<Definition> {
  const { properties } = resource
  const substitutions = objectAt(properties, 'DefinitionSubstitutions') ?? {}
  const inline = getOwn(properties, 'Definition')
  if (isObject(inline)) {
    const text = substitute(JSON.stringify(inline, null, 2), substitutions)
    const root = [...resource.path, 'Properties', 'Definition']
    return { text, placeOf: (path) => context.placeOf([...root, ...path.map(String)]) }
  }
  const given = textAt(properties, 'DefinitionString')
  if (given !== undefined) {
    const place = context.placeOf([...resource.path, 'Properties', 'DefinitionString'])
    return { text: substitute(given, substitutions), placeOf: () => place }
  }
  const { file, content } = await readFile()
  return definitionIn(substitute(content, substitutions), file)
}

function substitute(text: string, substitutions: JsonObject): string {
  return text.replaceAll(/\$\{([^{}]+)\}/g, (whole, name: string) => {
    const value = getOwn(substitutions, name.trim())
    if (value === undefined) return whole
    return isObject(value) ? JSON.stringify(value) : String(value)
  })
}

async function readFileOf(resource: Declared, context: DeployContext): Promise<DefinitionFile> {
  const { properties } = resource
  const local = await context.local?.readDefinition(resource, context)
  if (local !== undefined) return local
  const stored = getOwn(properties, 'DefinitionS3Location') ?? getOwn(properties, 'DefinitionUri')
  const property = Object.hasOwn(properties, 'DefinitionS3Location') ? 'DefinitionS3Location' : 'DefinitionUri'
  const location = locationIn(stored)
  if (location === undefined)
    throw new PropertyError('A state machine needs DefinitionUri (a local file), Definition or DefinitionString.', property)
  const object = await readObject(location, context.aws)
  const file = `s3://${location.bucket}/${location.key}`
  if (object !== undefined) return { file, content: object.toString('utf8') }
  throw new PropertyError(`${file} is neither an asset beside the template nor an object that is there.`, property)
}

function definitionIn(text: string, file: string): Definition {
  const source = readEither(text)
  if (source.notation === 'YAML') {
    const problems = source.problems
      .filter(({ isDuplicate }) => !isDuplicate)
      .map(({ message, from }): Problem => ({ message, file, position: positionOf(source, from) }))
    if (problems.length > 0) throw new TemplateError(problems)
  }
  const [broken] = source.problems
  const placeOf: Definition['placeOf'] = (path) => {
    const range = source.notation === 'JSON' && broken ? broken : nearestPlace(source.root, path).place?.range
    return { file, position: range && positionOf(source, range.from) }
  }
  const json = source.notation === 'JSON' ? text : source.root ? printJson(source.root, text) : 'null'
  return { text: json, placeOf }
}

/** What the endpoint has against it, each at its place. Empty where it does not say. */
export async function problemsOf(
  definition: Definition,
  id: string,
  type: string,
  { aws }: DeployContext,
): Promise<readonly Problem[]> {
  const input = { definition: definition.text, type, severity: 'ERROR' }
  const checked = await orUndefined(
    aws.json(SERVICES.sfn, 'ValidateStateMachineDefinition', input),
    'AccessDeniedException',
    'UnknownOperationException',
  )
  const found: Json = checked === undefined ? [] : (getOwn(checked, 'diagnostics') ?? [])
  const { root } = readSource(definition.text)
  return (isArray(found) ? found : []).filter(isObject).map((diagnostic) => {
    const location = textAt(diagnostic, 'location')
    const isPath = location?.startsWith('/') === true
    const message = (textAt(diagnostic, 'message') ?? '').split('\n')[0] ?? ''
    const where = isPath ? ` (at ${location})` : ''
    return {
      message: `${id}: ${textAt(diagnostic, 'code') ?? 'ERROR'}: ${message}${where}`,
      ...definition.placeOf(isPath ? pathOfDiagnostic(root, { location, message }) : []),
    }
  })
}
