/** Records to store, each with as little as it can have. */
import type { StateMachineArn } from '../../base/arn.ts'
import { asId } from '../../base/id-in-test.ts'
import { ROOT_FRAME } from '../../base/ids.ts'
import { Payload } from '../../base/payload.ts'
import { type Instant, toInstant } from '../../base/time.ts'

import type { EngineEvent } from '../../engine/event.ts'

import type { ExecutionRecord, MapRunRecord, NewRevision, Page, StateMachineRecord, Store, TurnRecord } from '../contract.ts'

export const at = (n: number): Instant => toInstant(1_700_000_000_000 + n)
export const MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:m'

export function executionOf(key: number, over: Partial<ExecutionRecord> = {}): ExecutionRecord {
  return {
    key: asId(key),
    arn: asId(`arn:aws:states:us-east-1:123456789012:execution:m:e${key}`),
    name: `e${key}`,
    stateMachineArn: asId(MACHINE),
    stateMachineKey: asId(1),
    revisionKey: asId(1),
    type: 'STANDARD',
    status: 'RUNNING',
    startAt: at(key),
    input: '{"a": 1}',
    isBusy: false,
    redriveCount: 0,
    lastEventId: 0,
    ...over,
  }
}

/** Two events a state: what is left is what enters the next one. */
export function eventsOf(count: number, firstId = 1): EngineEvent[] {
  return Array.from({ length: count }, (_, i): EngineEvent => {
    const id = firstId + i
    const base = { id, previousEventId: id - 1, at: at(id), frame: ROOT_FRAME, stateType: 'Pass', name: `S${i >> 1}` } as const
    return i % 2 === 0
      ? { ...base, type: 'StateEntered', input: Payload.ofText('{"a": 1}') }
      : { ...base, type: 'StateExited', output: Payload.ofText('{"a": 1}') }
  })
}

export const firstTurn = (record: ExecutionRecord, events: readonly EngineEvent[] = eventsOf(2)): TurnRecord => ({
  key: record.key,
  create: record,
  sequence: 0,
  events,
})

export const revisionOf = (definition: string): NewRevision => ({
  definition,
  roleArn: 'arn:aws:iam::1:role/r',
  createdAt: at(0),
})
export const machineOf = (name: string) =>
  ({ arn: asId<StateMachineArn>(`arn:machine:${name}`), name, type: 'STANDARD', status: 'ACTIVE', createdAt: at(0) }) as const
export const mapRunOf = (executionKey: number, arn: string): Omit<MapRunRecord, 'key'> => ({
  arn: asId(arn),
  executionKey: asId(executionKey),
  executionArn: asId('arn:parent'),
  stateMachineArn: asId(MACHINE),
  mapState: 'Map',
  status: 'RUNNING',
  startAt: at(0),
  maxConcurrency: 0,
  toleratedFailureCount: 0,
  toleratedFailurePercentage: 12.5,
  redriveCount: 0,
  settings: '{}',
  itemsRead: 0,
  isReadingDone: false,
  resultsWritten: 0,
})

export const textOf = (events: readonly EngineEvent[]): unknown =>
  JSON.parse(JSON.stringify(events, (_, value) => (value instanceof Payload ? value.text : value)))

/** A machine that was not there. */
export async function madeMachine(store: Store, name = 'm', definition = '1'): Promise<StateMachineRecord> {
  const made = await store.createStateMachine(machineOf(name), revisionOf(definition))
  if (made === 'name-taken') throw new Error(`there is a machine ${name}`)
  return made
}

/** All pages of a list, of `limit` rows each. */
export async function pagesOf<T>(limit: number, read: (limit: number, from?: string) => Promise<Page<T>>): Promise<T[][]> {
  const pages: T[][] = []
  for (let from: string | undefined; ; ) {
    const page = await read(limit, from)
    pages.push([...page.rows])
    if (page.next === undefined) return pages
    from = page.next
  }
}
