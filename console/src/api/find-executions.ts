/**
 * Executions of a state machine as a person looks for them. The API lists the latest first and filters by status alone; what else
 * is asked for is looked for page by page here, as far back as it takes and no further.
 */
import type { Page } from '../ui/use-pages.ts'
import type { StatusFilter } from '../ui/status-filter.tsx'
import { ApiError, states } from './client.ts'
import { type Execution, listExecutions } from './executions.ts'

export interface Wanted {
  /** Of the machine, or of one of its versions or aliases. */
  readonly stateMachineArn: string
  readonly status: StatusFilter | undefined
  /** Part of a name, in any case. Empty: every name. */
  readonly name: string
  /** Epoch seconds of the start; `from` counts, `to` does not. */
  readonly from: number | undefined
  readonly to: number | undefined
}

/** As many as a page shows. */
const FOUND_MIN = 50

/** The next ones, `FOUND_MIN` and what else their page holds, unless the end comes before. */
export async function findExecutions(wanted: Wanted, token: string | undefined, signal: AbortSignal): Promise<Page<Execution>> {
  const { stateMachineArn, status, from } = wanted
  const found: Execution[] = []
  let next = token
  do {
    const page = await listExecutions({ stateMachineArn }, status, next, signal)
    found.push(...page.items.filter((one) => isWanted(one, wanted)))
    next = page.next
    const oldest = page.items.at(-1)?.startDate
    // All that follow have begun before.
    if (from !== undefined && oldest !== undefined && oldest < from) return { items: found, next: undefined }
  } while (next !== undefined && found.length < FOUND_MIN)
  return { items: found, next }
}

export function isWanted({ name = '', startDate = 0 }: Execution, wanted: Wanted): boolean {
  if (wanted.from !== undefined && startDate < wanted.from) return false
  if (wanted.to !== undefined && startDate >= wanted.to) return false
  return name.toLowerCase().includes(wanted.name.toLowerCase())
}

/** The execution of exactly that name, however old; undefined where there is none. */
export async function findByName(machineArn: string, name: string, signal: AbortSignal): Promise<Execution | undefined> {
  const executionArn = `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`
  try {
    const { name: given = name, ...found } = await states('DescribeExecution', { executionArn }, signal)
    return { ...found, name: given }
  } catch (error) {
    // No such execution, or no such name.
    if (error instanceof ApiError) return undefined
    throw error
  }
}
