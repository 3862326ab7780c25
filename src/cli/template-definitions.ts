/**
 * The definitions of a template's state machines as far as they are known before it is deployed: in files of their own, as
 * mappings, or as texts, with their intrinsic functions. What only the deployment knows becomes a `${placeholder}`.
 * Source: AWS SAM, AWS::Serverless::StateMachine; CloudFormation, AWS::StepFunctions::StateMachine.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject, setOwn } from '../base/json.ts'

import { locationIn } from '../cloudformation/s3-location.ts'
import { stateMachinesIn } from '../cloudformation/template/state-machines.ts'
import type { Template } from '../cloudformation/template/template.ts'

import { CliError } from './cli-error.ts'
import { hasPlaceholders } from './substitutions.ts'

export type MachineType = 'STANDARD' | 'EXPRESS'

export interface DeclaredMachine {
  readonly id: string
  readonly type: MachineType
  /** Values of placeholders that the template writes out. */
  readonly substitutions: JsonObject
  readonly definition:
    | { readonly kind: 'file'; readonly uri: string }
    /** In a bucket, where `cdk synth` would put a file. */
    | { readonly kind: 'stored'; readonly key: string }
    /** `property`: where in the machine's Properties. */
    | { readonly kind: 'mapping' | 'text'; readonly property: string; readonly text: string }
    | { readonly kind: 'unknown'; readonly reason: string }
}

export function machinesOf(template: Template): readonly DeclaredMachine[] {
  return stateMachinesIn(template).map(({ id, properties, metadata }) => {
    const substitutions = getOwn(properties, 'DefinitionSubstitutions')
    return {
      id,
      type: (getOwn(properties, 'Type') ?? getOwn(properties, 'StateMachineType')) === 'EXPRESS' ? 'EXPRESS' : 'STANDARD',
      substitutions: isObject(substitutions) ? substitutions : {},
      definition: definitionOf(properties, metadata),
    }
  })
}

function definitionOf(properties: JsonObject, metadata: JsonObject): DeclaredMachine['definition'] {
  const text = getOwn(properties, 'DefinitionString')
  if (text !== undefined) {
    const written = asWritten(text)
    return typeof written === 'string' && !/^\$\{[^{}]*\}$/.test(written)
      ? { kind: 'text', property: 'DefinitionString', text: written }
      : { kind: 'unknown', reason: 'its DefinitionString is known only when it is deployed' }
  }
  const mapping = getOwn(properties, 'Definition')
  if (mapping !== undefined)
    return { kind: 'mapping', property: 'Definition', text: JSON.stringify(asWritten(mapping) ?? null, null, 2) }
  const uri = getOwn(properties, 'DefinitionUri')
  const location = locationIn(asWritten(getOwn(properties, 'DefinitionS3Location') ?? uri ?? null))
  if (location !== undefined) return { kind: 'stored', key: location.key }
  const file = asWritten(uri ?? getOwn(metadata, 'aws:asset:path') ?? null)
  if (typeof file === 'string' && !hasPlaceholders(file)) return { kind: 'file', uri: file }
  return {
    kind: 'unknown',
    reason: 'it has no DefinitionUri (a file), Definition or DefinitionString that is known before it is deployed',
  }
}

/** The one that is named, or the only one. Throws CliError. */
export function chooseMachine<M extends { readonly id: string }>(path: string, machines: readonly M[], wanted?: string): M {
  const chosen = wanted === undefined && machines.length === 1 ? machines[0] : machines.find(({ id }) => id === wanted)
  if (chosen !== undefined) return chosen
  const ids = machines.map(({ id }) => id).join(', ')
  if (machines.length === 0) throw new CliError(`${path} has no state machine.`)
  throw new CliError(
    wanted === undefined
      ? `${path} has the state machines ${ids}; choose one with --machine.`
      : `${path} has no state machine ${wanted}. It has ${ids}.`,
  )
}

/** The value with its intrinsic functions as far as they are known. Undefined: `AWS::NoValue`. */
export function asWritten(value: Json): Json | undefined {
  if (isArray(value)) return value.map(asWritten).filter((item) => item !== undefined)
  if (!isObject(value)) return value
  const [name, ...others] = Object.keys(value)
  if (name !== undefined && others.length === 0 && /^(?:Ref$|Fn::)/.test(name)) return applied(name, getOwn(value, name) ?? null)
  const object: Record<string, Json> = {}
  for (const [key, member] of Object.entries(value)) {
    const written = asWritten(member)
    if (written !== undefined) setOwn(object, key, written)
  }
  return object
}

function applied(name: string, argument: Json): Json | undefined {
  const list = isArray(argument) ? argument : [argument]
  switch (name) {
    case 'Ref':
      return argument === 'AWS::NoValue' ? undefined : placeholder(String(argument))
    case 'Fn::Sub':
      return typeof list[0] === 'string' ? list[0] : placeholder('Sub')
    case 'Fn::If':
      return asWritten(list[1] ?? null) ?? asWritten(list[2] ?? null)
    case 'Fn::GetAtt':
      return placeholder(list.filter((part) => typeof part === 'string').join('.'))
    case 'Fn::ToJsonString':
      return JSON.stringify(asWritten(argument) ?? null)
    case 'Fn::Join':
      return joined(list)
    default:
      return placeholder(name.replace('Fn::', ''))
  }
}

function joined([delimiter, list]: readonly Json[]): Json {
  const parts = isArray(list) ? list.map(asWritten) : []
  if (typeof delimiter !== 'string' || !isArray(list)) return placeholder('Join')
  return parts.map((part) => (isObject(part) || isArray(part) ? placeholder('Part') : String(part ?? ''))).join(delimiter)
}

const placeholder = (name: string): string => `\${${name.replaceAll(/[{}"\n]/g, '')}}`

/** Of `--type`. Throws CliError. */
export function machineTypeOf(given: string): MachineType {
  const type = given.toUpperCase()
  if (type === 'STANDARD' || type === 'EXPRESS') return type
  throw new CliError(`--type must be STANDARD or EXPRESS, not ${given}.`)
}
