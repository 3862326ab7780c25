/** Coverage to files, and from files. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { messageOf, TestKitError } from '../kit-error.ts'

import { Coverage } from './coverage.ts'

export const REPORTS = ['json', 'text', 'lcov', 'html'] as const
export type CoverageReport = (typeof REPORTS)[number]

/**
 * Writes `coverage.json`, `coverage.txt`, `lcov.info`, and `index.html` with a page for each workflow. Resolves to the paths of
 * what it has written. Rejects with TestKitError where it cannot.
 */
export async function writeCoverage(
  coverage: Coverage,
  folder: string,
  reports: readonly CoverageReport[] = REPORTS,
): Promise<readonly string[]> {
  const files: { readonly name: string; readonly text: string }[] = []
  for (const report of new Set(reports)) files.push(...(await filesOf(coverage, report)))
  const paths = files.map(({ name }) => join(folder, name))
  try {
    await mkdir(folder, { recursive: true })
    for (const [index, { text }] of files.entries()) await writeFile(paths[index] ?? '', text)
  } catch (error) {
    throw new TestKitError(`The coverage cannot be written to ${folder}: ${messageOf(error)}`)
  }
  return paths
}

/** Reads coverage files and adds them up. Rejects with TestKitError where one is none. */
export async function readCoverage(...files: readonly string[]): Promise<Coverage> {
  const coverage = new Coverage()
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      throw new TestKitError(`${file} cannot be read: ${messageOf(error)}`)
    })
    coverage.merge(Coverage.fromJSON(text, file))
  }
  return coverage
}

/** Of a report: those that are not asked for are not loaded either. */
async function filesOf(
  coverage: Coverage,
  report: CoverageReport,
): Promise<readonly { readonly name: string; readonly text: string }[]> {
  switch (report) {
    case 'json':
      return [{ name: 'coverage.json', text: `${JSON.stringify(coverage, null, 2)}\n` }]
    case 'text':
      return [{ name: 'coverage.txt', text: (await import('./text.ts')).textOf(coverage) }]
    case 'lcov':
      return [{ name: 'lcov.info', text: await (await import('./lcov.ts')).lcovOf(coverage) }]
    case 'html':
      return (await import('./html.ts')).pagesOf(coverage).map(({ name, html }) => ({ name, text: html }))
    default: {
      const unknown: never = report
      throw new TestKitError(`'${String(unknown)}' is no report of coverage. There are: ${REPORTS.join(', ')}.`)
    }
  }
}
