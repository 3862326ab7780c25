/** What a method hands its requests to, as it is given. Source: API Gateway REST API reference, PutIntegration; texts of the service. */
import type { JsonObject } from '../../../base/json.ts'

import { badRequest } from '../errors.ts'
import { readMembers } from '../shape.ts'
import { INTEGRATION } from './shapes.ts'

const TYPES: ReadonlySet<unknown> = new Set(['AWS', 'AWS_PROXY', 'HTTP', 'HTTP_PROXY', 'MOCK'])

/** What a request, or an OpenAPI document, says of an integration. Throws BadRequestException. */
export function readIntegration(input: JsonObject, resourceId: string): JsonObject {
  const given = readMembers(input, INTEGRATION)
  const { type, uri, httpMethod } = given
  if (!TYPES.has(type)) throw badRequest('Invalid integration type specified')
  if (type !== 'MOCK' && typeof uri !== 'string') throw badRequest('Invalid HTTP endpoint specified for URI')
  if (type !== 'MOCK' && httpMethod === undefined) throw badRequest('Enumeration value for HttpMethod must be non-empty')
  if (typeof uri === 'string' && (type === 'AWS' || type === 'AWS_PROXY') && !/^arn:aws[\w-]*:apigateway:/.test(uri))
    throw badRequest('Invalid ARN specified in the request')
  return {
    passthroughBehavior: 'WHEN_NO_MATCH',
    timeoutInMillis: 29_000,
    cacheNamespace: resourceId,
    cacheKeyParameters: [],
    ...given,
  }
}
