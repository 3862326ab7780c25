/**
 * The Query protocol from the server's side: a form `Action=Publish&Message=x&Attributes.entry.1.key=k`, answered in XML.
 * Flattened names become nested values: numbered members become arrays, in the order of their numbers.
 * Source: Smithy, "AWS Query protocol".
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { getOwn, isObject, type Json, type JsonObject, setOwn } from '../base/json.ts'
import { describeBug, type Log } from '../base/log.ts'

import { type CallContext, callContext } from './aws-json.ts'
import { type KnownOperations, notImplemented, renderQueryError, toWireError, WireError } from './errors.ts'
import { formPairs } from './form.ts'
import { drainBody, type Handler, readBody, sendXml, targetOf } from './http.ts'
import { requestFields, requestIdOf } from './request-context.ts'
import { element, type Xml, type XmlContent, xmlDocument } from './xml.ts'

export interface QueryRequest {
  readonly action: string
  readonly version: string | undefined
  /** All other parameters, nested. Leaves are strings. */
  readonly input: JsonObject
}

/** A mebibyte of message, each byte of which a form may write as three, and what stands around it. */
const BODY_BYTES_MAX = 3_250_000
const PARAMETERS_MAX = 20_000
const DEPTH_MAX = 32

export interface QueryOptions {
  readonly bytesMax?: number
  /** Actions that a link may carry. All others work by POST alone: whoever makes somebody follow a link must change nothing. */
  readonly links?: ReadonlySet<string>
  /** What of AWS's may be missing in the table. */
  readonly aws?: KnownOperations
}

const NO_LINKS: ReadonlySet<string> = new Set()

/** Parameters of the body and of the query string together. Throws WireError (MissingAction, MalformedQueryString, 405, 413). */
export async function readAwsQuery(
  req: IncomingMessage,
  { bytesMax, links = NO_LINKS }: QueryOptions = {},
): Promise<QueryRequest> {
  const form = (await readBody(req, bytesMax ?? BODY_BYTES_MAX)).toString('utf8')
  const request = parseAwsQuery(parametersOf(form, req))
  if (req.method !== 'POST' && !(req.method === 'GET' && links.has(request.action))) {
    const others = links.size === 0 ? '' : ` GET is for the links of ${[...links].join(' and ')}.`
    throw new WireError(405, 'MethodNotAllowed', `The action ${request.action} is taken by POST only.${others}`)
  }
  return request
}

function* parametersOf(form: string, req: IncomingMessage): Generator<readonly [string, string]> {
  yield* formPairs(form)
  yield* targetOf(req).query
}

export function parseAwsQuery(parameters: Iterable<readonly [string, string]>): QueryRequest {
  const nested: Record<string, Json> = {}
  let action: string | undefined
  let version: string | undefined
  let count = 0
  for (const [name, value] of parameters) {
    if (++count > PARAMETERS_MAX) throw new WireError(400, 'MalformedQueryString', 'Too many parameters.')
    if (name === 'Action') action ??= value
    else if (name === 'Version') version ??= value
    else if (!name.startsWith('X-Amz-')) place(nested, name.split('.'), value)
  }
  if (action === undefined || action === '')
    throw new WireError(400, 'MissingAction', 'The request is missing an Action parameter.')
  return { action, version, input: foldMembers(nested) }
}

function place(root: Record<string, Json>, path: readonly string[], value: string): void {
  if (path.length > DEPTH_MAX) throw new WireError(400, 'MalformedQueryString', 'A parameter name is nested too deeply.')
  let node = root
  path.forEach((key, index) => {
    if (index === path.length - 1) {
      if (!Object.hasOwn(node, key)) setOwn(node, key, value)
      return
    }
    let next = getOwn(node, key)
    if (!isObject(next)) {
      next = {}
      setOwn(node, key, next)
    }
    node = next as Record<string, Json>
  })
}

/** Numbered members to arrays: `{ member: { 1: a, 2: b } }`, `{ entry: ... }` and `{ 1: a, 2: b }` all become `[a, b]`. */
function foldMembers(node: JsonObject): JsonObject {
  const folded: Record<string, Json> = {}
  for (const key of Object.keys(node)) {
    const value = node[key]
    if (value !== undefined) setOwn(folded, key, isObject(value) ? foldList(foldMembers(value)) : value)
  }
  return folded
}

function foldList(node: JsonObject): Json {
  const keys = Object.keys(node)
  const wrapped = keys.length === 1 ? (getOwn(node, 'member') ?? getOwn(node, 'entry')) : undefined
  if (wrapped !== undefined && Array.isArray(wrapped)) return wrapped
  if (keys.length === 0 || !keys.every((key) => /^\d{1,9}$/.test(key))) return node
  return keys.sort((a, b) => Number(a) - Number(b)).map((key) => node[key] as Json)
}

/** `<PublishResponse xmlns=…><PublishResult>…</PublishResult><ResponseMetadata>…`; no result element where `result` is undefined. */
export function renderQueryResponse(action: string, namespace: string, result: XmlContent, requestId: string): string {
  return xmlDocument(
    element(
      `${action}Response`,
      [
        result === undefined ? undefined : element(`${action}Result`, result),
        element('ResponseMetadata', element('RequestId', requestId)),
      ],
      { xmlns: namespace },
    ),
  )
}

export function sendQueryError(res: ServerResponse, error: WireError, requestId: string, namespace?: string): void {
  sendXml(res, renderQueryError(error, requestId, namespace), { status: error.status, requestId })
}

export type QueryOperation = (
  input: JsonObject,
  context: CallContext,
) => Promise<Xml | readonly Xml[] | undefined> | Xml | readonly Xml[] | undefined

/** For an action that is in no table. */
export const missingAction = (action: string, aws: KnownOperations | undefined): WireError =>
  aws?.has(action) === true
    ? notImplemented(aws.title, action)
    : new WireError(400, 'InvalidAction', `The action ${action} is not valid for this endpoint.`)

/** A handler over a table of actions: reads, dispatches, renders answers and errors. Bugs are logged and answer 500. */
export function createAwsQueryHandler(
  operations: ReadonlyMap<string, QueryOperation>,
  options: QueryOptions & { readonly namespace: string; readonly log: Log; readonly internalCode?: string },
): Handler {
  return async (req, res) => {
    const requestId = requestIdOf(req)
    try {
      const { action, input } = await readAwsQuery(req, options)
      const operation = operations.get(action)
      if (!operation) throw missingAction(action, options.aws)
      const result = await operation(input, callContext(req, res, requestId))
      sendXml(res, renderQueryResponse(action, options.namespace, result, requestId), { requestId })
    } catch (error) {
      if (!(error instanceof WireError)) options.log.error('a request failed', { ...requestFields(req), ...describeBug(error) })
      await drainBody(req)
      sendQueryError(res, toWireError(error, options.internalCode), requestId, options.namespace)
    }
  }
}
