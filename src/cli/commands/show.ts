/** `regente show EXECUTION_ARN`: the timeline of an execution, running or ended. */
import { parseStatesArn } from '../../base/arn.ts'

import { CliError } from '../cli-error.ts'
import { summaryAsJson } from '../execution.ts'
import { printJson } from '../output.ts'
import { apiAt, type ServerTarget } from '../target.ts'
import { painter } from '../terminal.ts'
import { renderTimeline, timelineAsJson } from '../timeline.ts'

const COLUMNS_DEFAULT = 100

export interface ShowFlags extends ServerTarget {
  readonly json?: boolean
}

export async function show(executionArn: string, flags: ShowFlags): Promise<number> {
  if (parseStatesArn(executionArn)?.kind !== 'execution')
    throw new CliError(`${JSON.stringify(executionArn)} is not the ARN of an execution.`)
  const api = apiAt(flags, executionArn)
  const summary = await api.describe(executionArn)
  const events = await api.history(executionArn)
  if (flags.json === true) {
    printJson({ ...summaryAsJson(summary), ...timelineAsJson(events) })
    return 0
  }
  const look = { columns: process.stdout.columns ?? COLUMNS_DEFAULT, paint: painter(process.stdout), now: Date.now() }
  process.stdout.write(`${renderTimeline(summary, events, look).join('\n')}\n`)
  return 0
}
