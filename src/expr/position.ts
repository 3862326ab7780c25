/**
 * Places inside a text. Offsets count UTF-16 units from 0; lines and columns count from 1, as editors show them.
 * A line ends at LF, CR LF or a lone CR.
 */
export interface Position {
  readonly offset: number
  readonly line: number
  readonly column: number
}

/** The place of `offset` in `text`; an offset past the end is the end. */
export function positionAt(text: string, offset: number): Position {
  const end = Math.max(0, Math.min(offset, text.length))
  let line = 1
  let lineStart = 0
  for (let i = 0; i < end; i++) {
    const unit = text.charCodeAt(i)
    if (unit !== 10 && !(unit === 13 && text.charCodeAt(i + 1) !== 10)) continue
    line++
    lineStart = i + 1
  }
  return { offset: end, line, column: end - lineStart + 1 }
}
