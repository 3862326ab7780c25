/** The key that `regente services` and its engines share: whoever shows it is one of them. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

import { headerOf } from '../wire/http.ts'

/** Also says that the engine's own door has judged whoever asks. */
export const KEY_HEADER = 'x-regente-services-key'

export const keyHeaders = (key: Buffer): Readonly<Record<string, string>> => ({ [KEY_HEADER]: key.toString('hex') })

/** Whether a request shows the key. */
export function createKeyCheck(key: Buffer): (req: IncomingMessage) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const expected = digest(key.toString('hex'))
  return (req) => {
    const shown = headerOf(req.headers, KEY_HEADER)
    return shown !== undefined && timingSafeEqual(digest(shown), expected)
  }
}
