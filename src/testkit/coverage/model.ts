/** A definition as histories are held against it: compiled, with the points that its states have. */
import type { Key } from '../../source/tree.ts'
import { compileDefinition } from '../../asl/compile.ts'
import type { Program } from '../../asl/program.ts'
import { TestKitError } from '../kit-error.ts'

import type { Point } from './points.ts'

export interface Model {
  readonly program: Program
  /** The id of the point of a state, by the keys below it; undefined where it has none. */
  pointOf(state: string, ...keys: readonly Key[]): string | undefined
}

/** Throws TestKitError where the definition is none. */
export function modelOf(definition: string, name: string, points: readonly Point[]): Model {
  const compiled = compileDefinition(definition)
  if (!compiled.ok) {
    const { location, message } = compiled.error[0] ?? { message: 'it cannot be read' }
    throw new TestKitError(
      `${name} is no definition that can be covered: ${location === undefined ? '' : `${location}: `}${message}`,
    )
  }
  const ids = new Map(
    [...Map.groupBy(points, ({ state }) => state)].map(([state, [own, ...rest]]) => [
      state,
      new Map(own && [own, ...rest].map(({ id }) => [id.slice(own.id.length + 1), id])),
    ]),
  )
  return { program: compiled.value, pointOf: (state, ...keys) => ids.get(state)?.get(keys.join('/')) }
}
