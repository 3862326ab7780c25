/**
 * What CloudFormation refuses of a transformed template before anything is made of it: references to what is not there,
 * functions that are not what they have to be, conditions that lead back to themselves.
 * Source: refusals of CreateStack, CreateChangeSet and ValidateTemplate.
 */
import { getOwn, isArray, isObject, type Json } from '../../base/json.ts'

import { nameOf, LANGUAGE_EXTENSIONS } from './declared-transforms.ts'
import { functionsIn } from './functions.ts'
import { UnsupportedFunctionError, WANTS } from './intrinsics.ts'
import { formatError, listed, templateError, validationError } from './refusal.ts'
import type { Template } from './template.ts'

const PSEUDO = new Set(
  ['AccountId', 'NotificationARNs', 'NoValue', 'Partition', 'Region', 'StackId', 'StackName', 'URLSuffix'].map(
    (name) => `AWS::${name}`,
  ),
)

/** Throws ValidationError. */
export function checkTemplate(template: Template): void {
  const { parameters, resources } = template
  const common = [...resources.keys()].filter((id) => parameters.has(id))
  if (common.length > 0)
    throw templateError(`all resources and parameters must have unique names. Common name(s):${listed(common)}`)
  checkConditions(template)
  checkBlock(
    template,
    'Resources',
    [...resources.values()].map(({ properties }) => properties),
    [...[...resources.values()].flatMap(({ dependsOn }) => dependsOn)],
  )
  for (const { condition } of resources.values()) checkCondition(template, 'Resources', condition)
  checkBlock(
    template,
    'Outputs',
    [...template.outputs.values()].flatMap(({ Value, Export }) => [Value ?? '', Export ?? '']),
    [],
  )
  for (const output of template.outputs.values()) checkCondition(template, 'Outputs', getOwn(output, 'Condition'))
}

/** `depends`: ids that are named without a function. */
function checkBlock(template: Template, block: string, values: readonly Json[], depends: readonly string[]): void {
  const unresolved = new Set(depends.filter((id) => !template.resources.has(id)))
  for (const { name, argument } of functionsIn(values)) {
    checkArguments(template, name, argument)
    for (const reference of namesIn(name, argument)) if (!isKnown(template, reference)) unresolved.add(reference)
    if (name === 'Fn::If') checkIf(template, argument)
  }
  if (unresolved.size > 0)
    throw formatError(`Unresolved resource dependencies ${listed(unresolved)} in the ${block} block of the template`)
}

const isKnown = ({ parameters, resources }: Template, name: string): boolean =>
  parameters.has(name) || resources.has(name) || PSEUDO.has(name)

/** What a function refers to by name, attributes apart. */
function namesIn(name: string, argument: Json): readonly string[] {
  if (name === 'Ref') return [String(argument)]
  if (name !== 'Fn::Sub') return []
  return variablesIn(argument).filter((variable) => !variable.includes('.'))
}

/** Of `Fn::Sub`, without those that it brings itself. */
function variablesIn(argument: Json): readonly string[] {
  const [text, given] = isArray(argument) ? argument : [argument]
  const own = isObject(given ?? null) ? (given as object) : {}
  const names = [...String(text).matchAll(/\$\{([^!{}][^{}]*)\}/g)].map(([, variable = '']) => variable.trim())
  return names.filter((variable) => !Object.hasOwn(own, variable))
}

function checkArguments(template: Template, name: string, argument: Json): void {
  const hasExtensions = template.transforms.some((transform) => nameOf(transform) === LANGUAGE_EXTENSIONS)
  switch (name) {
    case 'Ref':
      return demand(typeof argument === 'string', name)
    case 'Fn::GetAtt':
      return checkAttribute(template, argument)
    case 'Fn::Sub':
      return checkSub(template, argument)
    case 'Fn::FindInMap':
      return checkMapping(template, argument, hasExtensions)
    case 'Fn::Join':
    case 'Fn::Select':
    case 'Fn::Split':
    case 'Fn::Equals':
      return demand(isArray(argument) && argument.length === 2, name)
    case 'Fn::If':
    case 'Fn::Cidr':
      return demand(isArray(argument) && argument.length === 3, name)
    case 'Fn::And':
    case 'Fn::Or':
      return demand(isArray(argument) && argument.length >= 2 && argument.length <= 10, name)
    case 'Fn::Not':
      return demand(isArray(argument) && argument.length === 1, name)
    case 'Condition':
    case 'Fn::Base64':
    case 'Fn::GetAZs':
    case 'Fn::ImportValue':
      return undefined
    case 'Fn::Length':
    case 'Fn::ToJsonString':
      return hasExtensions ? undefined : refuseFunction(name)
    default:
      return refuseFunction(name)
  }
}

function demand(holds: boolean, name: string): void {
  if (!holds) throw validationError(WANTS[name] ?? '')
}

function refuseFunction(name: string): never {
  throw validationError(new UnsupportedFunctionError(name).message)
}

function checkAttribute({ resources }: Template, argument: Json): void {
  const parts = isArray(argument) ? argument : String(argument).split('.')
  const [id, attribute] = parts
  demand(typeof id === 'string' && id !== '' && attribute !== undefined && attribute !== '', 'Fn::GetAtt')
  if (!resources.has(String(id))) throw templateError(`instance of Fn::GetAtt references undefined resource ${String(id)}`)
}

function checkSub({ resources }: Template, argument: Json): void {
  const [text, given, ...more] = isArray(argument) ? argument : [argument, {}]
  demand(typeof text === 'string' && isObject(given ?? {}) && more.length === 0, 'Fn::Sub')
  for (const variable of variablesIn(argument)) {
    if (!/^[\w.:]+$/.test(variable))
      throw templateError(
        'variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons',
      )
    const [id = ''] = variable.split('.')
    if (variable.includes('.') && !resources.has(id))
      throw templateError(`instance of Fn::Sub references invalid resource attribute ${variable}`)
  }
}

function checkMapping({ mappings }: Template, argument: Json, hasExtensions: boolean): void {
  const keys = isArray(argument) ? argument : []
  demand(keys.length === 3 || (hasExtensions && keys.length === 4 && isObject(keys[3] ?? null)), 'Fn::FindInMap')
  const [map] = keys
  if (typeof map === 'string' && !Object.hasOwn(mappings, map) && keys.length === 3)
    throw templateError(`Mapping named '${map}' is not present in the 'Mappings' section of template.`)
}

// ---- conditions

function checkIf({ conditions }: Template, argument: Json): void {
  const [condition] = isArray(argument) ? argument : []
  if (typeof condition !== 'string') throw validationError(WANTS['Fn::If'] ?? '')
  if (!conditions.has(condition)) throw templateError(`unresolved condition dependency ${condition} in Fn::If`)
}

function checkCondition({ conditions }: Template, block: string, name: Json | undefined): void {
  if (name !== undefined && !conditions.has(String(name)))
    throw formatError(`Unresolved condition dependency ${String(name)} in the ${block} block of the template`)
}

const BOOLEAN = new Set(['Fn::And', 'Fn::Or', 'Fn::Not', 'Fn::Equals', 'Condition', 'Fn::Contains'])

function checkConditions(template: Template): void {
  const { conditions, parameters } = template
  const references = new Set<string>()
  const dependencies = new Map<string, string[]>()
  for (const [id, condition] of conditions) {
    const [first] = isObject(condition) ? Object.keys(condition) : []
    if (first === undefined || !BOOLEAN.has(first))
      throw formatError('Conditions can only be boolean operations on parameters and other conditions')
    const others: string[] = []
    for (const { name, argument } of functionsIn(condition)) {
      if (name !== 'Fn::GetAtt') checkArguments(template, name, argument)
      if (name === 'Condition') others.push(String(argument))
      if (name === 'Fn::If') checkIf(template, argument)
      const named = name === 'Fn::GetAtt' ? [String(isArray(argument) ? argument[0] : argument)] : namesIn(name, argument)
      for (const one of named) if (!parameters.has(one) && !PSEUDO.has(one)) references.add(one)
    }
    for (const other of others)
      if (!conditions.has(other)) throw templateError(`unresolved condition dependency ${other} in Condition`)
    dependencies.set(id, others)
  }
  if (references.size > 0)
    throw formatError(
      `Unresolved dependencies ${listed(references)}. Cannot reference resources in the Conditions block of the template`,
    )
  refuseCircles(dependencies)
}

function refuseCircles(dependencies: ReadonlyMap<string, readonly string[]>): void {
  const done = new Set<string>()
  const path = new Set<string>()
  const visit = (id: string): void => {
    if (done.has(id)) return
    if (path.has(id)) throw templateError(`Found circular condition dependency: ${id}`)
    path.add(id)
    for (const other of dependencies.get(id) ?? []) visit(other)
    path.delete(id)
    done.add(id)
  }
  for (const id of dependencies.keys()) visit(id)
}
