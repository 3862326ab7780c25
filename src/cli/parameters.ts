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
