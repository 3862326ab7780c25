/** Durable commits a second: 10,000 turns of 22 events, each with its row, at 1, 64 and 1,000 in flight; and the packing of one. */
import { ROOT_FRAME } from '../src/base/ids.ts'
import { asId } from '../src/base/id-in-test.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { silentLog } from '../src/base/log.ts'
import { Payload } from '../src/base/payload.ts'
import { toInstant } from '../src/base/time.ts'
import type { EngineEvent } from '../src/engine/event.ts'
import { packChunk, unpackChunk } from '../src/store/chunk.ts'
import type { Store } from '../src/store/contract.ts'
import { openSqliteStore } from '../src/store/sqlite/store.ts'

const TURNS = 10_000

function events(): EngineEvent[] {
  const input = Payload.ofText('{"order":1234,"items":["a","b","c"]}')
  const base = (id: number) => ({ id, previousEventId: id - 1, at: toInstant(1_700_000_000_000 + id), frame: ROOT_FRAME })
  const states = Array.from({ length: 10 }, (_, i): EngineEvent[] => [
    { ...base(2 * i + 2), type: 'StateEntered', stateType: 'Pass', name: `State${i}`, input },
    { ...base(2 * i + 3), type: 'StateExited', stateType: 'Pass', name: `State${i}`, output: input, next: `State${i + 1}` },
  ])
  return [
    { ...base(1), type: 'ExecutionStarted', input, roleArn: 'arn:aws:iam::123456789012:role/r' },
    ...states.flat(),
    { ...base(22), type: 'ExecutionSucceeded', output: input },
  ]
}

async function startOne(store: Store): Promise<void> {
  const key = store.newExecutionKey()
  const name = `${crypto.randomUUID()}`
  const startAt = toInstant(1_700_000_000_000 + key)
  await store.commit([
    {
      key,
      create: {
        key,
        arn: asId(`arn:aws:states:us-east-1:123456789012:execution:m:${name}`),
        name,
        stateMachineKey: asId(1),
        revisionKey: asId(1),
        stateMachineArn: asId('arn:aws:states:us-east-1:123456789012:stateMachine:m'),
        type: 'STANDARD',
        status: 'SUCCEEDED',
        startAt,
        stopAt: startAt,
        input: '{"order":1234,"items":["a","b","c"]}',
        output: '{}',
        isBusy: false,
        redriveCount: 0,
        lastEventId: 22,
      },
      sequence: 0,
      events: events(),
    },
  ])
}

async function measure(inFlight: number, turns: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'regente-bench-'))
  const store = await openSqliteStore({ directory, log: silentLog })
  let left = turns
  const began = performance.now()
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left-- > 0) await startOne(store)
    }),
  )
  const seconds = (performance.now() - began) / 1000
  console.log(`${inFlight} in flight: ${Math.round(turns / seconds)} commits/s (${turns} turns of 22 events)`)
  await store.close()
  rmSync(directory, { recursive: true })
}

function measurePacking(): void {
  const turn = events()
  let characters = 0
  for (let i = 0; i < 20_000; i++) characters = packChunk(turn).length
  const began = performance.now()
  for (let i = 0; i < 20_000; i++) packChunk(turn)
  const packed = performance.now()
  const text = packChunk(turn)
  for (let i = 0; i < 20_000; i++) unpackChunk(text, () => undefined)
  const us = (ms: number) => ((ms * 1000) / 20_000).toFixed(1)
  console.log(`pack ${us(packed - began)} us, unpack ${us(performance.now() - packed)} us, ${characters} characters (22 events)`)
}

measurePacking()
await measure(1000, 2_000) // warms up
for (const inFlight of [1, 64, 1000]) await measure(inFlight, TURNS)
