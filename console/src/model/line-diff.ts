/** Two texts, line by line: what both have, what only one of them has. The longest common run of lines, within bounds. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
}

/** Beyond this many pairs of lines, what lies between the common beginning and end counts as changed. */
const PAIRS_MAX = 4_000_000

export function diffLines(before: string, after: string): readonly DiffLine[] {
  const [a, b] = [before.split('\n'), after.split('\n')]
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  const as = (kind: DiffLine['kind']) => (text: string) => ({ kind, text })
  return [
    ...a.slice(0, head).map(as('same')),
    ...between(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(as('same')),
  ]
}

function between(a: readonly string[], b: readonly string[]): readonly DiffLine[] {
  if (a.length * b.length > PAIRS_MAX)
    return [...a.map((text) => ({ kind: 'removed' as const, text })), ...b.map((text) => ({ kind: 'added' as const, text }))]
  const width = b.length + 1
  // At [i, j]: how many lines a from i and b from j have in common.
  const common = new Uint32Array((a.length + 1) * width)
  const at = (i: number, j: number) => common[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const lines: DiffLine[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: 'same', text: a[i] ?? '' })
      i++
      j++
    } else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1)))
      lines.push({ kind: 'removed', text: a[i++] ?? '' })
    else lines.push({ kind: 'added', text: b[j++] ?? '' })
  }
  return lines
}

export type DiffPart = DiffLine | { readonly kind: 'skipped'; readonly lines: number }

/** Only what changed, with some lines around it. */
export function foldSame(lines: readonly DiffLine[], around = 3): readonly DiffPart[] {
  const isNear = lines.map(() => false)
  for (const [at, { kind }] of lines.entries()) if (kind !== 'same') isNear.fill(true, Math.max(0, at - around), at + around + 1)
  const parts: DiffPart[] = []
  let skipped = 0
  const endSkip = () => {
    if (skipped > 0) parts.push({ kind: 'skipped', lines: skipped })
    skipped = 0
  }
  for (const [at, line] of lines.entries()) {
    if (!isNear[at]) {
      skipped++
      continue
    }
    endSkip()
    parts.push(line)
  }
  endSkip()
  return parts
}
