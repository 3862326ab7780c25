/** What a refusal of a service is to whoever works on resources. Source: CloudFormation CLI user guide, "Handler error codes". */
import type { WireError } from '../wire/errors.ts'

export function handlerCodeOf({ code, status }: WireError): string {
  if (/AlreadyExist|AlreadyOwned|InUse|Conflict/i.test(code)) return 'AlreadyExists'
  if (/NotFound|NoSuch|DoesNotExist|NonExist/i.test(code)) return 'NotFound'
  if (/Throttl|TooManyRequests/i.test(code)) return 'Throttling'
  if (/Limit|Quota/i.test(code)) return 'ServiceLimitExceeded'
  if (/AccessDenied|Unauthorized/i.test(code)) return 'AccessDenied'
  return status >= 500 ? 'ServiceInternalError' : 'InvalidRequest'
}

/** As events of stacks and requests tell it. `token`: of what was asked for. */
export const handlerMessage = (error: WireError, token: string): string =>
  `Resource handler returned message: "${error.message} (Service: ${error.code}, Status Code: ${error.status})" (RequestToken: ${token}, HandlerErrorCode: ${handlerCodeOf(error)})`
