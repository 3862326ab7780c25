/**
 * The Lambda API's REST-JSON face: paths to operations, and errors as AWS writes them.
 * Source: AWS Lambda API reference, "Request Syntax" of each action.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { objectOf } from '../../base/json-text.ts'

import { EVENT_STREAM_TYPE, printEvent } from '../../wire/event-stream.ts'
import { notImplemented, toWireError, WireError } from '../../wire/errors.ts'
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
import { apiOf, operationAt, operationsHere, type RestRequest } from '../../aws/operations.ts'

import { readArchive } from './code-archive.ts'
import { CODE_PATH, viewCode } from './code-view.ts'
import { constraintError, lambdaError } from './errors.ts'
import { functionUrlAddressOf } from './function-url-address.ts'
import type { ReadRequest } from './heavy-work.ts'
import { ARCHIVE_PATH } from './render.ts'
import { findRoute } from './routes.ts'
import { type InvocationType, type LambdaDeps, LambdaService, payloadTooLarge } from './service.ts'
import { answerFunctionUrl } from './url-door.ts'

export type { LambdaDeps, LambdaService } from './service.ts'

export interface Lambda {
  readonly handler: Handler
  readonly operations: () => Iterable<string>
  readonly service: LambdaService
  close(): Promise<void>
}

export function createLambda(deps: LambdaDeps): Lambda {
  const service = new LambdaService(deps)
  return {
    service,
    handler: createHandler(service, deps),
    operations: () => operationsHere('lambda', isHere),
    close: () => service.close(),
  }
}

const REQUEST_BYTES_MAX = 70_167_211
/** From here on a request is read in a thread. */
const LARGE_BYTES = 1 << 20

const REQUEST_ID = 'x-amzn-RequestId'
const API = apiOf('lambda')
/** Their bodies are the functions' own. */
const INVOCATIONS = [
  [/^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/, invoke],
  [/^\/2021-11-15\/functions\/([^/]+)\/response-streaming-invocations\/?$/, invokeStreamed],
  [/^\/2014-11-13\/functions\/([^/]+)\/invoke-async\/?$/, invokeAsync],
] as const

const isHere = ({ method, path }: RestRequest): boolean =>
  findRoute(method, path) !== undefined || (method === 'POST' && INVOCATIONS.some(([pattern]) => pattern.test(path)))

function createHandler(service: LambdaService, deps: LambdaDeps): Handler {
  const urls = { service, account: deps.account, now: () => deps.clock.now() }
  return async (req, res) => {
    const requestId = requestIdOf(req)
    try {
      const url = functionUrlAddressOf(req)
      if (url) await answerFunctionUrl(urls, url, req, res)
      else await answer(service, targetOf(req), req, res, requestId)
    } catch (error) {
      if (!(error instanceof WireError)) deps.log.error('a Lambda request failed', { ...requestFields(req), error })
      await drainBody(req)
      sendError(res, toWireError(error, 'ServiceException'), requestId)
    }
  }
}

async function answer(
  service: LambdaService,
  target: RequestTarget,
  req: IncomingMessage,
  res: ServerResponse,
  requestId: string,
): Promise<void> {
  const { path, query } = target
  for (const [pattern, run] of req.method === 'POST' ? INVOCATIONS : []) {
    const name = pattern.exec(path)?.[1]
    if (name !== undefined) return run(service, name, target, req, res, requestId)
  }
  if (path === CODE_PATH && req.method === 'GET') return sendJson(res, await viewCode(service.functions, query), { requestId })
  if (path === ARCHIVE_PATH && req.method === 'GET') {
    const archive = await readArchive(service.functions, service.layers, query)
    return send(res, archive, { requestId, contentType: 'application/zip' }, REQUEST_ID)
  }
  await dispatch(service, target, req, res, requestId)
}

async function dispatch(
  service: LambdaService,
  target: RequestTarget,
  req: IncomingMessage,
  res: ServerResponse,
  requestId: string,
) {
  const found = findRoute(req.method, target.path)
  if (!found) throw missingRoute(req, target)
  const { status, run } = found.route
  const parts = found.parts.map(decode)
  const request = req.method === 'GET' || req.method === 'DELETE' ? NO_BODY : await parseInput(service, await readRequest(req))
  const output = await run({ service, query: target.query, parts, ...request })
  if (status === 204) return sendEmpty(res, { status, requestId })
  sendJson(res, output ?? {}, { status, requestId })
}

function missingRoute({ method = '', headers }: IncomingMessage, { path, query }: RequestTarget): WireError {
  const meant = operationAt('lambda', { method, path, query, headers })
  return meant === undefined
    ? lambdaError('UnknownOperationException', `Unable to determine service/operation name to be authorized: ${method} ${path}`)
    : notImplemented(API.title, meant)
}

async function invoke(
  service: LambdaService,
  encodedName: string,
  target: RequestTarget,
  req: IncomingMessage,
  res: ServerResponse,
  requestId: string,
) {
  const wantsTail = headerOf(req.headers, 'x-amz-log-type') === 'Tail'
  const answer = await service.invoke({
    functionName: decode(encodedName),
    qualifier: target.query.get('Qualifier') ?? undefined,
    invocationType: readInvocationType(headerOf(req.headers, 'x-amz-invocation-type')),
    payload: await readPayload(service, req),
    clientContext: headerOf(req.headers, 'x-amz-client-context'),
    requestId,
    wantsTail,
  })
  const headers = {
    'x-amz-executed-version': answer.status === 200 ? answer.executedVersion : undefined,
    'x-amz-function-error': answer.functionError,
    'x-amz-log-result': wantsTail ? answer.logTail : undefined,
  }
  send(res, answer.payload, { status: answer.status, requestId, contentType: 'application/json', headers }, REQUEST_ID)
}

/** The oldest way to start a function: the body is the event. */
async function invokeAsync(
  service: LambdaService,
  encodedName: string,
  _target: RequestTarget,
  req: IncomingMessage,
  res: ServerResponse,
  requestId: string,
) {
  const payload = await readPayload(service, req)
  const { status } = await service.invoke({ functionName: decode(encodedName), invocationType: 'Event', payload, requestId })
  sendJson(res, { Status: status }, { status, requestId })
}

/** Pieces go out as the function gives them; what goes wrong then is told in the last event. */
async function invokeStreamed(
  service: LambdaService,
  encodedName: string,
  target: RequestTarget,
  req: IncomingMessage,
  res: ServerResponse,
  requestId: string,
) {
  const invocationType = readInvocationType(headerOf(req.headers, 'x-amz-invocation-type'))
  if (invocationType === 'Event')
    throw constraintError('Event', 'invocationType', 'Member must satisfy enum value set: [RequestResponse, DryRun]')
  const wantsTail = headerOf(req.headers, 'x-amz-log-type') === 'Tail'
  const payload = await readPayload(service, req)
  const begin = (status: number) => {
    if (res.headersSent) return
    res.writeHead(status, { 'content-type': EVENT_STREAM_TYPE, [REQUEST_ID]: requestId })
  }
  const write = (piece: Buffer) => {
    begin(200)
    if (piece.length > 0) res.write(printEvent('PayloadChunk', 'application/octet-stream', piece))
  }
  const answer = await service.invoke({
    functionName: decode(encodedName),
    qualifier: target.query.get('Qualifier') ?? undefined,
    invocationType,
    payload,
    clientContext: headerOf(req.headers, 'x-amz-client-context'),
    requestId,
    onPiece: write,
    wantsTail,
  })
  if (answer.status !== 200) {
    begin(answer.status)
    return void res.end()
  }
  const isFailed = answer.functionError !== undefined
  if (!isFailed) write(answer.payload)
  begin(200)
  const complete = {
    ...(isFailed && { ErrorCode: errorTypeOf(answer.payload), ErrorDetails: answer.payload.toString('utf8') }),
    ...(wantsTail && { LogResult: answer.logTail }),
  }
  res.end(printEvent('InvokeComplete', 'application/json', Buffer.from(JSON.stringify(complete))))
}

const errorTypeOf = (payload: Buffer): string => String(objectOf(payload.toString('utf8'))?.['errorType'] ?? 'Unhandled')

async function readPayload({ limits }: LambdaService, req: IncomingMessage): Promise<Buffer> {
  return readBody(req, limits.lambdaSyncBytesMax).catch((error: unknown) => {
    throw error instanceof BodyTooLargeError ? payloadTooLarge(limits.lambdaSyncBytesMax) : error
  })
}

function readInvocationType(text: string | undefined): InvocationType | undefined {
  if (text === undefined || text === 'RequestResponse' || text === 'Event' || text === 'DryRun') return text
  throw constraintError(text, 'invocationType', 'Member must satisfy enum value set: [Event, RequestResponse, DryRun]')
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
