/**
 * The ARNs that Step Functions speaks, made and read in one place.
 * Source: AWS service authorization reference, "Resource types defined by AWS Step Functions".
 */
export interface ArnScope {
  readonly partition: string
  readonly region: string
  readonly account: string
}

export const stateMachineArn = (arnScope: ArnScope, name: string): string => statesArn(arnScope, `stateMachine:${name}`)
export const activityArn = (arnScope: ArnScope, name: string): string => statesArn(arnScope, `activity:${name}`)
export const executionArn = (arnScope: ArnScope, machine: string, name: string): string =>
  statesArn(arnScope, `execution:${machine}:${name}`)
export const expressExecutionArn = (arnScope: ArnScope, machine: string, name: string, uuid: string): string =>
  statesArn(arnScope, `express:${machine}:${name}:${uuid}`)
export const mapRunArn = (arnScope: ArnScope, machine: string, label: string, uuid: string): string =>
  statesArn(arnScope, `mapRun:${machine}/${label}:${uuid}`)

const statesArn = (arnScope: ArnScope, resource: string) =>
  `arn:${arnScope.partition}:states:${arnScope.region}:${arnScope.account}:${resource}`

export type StatesArn = ArnScope &
  (
    | { readonly kind: 'stateMachine'; readonly name: string; readonly label?: string; readonly qualifier?: string }
    | { readonly kind: 'activity'; readonly name: string }
    | { readonly kind: 'execution'; readonly machine: string; readonly label?: string; readonly name: string }
    | {
        readonly kind: 'express'
        readonly machine: string
        readonly label?: string
        readonly name: string
        readonly uuid: string
      }
    | { readonly kind: 'mapRun'; readonly machine: string; readonly label: string; readonly uuid: string }
  )

/** Reads any Step Functions ARN; undefined when the text is not one. Names are not judged here. */
export function parseStatesArn(text: string): StatesArn | undefined {
  const [arn, partition, service, region, account, kind, ...rest] = text.split(':')
  if (arn !== 'arn' || service !== 'states' || !partition || !region || !account || !kind) return undefined
  const [first = '', second, third] = rest
  if (first === '' || rest.some((part) => part === '')) return undefined
  const scope = { partition, region, account }
  const [machine = '', label] = splitLabel(first)
  switch (kind) {
    case 'stateMachine':
      if (rest.length > 2) return undefined
      return {
        ...scope,
        kind,
        name: machine,
        ...(label !== undefined && { label }),
        ...(second !== undefined && { qualifier: second }),
      }
    case 'activity':
      return rest.length === 1 ? { ...scope, kind, name: first } : undefined
    case 'execution':
      if (rest.length !== 2 || second === undefined) return undefined
      return { ...scope, kind, machine, ...(label !== undefined && { label }), name: second }
    case 'express':
      if (rest.length !== 3 || second === undefined || third === undefined) return undefined
      return { ...scope, kind, machine, ...(label !== undefined && { label }), name: second, uuid: third }
    case 'mapRun':
      return rest.length === 2 && second !== undefined && label !== undefined
        ? { ...scope, kind, machine, label, uuid: second }
        : undefined
    default:
      return undefined
  }
}

function splitLabel(name: string): [string, string?] {
  const slash = name.indexOf('/')
  return slash < 0 ? [name] : [name.slice(0, slash), name.slice(slash + 1)]
}
