/**
 * Coverage as pages for a browser: one for each workflow with its graph painted and its tables, and one that leads to them. Each
 * stands alone: no script, nothing from elsewhere, and a policy that allows neither. Definitions are nobody's to trust: whatever
 * comes out of one is escaped.
 */
import type { Coverage } from './coverage.ts'
import { markOf, marksOfStates } from './marks.ts'
import { missingIn, nameOf } from './missing.ts'
import { COLOURS, paintGraph } from './paint.ts'
import type { Point } from './points.ts'
import { type Covered, type CoverageSummary, summarize } from './summary.ts'
import type { WorkflowCoverage } from './workflow-coverage.ts'

export interface Page {
  /** `index.html`, and one named after each workflow. */
  readonly name: string
  readonly html: string
}

export function pagesOf({ workflows }: Coverage): readonly Page[] {
  const names = pageNames(workflows)
  const pages = workflows.map((coverage, index) => ({ name: names[index] ?? '', html: pageOf(coverage) }))
  return [{ name: 'index.html', html: indexOf(workflows, names) }, ...pages]
}

/** No two are the same, also where letters' case does not count; what a file's name may not hold is left out. */
function pageNames(workflows: readonly WorkflowCoverage[]): readonly string[] {
  const taken = new Set(['index'])
  return workflows.map(({ workflow }) => {
    const name =
      workflow.name
        .replaceAll(/[^\w.-]+/g, '-')
        .replaceAll(/^[.-]+|[.-]+$/g, '')
        .slice(0, 80) || 'workflow'
    let free = name
    for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${name}-${number}`
    taken.add(free.toLowerCase())
    return `${free}.html`
  })
}

function indexOf(workflows: readonly WorkflowCoverage[], names: readonly string[]): string {
  const rows = workflows.map((coverage, index) => {
    const { total, states } = summarize([coverage])
    const name = `<a href="./${encodeURIComponent(names[index] ?? '')}">${escaped(coverage.workflow.name)}</a>`
    return row([name, escaped(coverage.workflow.file ?? ''), `${coverage.runs}`, meter(states), meter(total)])
  })
  const table = tableOf(['Workflow', 'File', 'Runs', 'States', 'All points'], rows)
  return documentOf('Coverage of workflows', `<h1>Coverage of workflows</h1>${summaryTable(summarize(workflows))}${table}`)
}

function pageOf(coverage: WorkflowCoverage): string {
  const { workflow, runs } = coverage
  const missing = missingIn(coverage).map(({ sentence }) => `<li>${escaped(sentence)}</li>`)
  const body = [
    `<h1>${escaped(workflow.name)}</h1>`,
    `<p>${workflow.file === undefined || workflow.file === workflow.name ? '' : `${escaped(workflow.file)}, `}${runs === 1 ? '1 run' : `${runs} runs`}</p>`,
    summaryTable(summarize([coverage])),
    `<p class="legend"><span class="covered">covered</span> <span class="partly">in part, or not to be told</span> <span class="missing">not covered</span></p>`,
    `<div class="graph">${paintGraph(coverage)}</div>`,
    missing.length > 0 ? `<h2>Missing</h2><ul>${missing.join('')}</ul>` : '<p>Nothing is missing.</p>',
    '<h2>States</h2>',
    statesTable(coverage),
  ]
  return documentOf(`Coverage of ${workflow.name}`, body.join('\n'))
}

function statesTable(coverage: WorkflowCoverage): string {
  const marks = marksOfStates(coverage)
  const rows = [...Map.groupBy(coverage.points, ({ state }) => state).values()].map((points) => {
    const [state, ...rest] = points
    if (!state) return ''
    return row([
      `<span class="${marks.get(state.state) ?? 'missing'}">${escaped(state.path)}</span>`,
      timesOf(coverage, state),
      rest.map((point) => chip(coverage, point)).join(' '),
    ])
  })
  return tableOf(['State', 'Entered', 'Its ways, retriers, items and time-outs, each with how often'], rows)
}

const chip = (coverage: WorkflowCoverage, point: Point): string =>
  `<span class="${markOf(coverage, point)}">${escaped(nameOf(point))} <b>${timesOf(coverage, point)}</b></span>`

function timesOf(coverage: WorkflowCoverage, point: Point): string {
  const [hits, maybe] = [coverage.hits(point), coverage.maybe(point)]
  return maybe === 0 ? `${hits}` : `${hits} (or up to ${hits + maybe})`
}

function summaryTable(summary: CoverageSummary): string {
  const rows = Object.entries(summary).filter(([, { total }]) => total > 0)
  return tableOf(
    ['Kind', 'Covered'],
    rows.map(([kind, covered]) => row([kind === 'total' ? 'all points' : kind, meter(covered)])),
  )
}

function meter({ covered, total, percent, unclear }: Covered): string {
  const mark = percent === 100 ? 'covered' : percent === 0 && unclear === 0 ? 'missing' : 'partly'
  return `<span class="${mark}">${percent} %</span> ${covered} of ${total}${unclear > 0 ? `, ${unclear} not to be told` : ''}`
}

const row = (cells: readonly string[]): string => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`

const tableOf = (heads: readonly string[], rows: readonly string[]): string =>
  `<table><thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table>`

const STYLE = [
  'body{font:15px/1.5 system-ui,sans-serif;color:#1b1f24;background:#fff;max-width:1200px;margin:2rem auto;padding:0 1rem}',
  'table{border-collapse:collapse;margin:1rem 0}th,td{text-align:left;vertical-align:top;padding:.3rem .8rem;border-bottom:1px solid #d0d7de}',
  '.graph{overflow:auto;border:1px solid #d0d7de;border-radius:8px}',
  '.covered,.partly,.missing{padding:.1rem .45rem;border-radius:6px;border:1px solid;display:inline-block;margin:.1rem 0}',
  ...Object.entries(COLOURS).map(([mark, { line, fill }]) => `.${mark}{color:${line};background:${fill}}`),
].join('')

const documentOf = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
