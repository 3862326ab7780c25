/** A coverage file of the testing kit, held against the definition that is shown: what counts is that they have the same points. */
import { readWorkflows } from '../../../src/testkit/coverage/coverage-file.ts'
import { WorkflowCoverage } from '../../../src/testkit/coverage/workflow-coverage.ts'

export type FoundCoverage =
  | { readonly kind: 'found'; readonly coverage: WorkflowCoverage }
  /** The file is of other workflows. */
  | { readonly kind: 'other'; readonly names: readonly string[] }

/** Throws an error whose message is a sentence where the file is no coverage. */
export function findCoverage(
  definition: string,
  { name, text }: { readonly name: string; readonly text: string },
): FoundCoverage {
  const coverage = new WorkflowCoverage({ name, definition })
  const workflows = readWorkflows(text, name)
  const own = workflows.filter((workflow) => idsOf(workflow) === idsOf(coverage))
  if (own.length === 0) return { kind: 'other', names: workflows.map(({ workflow }) => workflow.name) }
  for (const workflow of own) coverage.merge(workflow)
  return { kind: 'found', coverage }
}

const idsOf = ({ points }: WorkflowCoverage): string => JSON.stringify(points.map(({ id }) => id))
