/** `regente list [MACHINE]`: the state machines of a server, or the executions of one, newest first. */
import type { JsonObject } from '../../base/json.ts'

import { CliError, EXIT } from '../cli-error.ts'
import { machineArnOf } from '../machine-names.ts'
import { isoOf, printJson, tableOf, withDates } from '../output.ts'
import { allOf, instantAt, textAt } from '../states-api.ts'
import { apiAt, type ServerTarget } from '../target.ts'
import { formatDuration } from '../terminal.ts'

export interface ListFlags extends ServerTarget {
  readonly status?: string
  readonly limit: string
  readonly json?: boolean
}

const PAGE = 1_000

export async function list(machine: string | undefined, flags: ListFlags): Promise<number> {
  const api = apiAt(flags, machine)
  const limit = limitOf(flags.limit)
  const page = { maxResults: Math.min(PAGE, limit) }
  if (machine === undefined) {
    if (flags.status !== undefined) throw new CliError('--status is for executions: regente list MACHINE --status FAILED')
    const stateMachines = await allOf((input) => api.call('ListStateMachines', input), page, 'stateMachines', limit)
    show({ stateMachines }, flags, stateMachines.map(machineRow), 'There is no state machine. regente dev TEMPLATE deploys some.')
    return EXIT.ok
  }
  const stateMachineArn = await machineArnOf(api, machine)
  const wanted = { ...page, stateMachineArn, ...(flags.status !== undefined && { statusFilter: flags.status.toUpperCase() }) }
  const executions = await allOf((input) => api.call('ListExecutions', input), wanted, 'executions', limit)
  show({ executions }, flags, executions.map(executionRow), 'There is no such execution.')
  return EXIT.ok
}

function show(answer: JsonObject, { json }: ListFlags, rows: readonly string[][], nothing: string): void {
  if (json === true) printJson(Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, withDates(value)])))
  else if (rows.length === 0) process.stderr.write(`${nothing}\n`)
  else process.stdout.write(`${tableOf(rows).join('\n')}\n`)
}

const machineRow = (machine: JsonObject): string[] => [
  textAt(machine, 'name') ?? '',
  textAt(machine, 'type') ?? '',
  isoOf(instantAt(machine, 'creationDate') ?? 0),
  textAt(machine, 'stateMachineArn') ?? '',
]

function executionRow(execution: JsonObject): string[] {
  const [start = 0, stop] = [instantAt(execution, 'startDate'), instantAt(execution, 'stopDate')]
  const duration = stop === undefined ? '' : formatDuration(stop - start)
  return [textAt(execution, 'status') ?? '', isoOf(start), duration, textAt(execution, 'executionArn') ?? '']
}

function limitOf(given: string): number {
  if (/^[1-9]\d{0,5}$/.test(given)) return Number(given)
  throw new CliError(`--limit must be a number from 1 to 999999, not ${given}.`)
}
