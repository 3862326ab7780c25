/**
 * An error of ours in the protocol of the service that was meant, were it one that is not here; JSON where there is none.
 * Source: Smithy's protocol specifications; EC2 API reference, "Error codes".
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { sendAwsJsonError } from './aws-json.ts'
import { sendQueryError } from './aws-query.ts'
import { renderEc2Error, WireError } from './errors.ts'
import { headerOf, isForm, sendXml, targetOf } from './http.ts'
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
  switch (protocolOf(req, call?.service)) {
    case 's3': {
      const code = S3_CODES.get(error.code) ?? error.code
      return sendRestError(req, res, new WireError(error.status, code, error.message), { requestId })
    }
    case 'query':
      return sendQueryError(res, error, requestId)
    case 'ec2':
      return sendXml(res, renderEc2Error(error, requestId), { status: error.status, requestId })
    case 'json':
      return sendAwsJsonError(res, 'application/json', error, requestId)
  }
}

const LIKE_S3: ReadonlySet<string | undefined> = new Set(['s3', 's3express', 's3-outposts', 's3-object-lambda'])
/** They speak REST-XML, whose errors are those of Query. */
const REST_XML: ReadonlySet<string | undefined> = new Set(['cloudfront', 'route53'])

function protocolOf(req: IncomingMessage, service: string | undefined): 's3' | 'query' | 'ec2' | 'json' {
  if (LIKE_S3.has(service)) return 's3'
  if (headerOf(req.headers, 'x-amz-target') !== undefined) return 'json'
  if (service === 'ec2') return 'ec2'
  const isQuery = isForm(req) || targetOf(req).query.has('Action')
  return isQuery || REST_XML.has(service) ? 'query' : 'json'
}

const S3_CODES: ReadonlyMap<string, string> = new Map([
  ['AccessDeniedException', 'AccessDenied'],
  ['InternalFailure', 'InternalError'],
])
