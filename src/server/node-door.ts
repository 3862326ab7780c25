/**
 * How nodes that share a store speak with each other: `POST /_regente/node/<verb>` with JSON both ways, and in a header a secret
 * that the store keeps for them alone, and whom they mean: a URL may be wrong, and be another node's. What the verbs mean is for
 * whoever answers them to say.
 */
import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

import type { Json } from '../base/json.ts'

import { callAws } from '../wire/client.ts'
import { type Handler, headerOf, readBody, sendJson } from '../wire/http.ts'

const PATH = '/_regente/node/'
const SECRET_HEADER = 'x-regente-node-secret'
const NODE_HEADER = 'x-regente-node'
const BODY_BYTES_MAX = 64 * 1024 * 1024
/** A turn and its commit, at a bad hour. */
const TIMEOUT_MS = 5_000

export interface NodeDoorOptions {
  readonly secret: Buffer
  /** Which node this is; undefined before it has joined the others. */
  readonly self: () => string | undefined
  /** Who answers a verb; undefined: nobody. */
  readonly answerOf: (verb: string) => ((ask: Json) => Promise<unknown>) | undefined
}

/** Undefined where the request is not for nodes. */
export function createNodeDoor({ secret, self, answerOf }: NodeDoorOptions) {
  const handle: Handler = async (req, res) => {
    if (!isTrusted(req, secret))
      return sendJson(res, { message: 'Nodes of the same store alone are answered here.' }, { status: 403 })
    const [meant, own] = [headerOf(req.headers, NODE_HEADER), self()]
    // A node of before this header names nobody.
    if (meant !== undefined && meant !== own)
      return sendJson(res, { message: `This is ${own ?? 'a node that begins'}, not ${meant}.` }, { status: 421 })
    const answer = answerOf((req.url ?? '').slice(PATH.length))
    if (!answer || req.method !== 'POST') return sendJson(res, { message: 'No such verb.' }, { status: 404 })
    const ask = JSON.parse((await readBody(req, BODY_BYTES_MAX)).toString('utf8')) as Json
    try {
      sendJson(res, await answer(ask))
    } catch (error) {
      sendJson(res, { message: error instanceof Error ? error.message : String(error) }, { status: 503 })
    }
  }
  return (req: IncomingMessage): Handler | undefined => ((req.url ?? '').startsWith(PATH) ? handle : undefined)
}

/** Asks another node. Rejects where it cannot be reached, is another one, refuses, or does not answer in time. */
export async function askNode(
  { id, url }: { readonly id: string; readonly url: string },
  secret: Buffer,
  verb: string,
  ask: unknown,
): Promise<unknown> {
  const { status, body } = await callAws({
    endpoint: url,
    path: `${PATH}${verb}`,
    method: 'POST',
    region: '',
    service: '',
    headers: { 'content-type': 'application/json', [SECRET_HEADER]: secret.toString('hex'), [NODE_HEADER]: id },
    body: JSON.stringify(ask),
    timeoutMs: TIMEOUT_MS,
  })
  const text = body.toString('utf8')
  if (status !== 200) throw new Error(`the node ${url} answered ${status}: ${text.slice(0, 200)}`)
  return JSON.parse(text)
}

function isTrusted({ headers }: IncomingMessage, secret: Buffer): boolean {
  const given = Buffer.from(headerOf(headers, SECRET_HEADER) ?? '', 'hex')
  return given.length === secret.length && timingSafeEqual(given, secret)
}
