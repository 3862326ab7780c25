/**
 * Members that stand twice in one object: JSON.parse keeps the last without a word, so a state can vanish. One pass over the
 * text, which is JSON already and not nested too deep.
 */
export interface DuplicateKey {
  readonly key: string
  /** As AWS names places, of the object: `/States`. */
  readonly at: string
}

interface Container {
  readonly isObject: boolean
  readonly at: string
  readonly keys: Set<string>
  /** The member, or the index, that is being read. */
  place: string
  index: number
}

export function findDuplicateKeys(text: string): readonly DuplicateKey[] {
  const found: DuplicateKey[] = []
  const open: Container[] = []
  let isKey = false
  for (const token of tokensOf(text)) {
    const top = open.at(-1)
    switch (token) {
      case '{':
      case '[':
        open.push({ isObject: token === '{', at: top ? top.place : '', keys: new Set(), place: '', index: 0 })
        isKey = token === '{'
        if (token === '[') enterItem(open.at(-1))
        break
      case '}':
      case ']':
        open.pop()
        isKey = false
        break
      case ',':
        isKey = top?.isObject === true
        if (top && !top.isObject) {
          top.index++
          enterItem(top)
        }
        break
      default: {
        if (!isKey || !top) break
        const key = JSON.parse(token) as string
        if (top.keys.has(key)) found.push({ key, at: top.at || '/' })
        top.keys.add(key)
        top.place = `${top.at}/${key}`
        isKey = false
      }
    }
  }
  return found
}

/** Strings and marks. By hand, because a regular expression takes stack for each character of a long string. */
function* tokensOf(text: string): Iterable<string> {
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (character !== '"') {
      if ('{}[],'.includes(character)) yield character
      continue
    }
    const start = at
    for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++
    yield text.slice(start, at + 1)
  }
}

function enterItem(list: Container | undefined): void {
  if (list) list.place = `${list.at}[${list.index}]`
}
