import { expect, it } from 'vitest'

import { VirtualClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { Payload } from '../base/payload.ts'
import { toInstant } from '../base/time.ts'

import type { ServiceEvent } from '../aws/service-events.ts'

import type { EngineEvent } from '../engine/event.ts'
import type { ExecutionState } from '../engine/state.ts'
import type { ExecutionRecord } from '../store/contract.ts'

import { createStatusChanges } from './status-change.ts'

const record = (input: string) =>
  ({
    arn: 'arn:execution',
    name: 'e',
    stateMachineArn: 'arn:machine',
    type: 'STANDARD',
    input,
    startAt: toInstant(1_000),
    redriveCount: 0,
    lastEventId: 0,
  }) as unknown as ExecutionRecord
const succeeded = {
  status: 'SUCCEEDED',
  stopAt: toInstant(2_000),
  output: Payload.ofText('{"b":2}'),
  redriveCount: 0,
  lastEventId: 5,
} as unknown as ExecutionState
const turn = [{ type: 'ExecutionStarted' }, { type: 'StateEntered' }, { type: 'ExecutionSucceeded' }] as unknown as EngineEvent[]

const clock = new VirtualClock()

const published = async (input: string, hasListeners = true): Promise<readonly ServiceEvent[]> => {
  const heard: ServiceEvent[] = []
  const redriveStatus = () => ({ status: 'NOT_REDRIVABLE', reason: 'r' })
  const publish = async (events: readonly ServiceEvent[]) => void heard.push(...events)
  const changes = createStatusChanges({
    bus: { hasListeners: () => hasListeners, publish },
    redriveStatus,
    clock,
    log: silentLog,
  })
  changes.committed(record(input), succeeded, turn)
  await changes.close()
  return heard
}

it('a turn that starts and ends an execution tells of both', async () => {
  const [running, ended, ...more] = await published('{"a":1}')
  expect(more).toEqual([])
  expect(running?.detail).toMatchObject({
    status: 'RUNNING',
    startDate: 1_000,
    stopDate: null,
    output: null,
    outputDetails: null,
  })
  expect(ended).toMatchObject({ source: 'aws.states', resources: ['arn:execution'] })
  expect(ended?.detail).toEqual({
    executionArn: 'arn:execution',
    stateMachineArn: 'arn:machine',
    name: 'e',
    status: 'SUCCEEDED',
    startDate: 1_000,
    stopDate: 2_000,
    input: '{"a":1}',
    output: '{"b":2}',
    stateMachineVersionArn: null,
    stateMachineAliasArn: null,
    redriveCount: 0,
    redriveDate: null,
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: 'r',
    error: null,
    cause: null,
    inputDetails: { included: true },
    outputDetails: { included: true },
  })
})

it('payloads beyond 248 KiB are left out and said to be', async () => {
  const [, ended] = await published(JSON.stringify('x'.repeat(250 * 1024)))
  expect(ended?.detail).toMatchObject({ input: null, output: null, inputDetails: { included: false } })
})

it('nothing is made where nobody listens', async () => expect(await published('{}', false)).toEqual([]))

it('what cannot be published waits until it can, in its order', async () => {
  const heard: ServiceEvent[] = []
  let isFull = true
  const publish = async (events: readonly ServiceEvent[]): Promise<void> => {
    if (isFull) throw new Error('database or disk is full')
    heard.push(...events)
  }
  const redriveStatus = () => ({ status: 'NOT_REDRIVABLE', reason: 'r' })
  const changes = createStatusChanges({ bus: { hasListeners: () => true, publish }, redriveStatus, clock, log: silentLog })
  for (let i = 0; i < 120; i++) changes.committed(record('{}'), succeeded, turn)
  await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
  clock.advance(60_000)
  expect(heard).toEqual([])
  isFull = false
  clock.advance(5_000)
  await changes.close()
  expect(heard.map(({ detail }) => detail['status']).slice(0, 2)).toEqual(['RUNNING', 'SUCCEEDED'])
  expect(heard).toHaveLength(240)
})
