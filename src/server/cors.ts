/**
 * What lets a page of an allowed origin read our answers. Never with credentials: there are no cookies here.
 * Source: Fetch standard, "CORS protocol"; Private Network Access.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { headerOf, sendEmpty } from '../wire/http.ts'

const METHODS = 'GET, HEAD, POST, PUT, DELETE, PATCH'
/** Browsers keep a preflight's answer for two hours at most. */
const MAX_AGE_SECONDS = 7_200

/** Call before the request is handled: whatever answers it keeps these headers. */
export function shareWith(origin: string, res: ServerResponse): void {
  res.setHeader('access-control-allow-origin', origin)
  res.setHeader('access-control-expose-headers', '*')
  res.appendHeader('vary', 'Origin')
}

export const isPreflight = (req: IncomingMessage): boolean =>
  req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined

/** Whatever headers the page wants to send, it may. */
export function answerPreflight(req: IncomingMessage, res: ServerResponse): void {
  const isPrivate = headerOf(req.headers, 'access-control-request-private-network') === 'true'
  sendEmpty(res, {
    status: 204,
    headers: {
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': headerOf(req.headers, 'access-control-request-headers'),
      'access-control-max-age': MAX_AGE_SECONDS,
      'access-control-allow-private-network': isPrivate ? 'true' : undefined,
    },
  })
}
