/**
 * SQS's door: AWS JSON 1.0 (`AmazonSQS.SendMessage`) and the Query protocol of older SDKs, over the same actions.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { JsonObject } from '../../base/json.ts'

import { jsonContentType, jsonTargetOf, missingOperation, readAwsJson, sendAwsJson } from '../../wire/aws-json.ts'
import { missingAction, readAwsQuery, renderQueryResponse, sendQueryError } from '../../wire/aws-query.ts'
import { toWireError, WireError } from '../../wire/errors.ts'
import { drainBody, type Handler, headerOf, schemeOf, sendJson, sendXml, targetOf } from '../../wire/http.ts'
import { pollSignal } from '../../wire/long-poll.ts'
import { requestFields, requestIdOf } from '../../wire/request-context.ts'
import { apiOf } from '../../aws/operations.ts'

import type { ServiceDeps } from '../kit/service-deps.ts'

import { queryCodeOf } from './errors.ts'
import { PEEK_PATH } from './peeking.ts'
import { jsonToQuery, queryToJson, SQS_NAMESPACE } from './query.ts'
import { type SqsContext, type SqsDeps, SqsService } from './service.ts'

/** `endpoint` is where queue URLs point when a request names no host. */
export type SqsHandlerDeps = SqsDeps & Pick<ServiceDeps, 'endpoint'>

export interface Sqs {
  readonly handler: Handler
  readonly operations: () => Iterable<string>
  readonly service: SqsService
  close(): void
}

const API = apiOf('sqs')

export function createSqs(deps: SqsHandlerDeps): Sqs {
  const service = new SqsService(deps)
  const handler: Handler = async (req, res) => {
    const requestId = requestIdOf(req)
    const isPeek = targetOf(req).path === PEEK_PATH
    const isJson = isPeek || jsonTargetOf(req) !== undefined
    try {
      if (isPeek) return answerPeek(service, req, res, requestId)
      const traceHeader = headerOf(req.headers, 'x-amzn-trace-id')
      const context = { origin: originOf(req, deps.endpoint), traceHeader, pollSignal: () => pollSignal(res) }
      await (isJson ? answerJson(service, req, res, context, requestId) : answerQuery(service, req, res, context, requestId))
    } catch (error) {
      if (!(error instanceof WireError)) deps.log.error('an SQS request failed', { ...requestFields(req), error })
      await drainBody(req)
      if (isJson) sendJsonError(res, jsonContentType(req), toWireError(error), requestId)
      else sendQueryError(res, withQueryCode(toWireError(error)), requestId, SQS_NAMESPACE)
    }
  }
  return { handler, service, operations: () => service.operations.keys(), close: () => service.close() }
}

/** GET looks; DELETE with `id` takes one message away. */
function answerPeek(service: SqsService, req: IncomingMessage, res: ServerResponse, requestId: string): void {
  const { query } = targetOf(req)
  const queue = query.get('QueueUrl') ?? ''
  const row = Number(query.get(req.method === 'DELETE' ? 'id' : 'after') ?? 0)
  if (!Number.isSafeInteger(row)) throw new WireError(400, 'InvalidParameterValue', 'A message is named by a whole number.')
  if (req.method === 'GET') return sendJson(res, service.peek(queue, row), { requestId })
  if (req.method !== 'DELETE') throw new WireError(405, 'UnsupportedOperation', 'Only GET and DELETE are known here.')
  service.discard(queue, row)
  sendJson(res, {}, { requestId })
}

function originOf(req: IncomingMessage, endpoint: () => string): string {
  const host = req.headers.host
  return host !== undefined && /^[\w.\-:[\]]+$/.test(host) ? `${schemeOf(req)}://${host}` : endpoint().replace(/\/+$/, '')
}

async function answerJson(
  service: SqsService,
  req: IncomingMessage,
  res: ServerResponse,
  context: SqsContext,
  requestId: string,
) {
  const request = await readAwsJson(req)
  const operation = service.operations.get(request.operation)
  if (!operation) throw missingOperation(request.operation, API)
  sendAwsJson(res, request.contentType, await operation(request.input, context), requestId)
}

async function answerQuery(
  service: SqsService,
  req: IncomingMessage,
  res: ServerResponse,
  context: SqsContext,
  requestId: string,
) {
  const { action, input } = await readAwsQuery(req)
  const operation = service.operations.get(action)
  if (!operation) throw missingAction(action, API)
  const output = await operation({ ...queueOfPath(req), ...queryToJson(input) }, context)
  sendXml(res, renderQueryResponse(action, SQS_NAMESPACE, jsonToQuery(action, output), requestId), { requestId })
}

/** Old SDKs post to the queue's URL and name it nowhere else. */
function queueOfPath(req: IncomingMessage): JsonObject {
  const { path } = targetOf(req)
  return path.length > 1 ? { QueueUrl: path } : {}
}

function sendJsonError(res: ServerResponse, contentType: string, error: WireError, requestId: string): void {
  const fault = error.fault === 'client' ? 'Sender' : 'Receiver'
  sendJson(
    res,
    { __type: `com.amazonaws.sqs#${error.code}`, message: error.message },
    { status: error.status, contentType, requestId, headers: { 'x-amzn-query-error': `${queryCodeOf(error.code)};${fault}` } },
  )
}

/** The Query protocol's older code, and its older text for a queue that is not there. */
function withQueryCode(error: WireError): WireError {
  const message = error.code === 'QueueDoesNotExist' ? 'The specified queue does not exist for this wsdl version.' : error.message
  return new WireError(error.status, queryCodeOf(error.code), message)
}
