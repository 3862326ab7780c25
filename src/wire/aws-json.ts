/**
 * AWS JSON 1.0 and 1.1 from the server's side: the operation is in `X-Amz-Target`, input and output are JSON objects,
 * times are epoch seconds with a fraction, errors are `{ __type, message }`.
 * Source: Smithy, "AWS JSON 1.0 protocol" and "AWS JSON 1.1 protocol".
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { isObject, type Json, type JsonObject } from '../base/json.ts'
import type { Log } from '../base/log.ts'
import type { Instant } from '../base/time.ts'

import { describeBug, renderJsonError, toWireError, WireError } from './errors.ts'
import { drainBody, type Handler, headerOf, newRequestId, readBody, sendJson } from './http.ts'

export interface AwsJsonRequest {
  /** What stands before the dot of the target: `AmazonSQS`. */
  readonly prefix: string
  readonly operation: string
  readonly contentType: string
  readonly input: JsonObject
}

const DEPTH_MAX = 1_000
const BODY_BYTES_MAX = 10 * 1024 * 1024

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

/** A JSON object from a body; an empty body is `{}`. Throws WireError SerializationException with the reason. */
export function parseJsonBody(body: Buffer): JsonObject {
  if (body.length === 0) return {}
  const value = parseBoundedJson(body)
  if (!isObject(value)) throw serializationError('the request body must be a JSON object')
  return value
}

/** Any JSON value, not nested deeper than 1,000. Throws WireError SerializationException. */
export function parseBoundedJson(body: Buffer): Json {
  if (!isNestedWithin(body, DEPTH_MAX)) throw serializationError(`JSON is nested deeper than ${DEPTH_MAX} levels`)
  try {
    return JSON.parse(body.toString('utf8')) as Json
  } catch (error) {
    throw serializationError(error instanceof Error ? error.message : 'not JSON')
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** One pass over the bytes, skipping strings; what comes after can then recurse over the value safely. */
export function isNestedWithin(body: Uint8Array, depthMax: number): boolean {
  let depth = 0
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]
    if (byte === QUOTE) {
      for (i++; i < body.length && body[i] !== QUOTE; i++) if (body[i] === BACKSLASH) i++
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > depthMax) return false
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
  return true
}

export const serializationError = (reason: string): WireError => new WireError(400, 'SerializationException', reason)

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
}

export type JsonOperation = (input: JsonObject, context: CallContext) => Promise<JsonObject | undefined> | JsonObject | undefined

/** A handler over a table of operations: reads, dispatches, renders answers and errors. Bugs are logged and answer 500. */
export function createAwsJsonHandler(
  operations: ReadonlyMap<string, JsonOperation>,
  options: { readonly log: Log; readonly bytesMax?: number; readonly internalCode?: string },
): Handler {
  return async (req, res) => {
    const requestId = newRequestId()
    const contentType = jsonContentType(req)
    try {
      const request = await readAwsJson(req, options.bytesMax)
      const operation = operations.get(request.operation)
      if (!operation) throw unknownOperation(request.operation)
      const output = await operation(request.input, { req, requestId, signal: hangUpSignal(res) })
      sendAwsJson(res, contentType, output, requestId)
    } catch (error) {
      if (!(error instanceof WireError)) options.log.error('a request failed', { requestId, ...describeBug(error) })
      await drainBody(req)
      sendAwsJsonError(res, contentType, toWireError(error, options.internalCode), requestId)
    }
  }
}

/** Aborts when the connection closes before the answer was written: a long poll then stops waiting. */
export function hangUpSignal(res: ServerResponse): AbortSignal {
  const controller = new AbortController()
  res.once('close', () => {
    if (!res.writableEnded) controller.abort()
  })
  return controller.signal
}
