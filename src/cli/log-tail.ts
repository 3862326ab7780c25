/** The logs of functions and machines as they grow: each event once, in the order of time. */
import { getOwn, isObject, type JsonObject } from '../base/json.ts'

import { WireError } from '../wire/errors.ts'

import { CliError, EXIT } from './cli-error.ts'
import { findMachine } from './machine-names.ts'
import { allOf, arrayAt, type StatesApi, textAt } from './states-api.ts'

export interface LogEvent {
  readonly id: string
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly group: string
  readonly stream: string
  readonly message: string
}

export interface TailOptions {
  /** Undefined: all that there are, each time anew. */
  readonly groups: readonly string[] | undefined
  /** Epoch milliseconds. */
  readonly from: number
  readonly filter: string | undefined
}

/** An event may be written after others that bear a later time. */
const OVERLAP_MS = 5_000

export class LogTail {
  readonly #api: Pick<StatesApi, 'callLogs'>
  readonly #options: TailOptions
  #from: number
  /** Of the last look, which has all that the next one finds again. */
  #told: ReadonlySet<string> = new Set()

  constructor(api: Pick<StatesApi, 'callLogs'>, options: TailOptions) {
    this.#api = api
    this.#options = options
    this.#from = options.from
  }

  /** What has come since. */
  async next(): Promise<readonly LogEvent[]> {
    const groups = this.#options.groups ?? (await groupNames(this.#api, {}))
    const found = (await Promise.all(groups.map((group) => this.#eventsOf(group)))).flat()
    found.sort((a, b) => a.timestamp - b.timestamp)
    const fresh = found.filter(({ id }) => !this.#told.has(id))
    if (found.length > 0) this.#told = new Set(found.map(({ id }) => id))
    this.#from = Math.max(this.#from, (found.at(-1)?.timestamp ?? 0) - OVERLAP_MS)
    return fresh
  }

  /** None of a group that is not there, or no longer. */
  async #eventsOf(logGroupName: string): Promise<LogEvent[]> {
    const { filter } = this.#options
    const wanted = { logGroupName, startTime: this.#from, ...(filter !== undefined && { filterPattern: filter }) }
    try {
      const events = await allOf((input) => this.#api.callLogs('FilterLogEvents', input), wanted, 'events')
      return events.map((event) => toLogEvent(event, logGroupName))
    } catch (error) {
      if (error instanceof WireError && error.code === 'ResourceNotFoundException') return []
      throw error
    }
  }
}

function toLogEvent(event: JsonObject, group: string): LogEvent {
  const timestamp = getOwn(event, 'timestamp')
  return {
    id: `${group} ${textAt(event, 'eventId') ?? ''}`,
    timestamp: typeof timestamp === 'number' ? timestamp : 0,
    group,
    stream: textAt(event, 'logStreamName') ?? '',
    message: textAt(event, 'message') ?? '',
  }
}

/** The log groups of what is given: a group's name, a function's or a machine's name or ARN. Throws CliError where there is none. */
export async function groupsOf(api: StatesApi, given: string): Promise<readonly string[]> {
  const functionName = /^arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:]+)/.exec(given)?.[1]
  if (functionName !== undefined) return [`/aws/lambda/${functionName}`]
  const group = given.startsWith('/') ? given : `/aws/lambda/${given}`
  const names = given.startsWith('arn:') ? [] : await groupNames(api, { logGroupNamePrefix: group })
  const found = names.includes(group) ? [group] : []
  if (given.startsWith('/')) {
    if (found.length > 0) return found
    throw new CliError(`There is no log group ${given}.`, EXIT.failed)
  }
  const machine = await findMachine(api, given)
  const logged = typeof machine === 'string' ? await groupsOfMachine(api, machine) : []
  if (found.length + logged.length > 0) return [...found, ...logged]
  throw new CliError(
    typeof machine === 'string'
      ? `The state machine ${given} writes no log: its logging configuration (Logging, in SAM) names no log group. regente show tells what an execution has done.`
      : `There is no log of ${given}: no function of that name has printed anything, and there is no such state machine.`,
    EXIT.failed,
  )
}

async function groupsOfMachine(api: StatesApi, stateMachineArn: string): Promise<string[]> {
  const logging = getOwn(await api.call('DescribeStateMachine', { stateMachineArn }), 'loggingConfiguration')
  return arrayAt(isObject(logging) ? logging : {}, 'destinations').flatMap((destination) => {
    const group = isObject(destination) ? getOwn(destination, 'cloudWatchLogsLogGroup') : undefined
    const arn = isObject(group) ? textAt(group, 'logGroupArn') : undefined
    return /:log-group:([^:]+)/.exec(arn ?? '')?.[1] ?? []
  })
}

async function groupNames(api: Pick<StatesApi, 'callLogs'>, input: JsonObject): Promise<string[]> {
  const groups = await allOf((page) => api.callLogs('DescribeLogGroups', page), input, 'logGroups')
  return groups.flatMap((group) => textAt(group, 'logGroupName') ?? [])
}
