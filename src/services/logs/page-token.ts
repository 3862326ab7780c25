/**
 * Event ids and page tokens. An event's id and the tokens of GetLogEvents are 56 digits: its time, then its number; other
 * lists use an opaque text. A token that is not ours is refused with AWS's words.
 */
import { pageTokens } from '../kit/page-token.ts'

import { invalidParameter } from './errors.ts'
import type { Position } from './log-store.ts'

const TIME_DIGITS = 20
const ID_DIGITS = 36

export const eventId = ({ timestamp, id }: Position): string =>
  String(timestamp).padStart(TIME_DIGITS, '0') + String(id).padStart(ID_DIGITS, '0')

export type EventToken = Position & { readonly direction: 'forward' | 'backward' }

export const printEventToken = (direction: EventToken['direction'], position: Position): string =>
  `${direction === 'forward' ? 'f' : 'b'}/${eventId(position)}`

export function parseEventToken(text: string): EventToken {
  const match = /^([fb])\/(\d{20})(\d{36})$/.exec(text)
  if (!match) throw invalidParameter('The specified nextToken is invalid.')
  return { direction: match[1] === 'f' ? 'forward' : 'backward', timestamp: Number(match[2]), id: Number(match[3]) }
}

export const LIST_TOKENS = pageTokens('logs', () => invalidParameter('The specified nextToken is invalid.'))
