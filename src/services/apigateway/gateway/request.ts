/** A request to an API as it came, read once. What our own port adds to a request is no affair of whoever answers it. */
import type { IncomingMessage } from 'node:http'

import { readBody, targetOf } from '../../../wire/http.ts'
import { requestIdOf } from '../../../wire/request-context.ts'

import type { ApiAddress } from '../address.ts'

export interface GatewayRequest {
  readonly apiId: string
  readonly method: string
  /** Still percent-encoded; with the stage, where one is named. */
  readonly path: string
  readonly queryText: string
  readonly query: URLSearchParams
  /** As they came, in their order, and those that AWS adds. */
  readonly sent: readonly (readonly [name: string, value: string])[]
  /** By names in small letters; repeated ones joined. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly sourceIp: string
  readonly requestId: string
  /** Milliseconds. */
  readonly at: number
}

/** As AWS takes them. */
const BODY_BYTES_MAX = 10 * 1024 * 1024

/** Rejects with BodyTooLargeError. */
export async function readRequest(req: IncomingMessage, address: ApiAddress, at: number): Promise<GatewayRequest> {
  const body = await readBody(req, BODY_BYTES_MAX)
  const sent = sentHeaders(req)
  return {
    apiId: address.id,
    method: req.method ?? 'GET',
    path: address.path,
    queryText: req.url?.split('?')[1] ?? '',
    query: targetOf(req).query,
    sent,
    headers: joined(sent),
    body,
    sourceIp: sourceOf(req),
    requestId: requestIdOf(req),
    at,
  }
}

function sentHeaders(req: IncomingMessage): readonly (readonly [string, string])[] {
  const sent: (readonly [string, string])[] = []
  for (let at = 0; at < req.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = [req.rawHeaders[at], req.rawHeaders[at + 1]]
    if (!/^(?:x-regente-|connection$)/i.test(name)) sent.push([name, value])
  }
  const isSaid = (name: string) => req.headers[name.toLowerCase()] !== undefined
  const added: readonly (readonly [string, string])[] = [
    [
      'X-Amzn-Trace-Id',
      `Root=1-${requestIdOf(req)
        .replaceAll('-', '')
        .replace(/^(.{8})/, '$1-')}`,
    ],
    ['X-Forwarded-For', sourceOf(req)],
    ['X-Forwarded-Port', /:(\d+)$/.exec(req.headers.host ?? '')?.[1] ?? '80'],
    ['X-Forwarded-Proto', 'http'],
  ]
  return [...sent, ...added.filter(([name]) => !isSaid(name))]
}

function joined(sent: readonly (readonly [string, string])[]): Record<string, string> {
  const headers = new Map<string, string>()
  for (const [sentName, value] of sent) {
    const name = sentName.toLowerCase()
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ','}${value}`)
  }
  return Object.fromEntries(headers)
}

const sourceOf = (req: IncomingMessage): string => (req.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, '')
