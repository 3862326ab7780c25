/** What a caller of the API did wrong: AWS's code and text. Thrown by the operations, rendered only in api/. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly code: string
  readonly status: number
  /** Further members of the answer, such as ValidationException's `reason`. */
  readonly detail: Readonly<Record<string, string>>

  constructor(code: string, message: string, detail: Readonly<Record<string, string>> = {}) {
    super(message)
    this.code = code
    this.status = STATUS[code] ?? 400
    this.detail = detail
  }
}

const STATUS: Readonly<Record<string, number>> = {
  ConflictException: 409,
  ServiceQuotaExceededException: 402,
  ServiceUnavailable: 503,
}

export const invalidArn = (arn: string) => new ServiceError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`)
/** What was asked could not be made durable: every SDK asks again by itself. */
export const unavailable = () =>
  new ServiceError('ServiceUnavailable', 'The request could not be recorded durably just now. Please try again.')
export const validation = (message: string, reason?: string) =>
  new ServiceError('ValidationException', message, reason === undefined ? {} : { reason })
