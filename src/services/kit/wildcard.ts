/**
 * Wildcards: `*` is any run of characters, `\*` a star. The pieces between stars are sought from left to right: linear, no
 * backtracking. Source: EventBridge user guide, "Matching using wildcards".
 */
export function matchesWildcard(wildcard: string, value: string): boolean {
  const pieces = piecesOf(wildcard)
  const first = pieces[0] ?? ''
  if (pieces.length === 1) return value === first
  const last = pieces.at(-1) ?? ''
  if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false
  const end = value.length - last.length
  let from = first.length
  for (const piece of pieces.slice(1, -1)) {
    const at = value.indexOf(piece, from)
    if (at < 0 || at + piece.length > end) return false
    from = at + piece.length
  }
  return true
}

function piecesOf(wildcard: string): readonly string[] {
  const pieces = ['']
  for (let i = 0; i < wildcard.length; i++) {
    const next = wildcard[i + 1]
    if (wildcard[i] === '*') pieces.push('')
    else {
      const isEscape = wildcard[i] === '\\' && (next === '*' || next === '\\')
      pieces.push(`${pieces.pop() ?? ''}${isEscape ? next : wildcard[i]}`)
      if (isEscape) i++
    }
  }
  return pieces
}
