/**
 * The problems of a definition as a person reads them: file, line and column, the code, the JSON pointer, the lines with a
 * caret, and how to mend it. The check itself is the language's own; here it is only shown.
 */
import { keysOfPointer, pointerOf } from '../base/json-pointer.ts'

import { type Position, positionsIn } from '../source/position.ts'
import { readSource } from '../source/source.ts'
import { jsonOf, nearestPlace, placeOf } from '../source/tree.ts'

import { type CheckOptions, checkDefinition } from '../asl/check.ts'
import { pathOfLocation } from '../asl/document/location.ts'
import { ADVICE_CODES } from '../asl/rules/index.ts'

import { CliError, EXIT } from './cli-error.ts'
import { excerpt } from './excerpt.ts'
import { hintFor } from './hints.ts'
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
  readonly position: Position | undefined
}

export async function diagnose(file: Checkable, options: CheckOptions): Promise<readonly ShownDiagnostic[]> {
  const found = checkDefinition(file.definition, options)
  if (found.length === 0) return []
  const source = readSource(file.source)
  const prefix = keysOfPointer(file.root ?? '')
  const root = placeOf(source.root, prefix)?.node
  const document = root ? jsonOf(root) : null
  const positionAt = positionsIn(file.source)
  const [broken] = source.problems
  return found.map(({ severity, code, message, location }) => {
    // A place in the text itself is no pointer: where the JSON breaks off.
    const path = location === undefined || location.startsWith('[') ? [] : pathOfLocation(root, location)
    const hint = ADVICE_CODES.includes(code)
      ? `docs/rules/${code}.md; --ignore ${code} hides it`
      : hintFor(code, message, document)
    const range = broken ?? nearestPlace(source.root, [...prefix, ...path]).place?.range
    // The rest of a parser's message repeats the text and the place.
    return {
      severity,
      code,
      message: message.split('\n')[0] ?? message,
      pointer: pointerOf(path),
      hint,
      position: range && positionAt(range.from),
    }
  })
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
