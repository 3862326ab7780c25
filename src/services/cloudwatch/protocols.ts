/**
 * CloudWatch's three protocols over one kind of operation, JSON in and JSON out, with times in seconds: Smithy RPC v2 CBOR, which
 * boto3 and the AWS CLI speak now; AWS JSON 1.0, which the SDK for JavaScript speaks; Query, which all older clients speak. Of all
 * of them a request may come compressed.
 * Source: CloudWatch's Smithy model; Smithy, "Smithy RPC v2 CBOR protocol", "AWS query compatibility", "requestCompression".
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

import { isArray, isObject, type Json, type JsonObject, setOwn } from '../../base/json.ts'
import { formatContextTime, parseTimestamp, toInstant } from '../../base/time.ts'

import { jsonContentType, jsonTargetOf } from '../../wire/aws-json.ts'
import { parseAwsQuery, renderQueryResponse, sendQueryError } from '../../wire/aws-query.ts'
import { CborError, decodeCbor, encodeCbor, type NumberKind } from '../../wire/cbor.ts'
import { WireError } from '../../wire/errors.ts'
import { formPairs } from '../../wire/form.ts'
import { headerOf, readBody, send, sendJson, sendXml, targetOf } from '../../wire/http.ts'
import { parseJsonBody } from '../../wire/json-body.ts'
import { element, type Xml } from '../../wire/xml.ts'

import { queryCodeOf } from './errors.ts'

export interface MetricsRequest {
  readonly operation: string
  readonly input: JsonObject
}

export interface Protocol {
  readonly read: (req: IncomingMessage) => Promise<MetricsRequest>
  readonly send: (res: ServerResponse, operation: string, output: JsonObject, requestId: string) => void
  readonly refuse: (res: ServerResponse, error: WireError, requestId: string) => void
}

const CBOR_PATH = /^\/service\/GraniteServiceVersion20100801\/operation\/(\w+)$/
const NAMESPACE = 'http://monitoring.amazonaws.com/doc/2010-08-01/'
const SHAPES = 'com.amazonaws.cloudwatch#'
const BODY_BYTES_MAX = 4 * 1024 * 1024
const UNPACKED_BYTES_MAX = 16 * 1024 * 1024

export function protocolOf(req: IncomingMessage): Protocol {
  const operation = CBOR_PATH.exec(targetOf(req).path)?.[1]
  if (operation !== undefined) return cbor(operation)
  const target = jsonTargetOf(req)
  return target ? json(target.operation, jsonContentType(req)) : QUERY
}

async function unpackedBody(req: IncomingMessage): Promise<Buffer> {
  const body = await readBody(req, BODY_BYTES_MAX)
  if (headerOf(req.headers, 'content-encoding') !== 'gzip') return body
  try {
    return await promisify(gunzip)(body, { maxOutputLength: UNPACKED_BYTES_MAX })
  } catch {
    throw new WireError(400, 'SerializationException', 'The body is no gzip, or unpacks to too much.')
  }
}

/** Members that are times, in requests and in answers. */
const TIMES = /Timestamps?$|^LastModified$|^(?:Start|End)(?:Time|Date)$/
const isTime = (member: string): boolean => TIMES.test(member)

const DOUBLES = /^(?:Values|SampleCount|Average|Sum|Minimum|Maximum|Threshold|(?:p|tm)[\d.]+|IQM)$/
const kindOf = (member: string): NumberKind => (isTime(member) ? 'time' : DOUBLES.test(member) ? 'double' : 'any')

const queryError = (error: WireError): Record<string, string> => ({
  'x-amzn-query-error': `${queryCodeOf(error.code)};${error.fault === 'client' ? 'Sender' : 'Receiver'}`,
})

// ---- CBOR ----

const CBOR_TYPE = 'application/cbor'
const CBOR_HEADERS = { 'smithy-protocol': 'rpc-v2-cbor' }

const cbor = (operation: string): Protocol => ({
  read: async (req) => ({ operation, input: cborInput(await unpackedBody(req)) }),
  send: (res, _, output, requestId) =>
    send(res, encodeCbor(output, kindOf), { contentType: CBOR_TYPE, requestId, headers: CBOR_HEADERS }, 'x-amzn-RequestId'),
  refuse: (res, error, requestId) => {
    const body = encodeCbor({ __type: SHAPES + error.code, message: error.message }, kindOf)
    const headers = { ...CBOR_HEADERS, ...queryError(error) }
    send(res, body, { status: error.status, contentType: CBOR_TYPE, requestId, headers }, 'x-amzn-RequestId')
  },
})

function cborInput(body: Buffer): JsonObject {
  if (body.length === 0) return {}
  try {
    const value = decodeCbor(body)
    if (isObject(value)) return value
  } catch (error) {
    if (!(error instanceof CborError)) throw error
    throw new WireError(400, 'SerializationException', `The body is no CBOR: ${error.message}.`)
  }
  throw new WireError(400, 'SerializationException', 'The body must be a CBOR map.')
}

// ---- JSON ----

const json = (operation: string, contentType: string): Protocol => ({
  read: async (req) => ({ operation, input: parseJsonBody(await unpackedBody(req)) }),
  send: (res, _, output, requestId) => sendJson(res, output, { contentType, requestId }),
  refuse: (res, error, requestId) =>
    sendJson(
      res,
      { __type: SHAPES + error.code, message: error.message },
      { status: error.status, contentType, requestId, headers: { 'x-amzn-ErrorType': error.code, ...queryError(error) } },
    ),
})

// ---- Query ----

const QUERY: Protocol = {
  read: async (req) => {
    const form = (await unpackedBody(req)).toString('utf8')
    const { action, input } = parseAwsQuery([...formPairs(form), ...targetOf(req).query])
    if (req.method !== 'POST') throw new WireError(405, 'MethodNotAllowed', `The action ${action} is taken by POST only.`)
    return { operation: action, input: fromForm(input) }
  },
  send: (res, operation, output, requestId) => {
    // Also where it is empty: some clients look for the element of the result, and none minds it.
    sendXml(res, renderQueryResponse(operation, NAMESPACE, toElements(output), requestId), { requestId })
  },
  refuse: (res, error, requestId) =>
    sendQueryError(res, new WireError(error.status, queryCodeOf(error.code), error.message), requestId, NAMESPACE),
}

/** Numbers in requests; within a dimension or a tag a `Value` is a text. */
const NUMBERS: ReadonlySet<string> = new Set(
  `Value Values Counts SampleCount Sum Minimum Maximum StorageResolution Period Threshold EvaluationPeriods DatapointsToAlarm
   MaxRecords MaxDatapoints ActionsSuppressorWaitPeriod ActionsSuppressorExtensionPeriod`.split(/\s+/),
)
const FLAGS: ReadonlySet<string> = new Set(['ActionsEnabled', 'ReturnData', 'IncludeLinkedAccounts', 'StrictEntityValidation'])
const TEXTS: ReadonlySet<string> = new Set(['Dimensions', 'Tags'])

/** A form holds texts alone. */
function fromForm(input: JsonObject): JsonObject {
  const members: Record<string, Json> = {}
  for (const [name, value] of Object.entries(input)) setOwn(members, name, TEXTS.has(name) ? value : typed(name, value))
  return members
}

function typed(name: string, value: Json): Json {
  if (isArray(value)) return value.map((item) => typed(name, item))
  if (isObject(value)) return fromForm(value)
  if (typeof value !== 'string') return value
  if (FLAGS.has(name)) return value === 'true'
  if (NUMBERS.has(name)) return value.trim() === '' || Number.isNaN(Number(value)) ? value : Number(value)
  return isTime(name) ? secondsOf(value) : value
}

function secondsOf(text: string): Json {
  const at = parseTimestamp(text) ?? Date.parse(text)
  return Number.isNaN(at) ? text : at / 1000
}

const toElements = (output: JsonObject): readonly Xml[] => Object.entries(output).map(([name, value]) => toElement(name, value))

/** A member whose keys are data: it is written as entries. */
const MAPS: ReadonlySet<string> = new Set(['ExtendedStatistics'])

function toElement(name: string, value: Json): Xml {
  if (isArray(value))
    return element(
      name,
      value.map((item) => toElement('member', timed(name, item))),
    )
  if (isObject(value) && MAPS.has(name))
    return element(
      name,
      Object.entries(value).map(([key, item]) => element('entry', [element('key', key), toElement('value', item)])),
    )
  if (isObject(value)) return element(name, toElements(value))
  const shown = timed(name, value)
  return element(name, shown === null ? undefined : isObject(shown) || isArray(shown) ? undefined : shown)
}

const timed = (name: string, value: Json): Json =>
  typeof value === 'number' && isTime(name) ? formatContextTime(toInstant(Math.round(value * 1000))) : value
