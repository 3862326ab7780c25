/**
 * The ARNs that Step Functions speaks, made and read in one place.
 * Source: AWS service authorization reference, "Resource types defined by AWS Step Functions".
 */
export interface ArnPlace {
  readonly partition: string
  readonly region: string
  readonly account: string
}

export const stateMachineArn = (place: ArnPlace, name: string): string => statesArn(place, `stateMachine:${name}`)
export const activityArn = (place: ArnPlace, name: string): string => statesArn(place, `activity:${name}`)
export const executionArn = (place: ArnPlace, machine: string, name: string): string =>
  statesArn(place, `execution:${machine}:${name}`)
export const expressExecutionArn = (place: ArnPlace, machine: string, name: string, uuid: string): string =>
  statesArn(place, `express:${machine}:${name}:${uuid}`)
export const mapRunArn = (place: ArnPlace, machine: string, label: string, uuid: string): string =>
  statesArn(place, `mapRun:${machine}/${label}:${uuid}`)

const statesArn = (place: ArnPlace, resource: string) =>
  `arn:${place.partition}:states:${place.region}:${place.account}:${resource}`

export type StatesArn = ArnPlace &
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
  const place = { partition, region, account }
  const [machine = '', label] = splitLabel(first)
  switch (kind) {
    case 'stateMachine':
      if (rest.length > 2) return undefined
      return {
        ...place,
        kind,
        name: machine,
        ...(label !== undefined && { label }),
        ...(second !== undefined && { qualifier: second }),
      }
    case 'activity':
      return rest.length === 1 ? { ...place, kind, name: first } : undefined
    case 'execution':
      if (rest.length !== 2 || second === undefined) return undefined
      return { ...place, kind, machine, ...(label !== undefined && { label }), name: second }
    case 'express':
      if (rest.length !== 3 || second === undefined || third === undefined) return undefined
      return { ...place, kind, machine, ...(label !== undefined && { label }), name: second, uuid: third }
    case 'mapRun':
      return rest.length === 2 && second !== undefined && label !== undefined
        ? { ...place, kind, machine, label, uuid: second }
        : undefined
    default:
      return undefined
  }
}

function splitLabel(name: string): [string, string?] {
  const slash = name.indexOf('/')
  return slash < 0 ? [name] : [name.slice(0, slash), name.slice(slash + 1)]
}
