/**
 * How a function's URL is told from all else: by a host that begins with its id, or by a path of ours where no such name leads here.
 * Its id is drawn at random, as on AWS, so that nobody calls a function whose URL he was not given.
 */
import { randomInt } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

import { isLoopback } from '../../base/host.ts'

import { targetOf } from '../../wire/http.ts'

export interface FunctionUrlAddress {
  readonly id: string
  /** As the function sees it, still percent-encoded. */
  readonly path: string
}

const ID_CHARS = 32
const HOST = /^([a-z0-9]{32})\.lambda-url\.[a-z0-9-]+\.[a-z0-9.-]+(?::\d+)?$/i
const PATH = /^\/_regente\/lambda-url\/([a-z0-9]{32})(\/.*)?$/

/** Undefined for a request to anything else. */
export function functionUrlAddressOf(req: IncomingMessage): FunctionUrlAddress | undefined {
  const id = HOST.exec(req.headers.host ?? '')?.[1]?.toLowerCase()
  if (id !== undefined) return { id, path: targetOf(req).path }
  if (req.url?.includes('/lambda-url/') !== true) return undefined
  const [, found, path = '/'] = PATH.exec(targetOf(req).path) ?? []
  return found === undefined ? undefined : { id: found, path }
}

export const newUrlId = (): string => Array.from({ length: ID_CHARS }, () => randomInt(36).toString(36)).join('')

/** Names below `localhost` lead here on every machine that can resolve them; names below others may lead nowhere. */
export function functionUrlAt(endpoint: string, region: string, id: string): string {
  const { protocol, hostname, port } = new URL(endpoint)
  if (!isLoopback(hostname.replace(/^\[|\]$/g, ''))) return `${endpoint.replace(/\/+$/, '')}/_regente/lambda-url/${id}/`
  return `${protocol}//${id}.lambda-url.${region}.localhost${port === '' ? '' : `:${port}`}/`
}
