/**
 * The definition of a state machine: from a file (JSON or YAML, by what is in it), from the template as a mapping or a text, or
 * from a bucket. `${Name}` of DefinitionSubstitutions are replaced in the text, as CloudFormation does it, before it is read.
 * Whatever is wrong with it is told where it stands, in its own file.
 * Source: AWS SAM, AWS::Serverless::StateMachine; CloudFormation, AWS::StepFunctions::StateMachine, DefinitionSubstitutions.
 */
import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'

import { getOwn, isArray, isObject, type Json, type JsonObject } from '../base/json.ts'

import { printJson } from '../source/print-json.ts'
import { positionOf, readEither, readSource, withoutMark } from '../source/source.ts'
import { nearestPlace } from '../source/tree.ts'
import { SERVICES } from '../aws/services.ts'
import { pathOfDiagnostic } from '../asl/document/location.ts'

import { assetNamed, locationIn, readObject } from './assets.ts'
import { orUndefined } from './aws.ts'
import { localPath } from './paths.ts'
import { type Problem, TemplateError } from './problem.ts'
import { type Declared, type DeployContext, objectAt, PropertyError, textAt } from './resources/resource.ts'

export interface Definition {
  /** JSON. */
  readonly text: string
  /** Where a value of it stands, by its keys. */
  placeOf(path: readonly (string | number)[]): Pick<Problem, 'file' | 'position'>
}

/** Throws PropertyError, and TemplateError for a text that cannot be read. */
export async function readDefinition(resource: Declared, context: DeployContext): Promise<Definition> {
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
  const { file, content } = await readFileOf(resource, context)
  return definitionIn(substitute(content, substitutions), file)
}

function substitute(text: string, substitutions: JsonObject): string {
  return text.replaceAll(/\$\{([^{}]+)\}/g, (whole, name: string) => {
    const value = getOwn(substitutions, name.trim())
    if (value === undefined) return whole
    return isObject(value) ? JSON.stringify(value) : String(value)
  })
}

interface Found {
  /** As it is shown. */
  readonly file: string
  readonly content: string
}

async function readFileOf({ properties, metadata }: Declared, context: DeployContext): Promise<Found> {
  const uri = getOwn(properties, 'DefinitionUri')
  const stored = getOwn(properties, 'DefinitionS3Location') ?? uri
  const property = stored === uri ? 'DefinitionUri' : 'DefinitionS3Location'
  const location = locationIn(stored)
  const named = location === undefined ? uri : await assetNamed(location.key, context)
  const path = typeof named === 'string' ? named : textAt(metadata, 'aws:asset:path')
  if (path !== undefined) return readLocal(localPath(context.folder, path, property), context, property)
  if (location === undefined)
    throw new PropertyError('A state machine needs DefinitionUri (a local file), Definition or DefinitionString.', property)
  const object = await readObject(location, context)
  const file = `s3://${location.bucket}/${location.key}`
  if (object !== undefined) return { file, content: object.toString('utf8') }
  throw new PropertyError(`${file} is neither an asset beside the template nor an object that is there.`, property)
}

async function readLocal(path: string, context: DeployContext, property: string): Promise<Found> {
  context.watch(path)
  const content = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new PropertyError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, property)
  })
  const shown = relative(process.cwd(), path)
  return { file: shown.startsWith('..') ? path : shown, content: withoutMark(content) }
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
