/**
 * Who may ask a server that has no keys yet. It answers programs of this machine or network, not a page of the web that a
 * browser shows here: a name that was rebound to our address, or a form sent across sites, is refused.
 */
import { isIP } from 'node:net'
import type { IncomingMessage } from 'node:http'

import { hostName } from '../base/host.ts'

import { headerOf } from './http.ts'

/** Names that no stranger can point at us: without a dot they are no domain, `.localhost` is ours, AWS's own are AWS's. */
const SAFE_NAME = /^[a-z0-9_-]+$|\.localhost$|\.internal$|\.local$|\.amazonaws\.com(?:\.cn)?$/i

/** Why the request is refused; undefined when it may pass. `allowedHosts`: further names, from the settings. */
export function refusalOf(req: IncomingMessage, allowedHosts: ReadonlySet<string>): string | undefined {
  const name = hostName(headerOf(req.headers, 'host') ?? '')
  if (name !== '' && !isSafeHost(name) && !allowedHosts.has(name))
    return `Requests to the host ${JSON.stringify(name)} are not taken here. Add it with --allowed-hosts if it is yours.`
  if (headerOf(req.headers, 'sec-fetch-site') === 'cross-site' && !isNavigation(req))
    return 'Requests from pages of other sites are not taken here.'
  return undefined
}

/** A link that is followed only shows a page. */
const isNavigation = (req: IncomingMessage) => req.method === 'GET' && headerOf(req.headers, 'sec-fetch-mode') === 'navigate'

const isSafeHost = (name: string) => isIP(name) !== 0 || SAFE_NAME.test(name)
