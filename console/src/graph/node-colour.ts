/**
 * The colour of a node by its status, in pictures that leave the page; in the page it is `node-colour.css`. And its sign, in both: a path
 * in a square of 16, drawn as a line.
 */
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

export const SIGN_PATHS: Readonly<Record<VisitStatus, string>> = {
  running: 'M8 2a6 6 0 1 1-6 6M8 5v3l2 2',
  succeeded: 'M3 8.5l3.5 3.5L13 4.5',
  failed: 'M4 4l8 8M12 4l-8 8',
  caught: 'M8 2l6.5 12h-13zM8 6.5v3.5M8 12v.4',
  aborted: 'M4 4h8v8h-8z',
}
