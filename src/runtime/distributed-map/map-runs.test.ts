import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { asId } from '../../base/id-in-test.ts'
import { ALL_SHARDS } from '../../base/ids.ts'
import { systemClock } from '../../base/clock.ts'
import { deferred } from '../../base/deferred.ts'
import type { Json } from '../../base/json.ts'
import { silentLog } from '../../base/log.ts'
import { systemEntropy } from '../../base/random.ts'

import { MemorySource } from '../../items/in-memory.ts'
import { memorySpool } from '../../items/spool.ts'
import { compileDefinition } from '../../asl/compile.ts'
import type { MapRunEnd } from '../../engine/map-run/event.ts'
import type { MapRunRequest } from '../../engine/map-run/state.ts'
import type { ExecutionRecord, MapRunRecord, Store } from '../../store/contract.ts'
import { openSqliteStore } from '../../store/sqlite/store.ts'

import { createBreather } from '../../base/breather.ts'
import { KeepTrying } from '../keep-trying.ts'
import { settled } from '../testing/world.ts'
import { MapRuns } from './map-runs.ts'
import type { MapRunPorts } from './ports.ts'

const MACHINE = 'arn:aws:states:us-east-1:111111111111:stateMachine:Machine'
const RUN = 'arn:aws:states:us-east-1:111111111111:mapRun:Machine/Each:run-1'

const definitionOf = (map: Record<string, Json>) =>
  JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        Label: 'Each',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
          StartAt: 'P',
          States: { P: { Type: 'Pass', End: true } },
        },
        ...map,
        End: true,
      },
    },
  })

function programOf(map: Record<string, Json>) {
  const compiled = compileDefinition(definitionOf(map))
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
  return compiled.value
}

const requestOf = (over: Partial<MapRunRequest> = {}): MapRunRequest => ({
  mapRunArn: asId(RUN),
  executionKey: asId(1),
  executionArn: asId(`${MACHINE}:parent`),
  executionName: 'parent',
  frame: asId(0),
  stateMachineArn: asId(MACHINE),
  stateMachineName: 'Machine',
  stateMachineKey: asId(1),
  revisionKey: asId(1),
  mapState: 'Each',
  label: 'Each',
  executionType: 'EXPRESS',
  input: {},
  context: {},
  variables: {},
  maxConcurrency: 0,
  toleratedFailureCount: 0,
  toleratedFailurePercentage: 0,
  ...over,
})

const parentOf = (status: ExecutionRecord['status']): ExecutionRecord => ({
  key: asId(1),
  arn: asId(`${MACHINE}:parent`),
  name: 'parent',
  stateMachineArn: asId(MACHINE),
  stateMachineKey: asId(1),
  revisionKey: asId(1),
  type: 'STANDARD',
  status,
  startAt: systemClock.now(),
  input: '{}',
  isBusy: true,
  redriveCount: 0,
  lastEventId: 0,
})

type Outcome = Partial<Pick<ExecutionRecord, 'status' | 'output' | 'error' | 'cause'>>

let directory = ''
let store: Store
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'map-runs-'))
  store = await openSqliteStore({ directory, log: silentLog })
  expect(store.newExecutionKey(), 'the key of the parent').toBe(1)
})
afterEach(async () => {
  await store.close()
  await rm(directory, { recursive: true, force: true })
})

/** Map Runs over the store; a child ends as `behave` says, and its row with it. */
function world(behave: (child: ExecutionRecord) => Outcome | Promise<Outcome> = () => ({}), over: Partial<MapRunPorts> = {}) {
  const ended = deferred<MapRunEnd>()
  const aborted: number[] = []
  const source = new MemorySource()
  const runs = new MapRuns({
    store,
    clock: systemClock,
    entropy: systemEntropy,
    breathe: createBreather(),
    keepTrying: new KeepTrying(systemClock, silentLog),
    source,
    spool: memorySpool,
    payloadBytesMax: 262_144,
    program: async () => programOf({}),
    holds: () => true,
    fenced() {},
    runAtOnce: async () => () => undefined,
    abortChild: ({ key }) => void aborted.push(key),
    async runChild(child) {
      const outcome = await behave(child)
      const end = { status: 'SUCCEEDED', output: child.input, ...outcome, stopAt: systemClock.now() } as const
      await store.commit([{ key: child.key, patch: end, sequence: 0, events: [] }])
      return { ...child, ...end }
    },
    ended: async (_, end) => ended.resolve(end),
    ...over,
  })
  return { runs, ended: ended.promise, aborted, source }
}

const row = async () => {
  const record = await store.mapRun(asId(RUN))
  if (!record) throw new Error('no such Map Run')
  return record
}
const outputOf = (end: MapRunEnd) => (end.status === 'SUCCEEDED' ? (JSON.parse(end.output) as Json) : end)
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

describe('Map Runs', () => {
  it('put out the results of their children in the order of the items', async () => {
    // Children end from the last to the first.
    const waiting: (() => void)[] = []
    const { runs, ended } = world(async () => {
      await new Promise<void>((resolve) => {
        if (waiting.push(resolve) < 5) return
        for (const end of waiting.reverse()) setImmediate(end)
      })
      return {}
    })
    await runs.start(requestOf({ items: [5, 4, 3, 2, 1] }))
    expect(outputOf(await ended)).toEqual([5, 4, 3, 2, 1])
  })

  it('succeed at once without items', async () => {
    const { runs, ended } = world()
    await runs.start(requestOf({ items: [] }))
    expect(outputOf(await ended)).toEqual([])
  })

  it('are over for whoever asks before the parent goes on', async () => {
    let atEnd: unknown
    const told = deferred<void>()
    const { runs } = world(undefined, {
      async ended() {
        atEnd = await row()
        told.resolve()
      },
    })
    await runs.start(requestOf({ items: [1, 2] }))
    await told.promise
    expect(atEnd).toMatchObject({ status: 'SUCCEEDED', resultsWritten: 0 })
    expect(atEnd).toHaveProperty('stopAt')
  })

  it('tell a parent that was not told before a crash, as often as it asks', async () => {
    const first = world()
    await first.runs.start(requestOf({ items: [1, 2] }))
    await first.ended
    const second = world(() => Promise.reject(new Error('no child runs twice')))
    await second.runs.start(requestOf({ items: [1, 2] }))
    expect(outputOf(await second.ended)).toEqual([1, 2])
  })

  it('run no more children at a time than MaxConcurrency says', async () => {
    let running = 0
    let most = 0
    const { runs, ended } = world(async () => {
      most = Math.max(most, ++running)
      await settled()
      running--
      return {}
    })
    await runs.start(requestOf({ items: numbers(30), maxConcurrency: 3 }))
    await ended
    expect(most).toBe(3)
  })

  it('fail when too many items have failed, abort what runs and start nothing more', async () => {
    const hanging = deferred<Outcome>()
    const { runs, ended } = world((child) => (child.itemIndex === 0 ? hanging.promise : { status: 'FAILED', error: 'E' }), {
      abortChild: () => hanging.resolve({ status: 'ABORTED' }),
    })
    await runs.start(requestOf({ items: numbers(10), maxConcurrency: 2 }))
    expect(await ended).toEqual({
      status: 'FAILED',
      failure: {
        error: 'States.ExceedToleratedFailureThreshold',
        cause: 'The specified tolerated failure threshold was exceeded',
      },
    })
    expect(await store.childCounts((await row()).key)).toMatchObject({
      ABORTED: { executions: 1 },
      FAILED: { executions: 1 },
      PENDING: { executions: 8 },
    })
  })

  it('abort again a child that was not yet there to be aborted', async () => {
    const hanging = deferred<Outcome>()
    let asked = 0
    const begun = deferred<void>()
    const child = () => {
      begun.resolve()
      return hanging.promise
    }
    const { runs, ended } = world(child, {
      abortChild: () => void (++asked === 2 && hanging.resolve({ status: 'ABORTED' })),
    })
    await runs.start(requestOf({ items: [1] }))
    await begun.promise
    await runs.stop(asId(RUN))
    expect(await ended).toEqual({ status: 'ABORTED' })
  })

  it('show an ItemSelector the item, the input, the variables and the time', async () => {
    const itemSelector =
      "{% {'v': $states.context.Map.Item.Value, 'i': $states.context.Map.Item.Index, 'all': $states.input.n, 'x': $x, 'now': $millis()} %}"
    const { runs, ended } = world(undefined, { program: async () => programOf({ ItemSelector: itemSelector }) })
    const before = Date.now()
    await runs.start(requestOf({ items: ['a', 'b'], input: { n: 7 }, variables: { x: true } }))
    const [first, second] = outputOf(await ended) as { now: number }[]
    expect(first).toMatchObject({ v: 'a', i: 0, all: 7, x: true })
    expect(second).toMatchObject({ v: 'b', i: 1 })
    expect(first?.now).toBeGreaterThanOrEqual(before)
  })

  it('fail with ItemReaderFailed when there is no dataset', async () => {
    const { runs, ended } = world()
    const reader = {
      resource: 'arn:aws:states:::s3:getObject',
      parameters: { Bucket: 'b', Key: 'k' },
      config: { InputType: 'CSV' },
    }
    await runs.start(requestOf({ reader }))
    expect(await ended).toMatchObject({ status: 'FAILED', failure: { error: 'States.ItemReaderFailed' } })
  })

  it('fail when the results are too large together', async () => {
    const { runs, ended } = world(() => ({ output: JSON.stringify('x'.repeat(200_000)) }))
    await runs.start(requestOf({ items: [1, 2] }))
    expect(await ended).toMatchObject({ status: 'FAILED', failure: { error: 'States.DataLimitExceeded' } })
  })

  it('refuse an item that is too large for a payload', async () => {
    const { runs, ended } = world()
    await runs.start(requestOf({ items: ['x'.repeat(300_000)] }))
    expect(await ended).toMatchObject({ status: 'FAILED', failure: { error: 'States.DataLimitExceeded' } })
  })

  it('export results, and those of a failed run too', async () => {
    const writer = { resource: 'arn:aws:states:::s3:putObject', parameters: { Bucket: 'out', Prefix: 'p' }, config: {} }
    const { runs, ended, source } = world((child) => (child.itemIndex === 1 ? { status: 'FAILED', error: 'E' } : {}))
    await runs.start(requestOf({ items: [1, 2, 3], maxConcurrency: 1, writer }))
    expect(await ended).toMatchObject({ status: 'FAILED' })
    const manifest = JSON.parse(source.textOf('out/p/run-1/manifest.json') ?? '')
    expect(manifest.ResultFiles).toMatchObject({
      FAILED: [{ Key: 'p/run-1/FAILED_0.json' }],
      PENDING: [{ Key: 'p/run-1/PENDING_0.json' }],
      SUCCEEDED: [{ Key: 'p/run-1/SUCCEEDED_0.json' }],
    })
  })

  it('go on after a crash with the children that had not ended, and run none twice', async () => {
    await store.commit([{ key: asId(1), create: parentOf('RUNNING'), sequence: 0, events: [] }])
    const first = world((child) => (child.itemIndex === 3 ? new Promise<Outcome>(() => {}) : {}))
    await first.runs.start(requestOf({ items: numbers(6), maxConcurrency: 2 }))
    while (((await store.childCounts((await row()).key)).SUCCEEDED?.executions ?? 0) < 5) await new Promise(setImmediate)
    first.runs.close()
    const ran: unknown[] = []
    const second = world((child) => {
      ran.push(child.itemIndex)
      return {}
    })
    await second.runs.resume(ALL_SHARDS)
    expect(outputOf(await second.ended)).toEqual([0, 1, 2, 3, 4, 5])
    expect(ran).toEqual([3])
  })

  it('do not go on after a crash when their parent is over', async () => {
    await store.commit([{ key: asId(1), create: { ...parentOf('ABORTED'), isBusy: false }, sequence: 0, events: [] }])
    const first = world(() => new Promise<Outcome>(() => {}))
    await first.runs.start(requestOf({ items: numbers(3), maxConcurrency: 1 }))
    while (!(await row()).isReadingDone) await new Promise(setImmediate)
    first.runs.close()
    const ran: unknown[] = []
    const second = world((child) => {
      ran.push(child.itemIndex)
      return {}
    })
    await second.runs.resume(ALL_SHARDS)
    expect(await second.ended).toEqual({ status: 'ABORTED' })
    expect(ran).toEqual([])
    expect(await row()).toMatchObject({ status: 'ABORTED' })
  })

  it('take turns while others are being committed, and let nothing out before all of those are durable', async () => {
    const held: (() => void)[] = []
    let isHolding = true
    const slow: Store = {
      ...store,
      async commitMapRun(turn) {
        const outcome = await store.commitMapRun(turn)
        if (isHolding) await new Promise<void>((resolve) => held.push(resolve))
        return outcome
      },
    }
    const started: string[] = []
    const behave = ({ input }: ExecutionRecord) => {
      started.push(input)
      return {}
    }
    const { runs, ended } = world(behave, { store: slow })
    await runs.start(requestOf({ items: numbers(3) }))
    let limits = 'open'
    const changed = runs.changeLimits(asId(RUN), { maxConcurrency: 2 }).then((fate) => (limits = fate))
    await expect.poll(() => held.length).toBe(3)
    // Made, read to the end, and changed, the one behind the other: the last is told first.
    for (const release of held.splice(1)) release()
    await expect.poll(async () => (await row()).maxConcurrency).toBe(2)
    expect({ started, limits }).toEqual({ started: [], limits: 'open' })
    isHolding = false
    for (const release of held.splice(0)) release()
    expect(outputOf(await ended)).toEqual([0, 1, 2])
    expect(await changed).toBe('durable')
  })

  it('go on when the store takes their children again, and lose none', async () => {
    let failures = 2
    const failing: Store = {
      ...store,
      async commitMapRun(turn) {
        // The second failure comes after the write: its outcome is not known.
        if (failures === 1) await store.commitMapRun(turn)
        if (failures-- > 0) throw new Error('disk full')
        return store.commitMapRun(turn)
      },
    }
    const { runs, ended } = world(undefined, { store: failing })
    await runs.start(requestOf({ items: numbers(3) }))
    expect(outputOf(await ended)).toEqual([0, 1, 2])
  })

  describe('of a data folder from before there was a log', () => {
    /** The run's row, and two children of which one has ended, as such a folder has them. */
    async function anOldRun(over: Partial<MapRunRecord>, kept: object = {}) {
      const { mapRunArn: arn, ...request } = requestOf({ items: numbers(4), maxConcurrency: 1 })
      const run = await store.createMapRun(
        {
          arn,
          executionKey: asId(1),
          executionArn: asId(`${MACHINE}:parent`),
          stateMachineArn: asId(`${MACHINE}/Each`),
          mapState: 'Each',
          status: 'RUNNING',
          startAt: systemClock.now(),
          maxConcurrency: 1,
          toleratedFailureCount: 0,
          toleratedFailurePercentage: 0,
          redriveCount: 0,
          itemsRead: 2,
          isReadingDone: false,
          resultsWritten: 0,
          settings: JSON.stringify({ request: { mapRunArn: arn, ...request }, ...kept }),
          ...over,
        },
        [],
      )
      for (const [index, status] of (['SUCCEEDED', 'PENDING'] as const).entries()) {
        const child: ExecutionRecord = {
          ...parentOf('RUNNING'),
          key: store.newExecutionKey(),
          arn: asId(`child ${index}`),
          name: `${index}`,
          type: 'EXPRESS',
          status,
          input: `${index}`,
          output: `${index}`,
          mapRunKey: run.key,
          itemIndex: index,
          itemCount: 1,
          isBusy: false,
        }
        await store.commit([{ key: child.key, create: child, sequence: 0, events: [] }])
      }
      await store.commit([{ key: asId(1), create: parentOf('RUNNING'), sequence: 0, events: [] }])
      return run
    }

    it('go on where their rows end', async () => {
      const { key } = await anOldRun({})
      const ran: unknown[] = []
      const { runs, ended } = world((child) => {
        ran.push(child.itemIndex)
        return {}
      })
      await runs.resume(ALL_SHARDS)
      expect(outputOf(await ended)).toEqual([0, 1, 2, 3])
      expect(ran).toEqual([1, 2, 3])
      expect(await store.mapRunLog(key)).toMatchObject([
        { type: 'Begun', before: { itemsRead: 2 } },
        { type: 'ChildrenMade', itemsRead: 4 },
        { type: 'ReadingDone' },
        { type: 'Ended', end: { status: 'SUCCEEDED' } },
      ])
    })

    it('stop when they were stopping', async () => {
      await anOldRun({}, { end: { status: 'ABORTED' } })
      const { runs, ended } = world(() => Promise.reject(new Error('no child runs')))
      await runs.resume(ALL_SHARDS)
      expect(await ended).toEqual({ status: 'ABORTED' })
      expect(await row()).toMatchObject({ status: 'ABORTED' })
    })

    it('tell their end when they are over, and can be redriven', async () => {
      const failed = { status: 'FAILED', failure: { error: 'E', cause: 'C' } } as const
      await anOldRun({ status: 'FAILED', stopAt: systemClock.now() }, { end: failed })
      const request = requestOf({ items: numbers(4) })
      const over = world(() => Promise.reject(new Error('no child runs')))
      await over.runs.start(request)
      expect(await over.ended).toEqual(failed)
      const again = world()
      await again.runs.redrive(request, 1)
      expect(outputOf(await again.ended)).toEqual([0, 1, 2, 3])
      expect(await row()).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1 })
    })
  })
})
