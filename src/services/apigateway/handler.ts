/**
 * API Gateway's two faces: its management, in REST-JSON, and the APIs themselves, which answer whoever calls them.
 * Source: API Gateway REST API reference and API Gateway v2 API reference, "Request Syntax" of each action.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { JsonObject } from '../../base/json.ts'
import { describeBug } from '../../base/log.ts'

import { notImplemented, toWireError, WireError } from '../../wire/errors.ts'
import {
  decodeSegment,
  drainBody,
  type Handler,
  readBody,
  type RequestTarget,
  sendEmpty,
  sendJson,
  targetOf,
} from '../../wire/http.ts'
import { parseJsonBody } from '../../wire/json-body.ts'
import { requestFields, requestIdOf } from '../../wire/request-context.ts'
import { apiOf, operationAt, operationsHere, type RestRequest } from '../../aws/operations.ts'

import { apiAddressOf } from './address.ts'
import type { ApiGatewayDeps } from './deps.ts'
import { badRequest } from './errors.ts'
import { Backends } from './gateway/backends.ts'
import { Gateway } from './gateway/gateway.ts'
import { HttpGateway } from './gateway/http-gateway.ts'
import { RestGateway } from './gateway/rest-gateway.ts'
import { testInvoke } from './gateway/test-invoke.ts'
import { HttpApis } from './http/apis.ts'
import { Records } from './records.ts'
import { RestApis } from './rest/apis.ts'
import { Deployments } from './rest/deployments.ts'
import { Keys } from './rest/keys.ts'
import { ApiParts } from './rest/parts.ts'
import { Resources } from './rest/resources.ts'
import { type Call, findRoute, type Managers } from './routes.ts'
import { ResourceTags } from './tags.ts'

/** An OpenAPI document of an import is the longest that AWS takes. */
const BODY_BYTES_MAX = 6 * 1024 * 1024

export function createApiGateway(deps: ApiGatewayDeps) {
  const { region, account, log, clock } = deps
  const records = new Records(deps.database)
  const now = () => clock.now()
  const management = { records, region, account, now, publicUrl: deps.publicUrl ?? deps.endpoint }
  const apis = new RestApis(management)
  const keys = new Keys(management)
  const managers: Managers = {
    apis,
    keys,
    resources: new Resources(management, apis),
    parts: new ApiParts(management, apis),
    deployments: new Deployments(management, apis),
    httpApis: new HttpApis(management),
    tags: new ResourceTags(management),
  }
  const backends = new Backends(deps)
  const keyFor = (value: string, api: string, stage: string) => keys.keyFor(value, api, stage)
  const rest = new RestGateway({ backends, region, account, log, keyFor })
  const gateway = new Gateway({ records, rest, http: new HttpGateway({ backends, region, account, log }), now })
  const test: Call['testInvoke'] = (place, input) => testInvoke({ rest, managers, now }, place, input)

  const handler: Handler = async (req, res) => {
    const requestId = requestIdOf(req)
    const address = apiAddressOf(req)
    try {
      if (address) await gateway.handle(address, req, res)
      else await manage(managers, test, req, res, requestId)
    } catch (error) {
      if (!(error instanceof WireError))
        log.error('an API Gateway request failed', { ...requestFields(req), ...describeBug(error) })
      await drainBody(req)
      if (address) return sendJson(res, { message: 'Internal server error' }, { status: 500, requestId })
      const wire = toWireError(error, 'InternalFailure')
      const options = { status: wire.status, requestId, headers: { 'x-amzn-ErrorType': wire.code } }
      sendJson(res, { message: wire.message, ...wire.detail }, options)
    }
  }
  return { handler, operations: () => operationsHere('apigateway', isHere), close: () => {} }
}

async function manage(
  managers: Managers,
  testInvoke: Call['testInvoke'],
  req: IncomingMessage,
  res: ServerResponse,
  requestId: string,
): Promise<void> {
  const target = targetOf(req)
  const { path, query } = target
  const found = findRoute(req.method, path)
  if (!found || isOfFile(target)) throw missingRoute(req, target)
  const names = found.parts.map((part) => decodeSegment(part) ?? part)
  const body = await readBody(req, BODY_BYTES_MAX)
  const text = () => body.toString('utf8')
  const call = { ...managers, query, names, text, testInvoke, input: readInput(req, body) }
  const output = await found.route.run(call)
  if (output === undefined) return sendEmpty(res, { status: found.route.status, requestId })
  sendJson(res, output, { status: found.route.status, requestId })
}

const isHere = ({ method, path, query }: RestRequest): boolean =>
  findRoute(method, path) !== undefined && !isOfFile({ path, query })

/** Keys out of a file: the one operation that only its query tells from another that is here. */
const isOfFile = ({ path, query }: RequestTarget): boolean => path === '/apikeys' && query.get('mode') === 'import'

function missingRoute({ method = '', headers }: IncomingMessage, { path, query }: RequestTarget): WireError {
  const meant = operationAt('apigateway', { method, path, query, headers })
  return meant === undefined
    ? new WireError(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token')
    : notImplemented(apiOf('apigateway').title, meant)
}

/** What is no JSON may be an OpenAPI document in YAML, which is read by whoever takes one. */
function readInput({ method, url }: IncomingMessage, body: Buffer): JsonObject {
  const isDocument = method === 'PUT' ? /^\/restapis\/[^/]+\/?(?:\?|$)/.test(url ?? '') : /[?&]mode=import\b/.test(url ?? '')
  if (isDocument) return {}
  try {
    return parseJsonBody(body)
  } catch (error) {
    if (error instanceof WireError) throw error
    throw badRequest('Could not parse request body into json')
  }
}
