/** A definition as histories are held against it: compiled, with the points that its states have. */
import type { Key } from '../../source/tree.ts'
import { compileDefinition } from '../../asl/compile.ts'
import type { Program } from '../../asl/program.ts'
import { TestKitError } from '../test-kit-error.ts'

import { idBelow, type Point } from './points.ts'

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
  const places = new Map(points.flatMap(({ kind, state, place }) => (kind === 'state' ? [[state, place] as const] : [])))
  const ids = new Set(points.map(({ id }) => id))
  return {
    program: compiled.value,
    pointOf(state, ...keys) {
      const place = places.get(state)
      const id = place && idBelow(place, ...keys)
      return id !== undefined && ids.has(id) ? id : undefined
    },
  }
}
