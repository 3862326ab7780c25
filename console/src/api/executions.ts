/** Pages of executions, of a state machine or of a Map Run, the latest first. */
import type { Page } from '../ui/use-pages.ts'
import type { StatusFilter } from '../ui/status-filter.tsx'
import { type OutputOf, states } from './client.ts'

export type Execution = NonNullable<OutputOf<'ListExecutions'>['executions']>[number]

type Of = { readonly stateMachineArn: string } | { readonly mapRunArn: string }

/** As many as the API gives at once. */
const PAGE = 1_000

export async function listExecutions(
  of: Of,
  statusFilter: StatusFilter | undefined,
  nextToken: string | undefined,
  signal: AbortSignal,
): Promise<Page<Execution>> {
  const page = await states('ListExecutions', { ...of, statusFilter, maxResults: PAGE, nextToken }, signal)
  return { items: page.executions ?? [], next: page.nextToken }
}
