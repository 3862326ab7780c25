/**
 * What browsers are told of a bucket: before a request (OPTIONS), and with its answer. Pages of other origins come as far as here
 * only where the server's settings allow them (`server/guard.ts`); where the bucket has CORS rules, these say what they may, else all.
 * Source: Amazon S3 API reference, "OPTIONS object"; Fetch standard, "CORS protocol"; texts as S3 answers them.
 */
import { headerOf, setHeaders } from '../../wire/http.ts'

import { answerEmpty, type Call } from './call.ts'
import { corsHeaders, type CorsRequest, type CorsRule, corsRules, ruleFor } from './cors.ts'
import { accessForbidden, badRequest } from './errors.ts'

const NOT_ALLOWED =
  "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
const METHODS = 'GET, HEAD, POST, PUT, DELETE, PATCH'
/** Browsers keep a preflight's answer for two hours at most. */
const MAX_AGE_SECONDS = 7_200

/** Throws 403 AccessForbidden, and 400 for what is no question of a browser. */
export function answerPreflight(call: Call): void {
  const { headers } = call.req
  const origin = headerOf(headers, 'origin')
  if (origin === undefined) throw badRequest('Insufficient information. Origin request header needed.')
  const method = headerOf(headers, 'access-control-request-method')
  if (method === undefined) throw badRequest('Invalid Access-Control-Request-Method: null')
  const wanted = headerOf(headers, 'access-control-request-headers')
  const isPrivate = headerOf(headers, 'access-control-request-private-network') === 'true'
  const answer = (status: 200 | 204, told: Readonly<Record<string, string | undefined>>) =>
    answerEmpty(call, status, { ...told, 'access-control-allow-private-network': isPrivate ? 'true' : undefined })
  const rules = rulesOf(call)
  if (!rules) {
    return answer(204, {
      ...openHeaders(origin),
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': wanted,
      'access-control-max-age': String(MAX_AGE_SECONDS),
    })
  }
  const names = (wanted ?? '').split(',').map((name) => name.trim().toLowerCase())
  const request = { origin, method, headers: names.filter((name) => name !== '') }
  const rule = ruleFor(rules, request)
  if (!rule) throw accessForbidden(NOT_ALLOWED, { Method: method, ResourceType: call.key === '' ? 'BUCKET' : 'OBJECT' })
  const allowed = request.headers.length === 0 ? undefined : request.headers.join(', ')
  answer(200, { ...corsHeaders(rule, request), 'access-control-allow-headers': allowed })
}

/** Sets what lets a page read the answer. */
export function shareAnswer(call: Call): void {
  const { req, res } = call
  const origin = headerOf(req.headers, 'origin')
  if (origin === undefined) return
  const rules = rulesOf(call)
  if (!rules) return setHeaders(res, openHeaders(origin))
  const request: CorsRequest = { origin, method: req.method ?? 'GET', headers: [] }
  const rule = ruleFor(rules, request)
  if (rule) setHeaders(res, corsHeaders(rule, request))
}

const openHeaders = (origin: string) => ({
  'access-control-allow-origin': origin,
  'access-control-expose-headers': '*',
  vary: 'Origin',
})

function rulesOf({ service, bucket }: Call): readonly CorsRule[] | undefined {
  const document = bucket === '' ? undefined : service.settings.document(bucket, 'cors')
  return document && corsRules(document)
}
