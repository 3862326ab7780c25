/** What was expected beside what is there, line by line: `-` was expected alone, `+` is there alone. */

export type Step<E, R> =
  | { readonly kind: 'both'; readonly expected: E; readonly received: R }
  | { readonly kind: 'expected'; readonly expected: E }
  | { readonly kind: 'received'; readonly received: R }

/** Larger tables are not laid out: what is between the common beginning and end is told as a whole. */
const CELLS_MAX = 1_000_000
/** Lines that are the same are shown so far from one that is not. */
const AROUND = 3

/** Takes both in their order, with as many in common as there can be. */
export function align<E, R>(
  expected: readonly E[],
  received: readonly R[],
  isSame: (expected: E, received: R) => boolean,
): readonly Step<E, R>[] {
  const shorter = Math.min(expected.length, received.length)
  let start = 0
  while (start < shorter && isSame(expected[start] as E, received[start] as R)) start++
  let end = 0
  while (end < shorter - start && isSame(expected.at(-1 - end) as E, received.at(-1 - end) as R)) end++
  return [
    ...expected.slice(0, start).map((one, i) => both(one, received[i] as R)),
    ...alignMiddle(expected.slice(start, expected.length - end), received.slice(start, received.length - end), isSame),
    ...expected.slice(expected.length - end).map((one, i) => both(one, received[received.length - end + i] as R)),
  ]
}

function alignMiddle<E, R>(
  expected: readonly E[],
  received: readonly R[],
  isSame: (expected: E, received: R) => boolean,
): readonly Step<E, R>[] {
  const [rows, columns] = [expected.length, received.length]
  if (rows * columns > CELLS_MAX) return [...expected.map(onlyExpected), ...received.map(onlyReceived)]
  const same = (row: number, column: number): boolean => isSame(expected[row] as E, received[column] as R)
  // How many are in common from here on.
  const common = Array.from({ length: rows + 1 }, () => new Uint32Array(columns + 1))
  const at = (row: number, column: number): number => common[row]?.[column] ?? 0
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      const best = same(row, column) ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1))
      ;(common[row] as Uint32Array)[column] = best
    }
  }
  const steps: Step<E, R>[] = []
  let [row, column] = [0, 0]
  while (row < rows && column < columns) {
    if (same(row, column)) steps.push(both(expected[row++] as E, received[column++] as R))
    else if (at(row + 1, column) >= at(row, column + 1)) steps.push(onlyExpected(expected[row++] as E))
    else steps.push(onlyReceived(received[column++] as R))
  }
  return [...steps, ...expected.slice(row).map(onlyExpected), ...received.slice(column).map(onlyReceived)]
}

const both = <E, R>(expected: E, received: R) => ({ kind: 'both', expected, received }) as const
const onlyExpected = <E>(expected: E) => ({ kind: 'expected', expected }) as const
const onlyReceived = <R>(received: R) => ({ kind: 'received', received }) as const

/** Lines of both: `-` what was expected, `+` what there is, a space what is the same. */
export const diffLines = (expected: readonly string[], received: readonly string[]): readonly string[] =>
  align(expected, received, (a, b) => a === b).map(lineOf)

/** Of two texts; what is the same far and wide is left out. */
export function difference(expected: string, received: string): string {
  const lines = diffLines(expected.split('\n'), received.split('\n'))
  return ['- expected', '+ received', '', ...shortened(lines)].join('\n')
}

function lineOf(step: Step<string, string>): string {
  switch (step.kind) {
    case 'both':
      return `  ${step.expected}`
    case 'expected':
      return `- ${step.expected}`
    case 'received':
      return `+ ${step.received}`
  }
}

function shortened(lines: readonly string[]): readonly string[] {
  const isShown = new Uint8Array(lines.length)
  for (const [i, line] of lines.entries()) if (!line.startsWith(' ')) isShown.fill(1, Math.max(0, i - AROUND), i + AROUND + 1)
  const shown: string[] = []
  let hidden = 0
  const tell = () => {
    if (hidden > 0) shown.push(`  … ${hidden} ${hidden === 1 ? 'line' : 'lines'}`)
    hidden = 0
  }
  for (const [i, line] of lines.entries()) {
    if (isShown[i] === 0) hidden++
    else {
      tell()
      shown.push(line)
    }
  }
  tell()
  return shown
}
