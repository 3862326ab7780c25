/** Suites as a person reads them: a line each, and below it what has failed, with the path that it took. */
import type { CaseResult, Finding, SuiteResult } from '../../testkit/suite/result.ts'

import { formatDuration, type Paint, painter, printable, type Screen } from '../terminal.ts'
import { countsOf, pathLine, placeOf, type Reporter } from './report.ts'

export function terminalReporter(screen: Screen): Reporter {
  const paint = painter(screen)
  const write = (lines: readonly string[]): unknown => screen.write(`${lines.join('\n')}\n`)
  return {
    suite: (result) => void write(suiteLines(result, paint)),
    end: (results, durationMs) => void write(['', summaryLine(results, durationMs, paint)]),
  }
}

function suiteLines(result: SuiteResult, paint: Paint): readonly string[] {
  const { failed, passed, skipped, cases } = countsOf([result])
  const isGood = failed === 0 && result.findings.length === 0
  const mark = isGood ? paint('green', '✔') : paint('red', '✘')
  const tally = [
    ...(failed > 0 ? [`${failed} of ${cases} failed`] : cases > 0 ? [`${passed} passed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    formatDuration(result.durationMs),
  ]
  const name = result.name === result.file ? result.file : `${result.name}  ${paint('dim', result.file)}`
  return [
    `${mark} ${printable(name)} ${paint('dim', `(${tally.join(', ')})`)}`,
    ...result.findings.flatMap((finding) => findingLines(finding, paint, '    ')),
    ...result.cases.flatMap((one) => caseLines(one, result.file, paint)),
  ]
}

function caseLines(one: CaseResult, file: string, paint: Paint): readonly string[] {
  if (one.status === 'passed') return []
  if (one.status === 'skipped')
    return [`  ${paint('yellow', '-')} ${printable(one.name)} ${paint('dim', `(skipped: ${printable(one.reason ?? '')})`)}`]
  const place = placeOf({ file, ...(one.position && { position: one.position }) })
  return [
    `  ${paint('red', '✘')} ${paint('bold', printable(one.name))}  ${paint('dim', place)}`,
    ...(one.visited.length > 0 ? [`    ${paint('dim', 'visited')} ${printable(pathLine(one))}`] : []),
    ...one.findings.flatMap((finding) => findingLines(finding, paint, '    ')),
  ]
}

function findingLines(finding: Finding, paint: Paint, indent: string): readonly string[] {
  const { message, diff = [], hint } = finding
  return [
    `${indent}${printable(message)} ${paint('dim', placeOf(finding))}`,
    ...diff.map((line) => `${indent}  ${diffLine(printable(line), paint)}`),
    ...(hint === undefined ? [] : [`${indent}${paint('cyan', 'hint:')} ${printable(hint)}`]),
  ]
}

const diffLine = (line: string, paint: Paint): string =>
  line.startsWith('- ') ? paint('red', line) : line.startsWith('+ ') ? paint('green', line) : line

function summaryLine(results: readonly SuiteResult[], durationMs: number, paint: Paint): string {
  const { cases, passed, failed, skipped, broken } = countsOf(results)
  const parts = [
    ...(failed > 0 ? [paint(['red', 'bold'], `${failed} failed`)] : []),
    ...(broken > 0 ? [paint(['red', 'bold'], `${broken} wrong ${broken === 1 ? 'suite' : 'suites'}`)] : []),
    ...(passed > 0 ? [paint('green', `${passed} passed`)] : []),
    ...(skipped > 0 ? [paint('yellow', `${skipped} skipped`)] : []),
  ]
  const count = (n: number, name: string): string => `${n} ${name}${n === 1 ? '' : 's'}`
  return `${count(results.length, 'suite')}, ${count(cases, 'case')}: ${parts.join(', ')} ${paint('dim', `(${formatDuration(durationMs)})`)}`
}
