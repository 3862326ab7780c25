/**
 * The way of a request: the guard, then the room that it is for. What is refused is told in the protocol of the service that
 * was meant, so that its client can show why.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Log } from '../base/log.ts'

import { sendAwsJsonError } from '../wire/aws-json.ts'
import { sendQueryError } from '../wire/aws-query.ts'
import { WireError } from '../wire/errors.ts'
import { drainBody, type Handler, headerOf, newRequestId, sendJson } from '../wire/http.ts'
import { sendRestError } from '../wire/rest-xml.ts'
import { scopeOf } from '../wire/sigv4.ts'

import { answerPreflight, isPreflight, shareWith } from './cors.ts'
import type { Guard } from './guard.ts'

/** Finds who answers a request by its line and headers; undefined where it is for none of its own. */
export type Match = (req: IncomingMessage) => Handler | undefined

export interface Rooms {
  readonly guard: Guard
  readonly health: () => unknown
  /** Asked in this order. */
  readonly rooms: readonly Match[]
  readonly log: Log
}

const HEALTH_PATH = '/_regente/health'

export function createFrontDoor({ guard, health, rooms, log }: Rooms): (req: IncomingMessage, res: ServerResponse) => void {
  const handle: Handler = async (req, res) => {
    const verdict = guard(req)
    if (verdict.kind === 'refused') {
      log.info('a request was refused', { reason: verdict.message, method: req.method, url: req.url?.slice(0, 200) })
      await drainBody(req)
      return sendRefusal(req, res, new WireError(verdict.status, 'AccessDeniedException', verdict.message))
    }
    if (verdict.sharedWith !== undefined) {
      shareWith(verdict.sharedWith, res)
      if (isPreflight(req)) return answerPreflight(req, res)
    }
    if (req.url === HEALTH_PATH) return sendJson(res, health())
    for (const match of rooms) {
      const handler = match(req)
      if (handler) return handler(req, res)
    }
    sendRefusal(req, res, new WireError(400, 'UnknownOperationException', 'No service here answers this request.'))
  }

  return (req, res) => {
    handle(req, res).catch((error: unknown) => {
      const stack = error instanceof Error ? error.stack : undefined
      log.error('a request failed', { error: String(error), stack, url: req.url })
      if (!res.headersSent) sendJson(res, { __type: 'InternalFailure', message: 'Internal failure.' }, { status: 500 })
      else res.destroy()
    })
  }
}

/** As the service would write it that the signature names; JSON where there is none. */
function sendRefusal(req: IncomingMessage, res: ServerResponse, error: WireError): void {
  const service = headerOf(req.headers, 'x-amz-target') === undefined ? scopeOf(req)?.service : undefined
  if (service === 's3') sendRestError(req, res, new WireError(error.status, 'AccessDenied', error.message), req.url ?? '/')
  else if (service === 'sns' || service === 'sqs') sendQueryError(res, error, newRequestId())
  else sendAwsJsonError(res, 'application/json', error)
}
