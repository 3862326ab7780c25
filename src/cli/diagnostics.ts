/**
 * The problems of a definition as a person reads them: file, line and column, the code, the JSON pointer, the lines with a
 * caret, and how to mend it. The check itself is the language's own; here it is only shown.
 */
import type { Json } from '../base/json.ts'
import { findJsonSyntaxError } from '../base/json-syntax.ts'

import { type CheckOptions, checkDefinition } from '../asl/check.ts'
import { ADVICE_CODES } from '../asl/rules/index.ts'

import { keysOfLocation, toPointer } from './aws-location.ts'
import { CliError, EXIT } from './cli-error.ts'
import { hintFor } from './hints.ts'
import { excerpt, locatorOf, type SourcePosition } from './source-position.ts'
import { type Paint, painter, printable } from './terminal.ts'

export interface Checkable {
  readonly path: string
  /** The file's text: JSON, YAML or a template. */
  readonly source: string
  /** JSON text. */
  readonly definition: string
  /** Pointer to where the definition stands in the source, when it is not the whole. */
  readonly root?: string
}

export interface ShownDiagnostic {
  readonly severity: 'ERROR' | 'WARNING'
  readonly code: string
  readonly message: string
  readonly pointer: string
  readonly hint: string | undefined
  readonly position: SourcePosition | undefined
}

export async function diagnose(file: Checkable, options: CheckOptions): Promise<readonly ShownDiagnostic[]> {
  const [document, brokenAt] = parse(file.definition)
  const problems = checkDefinition(file.definition, options)
  if (problems.length === 0) return []
  const locate = locatorOf(file.source)
  return problems.map(({ severity, code, message, location }) => {
    // A place in the text itself is no pointer: where the JSON breaks off.
    const pointer = location === undefined || location.startsWith('[') ? '' : toPointer(keysOfLocation(location, document))
    const hint = ADVICE_CODES.includes(code)
      ? `docs/rules/${code}.md; --ignore ${code} hides it`
      : hintFor(code, message, document)
    const position = brokenAt ?? locate(`${file.root ?? ''}${pointer}`)
    // The rest of a parser's message repeats the text and the place.
    return { severity, code, message: message.split('\n')[0] ?? message, pointer, hint, position }
  })
}

/** The document, or where its text goes wrong. */
function parse(text: string): [document: Json, brokenAt?: SourcePosition] {
  try {
    return [JSON.parse(text) as Json]
  } catch {
    const { line, column } = findJsonSyntaxError(text)
    return [null, { line, column: Math.max(1, column - 1) }]
  }
}

/** Throws CliError with all errors rendered, when there is one. */
export async function checkSource(file: Checkable, type: 'STANDARD' | 'EXPRESS'): Promise<void> {
  const errors = (await diagnose(file, { type })).filter(({ severity }) => severity === 'ERROR')
  if (errors.length === 0) return
  const lines = renderDiagnostics(file, errors, painter(process.stderr))
  throw new CliError(`the definition is not valid\n${lines.join('\n')}`, EXIT.usage)
}

export function renderDiagnostics(file: Checkable, diagnostics: readonly ShownDiagnostic[], paint: Paint): string[] {
  return diagnostics.flatMap(({ severity, code, message, pointer, hint, position }) => {
    const place = position === undefined ? file.path : `${file.path}:${position.line}:${position.column}`
    const label = paint(severity === 'ERROR' ? ['red', 'bold'] : ['yellow', 'bold'], severity.toLowerCase())
    return [
      `${paint('bold', place)}: ${label} ${code}: ${printable(message)}`,
      ...(pointer === '' ? [] : [`  at ${printable(pointer)}`]),
      ...(position === undefined ? [] : excerpt(file.source, position)),
      ...(hint === undefined ? [] : [`  hint: ${printable(hint)}`]),
    ]
  })
}
