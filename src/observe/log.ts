/**
 * What operators read: one JSON line an event, on standard error, at once: what is told last before an end is told. Where nobody
 * reads on, lines are dropped; where whoever reads is slow, they are waited for.
 */
import { writeSync } from 'node:fs'

import { systemClock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'

const LEVELS = { debug: 20, info: 30, warn: 40, error: 50, silent: Infinity }
const STANDARD_ERROR = 2
const PAUSE_MS = 10

type Write = (bytes: Uint8Array, from: number) => number

/** Tells what is of this level or above. `write` hands on bytes from a place on, and says how many it took. */
export function createLog(level: keyof typeof LEVELS, write: Write = writeError): Log {
  const at =
    (name: keyof typeof LEVELS) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      if (LEVELS[name] < LEVELS[level]) return
      writeAll(write, Buffer.from(lineOf({ level: LEVELS[name], time: systemClock.now(), ...fields, msg: message })))
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

const writeError: Write = (bytes, from) => writeSync(STANDARD_ERROR, bytes, from)

/** Fields that cannot be JSON are told as text, for the message must not be lost. */
function lineOf({ level, time, msg, ...fields }: Record<string, unknown>): string {
  try {
    return `${JSON.stringify({ level, time, ...fields, msg })}\n`
  } catch {
    const texts = Object.entries(fields).map(([name, value]) => [name, String(value)])
    return `${JSON.stringify({ level, time, ...Object.fromEntries(texts), msg })}\n`
  }
}

function writeAll(write: Write, bytes: Uint8Array): void {
  for (let from = 0; from < bytes.length; ) {
    try {
      from += write(bytes, from)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) return
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
    }
  }
}
