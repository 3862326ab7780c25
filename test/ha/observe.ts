/** Looks at what is left of a bad hour: by the API, as callers do, and in the tables themselves. */
import type { ExecutionStatus, HistoryEvent as ApiEvent } from '@aws-sdk/client-sfn'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'

import type { Bed } from './bed/bed.ts'
import { query } from './bed/database.ts'
import type { HistoryEvent, LogRow, ObservedExecution } from './checker.ts'
import type { Client } from './load/client.ts'
import type { Followed } from './load/load.ts'
import { machineArnOf, WORKFLOWS } from './load/workflows.ts'

/** Executions that the service says are running. */
export async function countRunning(client: Client): Promise<number> {
  const counts = await Promise.all(Object.keys(WORKFLOWS).map((name) => runningOf(client, name)))
  return counts.reduce((sum, count) => sum + count, 0)
}

async function runningOf({ sfn }: Client, name: string): Promise<number> {
  const statusFilter: ExecutionStatus = 'RUNNING'
  const { executions = [] } = await sfn.listExecutions({ stateMachineArn: machineArnOf(name), statusFilter, maxResults: 1_000 })
  return executions.length
}

/** So many at once: the machine has other things to do as well. */
const AT_ONCE = 8

export async function lookAt(client: Client, followed: readonly Followed[]): Promise<ObservedExecution[]> {
  const left = followed.values()
  const seen: ObservedExecution[] = []
  const look = async () => {
    for (const execution of left) seen.push({ ...execution, ...(await describe(client, execution.planned.arn)) })
  }
  await Promise.all(Array.from({ length: AT_ONCE }, look))
  return seen
}

async function describe(client: Client, executionArn: string): Promise<Pick<ObservedExecution, 'described' | 'history'>> {
  const answer = await client.insist(`describe ${executionArn}`, (sfn) => sfn.describeExecution({ executionArn }))
  if (answer.kind === 'refused') return { history: [] }
  const { status = '', output, error, cause, redriveCount = 0 } = answer.value
  const described = {
    status,
    redriveCount,
    ...(output !== undefined && { output }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
  }
  return { described, history: await historyOf(client, executionArn) }
}

async function historyOf(client: Client, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = []
  for (let nextToken: string | undefined; ; ) {
    const request = { executionArn, maxResults: 1_000, ...(nextToken !== undefined && { nextToken }) }
    const page = await client.insist(`history of ${executionArn}`, (sfn) => sfn.getExecutionHistory(request))
    if (page.kind === 'refused') return events
    events.push(...(page.value.events ?? []).map(eventOf))
    nextToken = page.value.nextToken
    if (nextToken === undefined) return events
  }
}

const eventOf = (event: ApiEvent): HistoryEvent => ({
  id: event.id ?? 0,
  previousId: event.previousEventId ?? 0,
  type: event.type ?? '',
  at: event.timestamp?.getTime() ?? 0,
  text: JSON.stringify(event),
})

/** How many events lie in a row is counted in its text. */
export async function readLog(bed: Bed): Promise<LogRow[]> {
  const rows = bed.sqliteFolder === undefined ? await postgresLog(bed) : sqliteLog(bed.sqliteFolder)
  return rows.map(({ of, sequence, events }) => ({ of: String(of), sequence: Number(sequence), events: Number(events) }))
}

type Row = Readonly<Record<string, unknown>>

function sqliteLog(folder: string): Row[] {
  const db = new DatabaseSync(join(folder, 'regente.sqlite'), { readOnly: true })
  try {
    return [
      ...db
        .prepare(
          `SELECT 'execution ' || execution_key AS "of", sequence, json_array_length(chunk, '$.events') AS events FROM log
           UNION ALL
           SELECT 'Map Run ' || map_run_key, sequence, json_array_length(events) FROM map_run_log`,
        )
        .all(),
    ]
  } finally {
    db.close()
  }
}

async function postgresLog({ database }: Bed): Promise<Row[]> {
  if (!database) return []
  return query(
    database.url,
    `SELECT 'execution ' || execution_key AS "of", sequence, json_array_length(chunk::json -> 'events') AS events FROM log
     UNION ALL
     SELECT 'Map Run ' || map_run_key, sequence, event_count FROM map_run_log`,
  )
}
