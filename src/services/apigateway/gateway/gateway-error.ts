/**
 * What an API itself answers where a request goes no further, by the kind of its gateway response, with AWS's texts.
 * Source: API Gateway developer guide, "Gateway response types"; texts of the service.
 */
export type ResponseType =
  | 'ACCESS_DENIED'
  | 'API_CONFIGURATION_ERROR'
  | 'AUTHORIZER_CONFIGURATION_ERROR'
  | 'AUTHORIZER_FAILURE'
  | 'BAD_REQUEST_BODY'
  | 'BAD_REQUEST_PARAMETERS'
  | 'INTEGRATION_FAILURE'
  | 'INTEGRATION_TIMEOUT'
  | 'INVALID_API_KEY'
  | 'MISSING_AUTHENTICATION_TOKEN'
  | 'REQUEST_TOO_LARGE'
  | 'RESOURCE_NOT_FOUND'
  | 'UNAUTHORIZED'
  | 'UNSUPPORTED_MEDIA_TYPE'

/** Thrown by whoever finds it; answered by the kind of API at hand. */
export class GatewayError extends Error {
  readonly type: ResponseType
  readonly status: number
  /** For the log: the caller is not told. */
  readonly reason: string | undefined

  constructor(type: ResponseType, status: number, message: string, reason?: string) {
    super(message)
    this.type = type
    this.status = status
    this.reason = reason
  }
}

const INTERNAL = 'Internal server error'

export const missingToken = () => new GatewayError('MISSING_AUTHENTICATION_TOKEN', 403, 'Missing Authentication Token')
export const forbidden = () => new GatewayError('INVALID_API_KEY', 403, 'Forbidden')
export const unauthorized = () => new GatewayError('UNAUTHORIZED', 401, 'Unauthorized')
export const denied = (isExplicit: boolean) =>
  new GatewayError(
    'ACCESS_DENIED',
    403,
    `User is not authorized to access this resource${isExplicit ? ' with an explicit deny' : ''}`,
  )
export const authorizerFailed = (reason: string) => new GatewayError('AUTHORIZER_FAILURE', 500, INTERNAL, reason)
export const authorizerWrong = (reason: string) => new GatewayError('AUTHORIZER_CONFIGURATION_ERROR', 500, INTERNAL, reason)
export const misconfigured = (reason: string) => new GatewayError('API_CONFIGURATION_ERROR', 500, INTERNAL, reason)
export const timedOut = () => new GatewayError('INTEGRATION_TIMEOUT', 504, 'Endpoint request timed out')
/** Of proxies whose answer is none. */
export const malformed = (reason: string) => new GatewayError('API_CONFIGURATION_ERROR', 502, INTERNAL, reason)
export const unreached = (reason: string) =>
  new GatewayError('INTEGRATION_FAILURE', 504, 'Network error communicating with endpoint', reason)
export const unsupportedMediaType = () => new GatewayError('UNSUPPORTED_MEDIA_TYPE', 415, 'Unsupported Media Type')
export const missingParameters = (names: readonly string[]) =>
  new GatewayError('BAD_REQUEST_PARAMETERS', 400, `Missing required request parameters: [${names.join(', ')}]`)
export const invalidBody = () => new GatewayError('BAD_REQUEST_BODY', 400, 'Invalid request body')
