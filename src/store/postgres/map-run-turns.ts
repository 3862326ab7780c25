/** Turns of Map Runs: each a statement of its own, behind the fence of the shard that the run's execution lives in. */
import { assert } from '../../base/assert.ts'
import { ALL_SHARDS, type MapRunKey, type Shard, shardOf } from '../../base/ids.ts'

import type { MapRunEvent } from '../../engine/map-run/event.ts'

import type { MapRunRecord, MapRunTurn } from '../contract.ts'
import { packMapRunChunk } from '../map-run-chunk.ts'
import { arrayOf } from './binary-array.ts'
import { EXECUTION } from './executions.ts'
import type { Fence } from './fence.ts'
import type { GroupCommit } from './group-commit.ts'
import { packEvents } from './log.ts'
import { MAP_RUN, WHOLE_BY_ARN } from './map-runs.ts'
import { logArrays } from './packed-turns.ts'
import { text } from './shape.ts'
import { only, prepared } from './statement.ts'
import { escapeText } from './text.ts'

const CREATE = prepared('SELECT regente_create_map_run_v1($1, $2, $3, $4, $5, $6, $7)', only(text))
const ARGUMENTS = 10 + EXECUTION.marks.split(',').length + 4
const COMMIT = prepared(
  `SELECT regente_commit_map_run_v1(${Array.from({ length: ARGUMENTS }, (_, i) => `$${i + 1}`).join(', ')})`,
  only(text),
)
const HOMES_MAX = 10_000

export interface MapRunPorts {
  readonly commits: Pick<GroupCommit, 'write'>
  readonly fence: Fence
}

export function mapRunWrites({ commits, fence }: MapRunPorts) {
  /** Which shard a run lives in never changes. */
  const homes = new Map<MapRunKey, Shard>()
  const remember = (run: MapRunKey, shard: Shard) => {
    if (homes.size >= HOMES_MAX) homes.clear()
    homes.set(run, shard)
  }

  return {
    /** The run of that ARN, made now or earlier. Rejects where its execution's shard is not held. */
    async createMapRun(run: Omit<MapRunRecord, 'key'>, events: readonly MapRunEvent[]): Promise<MapRunRecord> {
      const shard = shardOf(run.executionKey)
      const row = jsonOf(MAP_RUN.assigned(run))
      let made: MapRunRecord | undefined
      await commits.write(async (channel) => {
        if (!fence.held().has(shard)) throw new Error(`the execution ${run.executionKey} is not held here`)
        const told = fence.tell([shard])
        const [answer = ''] = await channel.query(CREATE, ...told.values, row, packMapRunChunk(events), events.length)
        if (answer.startsWith('F')) fence.refused(answer, told)
        if (answer === 'c') made = (await channel.query(WHOLE_BY_ARN, run.arn))[0]
        return answer
      })
      if (!made) throw new Error(`the execution ${run.executionKey} is not held here`)
      remember(made.key, shard)
      return made
    },

    async commitMapRun(turn: MapRunTurn): Promise<'committed' | 'stale' | 'fenced'> {
      const values = argumentsOf(turn)
      for (;;) {
        const home = homes.get(turn.key)
        let isHeld = true
        const answer = await commits.write(async (channel) => {
          isHeld = home === undefined || fence.held().has(home)
          if (!isHeld || !fence.hasJoined) return 'F'
          const told = fence.tell(home === undefined ? [] : [home])
          const [answer = ''] = await channel.query(COMMIT, ...told.values, ...values)
          if (answer.startsWith('F')) fence.refused(answer, told)
          return answer
        })
        if (answer === 'c') return 'committed'
        if (answer === 's') return 'stale'
        if (answer.startsWith('F')) return 'fenced'
        const shard = ALL_SHARDS[Number(answer.slice(1))]
        assert(answer.startsWith('H') && shard !== undefined && home === undefined, `a turn of a Map Run is answered ${answer}`)
        remember(turn.key, shard)
      }
    },
  }
}

function argumentsOf({ key, sequence, events, patch, children, childLogs = [], reopensChildren }: MapRunTurn) {
  const rows = EXECUTION.arrays()
  for (const child of children) EXECUTION.push(rows, child)
  const logs = logArrays(2_000 * childLogs.length)
  for (const log of childLogs) logs.push(packEvents(log.events, undefined))
  return [
    ...[key, sequence, packMapRunChunk(events), events.length, jsonOf(MAP_RUN.assigned(patch)), reopensChildren],
    ...rows.map((array) => array.toBuffer()),
    arrayOf(
      'int8',
      childLogs.map((log) => log.key),
    ),
    ...logs.arrays.map((array) => array.toBuffer()),
  ]
}

/** As jsonb can keep it: its texts are those of columns. */
const jsonOf = (columns: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(columns, (_, value: unknown) => (typeof value === 'string' ? escapeText(value.toWellFormed()) : value))
