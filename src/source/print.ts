/**
 * What a text holds, laid out anew, in its own notation or the other. Numbers stay as they are spelled, members that stand twice
 * stand twice, and YAML keeps its comments where it stays YAML. JSON has no comments: they are counted, to be asked about.
 */
import { Document, Pair, parseDocument, Scalar, type ScalarTag, stringify, visit, YAMLMap, YAMLSeq } from 'yaml'

import type { Json } from '../base/json.ts'

import { printJson, spell } from './print-json.ts'
import type { Notation, Source } from './source.ts'
import type { SourceNode } from './tree.ts'

/** A value as a text of its own. */
export const print = (value: Json, notation: Notation): string =>
  notation === 'JSON' ? JSON.stringify(value, null, 2) : stringify(value, { aliasDuplicateObjects: false })

/** The text of a source that has no problems. */
export function printSource({ text, root, notation: from }: Source, notation: Notation): string {
  if (!root) return text
  if (notation === 'JSON') return printJson(root, text)
  return from === 'YAML' ? parsed(text).toString({ lineWidth: 0 }) : yamlText(root, text)
}

/** How many comments a YAML text holds: those that JSON would lose. */
export function countComments({ text, notation }: Source): number {
  if (notation === 'JSON') return 0
  const document = parsed(text)
  let found = linesOf(document.commentBefore) + linesOf(document.comment)
  visit(document, {
    Node: (_, node) => {
      found += linesOf(node.commentBefore) + linesOf(node.comment)
    },
  })
  return found
}

const parsed = (text: string) => parseDocument(text, { uniqueKeys: false, intAsBigInt: true, logLevel: 'silent' })

const linesOf = (comment: string | null | undefined): number => (comment ? comment.split('\n').length : 0)

/** A number that keeps its spelling. */
class Spelled {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const SPELLED: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  identify: (value) => value instanceof Spelled,
  resolve: (text) => new Spelled(text),
  test: /^(?!)/,
  stringify: ({ value }) => (value instanceof Spelled ? value.text : String(value)),
}

function yamlText(root: SourceNode, text: string): string {
  const document = new Document(null, { customTags: (tags) => [SPELLED, ...tags] })
  document.contents = yamlNode(root, text)
  return document.toString({ lineWidth: 0 })
}

function yamlNode(node: SourceNode, text: string): YAMLMap | YAMLSeq | Scalar {
  switch (node.kind) {
    case 'scalar': {
      return new Scalar(typeof node.value === 'number' ? new Spelled(spell(node, text)) : node.value)
    }
    case 'array': {
      const list = new YAMLSeq()
      list.items = node.items.map((item) => yamlNode(item, text))
      return list
    }
    case 'object': {
      const map = new YAMLMap()
      map.items = node.members.map(({ name, value }) => new Pair(new Scalar(name), yamlNode(value, text)))
      return map
    }
  }
}
