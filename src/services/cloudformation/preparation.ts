/**
 * What a request wants of a stack, checked before anything is kept: its template with all transforms, its parameters, and what
 * follows from them.
 * Source: CloudFormation API reference, CreateStack, UpdateStack, CreateChangeSet.
 */
import { getOwn, type Json, type JsonObject } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'

import type { Aws } from '../../cloudformation/aws.ts'
import type { S3Location } from '../../cloudformation/s3-location.ts'
import { objectAt, textAt } from '../../cloudformation/resources/resource.ts'
import type { StackModel } from '../../cloudformation/stack-model.ts'
import { checkTemplate } from '../../cloudformation/template/check.ts'
import { IntrinsicError } from '../../cloudformation/template/intrinsics.ts'
import { isSecret, stackParameters } from '../../cloudformation/template/parameters.ts'
import { checkRules } from '../../cloudformation/template/rules.ts'
import { requireCapabilities } from '../../cloudformation/template/summary.ts'
import { storedTypeOf } from '../../cloudformation/template/stored-parameters.ts'
import { readStackTemplate } from '../../cloudformation/template/stack-template.ts'
import { printTemplate, type Template } from '../../cloudformation/template/template.ts'
import { declarationsIn, processTransforms } from '../../cloudformation/transforms.ts'
import { SERVICES } from '../../aws/services.ts'

import { validationError } from './errors.ts'
import { readFlag, readObjects, readTags, readText, readTexts } from './input.ts'
import type { StackParameter, StackRecord, StackSettings } from './records.ts'
import { type StackModels, typedParameters } from './stack-models.ts'
import { type TemplateSource, templateOf } from './template-source.ts'

export interface PreparationDeps {
  readonly aws: Aws
  readonly models: StackModels
  readonly source: TemplateSource
}

export interface Prepared {
  readonly settings: StackSettings
  readonly model: StackModel
}

/** `before`: what the stack is. `isChangeSet`: whoever looks at a change set first consents to its transforms. Throws WireError. */
export async function prepare(
  input: JsonObject,
  stack: Pick<StackRecord, 'id' | 'name'>,
  before: StackSettings | undefined,
  deps: PreparationDeps,
  isChangeSet = false,
): Promise<Prepared> {
  const text = await templateOf(input, deps.source, before?.template)
  if (text === undefined) throw validationError('Either Template URL or Template Body must be specified.')
  const root = readStackTemplate(text)
  const template = declarationsIn(root)
  const capabilities = readTexts(input, 'Capabilities')
  requireCapabilities(template, capabilities, isChangeSet)
  const given = givenParameters(input, before)
  const values = stackParameters(template, given)
  const parameters = await withResolved(kept(template, given, values), template, deps.aws)
  const scope = {
    parameters: typedParameters(template, parameters),
    pseudo: deps.models.pseudoOf(stack, readTexts(input, 'NotificationARNs')),
  }
  checkRules(template, scope)
  const readObject = (location: S3Location) => deps.source.readText(location, INCLUDE_BYTES_MAX)
  const processed = await processTransforms(root, { ...scope, readObject })
  // Of what loops and snippets have written, too; to transforms the caller has consented.
  requireCapabilities(processed, capabilities, true)
  checkTemplate(processed)
  const settings: StackSettings = {
    template: text,
    processed: JSON.stringify(printTemplate(processed)),
    parameters,
    // What a request does not say stays; an empty list takes all away.
    tags: Object.hasOwn(input, 'Tags') ? readTags(input) : (before?.tags ?? []),
    capabilities,
    notificationArns: Object.hasOwn(input, 'NotificationARNs')
      ? readTexts(input, 'NotificationARNs')
      : (before?.notificationArns ?? []),
    disableRollback: readFlag(input, 'DisableRollback'),
    outputs: [],
    ...present({ roleArn: readText(input, 'RoleARN') ?? before?.roleArn, description: template.description }),
    ...timeoutOf(input),
    ...(readFlag(input, 'ImportExistingResources') && { importsExisting: true as const }),
  }
  try {
    return { settings, model: deps.models.make(processed, stack, settings) }
  } catch (error) {
    throw error instanceof IntrinsicError ? validationError(error.message) : error
  }
}

/** Without what is not said. */
const present = <T extends Readonly<Record<string, string | undefined>>>(values: T): { readonly [K in keyof T]?: string } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { readonly [K in keyof T]?: string }

function timeoutOf(input: JsonObject): { readonly timeoutMinutes?: number } {
  const text = readText(input, 'TimeoutInMinutes')
  if (text === undefined) return {}
  const timeoutMinutes = Number(text)
  if (!Number.isInteger(timeoutMinutes) || timeoutMinutes < 1)
    throw validationError('TimeoutInMinutes must be a whole number of minutes from 1 on.')
  return { timeoutMinutes }
}

// ---- parameters

function givenParameters(input: JsonObject, before: StackSettings | undefined): ReadonlyMap<string, string> {
  const given = new Map<string, string>()
  for (const parameter of readObjects(input, 'Parameters')) {
    const key = readText(parameter, 'ParameterKey')
    if (key === undefined) throw validationError('Parameters must have a ParameterKey.')
    const value = getOwn(parameter, 'ParameterValue')
    if (!readFlag(parameter, 'UsePreviousValue')) {
      if (typeof value !== 'string')
        throw validationError(`Invalid input for parameter key ${key}. Must specify either a value or UsePreviousValue.`)
      given.set(key, value)
      continue
    }
    const previous = before?.parameters.find((one) => one.key === key)
    if (before === undefined || (previous === undefined && value !== undefined && value !== ''))
      throw validationError(
        `Invalid input for parameter key ${key}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`,
      )
    if (previous !== undefined) given.set(key, previous.value)
  }
  return given
}

const kept = (
  template: Template,
  given: ReadonlyMap<string, string>,
  values: ReadonlyMap<string, Json>,
): readonly StackParameter[] =>
  [...template.parameters].map(([key, declaration]) => ({
    key,
    value: given.get(key) ?? printed(getOwn(declaration, 'Default') ?? values.get(key) ?? ''),
    ...(isSecret(declaration) && { isSecret: true as const }),
  }))

const printed = (value: Json): string =>
  typeof value === 'string' ? value : Array.isArray(value) ? value.join(',') : JSON.stringify(value)

async function withResolved(
  parameters: readonly StackParameter[],
  template: Template,
  aws: Aws,
): Promise<readonly StackParameter[]> {
  const resolved: StackParameter[] = []
  const missing: string[] = []
  for (const parameter of parameters) {
    const isStored = storedTypeOf(template.parameters.get(parameter.key)) !== undefined
    const value = isStored ? await storedValue(parameter.value, aws) : undefined
    if (isStored && value === undefined) missing.push(parameter.value)
    resolved.push(value === undefined ? parameter : { ...parameter, resolved: value })
  }
  if (missing.length > 0)
    throw validationError(`Unable to fetch parameters [${missing.join(',')}] from parameter store for this account.`)
  return resolved
}

async function storedValue(Name: string, aws: Aws): Promise<string | undefined> {
  try {
    const found = objectAt(await aws.json(SERVICES.ssm, 'GetParameter', { Name }), 'Parameter')
    if (textAt(found ?? {}, 'Type') === 'SecureString')
      throw validationError(`Parameters [${Name}] referenced by template have types not supported by CloudFormation.`)
    return textAt(found ?? {}, 'Value')
  } catch (error) {
    if (error instanceof WireError && error.status < 500 && error.code !== 'ValidationError') return undefined
    throw error
  }
}

const INCLUDE_BYTES_MAX = 1_048_576
