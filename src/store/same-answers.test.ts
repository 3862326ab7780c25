/**
 * All stores, asked the same at random, answer the same: memory is what the simulator and the unit tests take for the disk,
 * and a difference between it and the others would be a fault that none of them can see.
 */
import { ALL_SHARDS } from '../base/ids.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

import { asId } from '../base/id-in-test.ts'
import { silentLog } from '../base/log.ts'
import { Payload } from '../base/payload.ts'
import { type RandomSource, seededRandom } from '../base/random.ts'

import type { ExecutionFilter, ExecutionPatch, ExecutionRecord, ExecutionStatus, StateMachineRecord, Store } from './contract.ts'
import { removeOld } from './testing/retention.ts'
import { wholeLog } from './testing/whole-log.ts'
import { MemoryDisk } from './memory/disk.ts'
import { openMemoryStore } from './memory/store.ts'
import { openPostgresStore } from './postgres/store.ts'
import { openSqliteStore } from './sqlite/store.ts'
import { endPostgresServer, isPostgresMissing, needsPostgres, postgresServer } from './testing/postgres.ts'
import { at, eventsOf, executionOf, machineOf, mapRunOf, pagesOf, revisionOf } from './testing/records.ts'

const STEPS = 250
const CLOSED: readonly ExecutionStatus[] = ['SUCCEEDED', 'FAILED', 'ABORTED', 'TIMED_OUT']

type Question = (store: Store) => Promise<unknown>

/** One thing to do or to ask; the same for all stores. */
function draw(random: RandomSource): Question {
  const below = (n: number) => random.bits32() % n
  const pick = <T>(from: readonly [T, ...T[]]): T => from[below(from.length)] ?? from[0]
  const key = 1 + below(20)
  const filter: ExecutionFilter = {
    ...pick<ExecutionFilter>([
      { stateMachineKey: asId(1) },
      { stateMachineKey: asId(2) },
      { versionArn: asId('v1') },
      { aliasArn: asId('a1') },
      { stateMachineKey: asId(1) },
    ]),
    ...pick<ExecutionFilter>([{}, { status: 'RUNNING' }, { status: 'FAILED' }, { isRedriven: true }, { isRedriven: false }]),
  }
  const limit = 1 + below(4)
  const create = executionOf(key, {
    stateMachineKey: asId(1 + below(2)),
    startAt: at(key % 5),
    ...pick<Partial<ExecutionRecord>>([
      {},
      { versionArn: asId('v1') },
      { versionArn: asId('v1'), aliasArn: asId('a1') },
      { wakeAt: at(key) },
      { isBusy: true },
    ]),
  })
  const start: Question = (store) => store.commit([{ key: asId(key), create, sequence: 0, events: eventsOf(2) }])
  const sequence = 2 * (1 + below(3))
  const patch = pick<ExecutionPatch>([
    { status: pick(['SUCCEEDED', 'FAILED', 'ABORTED']), stopAt: at(below(60)), wakeAt: null, isBusy: false, output: '1' },
    { wakeAt: at(below(60)) },
    { isBusy: true, cause: '' },
    { status: 'RUNNING', stopAt: null, redriveCount: 1, redriveAt: at(below(60)), error: null },
  ])
  const events = eventsOf(below(3), sequence + 1)
  const turn: Question = (store) => store.commit([{ key: asId(key), sequence, patch, events }])
  /** Keys of runs and machines are each store's own: they are found by their names. */
  const run = `arn:run:${1 + below(2)}`
  const ofRun =
    (ask: (store: Store, key: number) => Promise<unknown>): Question =>
    async (store) =>
      ask(store, (await store.mapRun(asId(run)))?.key ?? 99)
  const itemIndex = below(30)
  const child = executionOf(100 + itemIndex, {
    status: pick(['PENDING', 'RUNNING', ...CLOSED]),
    itemIndex,
    itemCount: 1 + below(3),
  })
  const name = pick(['m', 'n'])
  const ofMachine =
    (ask: (store: Store, machine: StateMachineRecord) => Promise<unknown>): Question =>
    async (store) => {
      const machine = await store.stateMachine(asId(machineOf(name).arn))
      return machine && ask(store, machine)
    }
  const before = at(below(60))
  const asked: readonly [Question, ...Question[]] = [
    start,
    start,
    turn,
    turn,
    turn,
    (store) => store.executionByKey(asId(key)),
    async (store) =>
      (await pagesOf(limit, (most, from) => store.executions(filter, most, from))).map((page) => page.map((row) => row.key)),
    (store) => wholeLog(store, asId(key)),
    (store) => store.history(asId(key), 3, 100, key % 2 === 0),
    (store) => store.due(before, limit),
    (store) => store.nextDue(before),
    (store) => store.busy(ALL_SHARDS, asId(key), limit),
    (store) => store.countsByStatus(asId(1)),
    (store) => removeOld(store, before, limit),
    (store) => store.closedExecutions(asId(1), before, limit),
    (store) => store.machinesWithExecutions(asId(0), limit),
    (store) => store.machinesWithTag('a'),
    (store) => store.createMapRun(mapRunOf(1, run), []),
    ofRun(async (store, key) =>
      store.commitMapRun({
        key: asId(key),
        // The next place of its log, or the last one, which is taken.
        sequence: Math.max(0, (await store.mapRunLog(asId(key))).length - (limit === 1 ? 1 : 0)),
        events: [{ type: 'ReadingDone', at: before }],
        patch: { itemsRead: limit },
        children: [{ ...child, mapRunKey: asId(key) }],
        reopensChildren: limit === 4,
      }),
    ),
    ofRun((store, key) => store.mapRunLog(asId(key))),
    ofRun((store, key) => store.childRows(asId(key))),
    ofRun((store, key) => store.childCounts(asId(key))),
    ofRun((store, key) => store.children(asId(key), ['RUNNING', 'FAILED', 'PENDING_REDRIVE'], limit, limit)),
    ofRun((store, mapRunKey) =>
      store.executions({ mapRunKey: asId(mapRunKey) }, limit).then(({ rows }) => rows.map((row) => row.arn)),
    ),
    (store) => store.createStateMachine(machineOf(name), revisionOf(`${key}`)),
    ofMachine((store, machine) => store.updateStateMachine(machine.key, revisionOf(`${key}`))),
    ofMachine((store, { key, arn, revision }) =>
      store.createVersion({ stateMachineKey: key, revisionKey: revision.key, createdAt: before }, arn),
    ),
    ofMachine((store, machine) => store.versions(machine.key, limit)),
    ofMachine((store, machine) => store.versionOfRevision(machine.revision.key)),
    ofMachine((store, { key: stateMachineKey, arn }) =>
      store.putAlias({
        arn: asId(`${arn}:a`),
        stateMachineKey,
        name: 'a',
        routing: `[${limit}]`,
        createdAt: before,
        updatedAt: before,
      }),
    ),
    ofMachine((store, machine) => store.aliases(machine.key, limit)),
    ofMachine((store, machine) =>
      limit === 4 ? store.deleteStateMachine(machine.key) : store.deleteVersion(asId(`${machine.arn}:1`)),
    ),
    (store) => store.stateMachines(9).then(({ rows }) => rows.map(({ arn, status }) => [arn, status])),
    (store) => store.putTags(asId('arn'), new Map([[`k${key % 4}`, name]])),
    (store) => store.removeTags(asId('arn'), [`k${key % 4}`]),
    (store) => store.tags(asId('arn')).then((tags) => [...tags]),
  ]
  return pick(asked)
}

/** Keys that each store gives out by itself. */
const OWN = new Set(['key', 'stateMachineKey', 'revisionKey', 'mapRunKey'])

/** As text, payloads spelled out and members in one order; a refusal as such. */
const answerOf = async (question: Question, store: Store): Promise<string> => {
  try {
    return JSON.stringify((await question(store)) ?? null, (name, value: unknown) =>
      OWN.has(name)
        ? undefined
        : value instanceof Payload
          ? value.text
          : typeof value === 'object' && value !== null && !Array.isArray(value)
            ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
            : value,
    )
  } catch {
    return 'it rejects'
  }
}

async function compare(other: Store, seed: number): Promise<void> {
  const memory = openMemoryStore(new MemoryDisk())
  const random = seededRandom(`${seed}`.padStart(32, '0'))
  for (let step = 0; step < STEPS; step++) {
    const question = draw(seededRandom(random.bits32().toString(16).padStart(32, '0')))
    const [a, b] = [await answerOf(question, memory), await answerOf(question, other)]
    expect(b, `step ${step}: ${question.toString()}`).toBe(a)
  }
}

test.each([1, 2])('what SQLite is asked at random, by seed %d', async (seed) => {
  const directory = await mkdtemp(join(tmpdir(), 'regente-same-'))
  const sqlite = await openSqliteStore({ directory, log: silentLog })
  try {
    await compare(sqlite, seed)
  } finally {
    await sqlite.close()
    await rm(directory, { recursive: true })
  }
})

afterAll(endPostgresServer)

test.skipIf(isPostgresMissing).each([1, 2, 3])(needsPostgres('what PostgreSQL is asked at random, by seed %d'), async (seed) => {
  const server = await postgresServer()
  const postgres = await openPostgresStore({ url: server.url(await server.newDatabase()), log: silentLog })
  try {
    await postgres.leases.join('http://127.0.0.1:1')
    await postgres.leases.take(ALL_SHARDS.length)
    await compare(postgres, seed)
  } finally {
    await postgres.close()
  }
})
