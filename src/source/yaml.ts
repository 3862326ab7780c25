/**
 * YAML as a tree with places, by the library `yaml`. What it would choke on is refused before it composes: nesting that
 * overflows its stack is seen in the tokens; names that stand twice are looked for here, because it compares each with each.
 * An alias stands in the tree as what it names; what aliases repeat counts as often as it stands there.
 */
import { type Alias, Composer, type CST, type Document, isAlias, isMap, isNode, isScalar, isSeq, Lexer, Parser } from 'yaml'

import { JSON_DEPTH_MAX } from '../base/json-size.ts'

import { duplicateMembers, type Range, type ScalarNode, type SourceNode } from './tree.ts'

export interface SourceProblem extends Range {
  readonly message: string
  /** The name has stood in its object before. Readers that take this (PyYAML, JSON.parse) go by the last one. */
  readonly isDuplicate?: true
}

export interface YamlText {
  /** Undefined: the text is empty, or cannot be read at all. */
  readonly root: SourceNode | undefined
  /** In the order of the text. */
  readonly problems: readonly SourceProblem[]
}

/** Never throws. */
export function readYaml(text: string): YamlText {
  const refuse = (message: string): YamlText => ({ root: undefined, problems: [{ message, from: 0, to: 0 }] })
  const composed = compose(text)
  if (!composed) return refuse('The text is nested too deeply.')
  const [document, second] = composed
  if (!document) return refuse('The text holds no document.')
  const problems: SourceProblem[] = document.errors.map(({ message, pos: [from, to] }) => ({ message, from, to }))
  if (second) problems.push({ message: 'The text holds more than one document.', from: second.range[0], to: second.range[0] })
  const conversion = new Conversion(text, document, problems)
  const root = conversion.root()
  if (conversion.isTooLarge) return refuse('The text is too large.')
  if (root) {
    for (const { member } of duplicateMembers(root))
      problems.push({ message: 'Map keys must be unique', isDuplicate: true, ...member.nameRange })
  }
  return { root, problems: problems.toSorted((a, b) => a.from - b.from) }
}

type Composed = readonly (Document.Parsed | undefined)[]

/** The documents of a text; undefined where it is nested too deeply. */
function compose(text: string): Composed | undefined {
  const strict = composeWith(new Lexer(), text)
  if (!strict?.[0]?.errors.some(({ message }) => message.startsWith('Flow '))) return strict
  const lenient = composeWith(lenientLexer(), text)
  return lenient?.[0]?.errors.length === 0 ? lenient : strict
}

function composeWith(lexer: Lexer, text: string): Composed | undefined {
  const parser = new Parser()
  const tokens = [...lexer.lex(text)].flatMap((lexeme) => [...parser.next(lexeme)])
  tokens.push(...parser.end())
  if (depthOf(tokens) > JSON_DEPTH_MAX) return undefined
  const composer = new Composer({ prettyErrors: false, logLevel: 'silent', uniqueKeys: false, stringKeys: false })
  return [...composer.compose(tokens, true, text.length)]
}

/**
 * Within braces and brackets lines may begin anywhere, as for the readers that SAM and CloudFormation run (PyYAML, SnakeYAML);
 * the library's lexer wants them indented, and has no setting for it. Only for texts that are nothing without it: where a
 * brace is missing, indentation tells best what it should have held.
 */
function lenientLexer(): Lexer {
  const lexer = new Lexer()
  let indentNext = 0
  Object.defineProperty(lexer, 'indentNext', {
    get(this: { readonly flowLevel: number }) {
      return this.flowLevel > 0 ? 0 : indentNext
    },
    set(value: number) {
      indentNext = value
    },
  })
  return lexer
}

/** Of the tokens, without the stack. */
function depthOf(tokens: readonly CST.Token[]): number {
  let deepest = 0
  let level: readonly unknown[] = tokens
  for (; level.length > 0 && deepest <= JSON_DEPTH_MAX; deepest++) level = level.flatMap(innerTokens)
  return deepest
}

function innerTokens(token: unknown): unknown[] {
  if (typeof token !== 'object' || token === null) return []
  const { value, items } = token as { readonly value?: unknown; readonly items?: readonly { key?: unknown; value?: unknown }[] }
  const inner = (items ?? []).flatMap((item) => [item.key, item.value])
  return [value, ...inner].filter((one) => typeof one === 'object' && one !== null)
}

/** Of all values, those that aliases repeat included: a few lines can stand for billions. */
const NODES_MAX = 1_000_000

interface Anchored {
  readonly node: SourceNode
  readonly nodes: number
}

class Conversion {
  isTooLarge = false
  readonly #text: string
  readonly #document: Document.Parsed
  readonly #problems: SourceProblem[]
  readonly #anchors = new Map<string, Anchored>()
  #nodes = 0

  constructor(text: string, document: Document.Parsed, problems: SourceProblem[]) {
    this.#text = text
    this.#document = document
    this.#problems = problems
  }

  root(): SourceNode | undefined {
    const { contents } = this.#document
    return contents === null ? undefined : this.#node(contents, 0)
  }

  /** `room`: where a value that is missing would stand. */
  #node(node: unknown, room: number): SourceNode {
    this.#count(1)
    if (isAlias(node)) return this.#aliased(node)
    const before = this.#nodes
    const made = this.#own(node, room)
    const anchor = isNode(node) && 'anchor' in node ? node.anchor : undefined
    if (typeof anchor === 'string') this.#anchors.set(anchor, { node: made, nodes: this.#nodes - before + 1 })
    return made
  }

  #aliased(alias: Alias): SourceNode {
    const range = rangeOf(alias) ?? { from: 0, to: 0 }
    const found = this.#anchors.get(alias.source)
    if (!found) {
      this.#problems.push({ message: `Nothing before this alias is named ${alias.source}`, ...range })
      return { kind: 'scalar', value: null, ...range }
    }
    this.#count(found.nodes)
    return { ...found.node, ...range }
  }

  #own(node: unknown, room: number): SourceNode {
    const range = rangeOf(node) ?? { from: room, to: room }
    const tag = isNode(node) && 'tag' in node && typeof node.tag === 'string' && { tag: node.tag }
    if (isMap(node)) {
      const members = node.items.map(({ key, value }) => {
        const nameRange = rangeOf(key) ?? { from: range.from, to: range.from }
        return { name: this.#name(key, nameRange), nameRange, value: this.#node(value, nameRange.to) }
      })
      return { kind: 'object', isBlock: node.flow !== true, members, ...range, ...tag }
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.#node(item, range.from))
      return { kind: 'array', isBlock: node.flow !== true, items, ...range, ...tag }
    }
    return { kind: 'scalar', value: isScalar(node) ? this.#plain(node.value, range) : null, ...range, ...tag }
  }

  /** A name that is no scalar is taken as it is written. */
  #name(key: unknown, { from, to }: Range): string {
    const written = isAlias(key) ? this.#aliased(key) : undefined
    if (written?.kind === 'scalar') return String(written.value ?? '')
    return isScalar(key) ? String(key.value ?? '') : this.#text.slice(from, to)
  }

  /** What JSON does not have (dates, bytes) is taken as it is written; numbers beyond numbers are null. */
  #plain(value: unknown, { from, to }: Range): ScalarNode['value'] {
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
    if (typeof value === 'number') return Number.isFinite(value) ? value : null
    return this.#text.slice(from, to)
  }

  #count(nodes: number): void {
    this.#nodes += nodes
    if (this.#nodes > NODES_MAX) this.isTooLarge = true
  }
}

function rangeOf(node: unknown): Range | undefined {
  const range = isNode(node) ? node.range : undefined
  return range ? { from: range[0], to: range[1] } : undefined
}
