/**
 * Durable commits a second into PostgreSQL, fsync on: turns of ten Pass states that begin and end in one turn (22 events), at 1, 64
 * and 1,000 in flight; then turns of executions that are there. A server of its own in a temporary folder, on the same machine.
 * Tells the processor time of a turn, here and there. Run: node_modules/.bin/node bench/postgres.ts [turns] [lanes]
 */
import { readFileSync, readdirSync } from 'node:fs'

import { asId } from '../src/base/id-in-test.ts'
import { ROOT_FRAME } from '../src/base/ids.ts'
import { silentLog } from '../src/base/log.ts'
import { Payload } from '../src/base/payload.ts'
import { toInstant } from '../src/base/time.ts'
import type { EngineEvent } from '../src/engine/event.ts'
import type { Store, TurnRecord } from '../src/store/contract.ts'
import { openPostgresStore } from '../src/store/postgres/store.ts'
import { startPostgres } from '../src/store/testing/postgres.ts'

const TURNS = Number(process.argv[2] ?? 20_000)
const LANES = Number(process.argv[3] ?? 2)
const CLOCK_TICKS = 100

function events(firstId = 1): EngineEvent[] {
  const input = Payload.ofText('{"order":1234,"items":["a","b","c"]}')
  const base = (id: number) => ({
    id: firstId + id - 1,
    previousEventId: firstId + id - 2,
    at: toInstant(1_700_000_000_000 + id),
    frame: ROOT_FRAME,
  })
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

function startOf(store: Store, machine: number): TurnRecord {
  const key = store.newExecutionKey()
  const name = crypto.randomUUID()
  const startAt = toInstant(Date.now())
  return {
    key,
    ofMachine: asId(machine),
    create: {
      key,
      arn: asId(`arn:aws:states:us-east-1:123456789012:execution:m:${name}`),
      name,
      stateMachineKey: asId(machine),
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
  }
}

/** Seconds of processor time that the server and all its backends have had, those that have ended too. */
function serverSeconds(postmaster: number): number {
  let ticks = 0
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
      const fields = rest.split(' ')
      if (Number(pid) !== postmaster && Number(fields[1]) !== postmaster) continue
      const ended = Number(pid) === postmaster ? Number(fields[13]) + Number(fields[14]) : 0
      ticks += Number(fields[11]) + Number(fields[12]) + ended
    } catch {
      // It has ended meanwhile.
    }
  }
  return ticks / CLOCK_TICKS
}

async function inParallel(count: number, inFlight: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (next < count) await work(next++)
    }),
  )
}

const server = await startPostgres({ fsync: true, settings: { shared_buffers: '256MB', max_wal_size: '4GB' } })
const store = await openPostgresStore({ url: server.url(await server.newDatabase()), log: silentLog, lanes: LANES })
try {
  await store.leases.join('http://127.0.0.1:1')
  await store.leases.take(256)
  const machine = await store.createStateMachine(
    { arn: asId('arn:m'), name: 'm', type: 'STANDARD', status: 'ACTIVE', createdAt: toInstant(0) },
    { definition: '{}', roleArn: 'r', createdAt: toInstant(0) },
  )
  if (machine === 'name-taken') throw new Error('the database is new')

  async function measure(name: string, count: number, inFlight: number, turn: (i: number) => TurnRecord): Promise<void> {
    const [cpu, serverCpu, began] = [process.cpuUsage(), serverSeconds(server.pid()), performance.now()]
    const waits: number[] = []
    await inParallel(count, inFlight, async (i) => {
      const asked = performance.now()
      const outcome = await store.commit([turn(i)])
      if (outcome[0] !== 'committed') throw new Error(`${outcome[0]}`)
      waits.push(performance.now() - asked)
    })
    const seconds = (performance.now() - began) / 1000
    const { user, system } = process.cpuUsage(cpu)
    const us = (total: number) => Math.round((total * 1e6) / count)
    waits.sort((a, b) => a - b)
    const wait = (part: number) => (waits[Math.floor(part * (waits.length - 1))] ?? 0).toFixed(1)
    console.log(
      `${name}, ${inFlight} in flight: ${Math.round(count / seconds)} turns/s; p50 ${wait(0.5)} ms, p99 ${wait(0.99)} ms; ` +
        `processor of a turn: node ${us((user + system) / 1e6)} us, PostgreSQL ${us(serverSeconds(server.pid()) - serverCpu)} us`,
    )
  }
  const first = () => startOf(store, machine.key)
  await measure('warm-up: begin and end', 3_000, 500, first)
  await measure('begin and end', 2_000, 1, first)
  for (const inFlight of [64, 1_000]) await measure('begin and end', TURNS, inFlight, first)

  const running: TurnRecord[] = Array.from({ length: 5_000 }, first).map((turn) => ({
    ...turn,
    ...(turn.create && { create: { ...turn.create, status: 'RUNNING', isBusy: true } }),
  }))
  await store.commit(running)
  const later = (i: number): TurnRecord => {
    const [turn, round] = [running[i % running.length] ?? first(), 1 + Math.floor(i / running.length)]
    const patch = { isBusy: round % 2 === 0, lastEventId: 22 * (round + 1), wakeAt: toInstant(Date.now() + 60_000) }
    return { key: turn.key, sequence: 22 * round, events: events(22 * round + 1), patch }
  }
  await measure('a later turn', Math.floor(TURNS / 5_000) * 5_000, 64, later)
} finally {
  await store.close()
  await server.discard()
}
