/**
 * What a REST API answers of its own, as its gateway responses say: their status, headers and templates. Those of a kind go before
 * DEFAULT_4XX and DEFAULT_5XX.
 * Source: API Gateway developer guide, "Gateway responses in API Gateway"; texts of the service.
 */
import { isObject, type JsonObject } from '../../../base/json.ts'

import { memberList, memberObject } from '../document.ts'
import type { GatewayAnswer } from './answer.ts'
import type { GatewayError, ResponseType } from './gateway-error.ts'
import type { GatewayRequest } from './request.ts'
import { sharedValue, quotedText } from './rest-mapping.ts'

export interface ErrorTurn {
  readonly context: JsonObject
  readonly request: GatewayRequest
  readonly stageVariables: Readonly<Record<string, string>>
}

/** What clients tell errors by. */
const ERROR_TYPES: Readonly<Record<ResponseType, string>> = {
  ACCESS_DENIED: 'AccessDeniedException',
  API_CONFIGURATION_ERROR: 'InternalServerErrorException',
  AUTHORIZER_CONFIGURATION_ERROR: 'AuthorizerConfigurationException',
  AUTHORIZER_FAILURE: 'InternalServerErrorException',
  BAD_REQUEST_BODY: 'BadRequestException',
  BAD_REQUEST_PARAMETERS: 'BadRequestException',
  INTEGRATION_FAILURE: 'InternalServerErrorException',
  INTEGRATION_TIMEOUT: 'InternalServerErrorException',
  INVALID_API_KEY: 'ForbiddenException',
  MISSING_AUTHENTICATION_TOKEN: 'MissingAuthenticationTokenException',
  REQUEST_TOO_LARGE: 'RequestTooLargeException',
  RESOURCE_NOT_FOUND: 'NotFoundException',
  UNAUTHORIZED: 'UnauthorizedException',
  UNSUPPORTED_MEDIA_TYPE: 'BadRequestException',
}

export function gatewayResponse(error: GatewayError, snapshot: JsonObject, turn: ErrorTurn): GatewayAnswer {
  const kept = memberList(snapshot, 'gatewayResponses').filter(isObject)
  const general = error.status >= 500 ? 'DEFAULT_5XX' : 'DEFAULT_4XX'
  const response =
    kept.find(({ responseType }) => responseType === error.type) ??
    kept.find(({ responseType }) => responseType === general) ??
    {}
  const status = Number(response['statusCode'] ?? error.status)
  const context = withError(turn.context, error)
  const [type = 'application/json', template] = Object.entries(memberObject(response, 'responseTemplates'))[0] ?? []
  const headers = headersOf(memberObject(response, 'responseParameters'), turn, context)
  const text = template === undefined ? JSON.stringify(bodyOf(error)) : filled(String(template), turn, context)
  return {
    status: Number.isInteger(status) ? status : error.status,
    headers: [['Content-Type', type], ['x-amzn-ErrorType', ERROR_TYPES[error.type]], ...headers],
    body: Buffer.from(text),
  }
}

const bodyOf = (error: GatewayError): JsonObject =>
  error.type === 'ACCESS_DENIED' ? { Message: error.message } : { message: error.message }

function withError(context: JsonObject, { message, type }: GatewayError): JsonObject {
  return { ...context, error: { message, messageString: JSON.stringify(message), responseType: type } }
}

function headersOf(parameters: JsonObject, turn: ErrorTurn, context: JsonObject): readonly (readonly [string, string])[] {
  return Object.entries(parameters).flatMap(([target, from]) => {
    const [, name] = /^gatewayresponse\.header\.(.+)$/.exec(target) ?? []
    const value = mappedValue(String(from), turn, context)
    return name === undefined || value === undefined ? [] : [[name, value] as const]
  })
}

function mappedValue(from: string, { request, stageVariables }: ErrorTurn, context: JsonObject): string | undefined {
  const quoted = quotedText(from)
  if (quoted !== undefined) return quoted
  const [, place, name = ''] = /^method\.request\.(header|querystring)\.(.+)$/.exec(from) ?? []
  if (place === 'header') return request.headers[name.toLowerCase()]
  if (place === 'querystring') return request.query.get(name) ?? undefined
  return sharedValue(from, stageVariables, context)
}

/** Variables alone are filled in: these templates have no directives. */
function filled(template: string, { stageVariables }: ErrorTurn, context: JsonObject): string {
  return template.replace(
    /\$\{?((?:context|stageVariables)(?:\.[A-Za-z_][\w-]*)+)\}?/g,
    (_, path: string) => sharedValue(path, stageVariables, context) ?? '',
  )
}
