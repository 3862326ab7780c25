/** What must hold of a run that is over, whatever happened in it. */
import type { EngineEvent } from '../../src/engine/event.ts'
import type { ExecutionPatch, ExecutionRecord, MapRunRecord } from '../../src/store/contract.ts'
import type { MemoryDisk } from '../../src/store/memory/disk.ts'
import { patchOf } from '../../src/runtime/activation.ts'
import { rowPatchOf } from '../../src/runtime/distributed-map/map-run-log.ts'

import { executionArnOf } from './callers.ts'
import { eventsOf, folded, foldedMapRun } from './folded.ts'
import type { World } from './world.ts'

export function checkRun(world: World): void {
  world.expectPromisesKept()
  for (const record of world.disk.executions.values()) {
    if (record.type === 'STANDARD' && record.status !== 'PENDING') checkLog(world, record)
  }
  for (const run of world.disk.mapRuns.values()) checkMapRun(world, run)
  checkDispatches(world)
  checkDeletions(world)
  if (world.isShared) checkNodes(world)
}

/** What was asked of an execution was carried out, if anybody was told so or not. */
export function expectNoMessageWaits(world: World): void {
  for (const { body, answer } of world.disk.inbox.values())
    if (answer === undefined) world.violate(`a message waits in the inbox for ever: ${body}`)
}

/** A state machine that is deleted is gone when its last execution is over. */
function checkDeletions(world: World): void {
  for (const { name, status } of world.disk.machines.values())
    if (status === 'DELETING') world.violate(`the state machine ${name} is being deleted for ever`)
}

/** Where nothing went wrong, no call was made twice. */
function checkNodes(world: World): void {
  const [again] = world.witness.madeAgain
  if (world.isQuiet && again !== undefined) world.violate(`nothing went wrong, and ${again} was called more than once`)
}

/** How a planned execution ended, to compare with a quiet run; undefined where somebody meddled. */
export function endsOf(world: World): ReadonlyMap<string, string | undefined> {
  return new Map([
    ['express', world.expressEnd] as const,
    ...world.workload.executions.map((execution) => {
      const key = world.disk.keysByArn.get(executionArnOf(execution))
      const record = key === undefined ? undefined : world.disk.executions.get(key)
      const end = record ? `${record.status} ${record.output ?? ''}` : 'never started'
      return [execution.name, world.meddledWith.has(execution.name) ? undefined : end] as const
    }),
  ])
}

/** Sequences without a gap, ids one by one, and a row that says what the log says. */
function checkLog(world: World, record: ExecutionRecord): void {
  const { disk } = world
  let sequence = 0
  for (const turn of disk.logs.get(record.key) ?? []) {
    if (turn.sequence !== sequence)
      world.violate(`the log of ${record.name} has a turn at ${turn.sequence} instead of ${sequence}`)
    sequence += turn.events.length
  }
  const events = eventsOf(disk, record.key)
  const shown = events.filter(({ id }) => id > 0)
  const wrong = shown.find(({ id, previousEventId }, index) => id !== index + 1 || previousEventId >= id)
  if (wrong) world.violate(`the log of ${record.name} has the event ${wrong.id} out of its order`)
  const early = events.find(({ at }, index) => at < (events[index - 1]?.at ?? 0))
  if (early) world.violate(`in the log of ${record.name} time runs back before the event ${early.id}`)
  checkRedrives(world, record, shown)
  const state = folded(disk, record)
  if (!state) return world.violate(`the revision that ${record.name} runs is gone`)
  for (const [member, value] of Object.entries(patchOf(state) satisfies ExecutionPatch)) {
    const stored: unknown = Reflect.get(record, member) ?? null
    if (stored !== (value ?? null))
      world.violate(`the row of ${record.name} has ${member} ${String(stored)}, its log ${String(value)}`)
  }
}

/** Nothing happens after an end but a redrive, and no redrive before one. */
function checkRedrives(world: World, { name }: ExecutionRecord, events: readonly EngineEvent[]): void {
  let isOver = false
  for (const { type } of events) {
    if ((type === 'ExecutionRedriven') !== isOver) world.violate(`${name}: ${type} ${isOver ? 'after its end' : 'while it runs'}`)
    isOver = /^Execution(Succeeded|Failed|Aborted|TimedOut)$/.test(type)
  }
}

/** Each item has one child; what has begun has ended; the parent was told. */
function checkMapRun(world: World, run: MapRunRecord): void {
  const { disk } = world
  const children = childrenOf(disk, run)
  if (run.status === 'RUNNING') world.violate(`the Map Run ${run.arn} has not ended`)
  const open = children.filter(
    ({ status }) => status === 'RUNNING' || (run.status === 'SUCCEEDED' && status.startsWith('PENDING')),
  )
  if (open.length > 0) world.violate(`the Map Run ${run.arn} is ${run.status} and a child of it is ${open[0]?.status}`)
  let next = 0
  for (const { itemIndex, itemCount = 0 } of children) {
    if (itemIndex !== next) world.violate(`the Map Run ${run.arn} has a child for item ${itemIndex} instead of ${next}`)
    next += itemCount
  }
  if (next !== run.itemsRead) world.violate(`the Map Run ${run.arn} has read ${run.itemsRead} items and has children for ${next}`)
  checkMapRunLog(world, run)
  checkTold(world, run)
  if (run.status === 'SUCCEEDED') checkWritten(world, run, children)
}

/** A row that says what the log says, one end a redrive, and no more items than children have. */
function checkMapRunLog(world: World, run: MapRunRecord): void {
  const log = world.disk.mapRunLogs.get(run.key) ?? []
  const state = foldedMapRun(world.disk, run)
  for (const [member, value] of Object.entries(rowPatchOf(state)))
    if ((Reflect.get(run, member) ?? null) !== (value ?? null))
      world.violate(
        `the row of the Map Run ${run.arn} has ${member} ${String(Reflect.get(run, member))}, its log ${String(value)}`,
      )
  const count = (type: string) => log.filter((event) => event.type === type).length
  if (count('Begun') !== 1 || count('Ended') !== count('Redriven') + 1)
    world.violate(`the log of the Map Run ${run.arn} is ${log.map(({ type }) => type).join(' ')}`)
  const { itemsRead, endedItems, running, waiting } = state
  const open = [...running.values(), ...waiting.map(({ items }) => items)].reduce((sum, items) => sum + items, 0)
  if (endedItems + open !== itemsRead)
    world.violate(`the Map Run ${run.arn} has read ${itemsRead} items: ${endedItems} ended and ${open} open`)
}

const TOLD = { MapRunSucceeded: 'SUCCEEDED', MapRunFailed: 'FAILED', MapRunAborted: 'ABORTED' } as const

/** What the parent was told last of the run is how it ended. A parent that ended or gave up itself was told nothing. */
function checkTold(world: World, run: MapRunRecord): void {
  const events = eventsOf(world.disk, run.executionKey)
  const isBegin = (event: EngineEvent) =>
    (event.type === 'MapRunStarted' || event.type === 'MapRunRedriven') && event.mapRunArn === run.arn
  const begin = events.findLastIndex(isBegin)
  const { frame } = events[begin] ?? {}
  if (frame === undefined) return world.violate(`the Map Run ${run.arn} was never asked for`)
  const told = events.slice(begin).find((event) => event.frame === frame && event.type in TOLD)
  const expected = told && TOLD[told.type as keyof typeof TOLD]
  if (expected && expected !== run.status)
    world.violate(`the Map Run ${run.arn} is ${run.status}, its parent was told ${expected}`)
}

interface WrittenResult {
  readonly ExecutionArn: string
  readonly Output: string
}

/** A ResultWriter has written the output of every child that succeeded, once. */
function checkWritten(world: World, run: MapRunRecord, children: readonly ExecutionRecord[]): void {
  const folder = `/${run.arn.slice(run.arn.lastIndexOf(':') + 1)}/`
  const names = [...world.source.objects.keys()].filter((name) => name.includes(folder))
  if (names.length === 0) return
  const files = names.filter((name) => name.includes('/SUCCEEDED_'))
  const written = files.flatMap((name) => JSON.parse(world.source.textOf(name) ?? '[]') as WrittenResult[])
  const shown = (results: readonly (readonly [string, string | undefined])[]) => JSON.stringify([...results].sort())
  const expected = children.filter(({ status }) => status === 'SUCCEEDED')
  if (
    shown(written.map(({ ExecutionArn, Output }) => [ExecutionArn, Output])) !==
    shown(expected.map(({ arn, output }) => [arn, output]))
  )
    world.violate(`the results of the Map Run ${run.arn} are not what its children put out`)
}

const childrenOf = (disk: MemoryDisk, run: MapRunRecord): readonly ExecutionRecord[] =>
  (disk.childrenByRun.get(run.key) ?? [])
    .flatMap((key) => disk.executions.get(key) ?? [])
    .sort((a, b) => (a.itemIndex ?? 0) - (b.itemIndex ?? 0))

const RESULT = /^(Task|LambdaFunction)(Succeeded|Failed|TimedOut)$/
const SCHEDULED = /^(Task|LambdaFunction)Scheduled$/

/** A call is made once in a life of the server, and every call that the log has a result of was made. */
function checkDispatches(world: World): void {
  const made = new Map<string, number>()
  for (const { life, key, script } of world.services.dispatches) {
    const inLife = `${life.name} ${key}`
    const times = (made.get(inLife) ?? 0) + 1
    made.set(inLife, times)
    made.set(key, (made.get(key) ?? 0) + 1)
    // Of several nodes the witness knows who may call again.
    if (times === 2 && !world.isShared)
      world.violate(`${script.state} for ${script.id} was called twice in one life of the server (${key})`)
  }
  for (const record of world.disk.executions.values()) {
    if (record.type !== 'STANDARD') continue
    const tasks = new Map<number, number>()
    for (const event of eventsOf(world.disk, record.key)) {
      if (SCHEDULED.test(event.type)) tasks.set(event.frame, event.id)
      if (!RESULT.test(event.type)) continue
      const task = tasks.get(event.frame) ?? 0
      if (!made.has(`${record.arn}#${task}`))
        world.violate(`${record.name} has a result of the task ${task}, which was never called`)
    }
  }
}

/** Of a server that has nothing to do, nothing is left but the scheduler's next look and the sweep; of one that is closed, nothing. */
export async function checkLeaks(world: World): Promise<void> {
  const { processes, scheduler } = world
  if (processes.length < world.places) return world.violate('the server is not up at the end')
  for (const { runtime, life } of processes) {
    for (const [what, count] of Object.entries(runtime.census()))
      if (count > 0) world.violate(`at the end the server ${life.name} still has ${count} of: ${what}`)
    const calls = world.services.openCalls(life)
    if (calls > 0) world.violate(`at the end ${calls} calls are open`)
  }
  let open = processes.length
  for (const { runtime } of processes) void Promise.resolve(runtime.close()).then(() => open--)
  const isStill = () => open === 0 && processes.every(({ store }) => store.pending() === 0)
  for (let steps = 0; steps < 200 * processes.length && !isStill(); steps++) if (!(await scheduler.step())) break
  if (open > 0) world.violate('the server does not close')
  for (const { life } of processes) {
    const alarms = scheduler.alarmsOf(life)
    if (alarms.length > 0) world.violate(`the server is closed and ${alarms.length} alarms are set: ${alarms[0]}`)
  }
}
