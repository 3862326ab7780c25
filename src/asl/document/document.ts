/**
 * A definition as somebody writes it: the text, what it holds, and where everything stands. Made of any text, right or wrong;
 * immutable. Its data are typed by `written.ts`, visited by `walk.ts` and changed by `operations.ts`.
 */
import { isObject, type Json } from '../../base/json.ts'
import { keysOfPointer, pointerOf } from '../../base/json-pointer.ts'

import { type Position, positionsIn } from '../../source/position.ts'
import { printSource } from '../../source/print.ts'
import { type Notation, notationOf, readSource, type Source } from '../../source/source.ts'
import { type Cursor, cursorAt, type Key, nearestPlace, placeOf, type Range, jsonOf } from '../../source/tree.ts'

import { type Machine, visitMachine, type VisitedState } from '../walk.ts'

export class Document {
  readonly source: Source
  #positions: ((offset: number) => Position) | undefined
  #value: { readonly json: Json } | undefined
  #machine: Machine | undefined

  constructor(source: Source) {
    this.source = source
  }

  /** Never throws: what is wrong stands in `source.problems`. */
  static parse(text: string, notation: Notation = notationOf(text)): Document {
    return new Document(readSource(text, notation))
  }

  get text(): string {
    return this.source.text
  }

  /** As data, as far as the text could be read; null where it is empty. */
  get value(): Json {
    const { root } = this.source
    this.#value ??= { json: root ? jsonOf(root) : null }
    return this.#value.json
  }

  /** Its blocks and states; none where it is no object. */
  get machine(): Machine {
    this.#machine ??= visitMachine(isObject(this.value) ? this.value : {}, 'STANDARD')
    return this.#machine
  }

  /** The text of the definition as the service takes it. JSON stays as it is, faults and all; of YAML, as far as it could be read. */
  get json(): string {
    const { notation, root } = this.source
    return notation === 'JSON' ? this.text : root ? printSource(this.source, 'JSON') : 'null'
  }

  valueAt(path: readonly Key[]): Json | undefined {
    const place = placeOf(this.source.root, path)
    return place && jsonOf(place.node)
  }

  /** Of the name that a path leads to, or of the item; of what is around it where it is missing. The whole is its beginning. */
  rangeOf(path: readonly Key[]): Range {
    const { place, depth } = nearestPlace(this.source.root, path)
    if (place && depth > 0) return place.range
    const from = place?.range.from ?? 0
    return { from, to: Math.min(from + 1, this.text.length) }
  }

  /** Of the same. Undefined: no document. */
  positionOf(pointer: string): Position | undefined {
    const { place } = nearestPlace(this.source.root, keysOfPointer(pointer))
    this.#positions ??= positionsIn(this.text)
    return place && this.#positions(place.range.from)
  }

  cursorAt(offset: number): Cursor {
    return cursorAt(this.source.root, offset)
  }

  /** To the innermost value around an offset; on a name, to its value. */
  pointerAt(offset: number): string {
    return pointerOf(this.pathAt(offset))
  }

  pathAt(offset: number): readonly Key[] {
    const { path, name } = this.cursorAt(offset)
    return name === undefined || !placeOf(this.source.root, [...path, name]) ? path : [...path, name]
  }

  /** The innermost one around an offset. */
  stateAt(offset: number): VisitedState | undefined {
    const path = this.pathAt(offset)
    const around = this.machine.states.filter((state) => state.path.every((key, i) => path[i] === key))
    return around.toSorted((a, b) => b.path.length - a.path.length)[0]
  }

  /** By name; the outermost one, where several have it. */
  stateNamed(name: string): VisitedState | undefined {
    return this.machine.states.find((state) => state.name === name)
  }
}
