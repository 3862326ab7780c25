/**
 * From a template as it is written to one of plain resources: snippets are included, then its transforms are made in the order in
 * which it names them.
 * Source: CloudFormation user guide, "Transform", "Process transforms"; refusals of the service.
 */
import { getOwn, isObject, type Json, type JsonObject } from '../base/json.ts'

import { TemplateError } from './problem.ts'
import { serverlessFailure, transformServerless } from './serverless/transform.ts'
import type { S3Location } from './s3-location.ts'
import { INCLUDE, isDeclared, LANGUAGE_EXTENSIONS, declaredIn, nameOf, SERVERLESS } from './template/declared-transforms.ts'
import { extendLanguage } from './template/language-extensions.ts'
import { functionsIn } from './template/functions.ts'
import { includeSnippets } from './template/include.ts'
import { resolve, type Scope } from './template/intrinsics.ts'
import { formatError, validationError } from './template/refusal.ts'
import { checkShape } from './template/stack-template.ts'
import { templateIn, type Template } from './template/template.ts'

export interface ProcessOptions {
  /** The stack's, their types applied. */
  readonly parameters: ReadonlyMap<string, Json>
  /** `AWS::Region` and the like. */
  readonly pseudo: ReadonlyMap<string, string>
  readObject(location: S3Location): Promise<string | undefined>
}

const KNOWN = new Set([INCLUDE, LANGUAGE_EXTENSIONS, SERVERLESS])

/** Throws ValidationError. `root`: of `readStackTemplate`. */
export async function processTransforms(root: JsonObject, options: ProcessOptions): Promise<Template> {
  const { parameters, pseudo } = options
  const account = pseudo.get('AWS::AccountId') ?? ''
  for (const transform of declaredIn(root)) {
    const name = nameOf(transform)
    if (KNOWN.has(name)) continue
    throw validationError(`No transform named ${name.includes('::') ? name : `${account}::${name}`} found.`)
  }
  const included = await includeSnippets(root, {
    account,
    readObject: (location) => options.readObject(location),
    resolve: (value) => resolve(value, scopeIn(root, options)),
  })
  const extended = isDeclared(root, LANGUAGE_EXTENSIONS)
    ? extendLanguage(included, { parameters, pseudo, scope: scopeIn(included, options) })
    : included
  checkShape(extended)
  const template = declarationsIn(extended)
  if (!isDeclared(root, SERVERLESS)) return template
  try {
    return transformServerless(template, { parameters, partition: pseudo.get('AWS::Partition') ?? 'aws', keepsPaths: false })
  } catch (error) {
    if (error instanceof TemplateError) throw validationError(serverlessFailure(error))
    throw error
  }
}

/** A template as it is written, for what is told of it (`summaryOf`): without what its transforms write. Throws ValidationError. */
export function declarationsIn(root: JsonObject): Template {
  const written = withoutUnwritten(root)
  const { template, problems } = templateIn(written, { file: '', locate: () => undefined })
  const [problem] = problems
  if (problem === undefined) return template
  checkShape(written)
  throw formatError(problem.message)
}

/** Whether something is still to be written by a transform, of the template or of a part of it. */
export function isTransformed(root: JsonObject): boolean {
  if (declaredIn(root).length > 0) return true
  for (const { name } of functionsIn(root)) if (name === 'Fn::Transform') return true
  return false
}

const UNWRITTEN = /^Fn::(?:Transform$|ForEach::)/

/** Sections without the members for which a transform puts others. */
function withoutUnwritten(root: JsonObject): JsonObject {
  const transforms = declaredIn(root).length > 0
  const isUnwritten = (name: string) => name === 'Fn::Transform' || (transforms && UNWRITTEN.test(name))
  const sections = Object.entries(root).map(([name, section]): [string, Json] => [
    name,
    isObject(section) ? Object.fromEntries(Object.entries(section).filter(([member]) => !isUnwritten(member))) : section,
  ])
  return Object.fromEntries(sections.filter(([name]) => !isUnwritten(name)))
}

/** Before anything is made: parameters, mappings and conditions alone are known. */
function scopeIn(root: JsonObject, { parameters, pseudo }: ProcessOptions): Scope {
  const section = (name: string): JsonObject => {
    const value = getOwn(root, name)
    return isObject(value) ? value : {}
  }
  return {
    template: { mappings: section('Mappings'), conditions: new Map(Object.entries(section('Conditions'))) },
    parameters,
    pseudo,
    ref: () => undefined,
    attribute: () => undefined,
    imported: (name) => {
      throw validationError(`No export named ${name} found.`)
    },
  }
}
