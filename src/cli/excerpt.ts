/** The lines around a place in a text, with a caret. */
import type { Position } from '../source/position.ts'

import { printable, shorten } from './terminal.ts'

/** The line before, the line itself, and a caret under the column. */
export function excerpt(text: string, { line, column }: Position, columns = 120): string[] {
  const all = text.split(/\r?\n/)
  const width = String(line).length
  const shown = [line - 1, line].filter((number) => number >= 1 && number <= all.length)
  const numbered = shown.map((number) => {
    const content = printable((all[number - 1] ?? '').replaceAll('\t', ' '))
    return `  ${String(number).padStart(width)} | ${shorten(content, columns)}`
  })
  return column > columns ? numbered : [...numbered, `  ${' '.repeat(width)} | ${' '.repeat(column - 1)}^`]
}
