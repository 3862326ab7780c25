/** Where a state stands within the Maps and Parallels around it: `Pay`, `Each[2]/Ship`, `Both/Notify`. */
import type { ExecutionState, Frame } from '../engine/state.ts'
import type { Visit } from '../history/visits.ts'

export interface StatePlace {
  readonly path: string
  readonly state: string
  /** Of the innermost Map, from 0. */
  readonly index: number | undefined
}

/** Of the state that a frame is in; undefined where it is in none. */
export function placeOfFrame({ frames }: Pick<ExecutionState, 'frames'>, frame: Frame): StatePlace | undefined {
  const { active } = frame
  if (!active) return undefined
  const around: string[] = []
  let index: number | undefined
  for (let at = frame; at.parent !== undefined; ) {
    const parent = frames.get(at.parent)
    if (!parent?.active) break
    const isMap = parent.active.type === 'Map'
    if (isMap) index ??= at.index
    around.unshift(isMap ? `${parent.active.name}[${at.index}]` : parent.active.name)
    at = parent
  }
  return { path: [...around, active.name].join('/'), state: active.name, index }
}

/** Of a visit of a history. */
export function pathOfVisit({ name, parent, iteration }: Visit): string {
  if (!parent) return name
  return `${pathOfVisit(parent)}${parent.type === 'Map' ? `[${iteration ?? 0}]` : ''}/${name}`
}

/** Without the indexes: which state it is. */
export const withoutIndexes = (path: string): string => path.replaceAll(/\[\d+\]/g, '')

/** `Ship` means every state of that name; `Each/Ship` that of every item; `Each[2]/Ship` that of one. */
export const isMeant = (wanted: string, path: string, name: string): boolean =>
  wanted === path || wanted === withoutIndexes(path) || wanted === name
