/** Failures as GitHub shows them at their lines. Source: GitHub Docs, "Workflow commands for GitHub Actions". */
import type { SuiteResult } from '../../testkit/suite/result.ts'

import { linesOf, pathLine, type Reporter, type Write } from './report.ts'

export const githubReporter = (write: Write): Reporter => ({
  end: (results) => write(annotationsOf(results)),
})

/** A line each. Pure. */
export const annotationsOf = (results: readonly SuiteResult[]): string =>
  results
    .flatMap(({ name, findings, cases }) => [
      ...findings.map((finding) => annotation(finding, name, linesOf(finding).join('\n'))),
      ...cases.flatMap((one) =>
        one.findings.map((finding) =>
          annotation(
            finding,
            one.name,
            [...linesOf(finding), ...(one.visited.length > 0 ? [`visited ${pathLine(one)}`] : [])].join('\n'),
          ),
        ),
      ),
    ])
    .join('')

function annotation({ file, position }: SuiteResult['findings'][number], title: string, text: string): string {
  const where = position === undefined ? '' : `,line=${position.line},col=${position.column}`
  return `::error file=${property(file)}${where},title=${property(title)}::${data(text)}\n`
}

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
