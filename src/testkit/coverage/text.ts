/** Coverage for a terminal: a table for each workflow, and what is missing in it. */
import type { Coverage } from './coverage.ts'
import { missingIn } from './missing.ts'
import { type Covered, summarize } from './summary.ts'
import type { WorkflowCoverage } from './workflow-coverage.ts'

/** Ends with a line break. */
export function textOf({ workflows }: Coverage): string {
  if (workflows.length === 0) return 'No workflow was run.\n'
  const parts = workflows.map(textOfWorkflow)
  if (workflows.length > 1) parts.push(['All workflows', ...tableOf(workflows)].join('\n'))
  return `${parts.join('\n\n')}\n`
}

function textOfWorkflow(coverage: WorkflowCoverage): string {
  const { workflow, runs } = coverage
  const { name, file = '' } = workflow
  const missing = missingIn(coverage).map(({ sentence }) => `    ${plain(sentence)}`)
  const head = `${plain(name)}${file === '' || file === name ? '' : ` (${plain(file)})`}, ${runs === 1 ? '1 run' : `${runs} runs`}`
  return [head, ...tableOf([coverage]), ...(missing.length > 0 ? ['  Missing:', ...missing] : [])].join('\n')
}

function tableOf(workflows: readonly WorkflowCoverage[]): string[] {
  const rows = Object.entries(summarize(workflows)).filter(([, { total }]) => total > 0)
  const [width, digits] = [
    Math.max(...rows.map(([kind]) => kind.length)),
    Math.max(...rows.map(([, { total }]) => `${total}`.length)),
  ]
  return rows.map(([kind, { covered, total, percent, unclear }]: readonly [string, Covered]) => {
    const [part, whole] = [covered, total].map((count) => `${count}`.padStart(digits))
    return `  ${kind.padEnd(width)}  ${`${percent} %`.padStart(7)}  ${part} of ${whole}${unclear > 0 ? `  (${unclear} unclear)` : ''}`
  })
}

/** Names are a definition's: a terminal shows them, and obeys none of them. */
const plain = (text: string): string => text.replaceAll(/[\u0000-\u001F\u007F-\u009F]/g, '\uFFFD')
