/** `--parameter Name=value`, as often as there are parameters. */
import { CliError } from './cli-error.ts'

export function parseAssignments(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const equals = text.indexOf('=')
      if (equals < 1) throw new CliError(`--parameter takes Name=value, not ${JSON.stringify(text)}.`)
      return [text.slice(0, equals), text.slice(equals + 1)]
    }),
  )
}

/** For commander: gathers the values of a flag that may be repeated. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

const MILLISECONDS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `30s`, `10m`, `2h`, `1d` as milliseconds. Throws CliError. */
export function durationOf(given: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(given) ?? []
  if (unit === 's' || unit === 'm' || unit === 'h' || unit === 'd') return Number(count) * MILLISECONDS[unit]
  throw new CliError(`--since takes a time such as 30s, 10m, 2h or 1d, not ${given}.`)
}
