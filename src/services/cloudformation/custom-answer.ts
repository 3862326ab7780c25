/**
 * What a custom resource answered: a physical id and data, or why the resource fails, in CloudFormation's words.
 * Source: CloudFormation user guide, "Custom resource response objects"; status reasons as users report them.
 */
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import type { RequestOutcome } from './response-links.ts'

export type CustomAnswer =
  | { readonly kind: 'success'; readonly ref: string; readonly data: JsonObject; readonly noEcho: boolean }
  /** `ref`: of what was made nevertheless. */
  | { readonly kind: 'failure'; readonly reason: string; readonly ref?: string }

const REF_CHARS_MAX = 1024

export function readAnswer(outcome: RequestOutcome, requestId: string): CustomAnswer {
  if (outcome.kind !== 'answered')
    return failure(outcome.kind === 'tooLong' ? 'Response object is too long.' : silence(requestId))
  const answer = objectOf(outcome.text)
  if (answer === undefined) return failure('Invalid Response object: it is not a JSON object')
  const [status, ref, reason, data] = ['Status', 'PhysicalResourceId', 'Reason', 'Data'].map((name) => getOwn(answer, name))
  if (status !== 'SUCCESS' && status !== 'FAILED')
    return failure(`Invalid Response object: '${String(status ?? null)}' is not a valid ResponseStatus`)
  if (typeof ref !== 'string' || ref === '' || ref.length > REF_CHARS_MAX) return failure('Invalid PhysicalResourceId')
  if (status === 'FAILED')
    return failure(
      `Received response status [FAILED] from custom resource. Message returned: ${String(reason ?? '')} (RequestId: ${requestId})`,
      ref,
    )
  if (data !== undefined && data !== null && !isObject(data))
    return failure('Invalid Response object: Value of property Data must be an object', ref)
  const noEcho = getOwn(answer, 'NoEcho')
  return { kind: 'success', ref, data: isObject(data) ? data : {}, noEcho: noEcho === true || noEcho === 'true' }
}

const failure = (reason: string, ref?: string): CustomAnswer => ({ kind: 'failure', reason, ...(ref !== undefined && { ref }) })

const silence = (requestId: string): string =>
  `CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [${requestId}]. If you are using the Python cfn-response module, you may need to update your Lambda function code so that CloudFormation can attach the updated version.`
