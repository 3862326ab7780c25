/**
 * YAML of the plain kind, as templates are written: blocks by indentation, scalars of one line, literal texts, braces. Read some
 * twenty times as fast as by the library. Whatever is of another kind, or wrong, is left to that (`yaml.ts`): this reader knows no
 * errors, and what it reads the library reads alike (`plain-yaml.test.ts` compares them).
 */
import type { Member, ScalarNode, SourceNode } from './tree.ts'

const DEPTH_MAX = 100
/** Anchors, aliases, other documents, directives, tabs that indent, and ends of lines of other systems. */
const OTHER_KIND = /(?:^|[\s,[{:-])[&*][\w-]|^(?:---|\.\.\.|%)|^ *\t|\r|^\uFEFF/m

/** Undefined where the text is not of this kind. */
export function readPlainYaml(text: string): SourceNode | undefined {
  if (OTHER_KIND.test(text)) return undefined
  try {
    return new Reader(text).document()
  } catch (error) {
    if (error === OTHER) return undefined
    throw error
  }
}

const OTHER = Symbol('not plain')

function leave(): never {
  throw OTHER
}

/** A line that is neither empty nor a comment; of one that holds several nodes, the rest of it. */
interface Line {
  readonly indent: number
  /** Of its first character that is no space. */
  readonly start: number
  readonly end: number
}

type Tagged = { readonly tag?: string }

class Reader {
  readonly #text: string
  /** Where the lines behind the current one begin. */
  #next = 0
  #line: Line | undefined
  #depth = 0

  constructor(text: string) {
    this.#text = text
    this.#advance()
  }

  document(): SourceNode {
    const line = this.#line ?? leave()
    const root = this.#block(line.indent, {})
    if (this.#line !== undefined) leave()
    return root
  }

  #advance(): void {
    while (this.#next < this.#text.length) {
      const from = this.#next
      const found = this.#text.indexOf('\n', from)
      const end = found < 0 ? this.#text.length : found
      this.#next = end + 1
      let start = from
      while (start < end && this.#text[start] === ' ') start++
      if (start === end || this.#text[start] === '#') continue
      this.#line = { indent: start - from, start, end }
      return
    }
    this.#line = undefined
  }

  // ---- blocks

  #block(indent: number, tag: Tagged): SourceNode {
    if (++this.#depth > DEPTH_MAX) leave()
    const line = this.#line ?? leave()
    const node = this.#isItem(line) ? this.#sequence(indent, tag) : this.#mapping(indent, tag)
    this.#depth--
    return node
  }

  #isItem({ start, end }: Line): boolean {
    return this.#text[start] === '-' && (start + 1 === end || this.#text[start + 1] === ' ')
  }

  #mapping(indent: number, tag: Tagged): SourceNode {
    const members: Member[] = []
    const from = this.#line?.start ?? leave()
    let to = from
    while (this.#line !== undefined && this.#line.indent === indent && !this.#isItem(this.#line)) {
      const line = this.#line
      const { name, nameRange, behind } = this.#key(line)
      const value = this.#value(this.#skipSpaces(behind, line.end), line, { indent, isMember: true, behind })
      members.push({ name, nameRange, value })
      to = value.to
    }
    if (members.length === 0 || (this.#line !== undefined && this.#line.indent > indent)) leave()
    return { kind: 'object', isBlock: true, members, from, to, ...tag }
  }

  #sequence(indent: number, tag: Tagged): SourceNode {
    const items: SourceNode[] = []
    const from = this.#line?.start ?? leave()
    let to = from
    while (this.#line !== undefined && this.#line.indent === indent && this.#isItem(this.#line)) {
      const item = this.#item(this.#line)
      items.push(item)
      to = item.to
    }
    if (this.#line !== undefined && this.#line.indent > indent) leave()
    return { kind: 'array', isBlock: true, items, from, to, ...tag }
  }

  #item(line: Line): SourceNode {
    const { indent, start, end } = line
    const at = this.#skipSpaces(start + 1, end)
    const rest = { indent: indent + at - start, start: at, end }
    if (at < end && (this.#isItem(rest) || this.#keyEnd(rest) !== undefined)) {
      this.#line = rest
      return this.#block(rest.indent, {})
    }
    return this.#value(at, line, { indent, isMember: false, behind: start + 1 })
  }

  // ---- names

  #key(line: Line) {
    const to = this.#keyEnd(line) ?? leave()
    const written = this.#text.slice(line.start, to)
    const quote = written[0]
    const name = quote === '"' || quote === "'" ? written.slice(1, -1) : String(plainValue(written) ?? '')
    const colon = this.#text.indexOf(':', to)
    return { name, nameRange: { from: line.start, to }, behind: colon + 1 }
  }

  /** Where the name that begins a line ends; undefined where it begins with none. */
  #keyEnd({ start, end }: Line): number | undefined {
    const first = this.#text[start] ?? ''
    if (first === '"' || first === "'") {
      const close = this.#indexOf(first, start + 1, end)
      if (close < 0) return undefined
      const colon = this.#skipSpaces(close + 1, end)
      if (this.#text[colon] !== ':' || !this.#isBreak(colon + 1, end)) return undefined
      if (colon !== close + 1 || this.#text.slice(start, close).includes('\\')) leave()
      return close + 1
    }
    if (INDICATOR.test(first) || (/[-?:]/.test(first) && this.#isBreak(start + 1, end))) return undefined
    for (let colon = this.#indexOf(':', start, end); colon >= 0; colon = this.#indexOf(':', colon + 1, end)) {
      if (!this.#isBreak(colon + 1, end)) continue
      const name = this.#text.slice(start, colon)
      if (name.includes(' #') || name.includes('\t')) return undefined
      return start + name.trimEnd().length
    }
    return undefined
  }

  /** Looks no further than the line: a text without colons would be read again for each of its lines. */
  #indexOf(mark: string, from: number, end: number): number {
    for (let at = from; at < end; at++) if (this.#text[at] === mark) return at
    return -1
  }

  #isBreak(at: number, end: number): boolean {
    return at >= end || this.#text[at] === ' '
  }

  #skipSpaces(at: number, end: number): number {
    let to = at
    while (to < end && this.#text[to] === ' ') to++
    if (this.#text[to] === '\t' && to < end) leave()
    return to
  }

  // ---- values

  /** Of a member or an item whose own place is `indent`, from `at` on; `behind` its mark. Goes on to the line behind it. */
  #value(at: number, line: Line, own: { indent: number; isMember: boolean; behind: number }, tag: Tagged = {}): SourceNode {
    const { end } = line
    const first = this.#text[at] ?? ''
    if (at >= end || (first === '#' && this.#text[at - 1] === ' ')) return this.#below(own, tag)
    switch (first) {
      case '!':
        return this.#tagged(at, line, own, tag)
      case '"':
      case "'":
        return this.#ended(this.#quoted(at, tag), end)
      case '[':
      case '{': {
        const node = this.#flow(at, tag)
        return this.#ended(node, this.#endOfLine(node.to))
      }
      case '|':
      case '>':
        return this.#blockText(at, own.indent, tag)
      default:
        return this.#plain(at, line, own.indent, tag)
    }
  }

  /** A value that begins on the next line, or is missing. */
  #below({ indent, isMember, behind }: { indent: number; isMember: boolean; behind: number }, tag: Tagged): SourceNode {
    this.#advance()
    const line = this.#line
    if (line !== undefined && line.indent > indent) {
      if (!this.#isItem(line) && this.#keyEnd(line) === undefined) leave()
      return this.#block(line.indent, tag)
    }
    if (line !== undefined && isMember && line.indent === indent && this.#isItem(line)) return this.#block(indent, tag)
    if (tag.tag !== undefined) leave()
    return { kind: 'scalar', value: null, from: behind, to: behind }
  }

  #tagged(at: number, line: Line, own: { indent: number; isMember: boolean; behind: number }, before: Tagged): SourceNode {
    const [tag = ''] = /^![A-Za-z][\w:-]*/.exec(this.#text.slice(at, Math.min(line.end, at + 100))) ?? []
    const to = at + tag.length
    if (before.tag !== undefined || tag === '' || !this.#isBreak(to, line.end)) leave()
    return this.#value(this.#skipSpaces(to, line.end), line, { ...own, behind: to }, { tag })
  }

  /** Nothing but a comment may stand behind a value on its line. */
  #ended<N extends SourceNode>(node: N, end: number): N {
    const at = this.#skipSpaces(node.to, end)
    if (at < end && (this.#text[at] !== '#' || at === node.to)) leave()
    this.#next = end + 1
    this.#advance()
    return node
  }

  #endOfLine(at: number): number {
    const found = this.#text.indexOf('\n', at)
    return found < 0 ? this.#text.length : found
  }

  /** Of one line. */
  #quoted(from: number, tag: Tagged): ScalarNode {
    const quote = this.#text[from] ?? ''
    let close = from + 1
    for (; close < this.#text.length; close++) {
      const unit = this.#text[close]
      if (unit === '\n') leave()
      if (quote === '"' && unit === '\\') close++
      else if (unit === quote) {
        if (quote === '"' || this.#text[close + 1] !== quote) break
        close++
      }
    }
    if (close >= this.#text.length) leave()
    const inner = this.#text.slice(from + 1, close)
    const value = quote === '"' ? unescaped(inner) : inner.replaceAll("''", "'")
    return { kind: 'scalar', value, from, to: close + 1, ...tag }
  }

  #plain(from: number, line: Line, indent: number, tag: Tagged): SourceNode {
    const { end } = line
    if (INDICATOR.test(this.#text[from] ?? '') || (/[-?:]/.test(this.#text[from] ?? '') && this.#isBreak(from + 1, end))) leave()
    const rest = this.#text.slice(from, end)
    const comment = rest.indexOf(' #')
    const written = (comment < 0 ? rest : rest.slice(0, comment)).trimEnd()
    if (written.includes(': ') || written.endsWith(':') || written.includes('\t')) leave()
    this.#advance()
    // It goes on there.
    if (this.#line !== undefined && this.#line.indent > indent) leave()
    const value = tag.tag === undefined ? plainValue(written) : written
    return { kind: 'scalar', value, from, to: from + written.length, ...tag }
  }

  /** A text by lines. */
  #blockText(from: number, indent: number, tag: Tagged): SourceNode {
    const headerEnd = this.#endOfLine(from)
    const header = this.#text.slice(from, headerEnd).trimEnd()
    if (!/^[|>][-+]?(?: +#|$)/.test(header)) leave()
    let to = headerEnd + 1
    while (to < this.#text.length) {
      const end = this.#endOfLine(to)
      let start = to
      while (start < end && this.#text[start] === ' ') start++
      if (start < end && start - to <= indent) break
      to = end + 1
    }
    const last = Math.min(to, this.#text.length)
    if (this.#text.slice(headerEnd, last).trim() === '') leave()
    const value = /^[|>]-?$/.test(header) ? textOf(this.#text.slice(headerEnd + 1, last), header) : undefined
    if (value === undefined) leave()
    this.#next = to
    this.#advance()
    return { kind: 'scalar', value, from, to: last, ...tag }
  }

  // ---- braces

  #flow(from: number, tag: Tagged): SourceNode {
    if (++this.#depth > DEPTH_MAX) leave()
    const node = this.#text[from] === '[' ? this.#flowItems(from, tag) : this.#flowMembers(from, tag)
    this.#depth--
    return node
  }

  #flowItems(from: number, tag: Tagged): SourceNode {
    const items: SourceNode[] = []
    for (let at = this.#skipBlank(from + 1); ; ) {
      if (this.#text[at] === ']') return { kind: 'array', isBlock: false, items, from, to: at + 1, ...tag }
      const item = this.#flowItem(at)
      items.push(item)
      at = this.#skipBlank(item.to)
      if (this.#text[at] === ',') at = this.#skipBlank(at + 1)
      else if (this.#text[at] !== ']') leave()
    }
  }

  /** A value, or a member without braces around it. */
  #flowItem(from: number): SourceNode {
    if (/[[{!]/.test(this.#text[from] ?? '')) return this.#flowValue(from, {})
    const key = this.#flowScalar(from, {})
    const colon = this.#skipBlank(key.to)
    if (this.#text[colon] !== ':') return key
    if (colon !== key.to || !/\s/.test(this.#text[colon + 1] ?? '')) leave()
    const start = this.#skipBlank(colon + 1)
    if (/[,\]]/.test(this.#text[start] ?? '')) leave()
    const value = this.#flowValue(start, {})
    const members = [{ name: String(key.value ?? ''), nameRange: { from: key.from, to: key.to }, value }]
    return { kind: 'object', isBlock: false, members, from, to: value.to }
  }

  #flowMembers(from: number, tag: Tagged): SourceNode {
    const members: Member[] = []
    for (let at = this.#skipBlank(from + 1); ; ) {
      if (this.#text[at] === '}') return { kind: 'object', isBlock: false, members, from, to: at + 1, ...tag }
      const key = this.#flowScalar(at, {})
      const colon = key.to
      const isQuoted = /["']/.test(this.#text[at] ?? '')
      if (this.#text[colon] !== ':' || !(isQuoted || /[\s]/.test(this.#text[colon + 1] ?? ''))) leave()
      const start = this.#skipBlank(colon + 1)
      if (/[,}]/.test(this.#text[start] ?? '')) leave()
      const value = this.#flowValue(start, {})
      members.push({ name: String(key.value ?? ''), nameRange: { from: key.from, to: key.to }, value })
      at = this.#skipBlank(value.to)
      if (this.#text[at] === ',') at = this.#skipBlank(at + 1)
      else if (this.#text[at] !== '}') leave()
    }
  }

  #flowValue(at: number, tag: Tagged): SourceNode {
    const first = this.#text[at]
    if (first === '[' || first === '{') return this.#flow(at, tag)
    if (first !== '!') {
      const node = this.#flowScalar(at, tag)
      // A member without braces around it.
      if (this.#text[this.#skipBlank(node.to)] === ':') leave()
      return node
    }
    const [name = ''] = /^![A-Za-z][\w-]*(?= )/.exec(this.#text.slice(at, at + 100)) ?? []
    if (name === '' || tag.tag !== undefined) leave()
    const start = this.#skipBlank(at + name.length)
    if (/[,\]}]/.test(this.#text[start] ?? '')) leave()
    return this.#flowValue(start, { tag: name })
  }

  #flowScalar(from: number, tag: Tagged): ScalarNode {
    const first = this.#text[from] ?? ''
    if (first === '"' || first === "'") return this.#quoted(from, tag)
    if (INDICATOR.test(first) || (/[-?:]/.test(first) && /[\s,[\]{}]/.test(this.#text[from + 1] ?? ' '))) leave()
    let to = from
    while (!/[,[\]{}\n]/.test(this.#text[to] ?? '\n')) {
      const after = this.#text[to + 1] ?? '\n'
      if (this.#text[to] === ':' && /[\s,[\]{}]/.test(after)) break
      if (this.#text[to] === '\t' || (this.#text[to] === ' ' && after === '#')) leave()
      to++
    }
    const written = this.#text.slice(from, to).trimEnd()
    // It goes on on the next line.
    const goesOn = this.#text[to] === '\n' && !/^\s*[,\]}]/.test(this.#text.slice(to, to + 200))
    if (written === '' || to >= this.#text.length || goesOn) leave()
    const last = from + written.length
    return { kind: 'scalar', value: tag.tag === undefined ? plainValue(written) : written, from, to: last, ...tag }
  }

  #skipBlank(at: number): number {
    let to = at
    while (to < this.#text.length && /[ \n]/.test(this.#text[to] ?? '')) to++
    if (to >= this.#text.length || /[#\t]/.test(this.#text[to] ?? '')) leave()
    return to
  }
}

/** No plain scalar begins with one of these. */
const INDICATOR = /[[\]{},#&*!|>'"%@`]/

/** As the library resolves scalars without quotes: YAML 1.2, core schema. */
function plainValue(written: string): ScalarNode['value'] {
  if (/^(?:~|null|Null|NULL)?$/.test(written)) return null
  if (/^(?:[Tt]rue|TRUE)$/.test(written)) return true
  if (/^(?:[Ff]alse|FALSE)$/.test(written)) return false
  if (!/^[-+.\d]/.test(written)) return written
  if (/^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/.test(written)) return null
  const isNumber = /^0o[0-7]+$|^[-+]?\d+$|^0x[\da-fA-F]+$|^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(written)
  if (!isNumber) return written
  const value = Number(written)
  return Number.isFinite(value) ? value : null
}

/** The escapes that JSON has are the same in YAML. */
function unescaped(inner: string): string {
  if (!inner.includes('\\')) return inner
  try {
    const value: unknown = JSON.parse(`"${inner}"`)
    return typeof value === 'string' ? value : leave()
  } catch {
    return leave()
  }
}

/** The text of lines below `|` or `>`; undefined where they are not indented alike. */
function textOf(block: string, header: string): string | undefined {
  const lines = block.split('\n')
  const first = lines.find((line) => line.trim() !== '') ?? ''
  const indent = first.length - first.trimStart().length
  const isBlank = (line: string) => line.trim() === ''
  if (first.slice(0, indent).includes('\t') || lines.some((line) => isBlank(line) && line.length > indent)) return undefined
  if (lines.some((line) => !isBlank(line) && line.slice(0, indent).trim() !== '')) return undefined
  const body = lines
    .map((line) => line.slice(indent))
    .join('\n')
    .replace(/\n+$/, '')
  // Lines that are indented further are not folded, nor those around them.
  if (header.startsWith('>') && /^[ \t]/m.test(body)) return undefined
  const text = header.startsWith('>') ? folded(body) : body
  return header.endsWith('-') ? text : `${text}\n`
}

/** One end of a line is a space, of several the first is none. Those before the text stay. */
const folded = (body: string): string =>
  body.replace(/(?<=[^\n])\n+/g, ({ length }) => (length === 1 ? ' ' : '\n'.repeat(length - 1)))
