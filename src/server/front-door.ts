/**
 * The way of a request: its context, the guard, then the room that it is for. What is refused, or fails, is told in the protocol
 * of the service that was meant, so that its client can show why.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { describeBug, type Log } from '../base/log.ts'

import { sendAwsJsonError } from '../wire/aws-json.ts'
import type { Describe } from '../wire/describe.ts'
import { WireError } from '../wire/errors.ts'
import { drainBody, type Handler, sendJson } from '../wire/http.ts'
import { actionText, type RequestContext, requestFields, requestIdOf } from '../wire/request-context.ts'
import { sendServiceError } from '../wire/service-error.ts'

import { logAnswer, logNotableAnswer, type ToldAnswers } from './answer-log.ts'
import { answerPreflight, isPreflight, shareWith } from './cors.ts'
import type { Guard, Verdict } from './guard.ts'
import type { Readiness } from './readiness.ts'

/** Finds who answers a request by its line and headers; undefined where it is for none of its own. */
export type Match = (req: IncomingMessage) => Handler | undefined

export interface Rooms {
  readonly describe: Describe
  readonly guard: Guard
  readonly health: () => unknown
  readonly ready: () => Readiness
  /** What AWS does not have (the console, the quarantine), asked first and in this order. */
  readonly own: readonly Match[]
  /** By the service of the context; by undefined, what the form in the body has to tell. */
  readonly services: ReadonlyMap<string | undefined, Handler>
  readonly log: Log
  /** Which answers are told to the log; without it none. */
  readonly told?: ToldAnswers | undefined
}

/** They tell a page that is allowed what it may, as their own settings have it (CORS of buckets). */
const SHARE_THEMSELVES: ReadonlySet<string | undefined> = new Set(['s3'])
const HEALTH_PATH = '/_regente/health'
export const READY_PATH = '/_regente/ready'

export function createFrontDoor(rooms: Rooms): (req: IncomingMessage, res: ServerResponse) => void {
  const { describe, guard, health, ready, own, services, log, told } = rooms

  async function handle(req: IncomingMessage, res: ServerResponse, context: RequestContext): Promise<void> {
    const verdict: Verdict = isProbe(req) ? { kind: 'passes' } : guard(req)
    if (verdict.kind === 'refused') {
      const { method, url } = req
      log.info('a request was refused', { ...requestFields(req), reason: verdict.message, method, url: url?.slice(0, 200) })
      await drainBody(req)
      return sendRefusal(req, res, context, new WireError(verdict.status, 'AccessDeniedException', verdict.message))
    }
    if (told === 'notable') logNotableAnswer(req, res, context, log)
    if (verdict.sharedWith !== undefined && !SHARE_THEMSELVES.has(context.call?.service)) {
      shareWith(verdict.sharedWith, res)
      if (isPreflight(req)) return answerPreflight(req, res)
    }
    const handler = roomOf(req, context)
    if (handler) return handler(req, res)
    await drainBody(req)
    sendRefusal(req, res, context, noSuchService(context))
  }

  const sendReadiness: Handler = async (_, res) => {
    const readiness = ready()
    sendJson(res, readiness, { status: readiness.status === 'ready' ? 200 : 503 })
  }

  function noSuchService({ call }: RequestContext): WireError {
    if (call?.service === undefined)
      return new WireError(400, 'UnknownOperationException', 'No service here answers this request.')
    const names = [...services.keys()].filter((name) => name !== undefined).sort()
    const text = `Regente has no service "${call.service}"${call.action.kind === 'named' ? ` (${call.action.name})` : ''}. It has ${names.join(', ')}.`
    return new WireError(501, 'NotImplemented', text)
  }

  function roomOf(req: IncomingMessage, { call }: RequestContext): Handler | undefined {
    // The busiest way first: its target is nobody else's.
    if (call?.service === 'states') return services.get('states')
    if (req.url === HEALTH_PATH) return async (_, res) => sendJson(res, health())
    if (req.url === READY_PATH) return sendReadiness
    for (const match of own) {
      const handler = match(req)
      if (handler) return handler
    }
    return call && services.get(call.service)
  }

  return (req, res) => {
    const context = describe(req)
    if (told === 'all') logAnswer(req, res, context, log)
    handle(req, res, context).catch((error: unknown) => {
      log.error('a request failed', { ...requestFields(req), ...describeBug(error), url: req.url })
      if (res.headersSent) return res.destroy()
      const what = context.call === undefined ? undefined : actionText(context.call)
      const text = `${what ?? 'The request'} failed inside the server; its log tells why, under the request id ${context.requestId}.`
      sendServiceError(req, res, new WireError(500, 'InternalFailure', text))
    })
  }
}

/** Load balancers may ask in HTTP/1.0, which has no Host. No page can: every browser names one. */
const isProbe = ({ method, url, headers, httpVersion }: IncomingMessage): boolean =>
  method === 'GET' && httpVersion === '1.0' && headers.host === undefined && (url === HEALTH_PATH || url === READY_PATH)

/** A browser that was refused reads JSON; a client that signs, what its service would write. */
function sendRefusal(req: IncomingMessage, res: ServerResponse, { identity, call }: RequestContext, error: WireError): void {
  if (identity.kind === 'accessKey') sendServiceError(req, res, error, call)
  else sendAwsJsonError(res, 'application/json', error, requestIdOf(req))
}
