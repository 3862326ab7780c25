/**
 * AWS JSON 1.0 and 1.1 from the server's side: the operation is in `X-Amz-Target`, input and output are JSON objects,
 * times are epoch seconds with a fraction, errors are `{ __type, message }`.
 * Source: Smithy, "AWS JSON 1.0 protocol" and "AWS JSON 1.1 protocol".
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Json, JsonObject } from '../base/json.ts'
import { describeBug, type Log } from '../base/log.ts'
import type { Instant } from '../base/time.ts'

import { type KnownOperations, notImplemented, renderJsonError, toWireError, WireError } from './errors.ts'
import { drainBody, type Handler, headerOf, readBody, sendJson } from './http.ts'
import { parseJsonBody } from './json-body.ts'
import { hangUpSignal, pollSignal } from './long-poll.ts'
import { requestFields, requestIdOf } from './request-context.ts'

export interface AwsJsonRequest {
  /** What stands before the dot of the target: `AmazonSQS`. */
  readonly prefix: string
  readonly operation: string
  readonly contentType: string
  readonly input: JsonObject
}

/** What AWS's JSON services take in one request: SQS, EventBridge and Logs 1 MiB of payload, which grows as it is escaped. */
const BODY_BYTES_MAX = 4 * 1024 * 1024

export const epochSeconds = (at: Instant | number): number => at / 1000

/** The two halves of `X-Amz-Target`, split at the last dot. Undefined when there is no such header. */
export function jsonTargetOf(req: IncomingMessage): { prefix: string; operation: string } | undefined {
  const target = headerOf(req.headers, 'x-amz-target')
  if (target === undefined) return undefined
  const dot = target.lastIndexOf('.')
  return { prefix: target.slice(0, Math.max(0, dot)), operation: target.slice(dot + 1) }
}

/** Reads and parses the request. Throws WireError: SerializationException, RequestEntityTooLarge, UnknownOperationException. */
export async function readAwsJson(req: IncomingMessage, bytesMax = BODY_BYTES_MAX): Promise<AwsJsonRequest> {
  const target = jsonTargetOf(req)
  if (!target) throw unknownOperation(undefined)
  return { ...target, contentType: jsonContentType(req), input: parseJsonBody(await readBody(req, bytesMax)) }
}

/** Answers in the version of the request. */
export function jsonContentType(req: IncomingMessage): string {
  return headerOf(req.headers, 'content-type')?.startsWith('application/x-amz-json-1.1') === true
    ? 'application/x-amz-json-1.1'
    : 'application/x-amz-json-1.0'
}

export function unknownOperation(name: string | undefined): WireError {
  return new WireError(
    400,
    'UnknownOperationException',
    name === undefined ? 'Missing X-Amz-Target.' : `Unknown operation ${name}.`,
  )
}

export function sendAwsJson(res: ServerResponse, contentType: string, body: Json | undefined, requestId?: string): void {
  sendJson(res, body ?? {}, { contentType, ...(requestId !== undefined && { requestId }) })
}

export function sendAwsJsonError(res: ServerResponse, contentType: string, error: WireError, requestId?: string): void {
  const options = { contentType, status: error.status, ...(requestId !== undefined && { requestId }) }
  sendJson(res, renderJsonError(error), { ...options, headers: { 'x-amzn-ErrorType': error.code } })
}

export interface CallContext {
  readonly req: IncomingMessage
  readonly requestId: string
  /** Aborted when the caller hangs up before the answer. */
  readonly signal: AbortSignal
  /** For long polls: aborted then too, and when the server drains, which wants an empty answer now. */
  readonly pollSignal: () => AbortSignal
}

export const callContext = (req: IncomingMessage, res: ServerResponse, requestId: string): CallContext => ({
  req,
  requestId,
  // Made for who asks: few operations do.
  get signal() {
    return hangUpSignal(res)
  },
  pollSignal: () => pollSignal(res),
})

export type JsonOperation = (input: JsonObject, context: CallContext) => Promise<JsonObject | undefined> | JsonObject | undefined

/** For an operation that is in no table. */
export const missingOperation = (name: string, aws: KnownOperations | undefined): WireError =>
  aws?.has(name) === true ? notImplemented(aws.title, name) : unknownOperation(name)

export interface JsonHandlerOptions {
  readonly log: Log
  readonly bytesMax?: number
  readonly internalCode?: string
  /** What of AWS's may be missing in the table. */
  readonly aws?: KnownOperations
}

/** A handler over a table of operations: reads, dispatches, renders answers and errors. Bugs are logged and answer 500. */
export function createAwsJsonHandler(operations: ReadonlyMap<string, JsonOperation>, options: JsonHandlerOptions): Handler {
  return async (req, res) => {
    const requestId = requestIdOf(req)
    const contentType = jsonContentType(req)
    try {
      const request = await readAwsJson(req, options.bytesMax)
      const operation = operations.get(request.operation)
      if (!operation) throw missingOperation(request.operation, options.aws)
      const output = await operation(request.input, callContext(req, res, requestId))
      sendAwsJson(res, contentType, output, requestId)
    } catch (error) {
      if (!(error instanceof WireError)) options.log.error('a request failed', { ...requestFields(req), ...describeBug(error) })
      await drainBody(req)
      sendAwsJsonError(res, contentType, toWireError(error, options.internalCode), requestId)
    }
  }
}
