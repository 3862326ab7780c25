/**
 * How a request to an API is told from all else: by a host that begins with its id, as on AWS, or by a path where no such name leads
 * here. The id is drawn at random: nobody calls an API whose address he was not given.
 * Source: API Gateway developer guide, "Invoke REST APIs"; the paths are those that other stand-ins for AWS have.
 */
import type { IncomingMessage } from 'node:http'

import { isLoopback } from '../../base/host.ts'

import { targetOf } from '../../wire/http.ts'

export interface ApiAddress {
  readonly id: string
  /** Still percent-encoded; begins with the stage, where one is named. */
  readonly path: string
  /** Found by a path: its pages are in the origin of our own. */
  readonly sharesOrigin: boolean
}

const HOST = /^([a-z0-9]{10})\.execute-api\.[a-z0-9.-]+(?::\d+)?$/i
const PATH = /^\/_aws\/execute-api\/([a-z0-9]{10})(\/.*)?$/
const OLD_PATH = /^\/restapis\/([a-z0-9]{10})\/([^/]+)\/_user_request_(\/.*)?$/

/** Undefined for a request to anything else. */
export function apiAddressOf(req: IncomingMessage): ApiAddress | undefined {
  const id = HOST.exec(req.headers.host ?? '')?.[1]?.toLowerCase()
  if (id !== undefined) return { id, path: targetOf(req).path, sharesOrigin: false }
  const url = req.url ?? ''
  if (url.includes('/_user_request_')) {
    const [, old, stage = '', rest = ''] = OLD_PATH.exec(targetOf(req).path) ?? []
    return old === undefined ? undefined : { id: old, path: `/${stage}${rest}`, sharesOrigin: true }
  }
  if (!url.includes('/execute-api/')) return undefined
  const [, found, path = '/'] = PATH.exec(targetOf(req).path) ?? []
  return found === undefined ? undefined : { id: found, path, sharesOrigin: true }
}

/** Names below `localhost` lead here on every machine that can resolve them; names below others may lead nowhere. */
export function apiEndpointAt(endpoint: string, id: string): string {
  const { protocol, hostname, port } = new URL(endpoint)
  if (!isLoopback(hostname.replace(/^\[|\]$/g, ''))) return `${endpoint.replace(/\/+$/, '')}/_aws/execute-api/${id}`
  return `${protocol}//${id}.execute-api.localhost${port === '' ? '' : `:${port}`}`
}
