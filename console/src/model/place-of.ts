/** In which iterations a visit stands, the outermost first. */
import { ancestors, type Visit } from '../../../src/history/visits.ts'

export interface IterationPlace {
  readonly map: string
  readonly index: number
}

export const iterationsOf = (visit: Visit): readonly IterationPlace[] =>
  ancestors(visit)
    .flatMap(({ iteration, parent }) => (iteration === undefined || !parent ? [] : [{ map: parent.name, index: iteration }]))
    .reverse()

/** `Orders #4 / Lines #2`; empty outside of Maps. */
export const placeText = (visit: Visit): string =>
  iterationsOf(visit)
    .map(({ map, index }) => `${map.slice(0, 60)} #${index}`)
    .join(' / ')
