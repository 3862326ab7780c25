/** The server's own validator, on what is being typed; with places in the text. */
import { checkDefinition } from '../../../src/asl/check.ts'
import type { Diagnostic } from '../../../src/asl/diagnostic.ts'
import type { Document } from '../../../src/asl/document/document.ts'
import { pathOfDiagnostic } from '../../../src/asl/document/location.ts'
import type { Range } from '../../../src/source/tree.ts'

export type Found = Diagnostic & Range
export type MachineType = 'STANDARD' | 'EXPRESS'

export function diagnose(document: Document, type: MachineType): readonly Found[] {
  const { notation, problems } = document.source
  if (notation === 'YAML' && problems.length > 0)
    return problems.map(({ message, from, to }) => ({ severity: 'ERROR', code: 'INVALID_YAML', message, from, to }))
  const [broken] = problems
  return checkDefinition(document.json, { type, advice: true }).map((one) => ({
    ...one,
    ...(broken ? { from: broken.from, to: broken.to } : document.rangeOf(pathOfDiagnostic(document.source.root, one))),
  }))
}
