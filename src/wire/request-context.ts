/**
 * What is known of a request before anybody has read its body: who asks for what, under which id. Made once, by the door; whoever
 * handles, logs or answers the request reads it here. What it says of the caller is claimed, not proved.
 * Source: AWS general reference, "Elements of an AWS API request signature"; service authorization reference (names of actions);
 * X-Ray developer guide, "Tracing header"; W3C, "Trace Context".
 */
import type { IncomingMessage } from 'node:http'

import { drawUuid, newSeed, seededRandom } from '../base/random.ts'

export interface RequestContext {
  /** Answered in `x-amzn-RequestId`, or as S3 spells it. */
  readonly requestId: string
  readonly identity: Identity
  /** Undefined where no service of AWS is asked: the console, health. */
  readonly call: ServiceCall | undefined
  readonly trace: Trace | undefined
}

export type Identity =
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'accessKey'
      readonly accessKeyId: string
      /** Whose key it is: the server's own account, as long as there is no other. */
      readonly account: string
      /** For which the request was signed. */
      readonly region: string
    }

export interface ServiceCall {
  /** As IAM names it: `states`, `s3`. Undefined where the form in the body alone tells (unsigned Query calls). */
  readonly service: string | undefined
  readonly action: Action
  /** An ARN, where path or headers name one. Otherwise it stands in the body, or there is none. */
  readonly resource: string | undefined
}

export type Action =
  /** As IAM names it: `StartExecution`, `PutObject`. */
  | { readonly kind: 'named'; readonly name: string }
  /** The Query protocol tells its action in the form, which is read later. */
  | { readonly kind: 'inBody' }
  /** The service knows no such request, or the door is one that AWS does not have. */
  | { readonly kind: 'unknown' }

export interface Trace {
  readonly format: 'xray' | 'w3c'
  /** The header as it came: `Root=1-…;Parent=…;Sampled=1`, `00-…-…-01`. */
  readonly header: string
}

const idSource = seededRandom(newSeed())

/** A request id in AWS's form. Names a request in logs; not a secret. */
export const newRequestId = (): string => drawUuid(idSource)

const contexts = new WeakMap<IncomingMessage, RequestContext>()

/** For the door, before anything handles the request. */
export function setContext(req: IncomingMessage, context: RequestContext): void {
  contexts.set(req, context)
}

/** Undefined where the request came by no door. */
export const contextOf = (req: IncomingMessage): RequestContext | undefined => contexts.get(req)

/** The id of the request; a new one where it came by no door. */
export const requestIdOf = (req: IncomingMessage): string => contexts.get(req)?.requestId ?? newRequestId()

/** `states:StartExecution`, `sns`, or what is known of it; undefined where no service is asked. */
export function actionText({ service, action }: ServiceCall): string | undefined {
  if (action.kind !== 'named') return service
  return service === undefined ? action.name : `${service}:${action.name}`
}

/** For lines of the log: the id, and what was asked for. */
export function requestFields(req: IncomingMessage): { readonly requestId: string; readonly action?: string } {
  const context = contextOf(req)
  const action = context?.call && actionText(context.call)
  return { requestId: context?.requestId ?? newRequestId(), ...(action !== undefined && { action }) }
}
