/**
 * Takes what is put at the links of a stack, and answers as S3 does to a presigned PUT: 200 and nothing, 403 for a link that is
 * unknown or over. Whoever holds the link may put, once or often, with any content type; pages in browsers may not.
 * An answer that is too long is taken, as S3 would: it fails the resource, not its sender.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { describeBug, type Log } from '../../base/log.ts'

import { toWireError, WireError } from '../../wire/errors.ts'
import { BodyTooLargeError, drainBody, type Handler, readBody, targetOf } from '../../wire/http.ts'
import { requestFields } from '../../wire/request-context.ts'
import { sendRestEmpty, sendRestError } from '../../wire/rest-xml.ts'

import { type Link, LINKS_PATH, linkOf } from './link.ts'
import type { ResponseLinks } from './response-links.ts'
import type { SignalLinks } from './signal-links.ts'

export interface ResponseDoorDeps {
  readonly links: ResponseLinks
  readonly signals: SignalLinks
  readonly log: Log
}

const BODY_BYTES_MAX = 65_536

export const isResponseDoor = (req: IncomingMessage): boolean => targetOf(req).path.startsWith(LINKS_PATH)

export function createResponseDoor({ links, signals, log }: ResponseDoorDeps): Handler {
  const isKnown = ({ kind, id, secret }: Link) => (kind === 'responses' ? links : signals).isKnown(id, secret)

  async function take(req: IncomingMessage): Promise<void> {
    if (req.method !== 'PUT') throw methodNotAllowed()
    const link = linkOf(targetOf(req))
    if (link === undefined || isOfPage(req) || !isKnown(link)) throw accessDenied()
    const body = await readWhole(req)
    if (link.kind === 'responses') links.answer(link.id, body)
    else signals.put(link.id, body)
  }

  async function refuse(req: IncomingMessage, res: ServerResponse, error: unknown): Promise<void> {
    if (req.destroyed && !req.complete) return
    if (!(error instanceof WireError))
      log.error('an answer to a stack was not taken', { ...requestFields(req), ...describeBug(error) })
    await drainBody(req)
    sendRestError(req, res, toWireError(error, 'InternalError', 'We encountered an internal error. Please try again.'))
  }

  return async (req, res) => {
    try {
      await take(req)
      await drainBody(req)
      sendRestEmpty(res)
    } catch (error) {
      await refuse(req, res, error)
    }
  }
}

const methodNotAllowed = () =>
  new WireError(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.')
const accessDenied = () => new WireError(403, 'AccessDenied', 'Access Denied')

/** Browsers say so of every PUT of a page, foreign or our own. */
const isOfPage = ({ headers }: IncomingMessage): boolean =>
  headers.origin !== undefined || headers['sec-fetch-site'] !== undefined

/** Undefined where it is longer than anything that is read. */
async function readWhole(req: IncomingMessage): Promise<Buffer | undefined> {
  try {
    return await readBody(req, BODY_BYTES_MAX)
  } catch (error) {
    if (error instanceof BodyTooLargeError) return undefined
    throw error
  }
}
