/** An error of ours in the protocol of the service that was meant; JSON where there is none. */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { sendAwsJsonError } from './aws-json.ts'
import { sendQueryError } from './aws-query.ts'
import { WireError } from './errors.ts'
import { headerOf } from './http.ts'
import { contextOf, type RequestContext, requestIdOf } from './request-context.ts'
import { sendRestError } from './rest-xml.ts'

/** As the context of the request tells, unless another is given. */
export function sendServiceError(
  req: IncomingMessage,
  res: ServerResponse,
  error: WireError,
  call: RequestContext['call'] = contextOf(req)?.call,
): void {
  const requestId = requestIdOf(req)
  if (call?.service === 's3') {
    const code = S3_CODES.get(error.code) ?? error.code
    sendRestError(req, res, new WireError(error.status, code, error.message), req.url ?? '/', { requestId })
  } else if (headerOf(req.headers, 'x-amz-target') === undefined && (call?.service === 'sns' || call?.service === 'sqs'))
    sendQueryError(res, error, requestId)
  else sendAwsJsonError(res, 'application/json', error, requestId)
}

const S3_CODES: ReadonlyMap<string, string> = new Map([
  ['AccessDeniedException', 'AccessDenied'],
  ['InternalFailure', 'InternalError'],
])
