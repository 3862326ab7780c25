/** What the log on the disk says an execution is. */
import type { ExecutionKey } from '../../src/base/ids.ts'
import { Payload } from '../../src/base/payload.ts'

import { compileDefinition } from '../../src/asl/compile.ts'
import type { Program } from '../../src/asl/program.ts'
import { fold } from '../../src/engine/apply.ts'
import type { EngineEvent } from '../../src/engine/event.ts'
import { type ExecutionState, newExecutionState } from '../../src/engine/state.ts'
import { applyChild, foldMapRun } from '../../src/engine/map-run/apply.ts'
import type { Child } from '../../src/engine/map-run/event.ts'
import { type MapRunRequest, type MapRunState, newMapRunState } from '../../src/engine/map-run/state.ts'
import type { ExecutionRecord, MapRunRecord } from '../../src/store/contract.ts'
import type { MemoryDisk } from '../../src/store/memory/disk.ts'
import { identityOf } from '../../src/runtime/identity.ts'

import { REGION } from './workload.ts'

const programs = new WeakMap<MemoryDisk, Map<number, Program>>()

export const eventsOf = (disk: MemoryDisk, key: ExecutionKey): readonly EngineEvent[] =>
  (disk.logs.get(key) ?? []).flatMap(({ events }) => events)

/** Undefined: the revision that it runs is gone. */
export function folded(
  disk: MemoryDisk,
  record: ExecutionRecord,
  events = eventsOf(disk, record.key),
): ExecutionState | undefined {
  const revision = disk.revisions.get(record.revisionKey)
  if (!revision) return undefined
  const identity = identityOf(record, revision.roleArn, { region: REGION })
  const empty = newExecutionState(programOf(disk, revision), identity, Payload.ofText(record.input), record.startAt)
  return fold(empty, events)
}

function programOf(disk: MemoryDisk, { key, definition }: { readonly key: number; readonly definition: string }): Program {
  const known = programs.get(disk) ?? new Map<number, Program>()
  programs.set(disk, known)
  const program = known.get(key)
  if (program) return program
  const compiled = compileDefinition(definition)
  if (!compiled.ok) throw new Error(`a definition does not compile: ${JSON.stringify(compiled.error)}`)
  known.set(key, compiled.value)
  return compiled.value
}

/** What the log on the disk and the rows of its children say that a Map Run is. */
export function foldedMapRun(disk: MemoryDisk, run: MapRunRecord): MapRunState {
  const { request } = JSON.parse(run.settings) as { readonly request: MapRunRequest }
  const state = foldMapRun(newMapRunState(request, run.startAt), disk.mapRunLogs.get(run.key) ?? [])
  const rows = (disk.childrenByRun.get(run.key) ?? []).flatMap((key) => disk.executions.get(key) ?? [])
  const of = (...statuses: readonly ExecutionRecord['status'][]): Child[] =>
    rows
      .filter(({ status }) => statuses.includes(status))
      .map(({ itemIndex: child = 0, itemCount: items = 0 }) => ({ child, items }))
  const itemsOf = (children: readonly Child[]) => children.reduce((sum, { items }) => sum + items, 0)
  applyChild(state, {
    type: 'ChildrenRecalled',
    running: of('RUNNING'),
    waiting: of('PENDING', 'PENDING_REDRIVE'),
    endedItems: itemsOf(of('SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED')),
    failedItems: itemsOf(of('FAILED', 'TIMED_OUT')),
  })
  return state
}
