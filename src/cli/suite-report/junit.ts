/** Results as JUnit's XML, which most CI systems read. */
import type { CaseResult, SuiteResult } from '../../testkit/suite/result.ts'

import { countsOf, linesOf, pathLine, type Reporter, type Write } from './report.ts'

export const junitReporter = (write: Write): Reporter => ({
  end: (results, durationMs) => write(junitOf(results, durationMs)),
})

/** Pure. */
export function junitOf(results: readonly SuiteResult[], durationMs: number): string {
  const lines = results.flatMap(suiteLines)
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${attributes({ ...tally(results), time: seconds(durationMs) })}>\n${lines.join('\n')}\n</testsuites>\n`
}

const tally = (results: readonly SuiteResult[]) => {
  const { cases, failed, skipped, broken } = countsOf(results)
  return { tests: cases + broken, failures: failed, errors: broken, skipped }
}

function suiteLines(result: SuiteResult): readonly string[] {
  const { name, file, findings, cases, durationMs } = result
  const broken = findings.length > 0 ? [brokenCase(result)] : []
  return [
    `  <testsuite${attributes({ name, file, ...tally([result]), time: seconds(durationMs) })}>`,
    ...broken,
    ...cases.map((one) => caseLines(one, name, file)),
    '  </testsuite>',
  ]
}

function brokenCase({ name, file, findings }: SuiteResult): string {
  const text = findings.flatMap(linesOf).join('\n')
  const error = `      <error${attributes({ message: findings[0]?.message ?? '' })}>${escaped(text)}</error>`
  return `    <testcase${attributes({ name: 'the suite itself', classname: name, file })}>\n${error}\n    </testcase>`
}

function caseLines(one: CaseResult, classname: string, file: string): string {
  const { name, position, durationMs, status, reason = '', findings } = one
  const head = attributes({ name, classname, file, line: position?.line, time: seconds(durationMs) })
  if (status === 'passed') return `    <testcase${head}/>`
  const inner =
    status === 'skipped'
      ? `<skipped${attributes({ message: reason })}/>`
      : `<failure${attributes({ message: findings[0]?.message ?? '' })}>${escaped([`visited ${pathLine(one)}`, ...findings.flatMap(linesOf)].join('\n'))}</failure>`
  return `    <testcase${head}>\n      ${inner}\n    </testcase>`
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(3)

const attributes = (values: Readonly<Record<string, string | number | undefined>>): string =>
  Object.entries(values)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${escaped(String(value)).replaceAll('\n', '&#10;')}"`))
    .join('')

/** XML 1.0 has no place for most control characters, nor for halves of characters. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\u{fffd}')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
