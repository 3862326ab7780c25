/**
 * REST services by table: which member of the parameters goes to the path, the query, a header or the body, and where the
 * members of the result come from. Source: Smithy, "HTTP bindings".
 */
import { parseJson } from '../../base/json-bounds.ts'
import { getOwn, isArray, isObject, type Json, type JsonObject, setOwn } from '../../base/json.ts'
import { formatContextTime, toInstant } from '../../base/time.ts'

import type { AwsResponse } from '../../wire/client.ts'
import { encodeRfc3986 } from '../../wire/percent.ts'
import { parseXml, type Xml, type XmlElement, xmlDocument } from '../../wire/xml.ts'
import type { AwsRequest } from '../../aws/call.ts'

import { camel, pascal, renameMembers } from '../casing.ts'
import { asText } from '../parameters.ts'

export type HeaderKind = 'text' | 'number' | 'boolean' | 'date'

export interface RestAction {
  readonly method: string
  /** `/{Bucket}/{Key+}`: a name in braces is a member, `+` keeps its slashes. */
  readonly path: string
  /** Sent as they stand: `delete`, `list-type=2`. */
  readonly fixedQuery?: string
  /** Member to query parameter. */
  readonly query?: Readonly<Record<string, string>>
  /** Member to header. */
  readonly headers?: Readonly<Record<string, string>>
  /** A member that is a map, spread over headers with this prefix. */
  readonly headerMap?: readonly [member: string, prefix: string]
  /** The member that is the body; `json`: all members that are nowhere else. */
  readonly body?: { readonly member: string } | 'json' | ((parameters: JsonObject) => Xml | undefined)
  /** Where the members of JSON begin with small letters on the wire. */
  readonly smallLetters?: SmallLetters
  readonly result: RestResult
}

export interface SmallLetters {
  /** Members whose own keys are data, in small letters. */
  readonly keeps: ReadonlySet<string>
  /** Those that are called otherwise on the wire than in a state; and the other way. */
  readonly called: ReadonlyMap<string, string>
  readonly shown: ReadonlyMap<string, string>
}

export interface RestResult {
  /** Header to member. */
  readonly headers?: Readonly<Record<string, readonly [member: string, kind: HeaderKind]>>
  readonly headerMap?: readonly [member: string, prefix: string]
  /** The member that the body becomes, as text. */
  readonly text?: string
  readonly body?: 'json' | ((root: XmlElement) => JsonObject)
  readonly status?: string
}

const RESPONSE_BYTES_MAX = 10 * 1024 * 1024

/** Undefined names a member that the path needs and the parameters lack. */
export function toRestRequest(
  action: RestAction,
  parameters: JsonObject,
): Omit<AwsRequest, 'signal'> | { readonly missing: string } {
  const used = new Set<string>()
  let missing: string | undefined
  const path = action.path.replace(/\{(\w+)(\+?)\}/g, (_, member: string, isGreedy: string) => {
    const value = asText(getOwn(parameters, member))
    used.add(member)
    if (value === undefined || value === '') missing ??= member
    const text = value ?? ''
    return isGreedy === '+' ? text.split('/').map(encodeRfc3986).join('/') : encodeRfc3986(text)
  })
  if (missing !== undefined) return { missing }
  const query = new URLSearchParams(action.fixedQuery ?? '')
  for (const [member, name] of Object.entries(action.query ?? {})) {
    const value = getOwn(parameters, member) ?? null
    used.add(member)
    for (const item of isArray(value) ? value : [value]) if (item !== null) query.append(name, asText(item) ?? '')
  }
  const headers = headersOf(action, parameters, used)
  const body = bodyOf(action, parameters, used)
  const contentType =
    action.body === 'json' ? 'application/json' : typeof action.body === 'function' ? 'application/xml' : undefined
  return {
    method: action.method,
    path,
    query,
    headers: { ...(contentType !== undefined && body !== undefined && { 'content-type': contentType }), ...headers },
    ...(body !== undefined && { body }),
    responseBytesMax: RESPONSE_BYTES_MAX,
  }
}

function headersOf(action: RestAction, parameters: JsonObject, used: Set<string>): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [member, name] of Object.entries(action.headers ?? {})) {
    const value = asText(getOwn(parameters, member))
    used.add(member)
    if (value !== undefined) headers[name] = value
  }
  if (action.headerMap) {
    const [member, prefix] = action.headerMap
    const map = getOwn(parameters, member)
    used.add(member)
    if (isObject(map)) for (const [name, value] of Object.entries(map)) headers[prefix + name.toLowerCase()] = asText(value) ?? ''
  }
  return headers
}

function bodyOf(action: RestAction, parameters: JsonObject, used: ReadonlySet<string>): string | undefined {
  if (action.body === undefined) return undefined
  if (action.body === 'json') {
    const members = Object.fromEntries(Object.entries(parameters).filter(([name]) => !used.has(name)))
    return JSON.stringify(action.smallLetters === undefined ? members : toSmallLetters(members, action.smallLetters))
  }
  if (typeof action.body === 'function') {
    const root = action.body(parameters)
    return root && xmlDocument(root)
  }
  return asText(getOwn(parameters, action.body.member)) ?? ''
}

const toSmallLetters = (members: JsonObject, { keeps, called }: SmallLetters): Json =>
  renameMembers(members, (name) => called.get(camel(name)) ?? camel(name), keeps)

const toCapitals = (members: JsonObject, { keeps, shown }: SmallLetters): JsonObject =>
  asObject(renameMembers(members, (name) => pascal(shown.get(name) ?? name), keeps))

export function readRestResult({ result, smallLetters }: RestAction, response: AwsResponse): JsonObject {
  const members: Record<string, Json> = {}
  for (const [header, [member, kind]] of Object.entries(result.headers ?? {})) {
    const value = response.headers[header]
    if (typeof value === 'string') members[member] = readHeader(value, kind)
  }
  if (result.headerMap) {
    const [member, prefix] = result.headerMap
    const map: Record<string, Json> = {}
    for (const [name, value] of Object.entries(response.headers)) {
      if (name.startsWith(prefix) && typeof value === 'string') setOwn(map, name.slice(prefix.length), value)
    }
    members[member] = map
  }
  if (result.status !== undefined) members[result.status] = response.status
  const text = response.body.toString('utf8')
  if (result.text !== undefined) members[result.text] = text
  if (result.body === 'json' && text !== '') {
    const answer = asObject(parseJson(text))
    Object.assign(members, smallLetters === undefined ? answer : toCapitals(answer, smallLetters))
  }
  if (typeof result.body === 'function' && text !== '') Object.assign(members, result.body(parseXml(text)))
  return members
}

const asObject = (value: Json): JsonObject => (isObject(value) ? value : {})

function readHeader(value: string, kind: HeaderKind): Json {
  switch (kind) {
    case 'number':
      return Number(value)
    case 'boolean':
      return value === 'true'
    case 'date':
      return formatContextTime(toInstant(Date.parse(value)))
    case 'text':
      return value
  }
}
