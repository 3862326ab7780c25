/**
 * The errors of API Gateway's management, with AWS's names, statuses and texts.
 * Source: API Gateway REST API reference and API Gateway v2 API reference, "Errors" of each action; texts of the service.
 */
import { WireError } from '../../wire/errors.ts'

import type { TagErrors } from '../kit/tags.ts'

export const badRequest = (message: string): WireError => new WireError(400, 'BadRequestException', message)
export const notFound = (message: string): WireError => new WireError(404, 'NotFoundException', message)
export const conflict = (message: string): WireError => new WireError(409, 'ConflictException', message)

export const TAG_ERRORS: TagErrors = {
  tooMany: () => badRequest('Too many tags. A resource can have no more than 50 tags.'),
  badKey: () => badRequest('Invalid tag key. Tag keys must be between 1 and 128 characters long.'),
  badValue: () => badRequest('Invalid tag value. Tag values must be at most 256 characters long.'),
  reserved: () => badRequest('aws: prefixed tag key names are not allowed for external use.'),
}
