/** What a thread of ours and the process that has started it tell each other past HTTP. */
import type { Log } from '../base/log.ts'

/** `drain` ends long polls with an empty answer, `leavePort` says that nobody reaches us any more, `close` ends all. */
export type ToThread = 'drain' | 'leavePort' | 'close'
export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'log'; readonly level: keyof Log; readonly message: string; readonly fields: Record<string, unknown> }

/** A log whose lines are written by the process. What cannot be sent between threads is told as its text. */
export function logOver(tell: (message: FromThread) => void): Log {
  const logAs =
    (level: keyof Log) =>
    (message: string, fields: Record<string, unknown> = {}): void => {
      try {
        tell({ kind: 'log', level, message, fields })
      } catch {
        tell({ kind: 'log', level, message, fields: { text: String(Object.values(fields)) } })
      }
    }
  return { debug: logAs('debug'), info: logAs('info'), warn: logAs('warn'), error: logAs('error') }
}
