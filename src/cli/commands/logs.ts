/**
 * `regente logs [FUNCTION|MACHINE]`: what functions have printed, and the execution logs of machines, in the order of time. With
 * `--follow` on and on until it is interrupted.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import { EXIT } from '../cli-error.ts'
import { groupsOf, type LogEvent, LogTail } from '../log-tail.ts'
import { isoOf } from '../output.ts'
import { durationOf } from '../parameters.ts'
import { apiAt, type ServerTarget } from '../target.ts'
import { painter, printable } from '../terminal.ts'

export interface LogsFlags extends ServerTarget {
  readonly follow?: boolean
  readonly since: string
  readonly filter?: string
  readonly json?: boolean
}

const PAUSE_MS = 1_000

export async function logs(given: string | undefined, flags: LogsFlags): Promise<number> {
  const api = apiAt(flags, given)
  const from = Date.now() - durationOf(flags.since)
  const groups = given === undefined ? undefined : await groupsOf(api, given)
  const tail = new LogTail(api, { groups, from, filter: flags.filter })
  const show = async () => {
    for (const event of await tail.next())
      process.stdout.write(`${flags.json === true ? jsonOf(event) : lineOf(event, groups)}\n`)
  }
  await show()
  if (flags.follow !== true) return EXIT.ok
  const over = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => over.abort())
  while (!over.signal.aborted) {
    await sleep(PAUSE_MS, undefined, { signal: over.signal }).catch(() => undefined)
    await show()
  }
  return EXIT.ok
}

/** A line each, so that programs read them as they come. */
const jsonOf = ({ timestamp, group, stream, message }: LogEvent): string =>
  JSON.stringify({ timestamp: isoOf(timestamp), logGroupName: group, logStreamName: stream, message })

function lineOf({ timestamp, group, message }: LogEvent, groups: readonly string[] | undefined): string {
  const paint = painter(process.stdout)
  const from = groups?.length === 1 ? '' : `${paint('cyan', printable(group))}  `
  const text = message
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => printable(line.replaceAll('\t', '  ')))
  return `${paint('gray', isoOf(timestamp))}  ${from}${text.join('\n')}`
}
