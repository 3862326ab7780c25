/** The rows of a CSV text, for looking. Quoted cells may hold delimiters, line ends and doubled quotes (RFC 4180). */
export interface CsvRow {
  /** At which it begins, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

export function readCsv(text: string, delimiter: string, rowsMax: number): readonly CsvRow[] {
  const rows: CsvRow[] = []
  let cells: string[] = []
  let cell = ''
  let isQuoted = false
  let [line, begun] = [1, 1]
  const endRow = () => {
    rows.push({ line: begun, cells: [...cells, cell] })
    cells = []
    cell = ''
  }
  for (let at = 0; at < text.length && rows.length < rowsMax; at++) {
    const character = text.charAt(at)
    if (character === '\n') line++
    if (isQuoted) {
      if (character !== '"') cell += character
      else if (text.charAt(at + 1) === '"') cell += text.charAt(at++)
      else isQuoted = false
    } else if (character === '"' && cell === '') isQuoted = true
    else if (character === delimiter) {
      cells.push(cell)
      cell = ''
    } else if (character === '\n') {
      endRow()
      begun = line
    } else if (character !== '\r') cell += character
  }
  if (rows.length < rowsMax && (cell !== '' || cells.length > 0)) endRow()
  return rows
}
