/** Where the parts of a definition stand in the file that a person edits: the definition itself, or a template around it. */
import { type Position, positionsIn } from '../source/position.ts'
import { notationOf, readSource } from '../source/source.ts'
import { type Key, nearestPlace, placeOf, type SourceNode } from '../source/tree.ts'

export interface Places {
  /** Of a part of the definition, or of the nearest that is written around it. */
  of(path: readonly Key[]): Position | undefined
  /** Where the text breaks off, when it is none. */
  readonly broken: Position | undefined
}

/** `prefix` leads to the definition where it is not the whole. */
export function placesIn(text: string, prefix: readonly Key[] = [], notation = notationOf(text)): Places {
  const source = readSource(text, notation)
  const positionAt = positionsIn(text)
  const problem = source.problems.find(({ isDuplicate }) => !isDuplicate)
  return {
    of(path) {
      const { place } = nearestPlace(source.root, [...prefix, ...path])
      return place && positionAt(place.range.from)
    },
    broken: problem && positionAt(problem.from),
  }
}

/**
 * A definition that is a text within a template, which is read as YAML. Where it is a block of lines each part has its place;
 * where it is written in one line, or put together of pieces, all of it stands at `prefix`.
 */
export function placesOfText(template: string, prefix: readonly Key[], definition: string): Places {
  const { root } = readSource(template, 'YAML')
  const written = textWithin(placeOf(root, prefix)?.node)
  const positionAt = positionsIn(template)
  const block = written && /^[|>]/.test(template.slice(written.from)) ? linesOf(template, written.from, definition) : undefined
  const inner = placesIn(definition)
  const whole = written ?? placeOf(root, prefix)?.range
  const outer = (position: Position | undefined): Position | undefined => {
    if (block === undefined || position === undefined) return whole && positionAt(whole.from)
    return { line: block.firstLine + position.line - 1, column: block.indentation + position.column }
  }
  return { of: (path) => outer(inner.of(path)), broken: inner.broken && outer(inner.broken) }
}

/** The text itself: `!Sub` and `Fn::Sub` may have values beside it. */
function textWithin(node: SourceNode | undefined): SourceNode | undefined {
  if (node?.kind === 'scalar') return node
  if (node?.kind === 'array') return node.items[0]?.kind === 'scalar' ? node.items[0] : undefined
  const [only, ...others] = node?.members ?? []
  return only?.name === 'Fn::Sub' && others.length === 0 ? textWithin(only.value) : undefined
}

/** Undefined where the lines are not those of the text: folded ones. */
function linesOf(template: string, header: number, definition: string) {
  const { line } = positionsIn(template)(header)
  const written = template.split(/\r?\n/).slice(line)
  const first = definition.split('\n').findIndex((text) => text.trim() !== '')
  const [inFile = '', inText = ''] = [written[first], definition.split('\n')[first]]
  if (first < 0 || inFile.trim() !== inText.trim()) return undefined
  return { firstLine: line + 1, indentation: inFile.search(/\S/) - inText.search(/\S/) }
}
