/**
 * One execution from its start to its end, for `run` and `start-execution --wait`: progress on standard error, the output on
 * standard output, the exit code as it went. An interrupted one is stopped.
 */
import { countTransitions } from '../history/transitions.ts'
import { foldHistory } from '../history/visits.ts'

import { EXIT } from './cli-error.ts'
import { isoOf, printJson } from './output.ts'
import { follow } from './progress.ts'
import { type ExecutionSummary, type StatesApi, textAt, toSummary } from './states-api.ts'
import { formatDuration, painter, printable } from './terminal.ts'

export interface Machine {
  readonly arn: string
  readonly type: string
}

export interface ExecuteOptions {
  /** JSON text. */
  readonly input: string
  readonly name: string | undefined
  /** All of the execution as JSON on standard output, instead of its output. */
  readonly json: boolean
}

export async function execute(api: StatesApi, { arn, type }: Machine, { input, name, json }: ExecuteOptions): Promise<number> {
  const request = { stateMachineArn: arn, input, ...(name !== undefined && { name }) }
  // Express executions keep no history to follow.
  if (type === 'EXPRESS') return report(toSummary(await api.call('StartSyncExecution', request)), undefined, json)
  const executionArn = textAt(await api.call('StartExecution', request), 'executionArn') ?? ''
  process.stderr.write(`${executionArn}\n`)
  let isInterrupted = false
  const onInterrupt = (): void => {
    isInterrupted = true
    api.call('StopExecution', { executionArn, cause: 'Interrupted at the terminal' }).catch(() => process.exit(EXIT.interrupted))
  }
  process.once('SIGINT', onInterrupt).once('SIGTERM', onInterrupt)
  const { summary, events } = await follow(api, executionArn, process.stderr)
  process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt)
  const code = report(summary, countTransitions(foldHistory(events)).drawn, json)
  return isInterrupted ? EXIT.interrupted : code
}

function report(summary: ExecutionSummary, transitions: number | undefined, json: boolean): number {
  const paint = painter(process.stderr)
  const isSuccess = summary.status === 'SUCCEEDED'
  const duration = formatDuration((summary.stoppedAt ?? summary.startedAt) - summary.startedAt)
  const count = transitions === undefined ? '' : `, ${transitions} transitions`
  process.stderr.write(`${paint([isSuccess ? 'green' : 'red', 'bold'], summary.status)} after ${duration}${count}\n`)
  if (json) printJson({ ...summaryAsJson(summary), transitions })
  else if (isSuccess) process.stdout.write(`${JSON.stringify(JSON.parse(summary.output ?? 'null'), null, 2)}\n`)
  if (summary.error !== undefined) process.stderr.write(`Error: ${printable(summary.error)}\n`)
  if (summary.cause !== undefined) process.stderr.write(`Cause: ${printable(summary.cause)}\n`)
  return isSuccess ? EXIT.ok : EXIT.failed
}

/** As DescribeExecution names it, times as texts; `input` and `output` are JSON texts there, too. */
export function summaryAsJson({ startedAt, stoppedAt, ...summary }: ExecutionSummary): object {
  return { ...summary, startDate: isoOf(startedAt), ...(stoppedAt !== undefined && { stopDate: isoOf(stoppedAt) }) }
}
