/**
 * What is told of a template without making anything of it, and what a caller has to consent to first.
 * Source: CloudFormation API reference, ValidateTemplate, GetTemplateSummary; "Acknowledging IAM resources in templates".
 */
import { getOwn, type Json, type JsonObject } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'

import { nameOf } from './declared-transforms.ts'
import { isSecret } from './parameters.ts'
import { listed } from './refusal.ts'
import type { ResourceDeclaration, Template } from './template.ts'

export interface TemplateParameter {
  readonly name: string
  readonly type: string
  /** As a text, as the API has it. */
  readonly fallback: string | undefined
  readonly isSecret: boolean
  readonly description: string | undefined
  readonly allowedValues: readonly string[]
}

export type Capability = 'CAPABILITY_IAM' | 'CAPABILITY_NAMED_IAM' | 'CAPABILITY_AUTO_EXPAND'

export interface TemplateSummary {
  readonly description: string | undefined
  /** JSON, where there is any. */
  readonly metadata: string | undefined
  readonly parameters: readonly TemplateParameter[]
  readonly capabilities: readonly Capability[]
  readonly capabilitiesReason: string | undefined
  /** Each once, by name. */
  readonly resourceTypes: readonly string[]
  readonly declaredTransforms: readonly string[]
}

/** `template`: as it is written; its SAM types count as what they become. */
export function summaryOf(template: Template): TemplateSummary {
  const { capabilities, reason } = needsOf(template)
  return {
    description: template.description,
    metadata: Object.keys(template.metadata).length > 0 ? JSON.stringify(template.metadata) : undefined,
    parameters: [...template.parameters].map(([name, declared]) => parameterOf(name, declared)),
    capabilities,
    capabilitiesReason: reason,
    resourceTypes: [...new Set([...template.resources.values()].map(({ type }) => type))].sort(),
    declaredTransforms: template.transforms.map(nameOf),
  }
}

function parameterOf(name: string, declared: JsonObject): TemplateParameter {
  const text = (value: Json | undefined): string | undefined => (value === undefined ? undefined : String(value))
  const allowed = getOwn(declared, 'AllowedValues')
  return {
    name,
    type: text(getOwn(declared, 'Type')) ?? 'String',
    fallback: text(getOwn(declared, 'Default')),
    isSecret: isSecret(declared),
    description: text(getOwn(declared, 'Description')),
    allowedValues: Array.isArray(allowed) ? allowed.map(String) : [],
  }
}

/** The types that grant, and the property by which each is named. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['AWS::IAM::AccessKey', ''],
  ['AWS::IAM::Group', 'GroupName'],
  ['AWS::IAM::InstanceProfile', 'InstanceProfileName'],
  ['AWS::IAM::ManagedPolicy', 'ManagedPolicyName'],
  ['AWS::IAM::Policy', ''],
  ['AWS::IAM::Role', 'RoleName'],
  ['AWS::IAM::User', 'UserName'],
  ['AWS::IAM::UserToGroupAddition', ''],
])

function needsOf(template: Template): { readonly capabilities: readonly Capability[]; readonly reason: string | undefined } {
  const granting = [...template.resources.values()].filter(grants)
  const isNamed = granting.some((resource) => nameGiven(resource))
  const nested = [...template.resources.values()].filter(({ type }) => type === 'AWS::Serverless::Application')
  const expands = template.transforms.length > 0
  const types = [...new Set([...granting, ...nested].map(grantedType))].sort()
  const own: readonly Capability[] = granting.length === 0 ? [] : isNamed ? ['CAPABILITY_NAMED_IAM'] : ['CAPABILITY_IAM']
  return {
    capabilities: expands ? [...own, 'CAPABILITY_AUTO_EXPAND'] : own,
    reason: types.length > 0 ? `The following resource(s) require capabilities: ${listed(types)}` : undefined,
  }
}

/** SAM makes a role where none is named. */
const grants = ({ type, properties }: ResourceDeclaration): boolean =>
  NAMED.has(type) ||
  (/^AWS::Serverless::(?:Function|StateMachine)$/.test(type) && !Object.hasOwn(properties, 'Role')) ||
  type === 'AWS::Serverless::Connector'

const grantedType = ({ type }: ResourceDeclaration): string => {
  if (type === 'AWS::Serverless::Application') return 'AWS::CloudFormation::Stack'
  if (type === 'AWS::Serverless::Connector') return 'AWS::IAM::ManagedPolicy'
  return type.startsWith('AWS::Serverless::') ? 'AWS::IAM::Role' : type
}

function nameGiven({ type, properties }: ResourceDeclaration): boolean {
  const property = NAMED.get(type) ?? ''
  return property !== '' && Object.hasOwn(properties, property)
}

/**
 * Throws InsufficientCapabilitiesException where the caller has not consented. A change set is the consent to transforms by itself:
 * `isChangeSet`.
 */
export function requireCapabilities(template: Template, given: readonly string[], isChangeSet = false): void {
  const missing = needsOf(template).capabilities.filter((capability) => {
    if (capability === 'CAPABILITY_AUTO_EXPAND') return !isChangeSet && !given.includes(capability)
    return !given.includes(capability) && !(capability === 'CAPABILITY_IAM' && given.includes('CAPABILITY_NAMED_IAM'))
  })
  if (missing.length > 0)
    throw new WireError(400, 'InsufficientCapabilitiesException', `Requires capabilities : ${listed(missing)}`)
}
