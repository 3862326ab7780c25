/**
 * Who may ask a server that checks no keys: programs of this machine or network, its own pages, pages that the settings name;
 * never a page of somebody else that a browser shows here. Judged from the request line and the headers alone, before anything
 * is read. Invariants:
 * 1. The Host is a name that no stranger can point at us (`own-hosts.ts`): no page of a rebound name, no address past checks.
 * 2. A foreign `Origin` gets nothing, `null` included. Browsers send it with every POST, every `cors` fetch, every WebSocket.
 * 3. What a browser says to be of another site or port (`Sec-Fetch-Site`) gets nothing, but for a link that is followed.
 * 4. A POST that is neither ours by origin nor signed could not have come from a page without a preflight, which 2 refuses.
 *    GET changes nothing (`wire/aws-query.ts`, the tables of routes); all other methods need a preflight.
 * 5. Of forms those alone pass without that which are an upload with a signature of its own, and of no page: browsers say of every
 *    POST where it comes from (2, 3).
 * 6. What is public (the URL of a function or an API, whose name is drawn at random) anybody may call who knows it, by the name that
 *    AWS gives it too: it says itself which pages may
 *    read its answers. Of these rules the first alone holds for it.
 * Source: Fetch standard, "CORS-safelisted method", "CORS-safelisted request-header", "Origin header"; Fetch Metadata.
 */
import type { IncomingMessage } from 'node:http'

import { headerOf, isSecure } from '../wire/http.ts'

import { createHostCheck, type HostSettings, nameOfHost } from './own-hosts.ts'

export interface GuardSettings extends HostSettings {
  /** Origins of pages that may use this server, as browsers write them: `http://localhost:3000`. */
  readonly allowedOrigins: readonly string[]
}

export type Verdict =
  | { readonly kind: 'passes'; readonly sharedWith?: string }
  | { readonly kind: 'refused'; readonly status: 400 | 403; readonly message: string }

/** `sharedWith` is the allowed foreign origin that the answer is for. */
export type Guard = (req: IncomingMessage) => Verdict

export interface Exceptions {
  /** A form whose own fields are signed, and judged by whoever takes it. */
  readonly isUpload?: (req: IncomingMessage) => boolean
  readonly isPublic?: (req: IncomingMessage) => boolean
}

const never = (): boolean => false

export function createGuard(settings: GuardSettings, { isUpload = never, isPublic = never }: Exceptions = {}): Guard {
  const judgeHost = createHostCheck(settings)
  const allowedHosts = new Set(settings.allowedHosts)
  const allowedOrigins = new Set(settings.allowedOrigins)

  return (req) => {
    const host = hostOf(req)
    const name = host === undefined ? undefined : nameOfHost(host)
    if (host === undefined || name === undefined)
      return refused(400, 'A request must carry one Host header, with a name or an address.')
    const verdict = judgeHost(name)
    if (verdict === 'strange' || (verdict === 'ifSigned' && !isSigned(req) && !isPublic(req)))
      return refused(
        403,
        `Requests to the host ${JSON.stringify(name)} are not taken here. Add it with --allowed-hosts if it is yours.`,
      )
    if (!isOwnTarget(req.url ?? '/', host)) return refused(400, 'The request line names another host than the Host header.')
    if (headerOf(req.headers, 'upgrade')?.toLowerCase().includes('websocket') === true)
      return refused(400, 'WebSockets are not spoken here.')
    if (isPublic(req)) return PASSES

    const origin = headerOf(req.headers, 'origin')
    if (origin !== undefined && allowedOrigins.has(origin)) return { kind: 'passes', sharedWith: origin }
    const isOwnPage = origin !== undefined && isOwnOrigin(origin, req, host, allowedHosts.has(name))
    if (origin !== undefined && !isOwnPage)
      return refused(
        403,
        `Requests from pages of ${JSON.stringify(origin)} are not taken here. Add it with --allowed-origins if it is yours.`,
      )
    const site = headerOf(req.headers, 'sec-fetch-site')
    if (site !== undefined && site !== 'none' && site !== 'same-origin' && !isFollowedLink(req))
      return refused(403, 'Requests from pages of other sites are not taken here.')
    if (isOwnPage || site === 'same-origin' || !couldBeOfAnyPage(req)) return PASSES
    return origin === undefined && site === undefined && isUpload(req) ? PASSES : refused(403, UNSIGNED)
  }
}

const PASSES: Verdict = { kind: 'passes' }
const UNSIGNED =
  'An unsigned POST of this content type could have been sent by any web page, and is not taken. Sign it, as SDKs and the AWS CLI do, or send JSON with its content type (application/json).'

const refused = (status: 400 | 403, message: string): Verdict => ({ kind: 'refused', status, message })

/** The one Host header. Undefined where there is none, or a second one: whoever stands before us may have taken the other. */
function hostOf(req: IncomingMessage): string | undefined {
  let count = 0
  for (let at = 0; at < req.rawHeaders.length; at += 2) if (req.rawHeaders[at]?.toLowerCase() === 'host') count++
  return count === 1 ? req.headers.host : undefined
}

/** `/path`, `*`, or the absolute form for the same host. */
const isOwnTarget = (url: string, host: string): boolean =>
  url.startsWith('/') || url === '*' || /^https?:\/\/([^/?#]*)/i.exec(url)?.[1]?.toLowerCase() === host.toLowerCase()

/**
 * A page that came by the other scheme is another's where both have their usual ports. Whoever added a name may have put TLS
 * before it.
 */
const isOwnOrigin = (origin: string, req: IncomingMessage, host: string, isAllowedName: boolean): boolean =>
  origin === `${isSecure(req) ? 'https' : 'http'}://${host.toLowerCase()}` ||
  (isAllowedName && origin === `https://${host.toLowerCase()}`)

/** A page that is opened in a window of its own: what it shows is not seen by the page that had the link. */
const isFollowedLink = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'

/** A page may set no such header without a preflight. Basic is not meant: a link may carry a user and a password. */
const isSigned = (req: IncomingMessage): boolean => req.headers.authorization?.startsWith('AWS') === true

/**
 * Whether any page could have sent it unasked: a form, `sendBeacon`, a `no-cors` fetch. A signature in the query does not help,
 * because a link may carry it.
 */
const couldBeOfAnyPage = (req: IncomingMessage): boolean =>
  req.method === 'POST' &&
  !isSigned(req) &&
  !OF_CLIENTS.some((name) => req.headers[name] !== undefined) &&
  !needsPreflight(req.headers['content-type'] ?? '')

/** Headers of AWS's clients, which no page may set without a preflight. Some calls of STS come unsigned, with the second alone. */
const OF_CLIENTS = ['x-amz-target', 'amz-sdk-invocation-id'] as const

const SAFELISTED: ReadonlySet<string> = new Set(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'])

/** Sure of it only for a well-formed type that is not one of the three. */
function needsPreflight(contentType: string): boolean {
  const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase()
  return /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/.test(type) && !SAFELISTED.has(type)
}
