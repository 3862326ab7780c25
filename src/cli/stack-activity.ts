/**
 * What happens on a stack while one works on it, line by line: executions that begin and end, why they fail, and what functions
 * print. Asked for over the API, as anyone would; what happened before is not told.
 */
import { getOwn, isObject } from '../base/json.ts'
import { objectOf } from '../base/json-text.ts'

import { WireError } from '../wire/errors.ts'

import { groupsOf, type LogEvent, LogTail } from './log-tail.ts'
import { arrayAt, ENDED, instantAt, type StatesApi, textAt, toSummary } from './states-api.ts'
import { formatDuration, type Paint, printable } from './terminal.ts'

export interface ActivityOptions {
  readonly api: StatesApi
  readonly paint: Paint
  readonly write: (line: string) => void
  /** Epoch milliseconds. */
  readonly since: number
}

/** Of one machine in one look; who starts more at once reads the console. */
const SHOWN_MAX = 20
const PLATFORM_LINE = /^(?:START|END|REPORT|INIT_START) |^For help, see: https:\/\/nodejs\.org\/\S+$/
/** As Node says it when a function starts with its debugger. */
const DEBUGGER_LINE = /^Debugger listening on (ws:\/\/127\.0\.0\.1:\S+)$/

interface Running {
  readonly machine: string
  readonly startedAt: number
}

export class StackActivity {
  readonly #options: ActivityOptions
  readonly #running = new Map<string, Running>()
  /** Of each machine, those of its last page that have ended. */
  readonly #told = new Map<string, ReadonlySet<string>>()
  readonly #express = new Set<string>()
  #machines: readonly string[] = []
  #tail: LogTail | undefined

  constructor(options: ActivityOptions) {
    this.#options = options
  }

  /** State machines by their ARNs, functions by their names: these from now on. */
  async watch(machines: readonly string[], functions: readonly string[]): Promise<void> {
    const { api, since } = this.#options
    this.#machines = machines
    const groups = new Set(functions.map((name) => `/aws/lambda/${name}`))
    for (const machine of machines) for (const group of await this.#groupsOfExpress(machine)) groups.add(group)
    // What a tail has told must not be told by the next one.
    const from = this.#tail === undefined ? since : Date.now()
    this.#tail = groups.size === 0 ? undefined : new LogTail(api, { groups: [...groups], from, filter: undefined })
  }

  /** Tells what has come since the last look. */
  async look(): Promise<void> {
    for (const machine of this.#machines) if (!this.#express.has(machine)) await this.#lookAt(machine)
    for (const event of (await this.#tail?.next()) ?? []) this.#tellLog(event)
  }

  /** Express executions are known by their log alone. */
  async #groupsOfExpress(stateMachineArn: string): Promise<readonly string[]> {
    const { api } = this.#options
    const description = await api.call('DescribeStateMachine', { stateMachineArn })
    if (textAt(description, 'type') !== 'EXPRESS') return []
    this.#express.add(stateMachineArn)
    return groupsOf(api, stateMachineArn).catch(() => [])
  }

  async #lookAt(stateMachineArn: string): Promise<void> {
    const { api, since } = this.#options
    const page = await api.call('ListExecutions', { stateMachineArn, maxResults: SHOWN_MAX }).catch((error: unknown) => {
      if (error instanceof WireError) return {}
      throw error
    })
    const machine = stateMachineArn.split(':').at(-1) ?? ''
    const told = this.#told.get(machine)
    const executions = arrayAt(page, 'executions').filter(isObject).toReversed()
    for (const execution of executions) {
      const arn = textAt(execution, 'executionArn') ?? ''
      const startedAt = instantAt(execution, 'startDate') ?? 0
      if (startedAt < since || told?.has(arn) || this.#running.has(arn)) continue
      this.#running.set(arn, { machine, startedAt })
      this.#tell(startedAt, machine, `▸ ${nameOf(arn)} started`)
    }
    await this.#lookForEnds(machine)
    const arns = executions.map((execution) => textAt(execution, 'executionArn') ?? '')
    this.#told.set(machine, new Set(arns.filter((arn) => !this.#running.has(arn))))
  }

  async #lookForEnds(machine: string): Promise<void> {
    const { api } = this.#options
    for (const [arn, running] of [...this.#running].filter(([, one]) => one.machine === machine).slice(0, SHOWN_MAX)) {
      const execution = toSummary(await api.call('DescribeExecution', { executionArn: arn }))
      if (!ENDED.has(execution.status)) continue
      this.#running.delete(arn)
      const took = formatDuration((execution.stoppedAt ?? running.startedAt) - running.startedAt)
      const isSuccess = execution.status === 'SUCCEEDED'
      this.#tell(execution.stoppedAt ?? 0, machine, `${isSuccess ? '✔' : '✘'} ${nameOf(arn)} ${execution.status} after ${took}`)
      if (!isSuccess) this.#explain(execution.stoppedAt ?? 0, machine, execution.error, execution.cause)
    }
  }

  #tellLog({ timestamp, group, message }: LogEvent): void {
    const text = message.trimEnd()
    if (!group.startsWith('/aws/lambda/')) return this.#tellExpress(timestamp, text)
    if (PLATFORM_LINE.test(text)) return
    const name = group.slice('/aws/lambda/'.length)
    const debuggerUrl = DEBUGGER_LINE.exec(text)?.[1]
    if (debuggerUrl !== undefined) return this.#options.write(`debugger of ${printable(name)}: ${printable(debuggerUrl)}`)
    for (const line of text.split(/\r?\n/)) this.#tell(timestamp, name, `│ ${line}`)
  }

  /** A line of an execution log. */
  #tellExpress(at: number, text: string): void {
    const line = objectOf(text) ?? {}
    const [, event] = /^Execution(Started|Succeeded|Failed|TimedOut|Aborted)$/.exec(textAt(line, 'type') ?? '') ?? []
    const [, , , , , , machine = '', name = ''] = (textAt(line, 'execution_arn') ?? '').split(':')
    if (event === undefined || !this.#machines.some((arn) => arn.endsWith(`:${machine}`))) return
    const mark = event === 'Started' ? '▸' : event === 'Succeeded' ? '✔' : '✘'
    this.#tell(at, machine, `${mark} ${name} ${event === 'Started' ? 'started' : event.toUpperCase()}`)
    const details = getOwn(line, 'details')
    if (mark === '✘' && isObject(details)) this.#explain(at, machine, textAt(details, 'error'), textAt(details, 'cause'))
  }

  #explain(at: number, machine: string, error: string | undefined, cause: string | undefined): void {
    const text = [error, cause].filter((one) => one !== undefined && one !== '').join(': ')
    if (text !== '') this.#tell(at, machine, `  ${text}`, 'red')
  }

  #tell(at: number, who: string, text: string, style: 'red' | undefined = undefined): void {
    const { paint, write } = this.#options
    const colour = style ?? (text.startsWith('✘') ? 'red' : text.startsWith('✔') ? 'green' : undefined)
    const shown = printable(text.replaceAll('\t', '  '))
    write(
      `${paint('gray', timeOf(at))}  ${paint('cyan', printable(who))}  ${colour === undefined ? shown : paint(colour, shown)}`,
    )
  }
}

const nameOf = (executionArn: string): string => executionArn.split(':').at(-1) ?? executionArn

/** Of the day, where one sits. */
function timeOf(at: number): string {
  const date = new Date(at)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}
