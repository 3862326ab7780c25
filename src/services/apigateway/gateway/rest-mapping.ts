/**
 * How the parameters of a REST API's request become those of its integration, and those of the answer the response's.
 * Source: API Gateway developer guide, "Parameter mapping examples for REST APIs".
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../../base/json.ts'

import type { GatewayAnswer } from './answer.ts'
import { textAt } from './mapping-template.ts'
import { lastOf } from './proxy-event.ts'
import type { GatewayRequest } from './request.ts'

export interface Mapped {
  readonly path: Record<string, string>
  readonly querystring: Record<string, string[]>
  readonly header: Record<string, string>
}

/** What mappings are read from. */
export interface MappingSource {
  readonly request: GatewayRequest
  readonly pathParameters: Readonly<Record<string, string>>
  readonly stageVariables: Readonly<Record<string, string>>
  readonly context: JsonObject
}

const TARGET = /^integration\.request\.(header|querystring|path)\.(.+)$/

/** By `integration.request.PLACE.NAME`, where it comes from. What is not there is left out. */
export function mapRequest(parameters: JsonObject, source: MappingSource): Mapped {
  const mapped: Mapped = { path: {}, querystring: {}, header: {} }
  for (const [target, from] of Object.entries(parameters)) {
    const [, place, name = ''] = TARGET.exec(target) ?? []
    const values = requestValues(String(from), source)
    const [value] = values
    if (value === undefined || name === '__proto__') continue
    if (place === 'querystring') mapped.querystring[name] = [...values]
    else if (place === 'header') mapped.header[name] = values.join(',')
    else if (place === 'path') mapped.path[name] = value
  }
  return mapped
}

function requestValues(from: string, { request, pathParameters, stageVariables, context }: MappingSource): readonly string[] {
  const quoted = quotedText(from)
  if (quoted !== undefined) return [quoted]
  const [, place = '', name = ''] =
    /^method\.request\.(header|multivalueheader|querystring|multivaluequerystring|path|body)\.?(.*)$/s.exec(from) ?? []
  switch (place) {
    case 'path':
      return present(ownText(pathParameters, name))
    case 'header':
      return present(headerNamed(request, name))
    case 'multivalueheader':
      return request.sent.flatMap(([sent, value]) => (sent.toLowerCase() === name.toLowerCase() ? [value] : []))
    case 'querystring':
      return present(request.query.getAll(name).at(-1))
    case 'multivaluequerystring':
      return request.query.getAll(name)
    case 'body': {
      const body = request.body.toString('utf8')
      return name === '' ? [body] : present(textAt(body, name.startsWith('$') ? name : `$.${name}`))
    }
    default:
      return present(sharedValue(from, stageVariables, context))
  }
}

/** `method.response.header.NAME`, where it comes from. */
export function mapResponse(
  parameters: JsonObject,
  answer: Pick<GatewayAnswer, 'headers' | 'body'>,
  shared: { readonly stageVariables: Readonly<Record<string, string>>; readonly context: JsonObject },
): readonly (readonly [name: string, value: string])[] {
  return Object.entries(parameters).flatMap(([target, given]) => {
    const [, name] = /^method\.response\.header\.(.+)$/.exec(target) ?? []
    if (name === undefined) return []
    return responseValues(String(given), answer, shared).map((value) => [name, value] as const)
  })
}

function responseValues(
  from: string,
  { headers, body }: Pick<GatewayAnswer, 'headers' | 'body'>,
  { stageVariables, context }: { readonly stageVariables: Readonly<Record<string, string>>; readonly context: JsonObject },
): readonly string[] {
  const quoted = quotedText(from)
  if (quoted !== undefined) return [quoted]
  const [, place = '', name = ''] = /^integration\.response\.(header|multivalueheader|body)\.?(.*)$/s.exec(from) ?? []
  const named = headers.flatMap(([header, value]) => (header.toLowerCase() === name.toLowerCase() ? [value] : []))
  if (place === 'header') return named.slice(-1)
  if (place === 'multivalueheader') return named
  if (place === 'body') return present(name === '' ? body.toString('utf8') : textAt(body.toString('utf8'), `$.${name}`))
  return present(sharedValue(from, stageVariables, context))
}

/** `stageVariables.name`, `context.identity.sourceIp`. */
export function sharedValue(
  from: string,
  stageVariables: Readonly<Record<string, string>>,
  context: JsonObject,
): string | undefined {
  if (from.startsWith('stageVariables.')) return ownText(stageVariables, from.slice('stageVariables.'.length))
  return from.startsWith('context.') ? contextValue(context, from.slice('context.'.length)) : undefined
}

export function contextValue(context: JsonObject, path: string): string | undefined {
  const found = path.split('.').reduce<Json | undefined>((at, name) => (isObject(at) ? getOwn(at, name) : undefined), context)
  return found === undefined || found === null ? undefined : typeof found === 'object' ? JSON.stringify(found) : String(found)
}

/** `'text'`. */
export const quotedText = (from: string): string | undefined => /^'(.*)'$/s.exec(from)?.[1]

const present = (value: string | undefined): readonly string[] => (value === undefined ? [] : [value])

const ownText = (texts: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(texts, name) ? texts[name] : undefined

const headerNamed = (request: GatewayRequest, name: string): string | undefined => ownText(request.headers, name.toLowerCase())

/** Whether a parameter that a method requires came with the request. */
export function hasParameter(
  parameter: string,
  { request, pathParameters }: Pick<MappingSource, 'request' | 'pathParameters'>,
): boolean {
  const [, place, name = ''] = /^method\.request\.(header|querystring|path)\.(.+)$/.exec(parameter) ?? []
  if (place === 'header') return (headerNamed(request, name) ?? '') !== ''
  if (place === 'querystring') return (request.query.get(name) ?? '') !== ''
  return place === undefined || Object.hasOwn(pathParameters, name)
}

/** As templates see them: of several values the last. */
export const templateParams = (request: GatewayRequest, path: Readonly<Record<string, string>>) => ({
  path,
  querystring: lastOf(request.query),
  header: lastOf(request.sent),
})

/** `${stageVariables.name}` within a URI. */
export const withStageVariables = (text: string, stageVariables: Readonly<Record<string, string>>): string =>
  text.replace(/\$\{stageVariables\.([\w-]+)\}/g, (_, name: string) => ownText(stageVariables, name) ?? '')
