/**
 * Findings for tools that gather them, such as code scanning of a repository host. Pure.
 * Source: OASIS, Static Analysis Results Interchange Format (SARIF) 2.1.0.
 */
import type { Json, JsonObject } from '../base/json.ts'

import type { CheckedFile } from './checks.ts'
import type { ShownDiagnostic } from './diagnostics.ts'

export function sarifOf(files: readonly CheckedFile[], version: string): JsonObject {
  const codes = [...new Set(files.flatMap(({ diagnostics }) => diagnostics.map(({ code }) => code)))].toSorted()
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'regente', version, rules: codes.map((id) => ({ id })) } },
        columnKind: 'utf16CodeUnits',
        results: files.flatMap(({ path, diagnostics }) =>
          diagnostics.map((found) => resultOf(path, found, codes.indexOf(found.code))),
        ),
      },
    ],
  }
}

function resultOf(path: string, { severity, code, message, pointer, hint, position }: ShownDiagnostic, ruleIndex: number): Json {
  const region = position && { region: { startLine: position.line, startColumn: position.column } }
  return {
    ruleId: code,
    ruleIndex,
    level: severity === 'ERROR' ? 'error' : 'warning',
    message: { text: hint === undefined ? message : `${message}\n${hint}` },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(path) }, ...region },
        ...(pointer !== '' && { logicalLocations: [{ fullyQualifiedName: pointer }] }),
      },
    ],
  }
}

/** Relative to the working directory, which is the repository's as a rule; or the whole. */
function uriOf(path: string): string {
  const parts = path.replaceAll('\\', '/').split('/')
  if (/^[A-Za-z]:/.test(path)) return `file:///${parts[0]}/${parts.slice(1).map(encodeURIComponent).join('/')}`
  return `${path.startsWith('/') ? 'file://' : ''}${parts.map(encodeURIComponent).join('/')}`
}
