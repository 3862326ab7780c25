/**
 * The ARNs that Step Functions speaks, made and read in one place.
 * Source: AWS service authorization reference, "Resource types defined by AWS Step Functions".
 */
import type { Brand } from './brand.ts'

export interface ArnScope {
  readonly partition: string
  readonly region: string
  readonly account: string
}

/** Of a machine itself, or of the part of it that a distributed Map's children run (`name/label`). */
export type StateMachineArn = Brand<string, 'StateMachineArn'>
export type VersionArn = Brand<string, 'VersionArn'>
export type AliasArn = Brand<string, 'AliasArn'>
export type ActivityArn = Brand<string, 'ActivityArn'>
/** Of a Standard or an Express execution. */
export type ExecutionArn = Brand<string, 'ExecutionArn'>
export type MapRunArn = Brand<string, 'MapRunArn'>

export const stateMachineArn = (arnScope: ArnScope, name: string) => statesArn<StateMachineArn>(arnScope, `stateMachine:${name}`)
export const versionArn = (machine: StateMachineArn, version: number) => `${machine}:${version}` as VersionArn
export const aliasArn = (machine: StateMachineArn, name: string) => `${machine}:${name}` as AliasArn
export const activityArn = (arnScope: ArnScope, name: string) => statesArn<ActivityArn>(arnScope, `activity:${name}`)
export const executionArn = (arnScope: ArnScope, machine: string, name: string) =>
  statesArn<ExecutionArn>(arnScope, `execution:${machine}:${name}`)
export const expressExecutionArn = (arnScope: ArnScope, machine: string, name: string, uuid: string) =>
  statesArn<ExecutionArn>(arnScope, `express:${machine}:${name}:${uuid}`)
/** Of a state's test: an Express execution's without its unique part (recorded: test_state). */
export const testArn = (arnScope: ArnScope, machine: string, name: string) =>
  statesArn<ExecutionArn>(arnScope, `express:${machine}:${name}`)
/** Of the part of a machine that the children of the Map with that label run, and of such a child. */
export const partArn = (machine: StateMachineArn, label: string) => `${machine}/${label}` as StateMachineArn
export const childArn = (part: StateMachineArn, name: string) =>
  `${part.replace(':stateMachine:', ':execution:')}:${name}` as ExecutionArn
export const expressChildArn = (part: StateMachineArn, name: string, uuid: string) =>
  `${part.replace(':stateMachine:', ':express:')}:${name}:${uuid}` as ExecutionArn
/** Of a run of the Map with that label, in an execution of the machine. */
export const mapRunArn = (machine: StateMachineArn, label: string, uuid: string) =>
  `${machine.replace(':stateMachine:', ':mapRun:')}/${label}:${uuid}` as MapRunArn

const statesArn = <Arn extends string>({ partition, region, account }: ArnScope, resource: string) =>
  `arn:${partition}:states:${region}:${account}:${resource}` as Arn

/** `arn` is the text as it was given. */
export type StatesArn = ArnScope & (MachineArn | OtherArn)

type MachineArn = { readonly kind: 'stateMachine'; readonly name: string; readonly label?: string } & (
  | { readonly qualifier?: never; readonly arn: StateMachineArn }
  | { readonly qualifier: string; readonly arn: VersionArn | AliasArn }
)

type OtherArn =
  | { readonly kind: 'activity'; readonly arn: ActivityArn; readonly name: string }
  | {
      readonly kind: 'execution'
      readonly arn: ExecutionArn
      readonly machine: string
      readonly label?: string
      readonly name: string
    }
  | {
      readonly kind: 'express'
      readonly arn: ExecutionArn
      readonly machine: string
      readonly label?: string
      readonly name: string
      readonly uuid: string
    }
  | { readonly kind: 'mapRun'; readonly arn: MapRunArn; readonly machine: string; readonly label: string; readonly uuid: string }

/** Reads any Step Functions ARN; undefined when the text is not one. Names are not judged here. */
export function parseStatesArn(text: string): StatesArn | undefined {
  const [arn, partition, service, region, account, kind, ...rest] = text.split(':')
  if (arn !== 'arn' || service !== 'states' || !partition || !region || !account || !kind) return undefined
  const [first = '', second, third] = rest
  if (first === '' || rest.some((part) => part === '')) return undefined
  const scope = { partition, region, account }
  const [machine = '', label] = splitLabel(first)
  switch (kind) {
    case 'stateMachine': {
      if (rest.length > 2) return undefined
      const named = { ...scope, kind, name: machine, ...(label !== undefined && { label }) } as const
      return second === undefined
        ? { ...named, arn: text as StateMachineArn }
        : { ...named, qualifier: second, arn: text as VersionArn | AliasArn }
    }
    case 'activity':
      return rest.length === 1 ? { ...scope, kind, arn: text as ActivityArn, name: first } : undefined
    case 'execution':
      if (rest.length !== 2 || second === undefined) return undefined
      return { ...scope, kind, arn: text as ExecutionArn, machine, ...(label !== undefined && { label }), name: second }
    case 'express':
      if (rest.length !== 3 || second === undefined || third === undefined) return undefined
      return {
        ...scope,
        kind,
        arn: text as ExecutionArn,
        machine,
        ...(label !== undefined && { label }),
        name: second,
        uuid: third,
      }
    case 'mapRun':
      return rest.length === 2 && second !== undefined && label !== undefined
        ? { ...scope, kind, arn: text as MapRunArn, machine, label, uuid: second }
        : undefined
    default:
      return undefined
  }
}

export function isVersionArn(text: string): text is VersionArn {
  const parsed = parseStatesArn(text)
  return parsed?.kind === 'stateMachine' && parsed.qualifier !== undefined && /^\d+$/.test(parsed.qualifier)
}

export function isAliasArn(text: string): text is AliasArn {
  const parsed = parseStatesArn(text)
  return parsed?.kind === 'stateMachine' && parsed.qualifier !== undefined && !/^\d+$/.test(parsed.qualifier)
}

function splitLabel(name: string): [string, string?] {
  const slash = name.indexOf('/')
  return slash < 0 ? [name] : [name.slice(0, slash), name.slice(slash + 1)]
}
