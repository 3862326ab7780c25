/**
 * The calls that a deployment makes, by protocol. A refusal is a WireError with AWS's code; `orUndefined` turns the expected
 * ones into an answer.
 */
import type { JsonObject } from '../base/json.ts'

import type { AwsResponse } from '../wire/client.ts'
import { WireError } from '../wire/errors.ts'
import { call, callJson, callQuery, callRestJson } from '../aws/call.ts'
import { type Endpoints, endpointsAt, type Place } from '../aws/endpoints.ts'
import { orThrow } from '../aws/failure.ts'
import type { JsonService, QueryService, RestService } from '../aws/services.ts'

export interface Aws {
  json(service: JsonService, action: string, input: JsonObject): Promise<JsonObject>
  query(service: QueryService, action: string, parameters: JsonObject): Promise<JsonObject>
  /** REST with JSON bodies. */
  rest(service: RestService, method: string, path: string, input?: JsonObject, query?: URLSearchParams): Promise<JsonObject>
  /** REST with XML bodies, unless `contentType` says what else the body is. */
  restXml(
    service: RestService,
    method: string,
    path: string,
    query?: URLSearchParams,
    body?: string,
    contentType?: string,
  ): Promise<AwsResponse>
}

export interface AwsOptions extends Place {
  readonly signal?: AbortSignal | undefined
}

export const openAws = ({ signal, ...place }: AwsOptions): Aws =>
  awsAt(
    endpointsAt(() => place),
    signal,
  )

/** At endpoints that are asked for at each call. `signal` cuts all calls off. */
export function awsAt(endpoints: Endpoints, signal?: AbortSignal): Aws {
  const options = { signal }
  return {
    json: async (service, action, input) => orThrow(await callJson(endpoints, service, action, input, options)).body,
    query: async (service, action, parameters) => orThrow(await callQuery(endpoints, service, action, parameters, options)).body,
    rest: async (service, method, path, input, query) =>
      orThrow(await callRestJson(endpoints, service, method, path, input, { ...options, query })).body,
    restXml: async (service, method, path, query, body = '', contentType = 'application/xml') => {
      const headers = body === '' ? {} : { 'content-type': contentType }
      return orThrow(await call(endpoints, service, { method, path, query, headers, body, signal }))
    },
  }
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
