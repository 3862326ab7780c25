/**
 * Reads a SAM or CloudFormation template, YAML or JSON: short tags (`!Sub`) become long forms (`Fn::Sub`), every value keeps
 * its place in the text, and the sections are checked for their shape. Nothing is resolved here.
 * Source: AWS CloudFormation user guide, "Template anatomy" and "Intrinsic function reference"; AWS SAM specification, Globals.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import type { Position } from '../../source/position.ts'

import { type Problem, TemplateError } from '../problem.ts'
import { writeLoopsOut } from './for-each.ts'
import { NODES_MAX, readLongForm } from './long-form.ts'

export interface ResourceDeclaration {
  readonly id: string
  readonly type: string
  readonly properties: JsonObject
  readonly dependsOn: readonly string[]
  readonly condition: string | undefined
  readonly metadata: JsonObject
  /** `DeletionPolicy`, `UpdatePolicy` and the like, as written. */
  readonly attributes: JsonObject
  /** Where it stands in the template; of one that SAM makes, what it is made for. */
  readonly path: readonly string[]
  /** Made by SAM without being asked for: nothing of it is told. */
  readonly isImplied?: boolean
}

export interface Template {
  readonly file: string
  /** What is read otherwise than it may have been meant. */
  readonly warnings: readonly Problem[]
  readonly description: string | undefined
  readonly metadata: JsonObject
  /** Their names, or their names with parameters, in the order in which they are written. */
  readonly transforms: readonly Json[]
  readonly globals: JsonObject
  readonly rules: ReadonlyMap<string, JsonObject>
  readonly parameters: ReadonlyMap<string, JsonObject>
  readonly mappings: JsonObject
  readonly conditions: ReadonlyMap<string, Json>
  readonly resources: ReadonlyMap<string, ResourceDeclaration>
  readonly outputs: ReadonlyMap<string, JsonObject>
  /** Where a value stands, by its keys from the root: `['Resources', 'Topic', 'Type']`. The nearest known place above it. */
  locate(path: readonly string[]): Position | undefined
}

/** The members of a resource that have a place of their own in its declaration. */
const MEMBERS: ReadonlySet<string> = new Set(['Type', 'Properties', 'DependsOn', 'Condition', 'Metadata'])

/** It stays when the template no longer has it. */
export const isRetained = ({ attributes }: ResourceDeclaration): boolean =>
  /^Retain/.test(textOf(getOwn(attributes, 'DeletionPolicy')) ?? '')

const LOOP_WANTS = 'it takes a name, a list that is written in the template or a parameter, and a mapping'

/** Throws TemplateError with all that is wrong. `parameters`: as the caller gives them, for loops over one. */
export function parseTemplate(text: string, file: string, parameters: Readonly<Record<string, string>> = {}): Template {
  const { template, problems } = readTemplate(text, file, parameters)
  if (template === undefined || problems.length > 0) throw new TemplateError(problems)
  return template
}

/** What there is to a template in spite of its problems; undefined where it is none. Throws TemplateError beyond its bounds. */
export function readTemplate(
  text: string,
  file: string,
  parameters: Readonly<Record<string, string>> = {},
): { readonly template: Template | undefined; readonly problems: readonly Problem[] } {
  const { root: written, warnings, problems: broken, locate } = readLongForm(text, file)
  const loops = isObject(written) ? writeLoopsOut(written, parameters, NODES_MAX) : undefined
  if (loops?.isTooLarge === true) throw new TemplateError([{ message: 'The template is too large.', file }])
  if (loops === undefined) {
    const message = 'A template is a mapping with the section Resources.'
    return { template: undefined, problems: broken.length > 0 ? broken : [{ message, file }] }
  }
  const { root, leftOut } = loops
  const { template, problems } = templateIn(root, { file, locate })
  const empty = { message: 'The template declares no resources.', file, position: locate(['Resources']) }
  const isEmpty = template.resources.size === 0 && broken.length + problems.length + leftOut.length === 0
  const told = leftOut.map((name) => ({ message: `${name} is left out: ${LOOP_WANTS}.`, file }))
  return {
    template: { ...template, warnings: [...warnings, ...told] },
    problems: [...broken, ...problems, ...(isEmpty ? [empty] : [])],
  }
}

/** The declarations of a template in its long form, whose loops are written out. */
export function templateIn(
  root: JsonObject,
  { file, locate }: Pick<Template, 'file' | 'locate'>,
): { readonly template: Template; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const complain = (message: string, ...path: string[]) => problems.push({ message, file, position: locate(path) })
  const section = (name: string): JsonObject => {
    const value = getOwn(root, name) ?? {}
    if (!isObject(value)) complain(`The section ${name} must be a mapping.`, name)
    return isObject(value) ? value : {}
  }
  const members = (name: string): Map<string, JsonObject> => {
    const found = new Map<string, JsonObject>()
    for (const [id, value] of Object.entries(section(name))) {
      if (isObject(value)) found.set(id, value)
      else complain(`${name} ${id} must be a mapping.`, name, id)
    }
    return found
  }
  const resources = new Map<string, ResourceDeclaration>()
  for (const [id, value] of members('Resources')) {
    const resource = readResource(id, value, complain)
    if (resource !== undefined) resources.set(id, resource)
  }
  const template: Template = {
    file,
    warnings: [],
    description: textOf(getOwn(root, 'Description')),
    metadata: section('Metadata'),
    transforms: listOf(getOwn(root, 'Transform') ?? []),
    globals: section('Globals'),
    rules: members('Rules'),
    parameters: members('Parameters'),
    mappings: section('Mappings'),
    conditions: new Map(Object.entries(section('Conditions'))),
    resources,
    outputs: members('Outputs'),
    locate,
  }
  return { template, problems }
}

/** The other way: the template as it is kept and shown, in the order of AWS's sections. */
export function printTemplate(template: Template): JsonObject {
  const { description, metadata, parameters, rules, mappings, conditions, resources, outputs } = template
  const sections: Readonly<Record<string, Json>> = {
    AWSTemplateFormatVersion: '2010-09-09',
    ...(description !== undefined && { Description: description }),
    Metadata: metadata,
    Parameters: Object.fromEntries(parameters),
    Rules: Object.fromEntries(rules),
    Mappings: mappings,
    Conditions: Object.fromEntries(conditions),
    Resources: Object.fromEntries([...resources].map(([id, resource]) => [id, printResource(resource)])),
    Outputs: Object.fromEntries(outputs),
  }
  return Object.fromEntries(
    Object.entries(sections).filter(([, section]) => !isObject(section) || Object.keys(section).length > 0),
  )
}

function printResource({ type, properties, dependsOn, condition, metadata, attributes }: ResourceDeclaration): JsonObject {
  const [first, ...others] = dependsOn
  return {
    Type: type,
    ...(condition !== undefined && { Condition: condition }),
    ...(first !== undefined && { DependsOn: others.length === 0 ? first : dependsOn }),
    ...attributes,
    ...(Object.keys(metadata).length > 0 && { Metadata: metadata }),
    ...(Object.keys(properties).length > 0 && { Properties: properties }),
  }
}

function readResource(
  id: string,
  value: JsonObject,
  complain: (message: string, ...path: string[]) => unknown,
): ResourceDeclaration | undefined {
  const path = ['Resources', id]
  const type = getOwn(value, 'Type')
  if (typeof type !== 'string') complain(`Resource ${id} has no Type.`, ...path)
  if (!/^[A-Za-z0-9]+$/.test(id)) complain(`The logical id ${id} must be alphanumeric.`, ...path)
  const properties = getOwn(value, 'Properties') ?? {}
  if (!isObject(properties)) {
    complain(`The Properties of ${id} must be a mapping.`, ...path, 'Properties')
    return undefined
  }
  const depends = getOwn(value, 'DependsOn') ?? []
  const metadata = getOwn(value, 'Metadata')
  return {
    id,
    type: textOf(type) ?? '',
    properties,
    dependsOn: listOf(depends).filter((name) => typeof name === 'string'),
    condition: textOf(getOwn(value, 'Condition')),
    metadata: isObject(metadata) ? metadata : {},
    attributes: Object.fromEntries(Object.entries(value).filter(([name]) => !MEMBERS.has(name))),
    path,
  }
}

const listOf = (value: Json): readonly Json[] => (isArray(value) ? value : [value])

const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined)
