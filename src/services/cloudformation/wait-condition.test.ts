import { afterEach, beforeEach, expect, test } from 'vitest'

import { VirtualClock } from '../../base/clock.ts'
import type { JsonObject } from '../../base/json.ts'

import { FakeAws } from '../../cloudformation/fake-aws.ts'

import { openServicesDatabase, type ServicesDatabase } from '../kit/database.ts'

import { linkIn } from './link.ts'
import { SignalLinks } from './signal-links.ts'
import { contextOf, declared, STACK_ID, taskOf } from './testing/served-links.ts'
import { waitCondition, waitConditionHandle } from './wait-condition.ts'

const aws = new FakeAws()
const context = contextOf(aws)
const CONDITION = 'AWS::CloudFormation::WaitCondition'
const HANDLE = 'AWS::CloudFormation::WaitConditionHandle'
const never = new AbortController().signal

let clock: VirtualClock
let database: ServicesDatabase
let signals: SignalLinks
beforeEach(() => {
  clock = new VirtualClock()
  database = openServicesDatabase()
  signals = new SignalLinks({ database, clock })
})
afterEach(() => database.close())

const handle = () => waitConditionHandle(taskOf('o', HANDLE), { signals, urlBase: () => 'http://127.0.0.1:4566' })
const makeHandle = async () => (await handle().deploy(declared({}, undefined, HANDLE), context)).ref
const wait = (properties: JsonObject, signal = never) =>
  waitCondition(taskOf('o', CONDITION), { signals, clock, signal }).deploy(declared(properties, undefined, CONDITION), context)
const signal = (Handle: string, told: JsonObject) => signals.put(linkIn(Handle)?.id ?? '', Buffer.from(JSON.stringify(told)))

test('a handle is a link, the same however often it is made', async () => {
  const link = await makeHandle()
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:4566\/_regente\/cloudformation\/signals\/[0-9a-f-]{36}\?Signature=[\w-]{32}$/)
  expect(await makeHandle()).toBe(link)
})

test('a condition is over when there are enough signals, and has what they brought', async () => {
  const Handle = await makeHandle()
  signal(Handle, { Status: 'SUCCESS', UniqueId: 'early', Data: 'was there before' })
  const waited = wait({ Handle, Count: '2', Timeout: '600' })
  clock.advance(1000)
  signal(Handle, { Status: 'SUCCESS', UniqueId: 'early', Data: 'again' })
  signal(Handle, { Status: 'SUCCESS', UniqueId: 'late', Reason: 'done', Data: 'ready' })
  expect(await waited).toEqual({
    ref: `${STACK_ID}/Thing`,
    attributes: { Data: '{"early":"was there before","late":"ready"}' },
    change: 'created',
  })
})

test('a signal of failure fails the condition', async () => {
  const Handle = await makeHandle()
  const waited = wait({ Handle, Timeout: 600 })
  signal(Handle, { Status: 'FAILURE', UniqueId: 'i-1', Reason: 'no yum' })
  await expect(waited).rejects.toThrow("WaitCondition received failed message: 'no yum' for uniqueId: i-1")
})

test('a condition waits for its time and no longer, though it be begun again', async () => {
  const Handle = await makeHandle()
  const stop = new AbortController()
  const first = wait({ Handle, Timeout: 60 }, stop.signal)
  stop.abort(new Error('stopped'))
  await expect(first).rejects.toThrow('stopped')
  clock.advance(59_999)
  const second = wait({ Handle, Timeout: 60 })
  clock.advance(1)
  await expect(second).rejects.toThrow('WaitCondition timed out. Received 0 conditions when expecting 1')
})

test.each([
  [{ Timeout: 1 }, 'The property Handle is required.'],
  [{ Handle: 'https://example.org/', Timeout: 1 }, 'The property Handle must refer to a wait condition handle.'],
  [{ Handle: 'own' }, 'The property Timeout is required.'],
  [{ Handle: 'own', Timeout: 43_201 }, 'The property Timeout must be a whole number between 1 and 43200.'],
  [{ Handle: 'own', Timeout: 1, Count: 0 }, 'The property Count must be a whole number'],
])('none is made of %j', async (properties, message) => {
  const Handle = await makeHandle()
  const given = 'Handle' in properties && properties.Handle === 'own' ? { ...properties, Handle } : properties
  await expect(wait(given)).rejects.toThrow(message)
})

test('neither can be updated, and a handle that is removed knows nobody', async () => {
  const ref = await makeHandle()
  const update = handle().deploy(declared({}, { ref, type: HANDLE, properties: {} }, HANDLE), context)
  await expect(update).rejects.toThrow(`Update to resource type ${HANDLE} is not supported.`)
  const { id = '', secret = '' } = linkIn(ref) ?? {}
  expect(signals.isKnown(id, secret)).toBe(true)
  clock.advance(24 * 3_600_000)
  expect(signals.isKnown(id, secret)).toBe(false)
  await handle().remove?.(ref, aws)
  expect(signals.isKnown(id, '')).toBe(false)
})

test('what is no signal is refused', async () => {
  const Handle = await makeHandle()
  expect(() => signal(Handle, { Status: 'OK', UniqueId: 'a' })).toThrow('A signal is a JSON object with Status')
  expect(() => signal(Handle, { Status: 'SUCCESS', UniqueId: 'a', Data: 'x'.repeat(5000) })).toThrow('at most 4096 bytes')
})
