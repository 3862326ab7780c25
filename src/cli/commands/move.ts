/** `regente move`: definitions and open executions from one store into another. */
import { type Moved, move as moveStore } from '../../upkeep/move.ts'

import { hidePassword } from '../../base/url-password.ts'

import { CliError } from '../cli-error.ts'
import { countOf } from '../sizes.ts'

export interface MoveFlags {
  readonly from?: string
  readonly to?: string
  readonly all?: boolean
}

/** What is told of a move. */
const TOLD: readonly (readonly [keyof Moved, string, string?])[] = [
  ['state_machines', 'state machine'],
  ['activities', 'activity', 'activities'],
  ['executions', 'execution'],
  ['map_runs', 'Map Run'],
]

const PROGRESS_MS = 1_000

export async function move({ from, to, all = false }: MoveFlags): Promise<number> {
  if (from === undefined || to === undefined)
    throw new CliError('A move needs --from and --to: each a data folder, postgres://…, or a file that ends in .ndjson.')
  let toldAt = performance.now()
  const progress = (rows: number) => {
    if (!process.stderr.isTTY || performance.now() - toldAt < PROGRESS_MS) return
    toldAt = performance.now()
    process.stderr.write(`\r${countOf(rows, 'row')} `)
  }
  const moved = await moveStore({ from, to, withClosed: all, progress })
  if (process.stderr.isTTY) process.stderr.write('\r')
  process.stdout.write(`Moved from ${hidePassword(from)} to ${hidePassword(to)}: ${summaryOf(moved)}.\n`)
  return 0
}

const summaryOf = (moved: Moved): string => TOLD.map(([table, ...nouns]) => countOf(moved[table], ...nouns)).join(', ')
