/** The colour of a node by its status, in pictures that leave the page; in the page it is `node-colour.css`. */
import type { VisitStatus } from '../../../src/history/visits.ts'

const COLOURS: Readonly<Record<VisitStatus, string>> = {
  running: '#0b5cad',
  succeeded: '#00702f',
  failed: '#c8102e',
  caught: '#8a5a00',
  aborted: '#5b6570',
}

/** Of lines, and of states that were not entered. */
export const IDLE_COLOUR = '#8c8c94'

export const nodeColour = (status: VisitStatus | undefined): string => (status ? COLOURS[status] : IDLE_COLOUR)
