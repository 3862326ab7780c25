/**
 * Where a Map Run wrote its results. The state's output tells it (`ResultWriterDetails`); where the run failed or the workflow
 * has put another output in its place, the definition does, as far as bucket and prefix stand there as plain texts.
 */
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
  const state = findMapState(JSON.parse(definition), label)
  const writer = state?.['ResultWriter'] as Readonly<Record<string, unknown>> | undefined
  const given = (writer?.['Arguments'] ?? writer?.['Parameters']) as { Bucket?: unknown; Prefix?: unknown } | undefined
  const { Bucket, Prefix = '' } = given ?? {}
  if (typeof Bucket !== 'string' || typeof Prefix !== 'string' || /\{%/.test(Bucket + Prefix)) return undefined
  return { bucket: Bucket, prefix: `${Prefix === '' || Prefix.endsWith('/') ? Prefix : `${Prefix}/`}${run}/` }
}

type Fields = Readonly<Record<string, unknown>>

/** A Map state with this Label, or with a name that AWS made this label of. */
function findMapState(value: unknown, label: string, name = ''): Fields | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const fields = value as Fields
  const isIt = fields['Label'] === label || (fields['Label'] === undefined && name.replaceAll(/[^\w-]/g, '').startsWith(label))
  if (fields['Type'] === 'Map' && fields['ResultWriter'] !== undefined && isIt) return fields
  for (const [key, member] of Object.entries(fields)) {
    const found = findMapState(member, label, key)
    if (found) return found
  }
  return undefined
}

function findMember(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  const fields = value as Fields
  if (Object.hasOwn(fields, name)) return fields[name]
  for (const member of Object.values(fields)) {
    const found = findMember(member, name)
    if (found !== undefined) return found
  }
  return undefined
}
