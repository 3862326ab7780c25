/**
 * The problems of a definition as a person reads them: file, line and column, the code, the JSON pointer, the lines with a
 * caret, and how to mend it. The check itself is the language's own; here it is only shown.
 */
import { pointerOf } from '../base/json-pointer.ts'

import { readJson } from '../source/json.ts'
import type { Position } from '../source/position.ts'
import { jsonOf } from '../source/tree.ts'

import { type CheckOptions, checkDefinition } from '../asl/check.ts'
import { pathOfDiagnostic } from '../asl/document/location.ts'
import { ADVICE_CODES } from '../asl/rules/index.ts'

import { CliError, EXIT } from './cli-error.ts'
import { excerpt } from './excerpt.ts'
import { hintFor } from './hints.ts'
import type { Places } from './places.ts'
import { hasPlaceholders, unknowns, withStandIns } from './substitutions.ts'
import { type Paint, painter, printable } from './terminal.ts'

export interface Checkable {
  readonly path: string
  /** The file's text: JSON, YAML or a template. */
  readonly source: string
  /** JSON text. */
  readonly definition: string
  readonly places: Places
  /** Its state machine, where the file is a template. */
  readonly machine?: string
}

export interface ShownDiagnostic {
  readonly severity: 'ERROR' | 'WARNING'
  readonly code: string
  readonly message: string
  readonly pointer: string
  readonly hint: string | undefined
  readonly position: Position | undefined
}

export interface DiagnoseOptions extends CheckOptions {
  /** `${Name}` gets its value at deployment. Without it, such a text is what it is. */
  readonly takesPlaceholders?: boolean
}

export function diagnose(
  { definition, places }: Pick<Checkable, 'definition' | 'places'>,
  { takesPlaceholders = false, ...options }: DiagnoseOptions,
): readonly ShownDiagnostic[] {
  const isUnknown = takesPlaceholders ? unknowns(definition) : () => false
  const found = checkDefinition(takesPlaceholders ? withStandIns(definition) : definition, options)
  const { root } = readJson(definition)
  const document = root ? jsonOf(root) : null
  return found
    .filter((diagnostic) => !isUnknown(diagnostic))
    .map(({ severity, code, message, location }) => {
      // A place in the text itself is no pointer: where the JSON breaks off.
      const path = location === undefined || location.startsWith('[') ? [] : pathOfDiagnostic(root, { location, message })
      const hint = ADVICE_CODES.includes(code) ? adviceHint(code) : hintFor(code, message, document)
      return {
        severity,
        code,
        // The rest of a parser's message repeats the text and the place.
        message: message.split('\n')[0] ?? message,
        pointer: pointerOf(path),
        hint,
        position: places.broken ?? places.of(path),
      }
    })
}

export const adviceHint = (code: string): string => `docs/rules/${code}.md; --ignore ${code} hides it`

/** Throws CliError with all errors rendered, when there is one. */
export function checkSource(file: Checkable, type: 'STANDARD' | 'EXPRESS'): void {
  const errors = diagnose(file, { type }).filter(({ severity }) => severity === 'ERROR')
  if (errors.length === 0) return
  const lines = renderDiagnostics(file, errors, painter(process.stderr))
  if (hasPlaceholders(file.definition))
    lines.push(
      'A ${Name} gets its value from the DefinitionSubstitutions of a template: give the template instead of its definition.',
    )
  throw new CliError(`the definition is not valid\n${lines.join('\n')}`, EXIT.usage)
}

export function renderDiagnostics(
  file: Pick<Checkable, 'path' | 'source'>,
  diagnostics: readonly ShownDiagnostic[],
  paint: Paint,
): string[] {
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
