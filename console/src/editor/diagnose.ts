/** The server's own validator, on what is being typed; with places in the text. */
import { checkDefinition } from '../../../src/asl/check.ts'
import type { Diagnostic } from '../../../src/asl/diagnostic.ts'
import { jsonOf, openSource, type Source, type Span } from '../model/source.ts'

export type Found = Diagnostic & Span
export type MachineType = 'STANDARD' | 'EXPRESS'

export function diagnose(text: string, type: MachineType): readonly Found[] {
  try {
    const found = checkDefinition(jsonOf(text), { type, advice: true })
    if (found.length === 0) return []
    const source = openSource(text)
    return found.map((one) => ({ ...one, ...placeOf(text, source, one.location) }))
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return [{ severity: 'ERROR', code: 'INVALID_YAML', message, from: 0, to: Math.min(1, text.length) }]
  }
}

/** Faults of syntax name a line and a column, the others a place in the document. */
function placeOf(text: string, source: Source, location = ''): Span {
  const spot = /\[?line: (\d+), column: (\d+)/i.exec(location)
  if (!spot) return source.spanOf(location)
  const lines = text.split('\n')
  const before = lines.slice(0, Number(spot[1]) - 1).reduce((sum, line) => sum + line.length + 1, 0)
  // Jackson counts from one, and has read the character already.
  const from = Math.max(0, Math.min(text.length - 1, before + Number(spot[2]) - 2))
  return { from, to: Math.min(text.length, from + 1) }
}
