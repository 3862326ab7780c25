/**
 * Lets handlers of custom resources answer their stack. They put the answer at a link that they are given (`ResponseURL`), of
 * which most take host and path alone, and speak TLS to port 443: so it is on AWS. Here the link leads to Regente, on another
 * port and mostly without TLS. So a request of `https` whose path is that of such a link (`services/cloudformation/link.ts`),
 * and that names no port, 443 or the endpoint's own, goes to the endpoint that the function was given. No other request is
 * touched.
 */
const http = require('node:http')
const https = require('node:https')
const { syncBuiltinESMExports } = require('node:module')

const PATH = '/_regente/cloudformation/'

/** Before anybody else has `https`, so that nobody sees another `https.request`. */
exports.leadLinksTo = (endpoint) => {
  if (!URL.canParse(endpoint)) return
  const place = new URL(endpoint)
  const ports = ['', '443', place.port]
  const isLink = ({ path, port }) => typeof path === 'string' && path.startsWith(PATH) && ports.includes(String(port ?? ''))
  const { request } = https
  https.request = (...given) => {
    const [options, callback] = asOptions(given)
    if (!isLink(options)) return request(...given)
    const { host: _host, servername: _name, agent: _agent, defaultPort: _port, headers, ...rest } = options
    const send = place.protocol === 'http:' ? http.request : request
    const hostname = place.hostname.replace(/^\[|\]$/g, '')
    return send({ ...rest, headers: withoutHost(headers), protocol: place.protocol, hostname, port: place.port }, callback)
  }
  syncBuiltinESMExports()
}

/** As `request(url, options, callback)` may leave out any of them. */
function asOptions(given) {
  const [first, ...rest] = given
  const isUrl = typeof first === 'string' || first instanceof URL
  const [options, callback] = isUrl && typeof rest[0] !== 'object' ? [{}, rest[0]] : isUrl ? rest : [first, rest[0]]
  if (!isUrl) return [options ?? {}, callback]
  if (!URL.canParse(first)) return [{}, callback]
  const { hostname, port, pathname, search } = new URL(first)
  return [{ hostname, port, path: pathname + search, ...options }, callback]
}

const withoutHost = (headers) =>
  headers && Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'host'))
