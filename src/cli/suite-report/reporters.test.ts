import { expect, test } from 'vitest'

import type { CaseResult, SuiteResult } from '../../testkit/suite/result.ts'

import { annotationsOf } from './github.ts'
import { junitOf } from './junit.ts'
import { pathLine } from './report.ts'
import { terminalReporter } from './terminal.ts'

const one: CaseResult = {
  name: 'costs < 4, "all told"',
  position: { line: 3, column: 5 },
  status: 'failed',
  durationMs: 12,
  findings: [
    { file: 'a,b.yaml', position: { line: 4, column: 7 }, message: '100% wrong\u001b', diff: ['- 1', '+ 2'], hint: 'mend it' },
  ],
  visited: [
    { path: 'Check', status: 'succeeded', retries: 0 },
    { path: 'Pay', status: 'caught', retries: 2, error: 'E' },
    { path: 'Each[0]/Ship', status: 'aborted', retries: 0 },
    { path: 'Wait', status: 'running', retries: 0 },
  ],
}
const suite: SuiteResult = { file: 'a,b.yaml', name: 'Paying', findings: [], cases: [one], durationMs: 20, files: [] }
const broken: SuiteResult = { ...suite, cases: [], findings: [{ file: 'a,b.yaml', message: 'no definition' }] }

test('a path shows what was tried again, what was caught, and where it ended', () => {
  expect(pathLine(one)).toBe('Check → Pay (2 retries) [E] → ✘ Each[0]/Ship → Wait …')
  const many = Array.from({ length: 50 }, (_, i) => ({ path: `S${i}`, status: 'succeeded', retries: 0 }))
  expect(pathLine({ ...one, visited: many })).toMatch(/^S0 → .* S9 → … 10 more … → S20 → .* S49$/)
})

test('JUnit’s XML holds whatever names and messages hold', () => {
  const xml = junitOf([suite, broken], 1_234)
  expect(xml).toContain('<testsuites tests="2" failures="1" errors="1" skipped="0" time="1.234">')
  expect(xml).toContain('name="costs &lt; 4, &quot;all told&quot;" classname="Paying" file="a,b.yaml" line="3" time="0.012"')
  expect(xml).toContain('<failure message="100% wrong\u{fffd}">')
  expect(xml).toContain('<error message="no definition">a,b.yaml: no definition</error>')
})

test('GitHub’s commands hold whatever names and messages hold', () => {
  expect(annotationsOf([suite, broken]).split('\n')).toEqual([
    expect.stringMatching(
      /^::error file=a%2Cb\.yaml,line=4,col=7,title=costs < 4%2C "all told"::a,b\.yaml:4:7: 100%25 wrong.*%0A {2}- 1%0A {2}\+ 2%0Ahint: mend it%0Avisited Check/,
    ),
    '::error file=a%2Cb.yaml,title=Paying::a,b.yaml: no definition',
    '',
  ])
})

test('a terminal is not steered by what suites say', () => {
  let text = ''
  terminalReporter({ write: (more) => (text += more) }).suite?.(suite)
  expect(text).not.toContain('\u001b')
  expect(text).toContain('100% wrong\u{fffd} a,b.yaml:4:7')
})
