/**
 * How parameters of an HTTP API are mapped: `$request.header.name`, `${request.body.a}` within texts, `$context.…`; and what of a
 * request or a response they append to, overwrite or remove.
 * Source: API Gateway developer guide, "Transform API requests and responses for HTTP APIs".
 */
import type { JsonObject } from '../../../base/json.ts'

import type { BackendAnswer } from './backends.ts'
import { textAt } from './mapping-template.ts'
import type { GatewayRequest } from './request.ts'
import { contextValue } from './rest-mapping.ts'

export interface HttpSource {
  readonly request: GatewayRequest
  /** Without the stage. */
  readonly path: string
  readonly pathParameters: Readonly<Record<string, string>>
  readonly stageVariables: Readonly<Record<string, string>>
  readonly context: JsonObject
  /** Once there is one. */
  readonly response?: BackendAnswer
}

const WHOLE = /^\$(?:request|response|context|stageVariables)\.[\w.[\]$'"@?()*:,\- ]+$/
const WITHIN = /\$\{((?:request|response|context|stageVariables)\.[^}]+)\}/g

/** A text with its variables filled in; undefined where it is one variable alone that is not there. */
export function mappedText(text: string, source: HttpSource): string | undefined {
  const whole = /^\$\{([^{}]+)\}$/.exec(text)?.[1] ?? (WHOLE.test(text) ? text.slice(1) : undefined)
  if (whole !== undefined) return variable(whole, source)
  return text.replace(WITHIN, (_, name: string) => variable(name, source) ?? '')
}

function variable(name: string, source: HttpSource): string | undefined {
  const [root = '', place = '', ...rest] = name.split('.')
  const key = rest.join('.')
  switch (root) {
    case 'request':
      return requestVariable(place, key, source)
    case 'response':
      return responseVariable(place, key, source)
    case 'context':
      return contextValue(source.context, [place, ...rest].join('.'))
    case 'stageVariables':
      return own(source.stageVariables, [place, ...rest].join('.'))
    default:
      return undefined
  }
}

function requestVariable(place: string, key: string, { request, path, pathParameters }: HttpSource): string | undefined {
  switch (place) {
    case 'header':
      return own(request.headers, key.toLowerCase())
    case 'querystring': {
      const values = request.query.getAll(key)
      return values.length === 0 ? undefined : values.join(',')
    }
    case 'path':
      return key === '' ? path : own(pathParameters, key)
    case 'body': {
      const body = request.body.toString('utf8')
      return key === '' ? body : textAt(body, `$.${key}`)
    }
    default:
      return undefined
  }
}

function responseVariable(place: string, key: string, { response }: HttpSource): string | undefined {
  if (!response) return undefined
  if (place === 'header') return response.headers.find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1]
  if (place !== 'body') return undefined
  const body = response.body.toString('utf8')
  return key === '' ? body : textAt(body, `$.${key}`)
}

const own = (texts: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(texts, name) ? texts[name] : undefined

type Pairs = readonly (readonly [name: string, value: string])[]

const OPERATION = /^(append|overwrite|remove):(header|querystring|path|statuscode)(?:\.(.+))?$/

/** What of one place (`header`, `querystring`) the parameters change. */
export function changedPairs(pairs: Pairs, place: 'header' | 'querystring', parameters: JsonObject, source: HttpSource): Pairs {
  return Object.entries(parameters).reduce<Pairs>((all, [target, from]) => {
    const [, operation, of, name = ''] = OPERATION.exec(target) ?? []
    if (of !== place || name === '') return all
    const isOther = ([one]: readonly [string, string]) =>
      place === 'header' ? one.toLowerCase() !== name.toLowerCase() : one !== name
    if (operation === 'remove') return all.filter(isOther)
    const value = mappedText(String(from), source)
    if (value === undefined) return all
    return [...(operation === 'overwrite' ? all.filter(isOther) : all), [name, value]]
  }, pairs)
}

/** What `overwrite:path` or `overwrite:statuscode` says. */
export function overwritten(target: 'path' | 'statuscode', parameters: JsonObject, source: HttpSource): string | undefined {
  const from = parameters[`overwrite:${target}`]
  return from === undefined ? undefined : mappedText(String(from), source)
}
