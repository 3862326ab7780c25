/** What `import` and `export` have in common: which kinds, and what is told of what was left. */
import { type Kind, KINDS, type Left } from '../transfer/inventory.ts'

import { CliError } from './cli-error.ts'
import { printable } from './terminal.ts'

/** All where nothing is said. Throws CliError for a kind that there is not. */
export function kindsIn(only: string | undefined): ReadonlySet<Kind> {
  if (only === undefined) return new Set(KINDS)
  const names = only
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
  return new Set(names.map(kindNamed))
}

function kindNamed(name: string): Kind {
  const kind = KINDS.find((one) => one === name)
  if (kind === undefined) throw new CliError(`There is no kind ${name}: --only takes ${KINDS.join(', ')}.`)
  return kind
}

export function tellLeft(left: readonly Left[]): void {
  if (left.length === 0) return
  const lines = left.map(({ kind, name, reason }) => `  ${kind.padEnd(10)}  ${printable(name)}: ${printable(reason)}`)
  process.stderr.write(`Left:\n${lines.join('\n')}\n`)
}
