/**
 * Where a Map Run wrote its results. The state's output tells it (`ResultWriterDetails`); where the run failed or the workflow
 * has put another output in its place, the definition does, as far as bucket and prefix stand there as plain texts.
 */
import { getOwn, isObject, type JsonObject } from '../../../src/base/json.ts'
import { labelOf as mapLabelOf } from '../../../src/asl/map-label.ts'
import { visitMachine } from '../../../src/asl/walk.ts'
import { states } from './client.ts'

export interface Place {
  readonly bucket: string
  /** Of a folder, with its slash. */
  readonly prefix: string
}

const EVENTS_MAX = 1_000

export async function findResults(mapRunArn: string, executionArn: string, signal: AbortSignal): Promise<Place | undefined> {
  const run = mapRunArn.split(':').at(-1) ?? ''
  const input = { executionArn, maxResults: EVENTS_MAX, reverseOrder: true, includeExecutionData: true }
  const { events = [] } = await states('GetExecutionHistory', input, signal)
  for (const { stateExitedEventDetails } of events) {
    const place = placeInOutput(stateExitedEventDetails?.output ?? '', run)
    if (place) return place
  }
  const { definition = '', label } = await states('DescribeStateMachineForExecution', { executionArn }, signal)
  return placeInDefinition(definition, label ?? labelOf(mapRunArn), run)
}

/** `…:mapRun:Machine/Label:uuid` */
export const labelOf = (mapRunArn: string): string => /:mapRun:[^/]+\/(.+):[^:]+$/.exec(mapRunArn)?.[1] ?? ''

export function placeInOutput(output: string, run: string): Place | undefined {
  if (!output.includes('ResultWriterDetails') || !output.includes(run)) return undefined
  const details = findMember(JSON.parse(output), 'ResultWriterDetails') as { Bucket?: unknown; Key?: unknown } | undefined
  const { Bucket, Key } = details ?? {}
  if (typeof Bucket !== 'string' || typeof Key !== 'string' || !Key.includes(run)) return undefined
  return { bucket: Bucket, prefix: Key.slice(0, Key.lastIndexOf('/') + 1) }
}

export function placeInDefinition(definition: string, label: string, run: string): Place | undefined {
  const machine: unknown = JSON.parse(definition)
  const state = isObject(machine) && visitMachine(machine, 'STANDARD').states.find((one) => writes(one, label))
  const writer = state && getOwn(state.document, 'ResultWriter')
  const given = isObject(writer) && (getOwn(writer, 'Arguments') ?? getOwn(writer, 'Parameters'))
  const { Bucket, Prefix = '' } = isObject(given) ? given : {}
  if (typeof Bucket !== 'string' || typeof Prefix !== 'string' || /\{%/.test(Bucket + Prefix)) return undefined
  return { bucket: Bucket, prefix: `${Prefix === '' || Prefix.endsWith('/') ? Prefix : `${Prefix}/`}${run}/` }
}

/** A Map state with this label, its own or the one that AWS makes of its name, that writes its results. */
const writes = ({ name, document }: { readonly name: string; readonly document: JsonObject }, label: string): boolean =>
  getOwn(document, 'Type') === 'Map' &&
  getOwn(document, 'ResultWriter') !== undefined &&
  (getOwn(document, 'Label') ?? mapLabelOf(name)) === label

function findMember(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  const fields = value as Readonly<Record<string, unknown>>
  if (Object.hasOwn(fields, name)) return fields[name]
  for (const member of Object.values(fields)) {
    const found = findMember(member, name)
    if (found !== undefined) return found
  }
  return undefined
}
