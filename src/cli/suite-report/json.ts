/** Results for programs. */
import { countsOf, type Reporter, type Write } from './report.ts'

export const jsonReporter = (write: Write): Reporter => ({
  end(results, durationMs) {
    const { cases: _, ...counts } = countsOf(results)
    const suites = results.map(({ files: _, ...suite }) => suite)
    const result = counts.failed + counts.broken === 0 ? 'PASSED' : 'FAILED'
    return write(`${JSON.stringify({ result, ...counts, durationMs, suites }, null, 2)}\n`)
  },
})
