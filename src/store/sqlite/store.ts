/** The store on SQLite: writes in a thread of their own, grouped; reads on a second connection here. One process a folder. */
import { join } from 'node:path'

import { toExecutionKey } from '../../base/ids.ts'
import type { Log } from '../../base/log.ts'

import type { Store, TurnOutcome, TurnRecord } from '../contract.ts'
import { withStoredOutput } from '../repeated-input.ts'
import { activityReads } from './activities.ts'
import { definitionReads } from './definitions.ts'
import { executionReads, valuesOf } from './executions.ts'
import { GroupCommit } from './group-commit.ts'
import { logReads, packEvents } from './log.ts'
import { mapRunReads } from './map-runs.ts'
import { lockDirectory, openReader } from './open.ts'
import { packRows } from './row-batch.ts'
import { tagReads } from './tags.ts'
import type { PackedTurn } from './writer.ts'
import type { Writes } from './writes.ts'

export interface SqliteStoreOptions {
  readonly directory: string
  readonly log: Log
}

/** Rejects when another process uses the folder, or its data is of a newer Regente. */
export async function openSqliteStore({ directory, log }: SqliteStoreOptions): Promise<Store> {
  const lock = lockDirectory(directory)
  const file = join(directory, 'regente.sqlite')
  const commits = await GroupCommit.open(file, log).catch((error: unknown) => {
    lock.close()
    throw error
  })
  const { reader, reads } = await openReads(file).catch(async (error: unknown) => {
    await commits.close()
    lock.close()
    throw error
  })
  let lastKey = reads.lastExecutionKey

  const write = <N extends keyof Writes>(name: N) => {
    return (...parameters: Parameters<Writes[N]>) =>
      commits.write({ kind: 'call', name, parameters }) as Promise<ReturnType<Writes[N]>>
  }

  const commitMapRun = write('commitMapRun')

  return {
    newExecutionKey: () => toExecutionKey(++lastKey),
    commit: (turns) => Promise.all(turns.map((turn) => commits.write(packTurn(turn)) as Promise<TurnOutcome>)),
    execution: async (arn) => reads.execution(arn),
    executionSummary: async (arn) => reads.executionSummary(arn),
    executionByKey: async (key) => reads.executionByKey(key),
    executions: async (...of) => reads.executions(...of),
    logPart: async (...of) => reads.logPart(...of),
    history: async (...of) => reads.history(...of),
    due: async (...of) => reads.due(...of),
    nextDue: async (after) => reads.nextDue(after),
    busy: async (...of) => reads.busy(...of),
    machinesWithExecutions: async (...of) => reads.machinesWithExecutions(...of),
    closedExecutions: async (...of) => reads.closedExecutions(...of),
    removeClosed: write('removeClosed'),
    redriveOf: async (...of) => reads.redriveOf(...of),
    keepRedrive: write('keepRedrive'),
    countsByStatus: async (key) => reads.countsByStatus(key),

    createMapRun: write('createMapRun'),
    commitMapRun: ({ children, childLogs = [], ...turn }) =>
      commitMapRun({
        ...turn,
        children: packRows(children.map(valuesOf)),
        childLogs: childLogs.map(({ key, events }) => ({ key, ...packEvents(events, undefined) })),
      }),
    mapRunLog: async (key) => reads.mapRunLog(key),
    childRows: async (key) => reads.childRows(key),
    mapRun: async (arn) => reads.mapRun(arn),
    wholeMapRun: async (arn) => reads.wholeMapRun(arn),
    mapRunByKey: async (key) => reads.mapRunByKey(key),
    mapRuns: async (...of) => reads.mapRuns(...of),
    runningMapRuns: async (shards) => reads.runningMapRuns(shards),
    children: async (...of) => reads.children(...of),
    childCounts: async (key) => reads.childCounts(key),

    createStateMachine: write('createStateMachine'),
    updateStateMachine: write('updateStateMachine'),
    stateMachine: async (arn) => reads.stateMachine(arn),
    stateMachines: async (...of) => reads.stateMachines(...of),
    revision: async (key) => reads.revision(key),
    deletingMachines: async () => reads.deletingMachines(),
    setStateMachineStatus: write('setStateMachineStatus'),
    deleteStateMachine: write('deleteStateMachine'),
    createVersion: write('createVersion'),
    version: async (arn) => reads.version(arn),
    versionOfRevision: async (key) => reads.versionOfRevision(key),
    versions: async (...of) => reads.versions(...of),
    deleteVersion: write('deleteVersion'),
    putAlias: write('putAlias'),
    alias: async (arn) => reads.alias(arn),
    aliases: async (...of) => reads.aliases(...of),
    deleteAlias: write('deleteAlias'),

    createActivity: write('createActivity'),
    activity: async (arn) => reads.activity(arn),
    activities: async (...of) => reads.activities(...of),
    deleteActivity: write('deleteActivity'),
    tags: async (arn) => reads.tags(arn),
    putTags: write('putTags'),
    removeTags: write('removeTags'),
    machinesWithTag: async (key) => reads.machinesWithTag(key),

    health: () => commits.health(),
    async close() {
      // The last connection to close writes the log of changes into the file itself, and only the writer may.
      reader.close()
      await commits.close()
      lock.close()
    },
  }
}

function packTurn({ key, create, ofMachine, patch, input = create?.input, sequence, events }: TurnRecord): PackedTurn {
  const { firstId = 0, lastId = 0, chunk } = events.length === 0 ? {} : packEvents(events, input)
  const stored = { create: create && withStoredOutput(create, input), patch: patch && withStoredOutput(patch, input) }
  return { kind: 'turn', key, ...stored, ofMachine, sequence, firstId, lastId, chunk }
}

async function openReads(file: string) {
  const reader = openReader(file)
  try {
    const reads = {
      ...executionReads(reader),
      ...logReads(reader),
      ...mapRunReads(reader),
      ...definitionReads(reader),
      ...activityReads(reader),
      ...tagReads(reader),
    }
    return { reader, reads: { ...reads, lastExecutionKey: reads.lastExecutionKey() } }
  } catch (error) {
    reader.close()
    throw error
  }
}
