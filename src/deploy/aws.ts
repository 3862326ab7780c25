/**
 * The calls that a deployment makes, by protocol. One endpoint for all services, or one of its own per service.
 * A refusal is a WireError with AWS's code; `orUndefined` turns the expected ones into an answer.
 */
import { isObject, type Json, type JsonObject } from '../base/json.ts'

import { type AwsResponse, callAws } from '../wire/client.ts'
import { readErrorResponse, WireError } from '../wire/errors.ts'
import type { Credentials } from '../wire/sigv4.ts'
import { parseXml, type XmlElement } from '../wire/xml.ts'

export type ServiceName = 'states' | 'lambda' | 's3' | 'sns' | 'sqs' | 'dynamodb' | 'logs'

export interface Aws {
  /** AWS JSON 1.0 and 1.1: `target` is `AWSStepFunctions.CreateStateMachine`. */
  json(service: 'states' | 'sqs' | 'dynamodb' | 'logs', target: string, input: JsonObject): Promise<JsonObject>
  /** AWS Query; lists are written `Name.member.1`, maps `Name.entry.1.key`. */
  query(service: 'sns', action: string, parameters: Readonly<Record<string, string>>): Promise<XmlElement>
  /** REST with JSON bodies. */
  rest(service: 'lambda', method: string, path: string, input?: JsonObject): Promise<JsonObject>
  /** REST with XML bodies. */
  restXml(service: 's3', method: string, path: string, query?: URLSearchParams, body?: string): Promise<AwsResponse>
}

export interface AwsOptions {
  readonly endpoint: string
  readonly endpoints?: Readonly<Partial<Record<ServiceName, string>>> | undefined
  readonly region: string
  readonly credentials: Credentials
  readonly signal?: AbortSignal | undefined
}

interface Request {
  readonly service: ServiceName
  readonly method: string
  readonly path: string
  readonly query?: URLSearchParams | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export function openAws(options: AwsOptions): Aws {
  const send = async (request: Request): Promise<AwsResponse> => {
    const { region, credentials, signal } = options
    const endpoint = options.endpoints?.[request.service] ?? options.endpoint
    const response = await callAws({ endpoint, region, credentials, signal, ...request })
    if (response.status >= 300) throw readErrorResponse(response)
    return response
  }
  return {
    json: async (service, target, input) => {
      const version = service === 'logs' ? '1.1' : '1.0'
      const headers = { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target }
      return parseBody(await send({ service, method: 'POST', path: '/', headers, body: JSON.stringify(input) }))
    },
    query: async (service, action, parameters) => {
      const body = new URLSearchParams({ Action: action, Version: '2010-03-31', ...parameters }).toString()
      const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
      const response = await send({ service, method: 'POST', path: '/', headers, body })
      return parseXml(response.body.toString('utf8'))
    },
    rest: async (service, method, path, input) => {
      const body = input === undefined ? '' : JSON.stringify(input)
      return parseBody(await send({ service, method, path, headers: { 'content-type': 'application/json' }, body }))
    },
    restXml: (service, method, path, query, body = '') =>
      send({ service, method, path, query, headers: body === '' ? {} : { 'content-type': 'application/xml' }, body }),
  }
}

function parseBody(response: AwsResponse): JsonObject {
  const text = response.body.toString('utf8')
  const value = text.trim() === '' ? {} : (JSON.parse(text) as Json)
  return isObject(value) ? value : {}
}

/** Undefined when the service refuses with one of `codes`, with or without a prefix as in `com.amazonaws#Code`. */
export async function orUndefined<T>(answer: Promise<T>, ...codes: readonly string[]): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof WireError && codes.some((code) => error.code === code || error.code.endsWith(`#${code}`)))
      return undefined
    throw error
  }
}
