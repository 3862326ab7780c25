/**
 * The Lambda API's REST-JSON face: paths to operations, and errors as AWS writes them.
 * Source: AWS Lambda API reference, "Request Syntax" of each action.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { JsonObject } from '../../base/json.ts'

import { toWireError, WireError } from '../../wire/errors.ts'
import {
  BodyTooLargeError,
  decodeSegment,
  drainBody,
  type Handler,
  headerOf,
  readBody,
  type RequestTarget,
  sendEmpty,
  sendJson,
  send,
  targetOf,
} from '../../wire/http.ts'
import { parseJsonBody } from '../../wire/json-body.ts'
import { requestFields, requestIdOf } from '../../wire/request-context.ts'

import { readArchive } from './code-archive.ts'
import { CODE_PATH, viewCode } from './code-view.ts'
import { constraintError, lambdaError } from './errors.ts'
import { isMappingArn } from './event-sources.ts'
import type { ReadRequest } from './heavy-work.ts'
import { ARCHIVE_PATH } from './render.ts'
import { type InvocationType, type LambdaDeps, LambdaService, payloadTooLarge } from './service.ts'

export type { LambdaDeps, LambdaService } from './service.ts'

export interface Lambda {
  readonly handler: Handler
  readonly service: LambdaService
  close(): Promise<void>
}

export function createLambda(deps: LambdaDeps): Lambda {
  const service = new LambdaService(deps)
  return { service, handler: createHandler(service, deps), close: () => service.close() }
}

interface Call {
  readonly service: LambdaService
  readonly query: URLSearchParams
  readonly input: JsonObject
  /** The input's ZipFile, where it was large. */
  readonly archive: Uint8Array | undefined
  /** The path's variable parts, decoded. */
  readonly parts: readonly string[]
}

interface Route {
  readonly method: string
  readonly path: RegExp
  readonly status: number
  /** Its answer is the body; nothing where the status is 204. */
  readonly run: (call: Call) => unknown
}

const REQUEST_BYTES_MAX = 70_167_211
/** From here on a request is read in a thread. */
const LARGE_BYTES = 1 << 20

const route = (line: string, status: number, run: Route['run']): Route => {
  const [method = '', path = ''] = line.split(' ')
  return { method, path: new RegExp(`^${path.replaceAll('*', '([^/]+)')}/?$`), status, run }
}

const name = (call: Call): string => call.parts[0] ?? ''
const qualifier = (call: Call): string | undefined => call.query.get('Qualifier') ?? undefined

/** Who has the tags of what the path names. */
const tagged = (call: Call) => (isMappingArn(name(call)) ? call.service.eventSources : call.service.functions)

const ROUTES: readonly Route[] = [
  route('POST /2015-03-31/functions', 201, ({ service, input, archive }) => service.functions.create(input, archive)),
  route('GET /2015-03-31/functions', 200, ({ service, query }) =>
    service.functions.list(query.get('Marker') ?? undefined, readMaxItems(query)),
  ),
  route('GET /2015-03-31/functions/*', 200, (call) => call.service.functions.get(name(call), qualifier(call))),
  route('DELETE /2015-03-31/functions/*', 204, (call) => call.service.functions.delete(name(call), qualifier(call))),
  route('GET /2015-03-31/functions/*/configuration', 200, (call) =>
    call.service.functions.getConfiguration(name(call), qualifier(call)),
  ),
  route('PUT /2015-03-31/functions/*/configuration', 200, (call) =>
    call.service.functions.updateConfiguration(name(call), call.input),
  ),
  route('PUT /2015-03-31/functions/*/code', 200, (call) =>
    call.service.functions.updateCode(name(call), call.input, call.archive),
  ),
  route('POST /2015-03-31/functions/*/versions', 201, (call) => call.service.functions.publish(name(call), call.input)),
  route('GET /2015-03-31/functions/*/versions', 200, (call) => call.service.functions.listVersions(name(call))),
  route('POST /2015-03-31/functions/*/aliases', 201, (call) => call.service.functions.createAlias(name(call), call.input)),
  route('GET /2015-03-31/functions/*/aliases', 200, (call) => call.service.functions.listAliases(name(call))),
  route('GET /2015-03-31/functions/*/aliases/*', 200, (call) => call.service.functions.getAlias(name(call), call.parts[1] ?? '')),
  route('PUT /2015-03-31/functions/*/aliases/*', 200, (call) =>
    call.service.functions.updateAlias(name(call), call.parts[1] ?? '', call.input),
  ),
  route('DELETE /2015-03-31/functions/*/aliases/*', 204, (call) =>
    call.service.functions.deleteAlias(name(call), call.parts[1] ?? ''),
  ),
  route('POST /2015-03-31/functions/*/policy', 201, (call) => call.service.functions.addPermission(name(call), call.input)),
  route('GET /2015-03-31/functions/*/policy', 200, (call) => call.service.functions.getPolicy(name(call))),
  route('DELETE /2015-03-31/functions/*/policy/*', 204, (call) =>
    call.service.functions.removePermission(name(call), call.parts[1] ?? ''),
  ),
  route('PUT /2017-10-31/functions/*/concurrency', 200, (call) => call.service.functions.putConcurrency(name(call), call.input)),
  route('DELETE /2017-10-31/functions/*/concurrency', 204, (call) => call.service.functions.deleteConcurrency(name(call))),
  route('GET /2019-09-30/functions/*/concurrency', 200, (call) => call.service.functions.getConcurrency(name(call))),
  route('PUT /2019-09-25/functions/*/event-invoke-config', 200, (call) =>
    call.service.eventInvokeConfigs.put(name(call), call.input),
  ),
  route('POST /2019-09-25/functions/*/event-invoke-config', 200, (call) =>
    call.service.eventInvokeConfigs.update(name(call), call.input),
  ),
  route('GET /2019-09-25/functions/*/event-invoke-config', 200, (call) => call.service.eventInvokeConfigs.get(name(call))),
  route('GET /2019-09-25/functions/*/event-invoke-config/list', 200, (call) => call.service.eventInvokeConfigs.list(name(call))),
  route('DELETE /2019-09-25/functions/*/event-invoke-config', 204, (call) => call.service.eventInvokeConfigs.delete(name(call))),
  route('GET /2020-06-30/functions/*/code-signing-config', 200, (call) =>
    call.service.functions.getCodeSigningConfig(name(call)),
  ),
  route('GET /2016-08-19/account-settings', 200, ({ service }) => service.functions.accountSettings()),
  route('POST /2018-10-31/layers/*/versions', 201, (call) => call.service.layers.publish(name(call), call.input, call.archive)),
  route('GET /2018-10-31/layers', 200, ({ service, query }) =>
    query.get('find') === 'LayerVersion' ? service.layers.getByArn(query.get('Arn') ?? '') : service.layers.list(),
  ),
  route('GET /2018-10-31/layers/*/versions', 200, (call) => call.service.layers.listVersions(name(call))),
  route('GET /2018-10-31/layers/*/versions/*', 200, (call) => call.service.layers.get(name(call), call.parts[1] ?? '')),
  route('DELETE /2018-10-31/layers/*/versions/*', 204, (call) => call.service.layers.delete(name(call), call.parts[1] ?? '')),
  route('POST /2015-03-31/event-source-mappings', 202, ({ service, input }) => service.eventSources.create(input)),
  route('GET /2015-03-31/event-source-mappings', 200, ({ service, query }) => service.eventSources.list(query)),
  route('GET /2015-03-31/event-source-mappings/*', 200, (call) => call.service.eventSources.get(name(call))),
  route('PUT /2015-03-31/event-source-mappings/*', 202, (call) => call.service.eventSources.update(name(call), call.input)),
  route('DELETE /2015-03-31/event-source-mappings/*', 202, (call) => call.service.eventSources.delete(name(call))),
  route('GET /2017-03-31/tags/*', 200, (call) => tagged(call).listTags(name(call))),
  route('POST /2017-03-31/tags/*', 204, (call) => tagged(call).tag(name(call), call.input)),
  route('DELETE /2017-03-31/tags/*', 204, (call) => tagged(call).untag(name(call), call.query.getAll('tagKeys'))),
]

const REQUEST_ID = 'x-amzn-RequestId'
const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/

function createHandler(service: LambdaService, deps: LambdaDeps): Handler {
  return async (req, res) => {
    const requestId = requestIdOf(req)
    try {
      const target = targetOf(req)
      const invoked = INVOKE.exec(target.path)?.[1]
      if (target.path === CODE_PATH && req.method === 'GET')
        sendJson(res, await viewCode(service.functions, target.query), { requestId })
      else if (target.path === ARCHIVE_PATH && req.method === 'GET')
        send(res, await readArchive(service.functions, target.query), { requestId, contentType: 'application/zip' }, REQUEST_ID)
      else if (invoked !== undefined && req.method === 'POST') await invoke(service, invoked, target, req, res, requestId)
      else await dispatch(service, target, req, res, requestId)
    } catch (error) {
      if (!(error instanceof WireError)) deps.log.error('a Lambda request failed', { ...requestFields(req), error })
      await drainBody(req)
      sendError(res, toWireError(error, 'ServiceException'), requestId)
    }
  }
}

async function dispatch(
  service: LambdaService,
  target: RequestTarget,
  req: IncomingMessage,
  res: ServerResponse,
  requestId: string,
) {
  for (const { method, path, status, run } of ROUTES) {
    const match = method === req.method ? path.exec(target.path) : null
    if (!match) continue
    const parts = match.slice(1).map(decode)
    const request = method === 'GET' || method === 'DELETE' ? NO_BODY : await parseInput(service, await readRequest(req))
    const output = await run({ service, query: target.query, parts, ...request })
    if (status === 204) return sendEmpty(res, { status, requestId })
    return sendJson(res, output ?? {}, { status, requestId })
  }
  throw lambdaError(
    'UnknownOperationException',
    `Unable to determine service/operation name to be authorized: ${req.method} ${target.path}`,
  )
}

async function invoke(
  service: LambdaService,
  encodedName: string,
  target: RequestTarget,
  req: IncomingMessage,
  res: ServerResponse,
  requestId: string,
) {
  const { lambdaSyncBytesMax } = service.limits
  const payload = await readBody(req, lambdaSyncBytesMax).catch((error: unknown) => {
    throw error instanceof BodyTooLargeError ? payloadTooLarge(lambdaSyncBytesMax) : error
  })
  const answer = await service.invoke({
    functionName: decode(encodedName),
    qualifier: target.query.get('Qualifier') ?? undefined,
    invocationType: readInvocationType(headerOf(req.headers, 'x-amz-invocation-type')),
    payload,
    clientContext: headerOf(req.headers, 'x-amz-client-context'),
    requestId,
  })
  const wantsLog = headerOf(req.headers, 'x-amz-log-type') === 'Tail'
  const headers = {
    'x-amz-executed-version': answer.status === 200 ? answer.executedVersion : undefined,
    'x-amz-function-error': answer.functionError,
    'x-amz-log-result': wantsLog ? answer.logTail : undefined,
  }
  send(res, answer.payload, { status: answer.status, requestId, contentType: 'application/json', headers }, REQUEST_ID)
}

function readInvocationType(text: string | undefined): InvocationType | undefined {
  if (text === undefined || text === 'RequestResponse' || text === 'Event' || text === 'DryRun') return text
  throw constraintError(text, 'invocationType', 'Member must satisfy enum value set: [Event, RequestResponse, DryRun]')
}

function readMaxItems(query: URLSearchParams): number | undefined {
  const text = query.get('MaxItems')
  if (text === null) return undefined
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= 10_000) return value
  throw constraintError(text, 'maxItems', 'Member must have value between 1 and 10000')
}

async function readRequest(req: IncomingMessage): Promise<Buffer> {
  return await readBody(req, REQUEST_BYTES_MAX).catch((error: unknown) => {
    if (!(error instanceof BodyTooLargeError)) throw error
    throw lambdaError('RequestTooLargeException', `Request must be smaller than ${REQUEST_BYTES_MAX} bytes for the operation`)
  })
}

const NO_BODY: ReadRequest = { input: {}, archive: undefined }

async function parseInput(service: LambdaService, body: Buffer): Promise<ReadRequest> {
  try {
    return await (body.length > LARGE_BYTES ? service.readRequest(body) : { input: parseJsonBody(body), archive: undefined })
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'not JSON'
    throw lambdaError('InvalidRequestContentException', `Could not parse request body into json: ${reason}`, { cause: error })
  }
}

function decode(segment: string): string {
  const text = decodeSegment(segment)
  if (text === undefined) throw lambdaError('InvalidParameterValueException', 'The path is not well encoded.')
  return text
}

function sendError(res: ServerResponse, error: WireError, requestId: string): void {
  const Type = error.fault === 'client' ? 'User' : 'Service'
  const body = { Type, Message: error.message, message: error.message, ...error.detail }
  sendJson(res, body, { status: error.status, requestId, headers: { 'x-amzn-ErrorType': error.code } })
}
