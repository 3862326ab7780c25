/** How a call can go wrong, as a value: the service refused, nobody answered, or there was nothing to sign with. */
import type { Result } from '../base/result.ts'

import type { TransportError } from '../wire/client.ts'
import { WireError } from '../wire/errors.ts'

import type { AwsService } from './services.ts'

export type CallFailure =
  | {
      readonly kind: 'service'
      readonly status: number
      readonly code: string
      readonly message: string
      readonly requestId: string
      readonly extendedRequestId?: string
    }
  | { readonly kind: 'transport'; readonly error: TransportError; readonly host: string }
  | { readonly kind: 'credentials'; readonly message: string }

/** Whether the same call may succeed at the next attempt: server errors, throttling and silence pass, refusals do not. */
export function isTransient(service: AwsService, failure: CallFailure): boolean {
  if (failure.kind !== 'service') return failure.kind === 'transport' && failure.error.kind !== 'tooLarge'
  const { status, code } = failure
  return (
    status >= 500 ||
    status === 429 ||
    /throttl/i.test(code) ||
    service.transientCodes?.has(code.replace(/Exception$/, '')) === true
  )
}

/** The service's own code; empty where it was not the service that failed. */
export const codeOf = (failure: CallFailure): string => (failure.kind === 'service' ? failure.code : '')

/** For logs: `400 InvalidParameter: …`, or why nothing was answered. */
export function describeFailure(failure: CallFailure): string {
  switch (failure.kind) {
    case 'service':
      return `${failure.status} ${failure.code}: ${failure.message}`
    case 'transport':
      return failure.error.message
    case 'credentials':
      return failure.message
  }
}

/** For callers who throw: a WireError where the service refused, the TransportError where nobody answered. */
export function toError(failure: CallFailure): Error {
  switch (failure.kind) {
    case 'service':
      return new WireError(failure.status, failure.code, failure.message)
    case 'transport':
      return failure.error
    case 'credentials':
      return new Error(failure.message)
  }
}

/** The value of a call for callers who throw. */
export function orThrow<T>(called: Result<T, CallFailure>): T {
  if (called.ok) return called.value
  throw toError(called.error)
}
