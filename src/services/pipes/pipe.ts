/**
 * What a pipe says, as it is read from a request, kept and shown.
 * Source: EventBridge Pipes API reference, CreatePipe, UpdatePipe, DescribePipe.
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { isQueueArn } from '../../aws/paths.ts'

import { inputReaders } from '../kit/input.ts'
import { patternsOf } from '../kit/source-filter.ts'

import { constraintError, invalid } from './errors.ts'

export interface Pipe {
  readonly name: string
  readonly arn: string
  readonly source: string
  readonly target: string
  readonly isRunning: boolean
  /** Members of the API by their names, as they were given: parameters, enrichment, role, description. */
  readonly members: JsonObject
  readonly tags: Readonly<Record<string, string>>
  readonly createdMs: number
  readonly lastModifiedMs: number
}

export const { readText, readWhole, readTextMap } = inputReaders({
  charsMax: 8192,
  wrongType: (member, wanted) => invalid(`${member} must be ${wanted}`),
  constraint: constraintError,
})

const MEMBERS = [
  'Description',
  'RoleArn',
  'Enrichment',
  'EnrichmentParameters',
  'SourceParameters',
  'TargetParameters',
  'LogConfiguration',
  'KmsKeyIdentifier',
]

/** What an enrichment and a target can be. */
const ENRICHMENT = /^arn:[^:]+:(?:lambda:[^:]*:\d{12}:function|states:[^:]*:\d{12}:stateMachine):/
const TARGET =
  /^arn:[^:]+:(?:lambda:[^:]*:\d{12}:function:|states:[^:]*:\d{12}:stateMachine:|sqs:|sns:|events:[^:]*:\d{12}:event-bus\/)/

export function readPipeName(name: string): string {
  if (/^[.\-_A-Za-z0-9]{1,64}$/.test(name)) return name
  throw constraintError(name, 'name', 'Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+')
}

/** Throws for what cannot be a source here. */
export function readSource(input: JsonObject): string {
  const source = readText(input, 'Source', 1600)
  if (source === undefined) throw constraintError(undefined, 'source', 'Member must not be null')
  if (!isQueueArn(source)) throw invalid(`Regente's pipes read queues of SQS alone; ${source} is none.`)
  return source
}

export function readTarget(input: JsonObject): string | undefined {
  const target = readText(input, 'Target', 1600)
  if (target === undefined || TARGET.test(target)) return target
  throw invalid(`Regente's pipes call functions, state machines, queues, topics and buses; ${target} is none of them.`)
}

export function readState(input: JsonObject, before: boolean): boolean {
  const state = getOwn(input, 'DesiredState') ?? null
  if (state === null) return before
  if (state === 'RUNNING' || state === 'STOPPED') return state === 'RUNNING'
  throw constraintError(state, 'desiredState', 'Member must satisfy enum value set: [RUNNING, STOPPED]')
}

/** What the input does not name stays. */
export function readMembers(input: JsonObject, before: JsonObject): JsonObject {
  const members: Record<string, Json> = { ...before }
  for (const name of MEMBERS) {
    const value = getOwn(input, name) ?? null
    if (value !== null) members[name] = value
  }
  // An update of a source may leave out what cannot change.
  const parameters = getOwn(input, 'SourceParameters')
  if (isObject(parameters)) members['SourceParameters'] = { ...memberOf(before, 'SourceParameters'), ...parameters }
  if (members['Enrichment'] === '') delete members['Enrichment']
  const enrichment = members['Enrichment']
  if (typeof enrichment === 'string' && !ENRICHMENT.test(enrichment))
    throw invalid(`Regente's pipes are enriched by functions and Express state machines; ${enrichment} is neither.`)
  filtersOf(members)
  batchOf(members)
  return members
}

export const filtersOf = (members: JsonObject): readonly JsonObject[] =>
  patternsOf(memberOf(memberOf(members, 'SourceParameters'), 'FilterCriteria'), invalid)

export function batchOf(members: JsonObject): { readonly batchSize: number; readonly windowSeconds: number } {
  const queue = memberOf(memberOf(members, 'SourceParameters'), 'SqsQueueParameters')
  const batchSize = readWhole(queue, 'BatchSize', 1, 10_000) ?? 10
  const windowSeconds = readWhole(queue, 'MaximumBatchingWindowInSeconds', 0, 300) ?? 0
  if (batchSize > 10 && windowSeconds === 0)
    throw invalid('Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10')
  return { batchSize, windowSeconds }
}

/** An object's member that is an object; an empty one where there is none. */
export function memberOf(members: JsonObject, name: string): JsonObject {
  const value = getOwn(members, name)
  return isObject(value) ? value : {}
}

export type Transition = 'CREATING' | 'UPDATING' | 'STARTING' | 'STOPPING' | 'DELETING'

/** What each answer tells of a pipe. */
export const renderState = (pipe: Pipe, transition?: Transition): JsonObject => ({
  Arn: pipe.arn,
  Name: pipe.name,
  DesiredState: transition === 'DELETING' ? 'DELETED' : pipe.isRunning ? 'RUNNING' : 'STOPPED',
  CurrentState: transition ?? (pipe.isRunning ? 'RUNNING' : 'STOPPED'),
  CreationTime: pipe.createdMs / 1000,
  LastModifiedTime: pipe.lastModifiedMs / 1000,
})

export const renderPipe = (pipe: Pipe): JsonObject => ({
  ...renderState(pipe),
  ...pipe.members,
  Source: pipe.source,
  Target: pipe.target,
  Tags: pipe.tags,
})
