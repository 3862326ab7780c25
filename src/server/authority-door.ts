/** `GET /_regente/ca.pem`: the authority that clients of HTTPS are to trust, made where there was none. It is no secret. */
import type { IncomingMessage } from 'node:http'

import { drainBody, type Handler, send, targetOf } from '../wire/http.ts'

import type { Certificates } from './certificates.ts'

export const AUTHORITY_PATH = '/_regente/ca.pem'

/** Undefined where the request is for something else. */
export function createAuthorityMatch(certificates: Certificates) {
  const handle: Handler = async (req, res) => {
    await drainBody(req)
    send(res, await certificates.authority(), { contentType: 'application/x-pem-file' }, 'x-amzn-RequestId')
  }
  return (req: IncomingMessage): Handler | undefined =>
    req.method === 'GET' && targetOf(req).path === AUTHORITY_PATH ? handle : undefined
}
