/** The server's own validator, on what is being typed. */
import { checkDefinition } from '../../../src/asl/check.ts'
import type { Diagnostic } from '../../../src/asl/diagnostic.ts'
import { jsonOf, type Span, spanOf } from '../model/source.ts'

export type Found = Diagnostic & Span

export function diagnose(text: string, type: 'STANDARD' | 'EXPRESS'): readonly Found[] {
  try {
    return checkDefinition(jsonOf(text), { type, advice: true }).map((one) => ({ ...one, ...placeOf(text, one.location) }))
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return [{ severity: 'ERROR', code: 'INVALID_YAML', message, from: 0, to: Math.min(1, text.length) }]
  }
}

/** Faults of syntax name a line and a column, the others a place in the document. */
function placeOf(text: string, location = ''): Span {
  const spot = /\[?line: (\d+), column: (\d+)/i.exec(location)
  if (!spot) return spanOf(text, location)
  const lines = text.split('\n')
  const before = lines.slice(0, Number(spot[1]) - 1).reduce((sum, line) => sum + line.length + 1, 0)
  const from = Math.max(0, Math.min(text.length - 1, before + Number(spot[2]) - 1))
  return { from, to: Math.min(text.length, from + 1) }
}
