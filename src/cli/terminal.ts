/** What a terminal shows: printable text only, durations as people read them, colours where the stream has them. */
import { styleText } from 'node:util'

export interface Screen {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

type Style = Parameters<typeof styleText>[0]
export type Paint = (style: Style, text: string) => string

export function painter(screen: Screen): Paint {
  const isColoured = screen.isTTY === true && process.env['NO_COLOR'] === undefined
  return (style, text) => (isColoured ? styleText(style, text, { validateStream: false }) : text)
}

/** Names and causes come from outside: control characters must not steer the terminal. */
export const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '\u{fffd}')

export function shorten(text: string, columns: number): string {
  const characters = [...text]
  return characters.length <= columns ? text : `${characters.slice(0, Math.max(0, columns - 1)).join('')}…`
}

export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`
  const seconds = Math.round(ms / 1_000)
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)]
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`
}
