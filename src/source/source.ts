/**
 * A text in either notation, read once: its tree, what is wrong with it, and where things stand. The text itself is the one
 * truth; the tree is made of it and never printed back.
 */
import { readJson } from './json.ts'
import { type Position, positionsIn } from './position.ts'
import type { SourceNode } from './tree.ts'
import { readYaml, type SourceProblem } from './yaml.ts'

export type Notation = 'JSON' | 'YAML'

export interface Source {
  readonly text: string
  readonly notation: Notation
  /** As far as the text could be read; undefined where it is empty. */
  readonly root: SourceNode | undefined
  /** In the order of the text; of JSON the first alone. */
  readonly problems: readonly SourceProblem[]
}

export const notationOf = (text: string): Notation => (/^\s*(?:[{[]|$)/.test(text) ? 'JSON' : 'YAML')

/** Never throws, whatever the text holds. */
export function readSource(text: string, notation = notationOf(text)): Source {
  if (notation === 'YAML') return { text, notation, ...readYaml(text) }
  const { root, problem } = readJson(text)
  if (!problem) return { text, notation, root, problems: [] }
  // Jackson has read the character already.
  const { message, offset: to } = problem
  return { text, notation, root, problems: [{ message, from: Math.max(0, to - 1), to }] }
}

/** The same; what looks like JSON and is none may be YAML in braces. */
export function readEither(text: string): Source {
  const source = readSource(text)
  if (source.notation === 'YAML' || source.problems.length === 0) return source
  const asYaml = readSource(text, 'YAML')
  return asYaml.problems.length === 0 ? asYaml : source
}

/** A file's text without the byte order mark that editors of Windows put before it. */
export const withoutMark = (text: string): string => (text.startsWith('\uFEFF') ? text.slice(1) : text)

export const positionOf = ({ text }: Source, offset: number): Position => positionsIn(text)(offset)
