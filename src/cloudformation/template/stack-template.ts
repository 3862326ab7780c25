/**
 * A template as CloudFormation takes it: well-formed, of known sections, each of which has the shape that it has to have. Refused
 * as AWS does, with the first thing that is wrong. What refers to what is looked at later (`check.ts`), when it is transformed.
 * Source: CloudFormation user guide, "Template anatomy", "CloudFormation quotas"; refusals of the service.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject, utf8Length } from '../../base/json.ts'

import { positionsIn } from '../../source/position.ts'
import { readSource, type Source } from '../../source/source.ts'
import type { SourceNode } from '../../source/tree.ts'

import { TemplateError } from '../problem.ts'
import { isDeclared, SERVERLESS } from './declared-transforms.ts'
import { longFormOf, readYamlText } from './long-form.ts'
import { formatError, listed, templateError, validationError } from './refusal.ts'

export const BODY_BYTES_MAX = 51_200
export const OBJECT_BYTES_MAX = 1_000_000
const DESCRIPTION_CHARS_MAX = 1024
/** Braces within braces, which the reader of YAML takes long to see through. */
const DEEP = /(?:[[{][^[{\]},]{0,80}){101}/
/** Of members of a section. */
const MEMBERS_MAX: Readonly<Record<string, number>> = { Mappings: 200, Outputs: 200, Parameters: 200, Resources: 500 }
const SECTIONS = new Set([
  ...['AWSTemplateFormatVersion', 'Conditions', 'Description', 'Globals', 'Hooks', 'Mappings', 'Metadata', 'Outputs'],
  ...['Parameters', 'Resources', 'Rules', 'Transform'],
])
const RESOURCE_MEMBERS = new Set([
  ...['Condition', 'Connectors', 'CreationPolicy', 'DeletionPolicy', 'DependsOn', 'Metadata', 'Properties', 'Type'],
  ...['UpdatePolicy', 'UpdateReplacePolicy', 'IgnoreGlobals'],
])
const PARAMETER_MEMBERS = new Set([
  ...['AllowedPattern', 'AllowedValues', 'ConstraintDescription', 'Default', 'Description', 'MaxLength', 'MaxValue', 'MinLength'],
  ...['MinValue', 'NoEcho', 'Type'],
])
const OUTPUT_MEMBERS = new Set(['Condition', 'Description', 'Export', 'Value'])
const PARAMETER_TYPE =
  /^(?:String|Number|CommaDelimitedList|List<Number>|List<String>|AWS::SSM::Parameter::(?:Name|Value<.+>)|(?:List<)?AWS::(?:EC2|Route53)::[\w:]+>?)$/

/** Its long form, transformed by nothing yet. Throws ValidationError. */
export function readStackTemplate(body: string, bytesMax = OBJECT_BYTES_MAX): JsonObject {
  if (utf8Length(body) > bytesMax) throw validationError(`Template may not exceed ${bytesMax} bytes in size.`)
  const isJson = /^\s*\{/.test(body)
  if (!isJson && DEEP.test(body)) throw formatError('unsupported structure.')
  const source = isJson ? readSource(body, 'JSON') : readYamlText(body)
  refuseMalformed(source)
  const root = bounded(source)
  if (!isObject(root)) throw formatError('unsupported structure.')
  return root
}

function refuseMalformed({ text, notation, root, problems }: Source): void {
  if (notation === 'YAML' && /(?:^|[\s,[{])\*[\w-]/.test(text) && (root === undefined || hasAlias(root, text)))
    throw templateError('YAML aliases are not allowed in CloudFormation templates')
  const [problem] = problems.filter(({ isDuplicate }) => !isDuplicate)
  if (problem === undefined) return
  const { line, column } = positionsIn(text)(problem.from)
  throw formatError(`${notation} not well-formed. (line ${line}, column ${column})`)
}

/** What an alias names stands in the tree at the alias. Nothing else begins with a star. */
function hasAlias(node: SourceNode, text: string): boolean {
  if (text[node.from] === '*') return true
  if (node.kind === 'array') return node.items.some((item) => hasAlias(item, text))
  return node.kind === 'object' && node.members.some(({ value }) => hasAlias(value, text))
}

/** What nests too deeply, or is more than a template can be, has no structure that is known. */
function bounded(source: Source): Json {
  try {
    const { root, problems } = longFormOf(source, '')
    const [tag] = problems
    if (tag?.position === undefined) return root
    throw formatError(`YAML not well-formed. (line ${tag.position.line}, column ${tag.position.column})`)
  } catch (error) {
    if (error instanceof TemplateError) throw formatError('unsupported structure.')
    throw error
  }
}

/**
 * Refuses what is no template, whatever it refers to. `root`: with its snippets included and its loops written out.
 * Throws ValidationError.
 */
export function checkShape(root: JsonObject): void {
  const unknown = Object.keys(root).filter((name) => !SECTIONS.has(name))
  if (unknown.length > 0) throw validationError(`Invalid template property or properties ${listed(unknown)}`)
  const version = getOwn(root, 'AWSTemplateFormatVersion')
  if (version !== undefined && version !== '2010-09-09') throw formatError('unsupported value for AWSTemplateFormatVersion.')
  const description = getOwn(root, 'Description') ?? ''
  if (typeof description !== 'string') throw formatError("'Description' must be a string")
  if (description.length > DESCRIPTION_CHARS_MAX)
    throw formatError(`'Description' length is greater than ${DESCRIPTION_CHARS_MAX}`)
  refuseNulls(root)
  for (const [section, max] of Object.entries(MEMBERS_MAX)) {
    const count = Object.keys(sectionOf(root, section)).length
    if (count > max) throw formatError(`Number of ${section.toLowerCase()}, ${count}, is greater than maximum allowed, ${max}`)
  }
  const resources = Object.entries(sectionOf(root, 'Resources'))
  if (resources.length === 0) throw formatError('At least one Resources member must be defined.')
  for (const [id, parameter] of Object.entries(sectionOf(root, 'Parameters'))) checkParameter(id, parameter)
  for (const [id, mapping] of Object.entries(sectionOf(root, 'Mappings'))) checkMapping(id, mapping)
  for (const [id, resource] of resources) checkResource(id, resource)
  for (const [id, output] of Object.entries(sectionOf(root, 'Outputs'))) checkOutput(id, output)
  refuseServerless(root, resources)
}

function sectionOf(root: JsonObject, name: string): JsonObject {
  const section = getOwn(root, name) ?? {}
  if (!isObject(section)) throw formatError(`[/${name}] Every ${name} member must be a map`)
  return section
}

/** Paths are told as AWS tells them: it calls the properties by their resource's type. */
function refuseNulls(value: Json, path: readonly string[] = []): void {
  if (value === null) {
    const shown = path.map((name, i) => (i === 2 && path[0] === 'Resources' && name === 'Properties' ? 'Type' : name))
    throw validationError(`[/${shown.join('/')}] 'null' values are not allowed in templates`)
  }
  // What a resource says of itself besides is not looked at.
  if (path[0] === 'Metadata' || (path[0] === 'Resources' && path[2] === 'Metadata')) return
  if (isArray(value)) for (const [i, item] of value.entries()) refuseNulls(item, [...path, String(i)])
  else if (isObject(value)) for (const [name, member] of Object.entries(value)) refuseNulls(member, [...path, name])
}

const isName = (name: string): boolean => /^[A-Za-z0-9]+$/.test(name)

function checkParameter(id: string, parameter: Json): void {
  if (!isName(id)) throw formatError(`Parameter name ${id} is non alphanumeric.`)
  if (!isObject(parameter)) throw formatError(`[/Parameters/${id}] Every Parameters member must be a map`)
  const unknown = Object.keys(parameter).find((name) => !PARAMETER_MEMBERS.has(name))
  if (unknown !== undefined) throw validationError(`Invalid template parameter property '${unknown}'`)
  const type = getOwn(parameter, 'Type')
  if (type === undefined) throw formatError('Every Parameters object must contain a Type member.')
  if (typeof type !== 'string' || !PARAMETER_TYPE.test(type)) throw formatError(`Unrecognized parameter type: ${String(type)}`)
  const fallback = getOwn(parameter, 'Default')
  if (isObject(fallback) || isArray(fallback)) throw formatError('Every Default member must be a string.')
}

function checkMapping(id: string, mapping: Json): void {
  if (!isName(id)) throw formatError(`Mappings name '${id}' is non alphanumeric.`)
  const levels = isObject(mapping) ? Object.entries(mapping) : []
  const wrong = levels.find(([, level]) => !isObject(level))
  if (!isObject(mapping)) throw formatError(`[/Mappings/${id}] Every Mappings member must be a map`)
  if (wrong !== undefined) throw formatError(`[/Mappings/${id}/${wrong[0]}] Every Mappings attribute must be a map`)
}

function checkResource(id: string, resource: Json): void {
  if (!isName(id)) throw formatError(`Resource name ${id} is non alphanumeric.`)
  if (!isObject(resource)) throw formatError(`[/Resources/${id}] resource definition is malformed`)
  const type = getOwn(resource, 'Type')
  if (type === undefined) throw formatError(`[/Resources/${id}] Every Resources object must contain a Type member.`)
  if (typeof type !== 'string') throw formatError(`[/Resources/${id}/Type] 'Type' must be a string`)
  const unknown = Object.keys(resource).find((name) => !RESOURCE_MEMBERS.has(name))
  if (unknown !== undefined) throw validationError(`Invalid template resource property '${unknown}'`)
  const properties = getOwn(resource, 'Properties') ?? {}
  if (!isObject(properties)) throw formatError(`[/Resources/${id}/Properties] 'Properties' must be a map`)
  const depends = getOwn(resource, 'DependsOn') ?? []
  if (typeof depends !== 'string' && !(isArray(depends) && depends.every((one) => typeof one === 'string')))
    throw formatError('DependsOn must be a string or list of strings.')
  const condition = getOwn(resource, 'Condition') ?? ''
  if (typeof condition !== 'string') throw formatError('Every Condition member must be a string.')
  checkPolicy(id, resource, 'DeletionPolicy', ['Delete', 'Retain', 'RetainExceptOnCreate', 'Snapshot'])
  checkPolicy(id, resource, 'UpdateReplacePolicy', ['Delete', 'Retain', 'Snapshot'])
}

function checkPolicy(id: string, resource: JsonObject, name: string, allowed: readonly string[]): void {
  const policy = getOwn(resource, name)
  if (policy === undefined || (typeof policy === 'string' && allowed.includes(policy))) return
  if (typeof policy !== 'string') throw formatError(`Every ${name} member must be a string.`)
  throw formatError(`Unrecognized ${name} ${policy} for resource ${id}`)
}

function checkOutput(id: string, output: Json): void {
  if (!isName(id)) throw formatError(`Output name ${id} is non alphanumeric.`)
  if (!isObject(output)) throw formatError(`[/Outputs/${id}] Every Outputs member must be a map`)
  if (!Object.hasOwn(output, 'Value')) throw formatError('Every Outputs member must contain a Value object')
  const unknown = Object.keys(output).filter((name) => !OUTPUT_MEMBERS.has(name))
  if (unknown.length > 0) throw validationError(`Invalid outputs property : ${listed(unknown)}`)
}

/** Any other type that is unknown is taken. */
function refuseServerless(root: JsonObject, resources: readonly (readonly [string, Json])[]): void {
  if (isDeclared(root, SERVERLESS)) return
  const types = resources.flatMap(([, one]) => (isObject(one) ? [String(getOwn(one, 'Type'))] : []))
  const unknown = new Set(types.filter((type) => type.startsWith('AWS::Serverless::')))
  if (unknown.size > 0) throw formatError(`Unrecognized resource types: ${listed(unknown)}`)
}
