/**
 * How many connections a process may have open at a time, by the descriptors that the system grants it. A call to a service of
 * our own takes two, one for each end; where the other end gets none, the connection is reset after the call has begun, and
 * nobody can tell whether it was heard. So calls wait for their turn long before that.
 */
import { readFileSync } from 'node:fs'

const FEWEST = 4
/** For files, functions and whoever calls us. */
const KEPT_FREE = 48

/** Connections to one origin, at most `most`. */
export function connectionsWithin(descriptors: number, most: number): number {
  return Math.max(FEWEST, Math.min(most, Math.floor((descriptors - KEPT_FREE) / 4)))
}

/** As many as Linux grants; elsewhere Node has raised the bound far enough, and nothing is said. */
export function grantedDescriptors(): number {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
