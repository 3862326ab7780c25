/**
 * Gives each request its context (`request-context.ts`) before anybody judges, routes or answers it: access control, metrics
 * and the log find there who asks for what. Reads the request line and the headers alone.
 */
import type { IncomingMessage } from 'node:http'

import { headerOf } from './http.ts'
import {
  contextOf,
  type Identity,
  newRequestId,
  type RequestContext,
  type ServiceCall,
  setContext,
  type Trace,
} from './request-context.ts'
import { newRestRequestId } from './rest-xml.ts'
import { scopeOf } from './sigv4.ts'

export interface DescribeOptions {
  readonly account: string
  /** What of which service; undefined where none is asked. */
  readonly callOf: (req: IncomingMessage) => ServiceCall | undefined
  /** Whether a request comes from a door of ours, which has given it an id already. */
  readonly isForwarded?: (req: IncomingMessage) => boolean
}

/** In which one of our doors tells the next the id of a request, and what is asked: `sqs:SendMessage`, `sns:`, `:`. */
export const REQUEST_ID_HEADER = 'x-regente-request-id'
export const CALL_HEADER = 'x-regente-call'

/** For the header. What it does not tell, the resource, is judged at the first door. */
export function printCall({ service = '', action }: ServiceCall): string {
  return `${service}:${action.kind === 'named' ? action.name : ''}`
}

function readCall(text: string): ServiceCall {
  const colon = text.indexOf(':')
  const [service, name] = [text.slice(0, colon), text.slice(colon + 1)]
  const action = name === '' ? ({ kind: 'inBody' } as const) : ({ kind: 'named', name } as const)
  return { service: service === '' ? undefined : service, action, resource: undefined }
}

export type Describe = (req: IncomingMessage) => RequestContext

/** The second time a request is shown it is known. */
export function createDescribe({ account, callOf, isForwarded = () => false }: DescribeOptions): Describe {
  return (req) => {
    const known = contextOf(req)
    if (known) return known
    const isKnown = isForwarded(req)
    const told = isKnown ? headerOf(req.headers, CALL_HEADER) : undefined
    const call = told === undefined ? callOf(req) : readCall(told)
    const given = isKnown ? headerOf(req.headers, REQUEST_ID_HEADER) : undefined
    const requestId = given ?? (call?.service === 's3' ? newRestRequestId() : newRequestId())
    const context = { requestId, identity: identityOf(req, account), call, trace: traceOf(req) }
    setContext(req, context)
    return context
  }
}

const ANONYMOUS: Identity = { kind: 'anonymous' }

function identityOf(req: IncomingMessage, account: string): Identity {
  const scope = scopeOf(req)
  return scope ? { kind: 'accessKey', accessKeyId: scope.accessKeyId, account, region: scope.region } : ANONYMOUS
}

/** AWS's header goes first, as in its SDKs. */
function traceOf({ headers }: IncomingMessage): Trace | undefined {
  const xray = headerOf(headers, 'x-amzn-trace-id')
  if (xray !== undefined) return { format: 'xray', header: xray }
  const w3c = headerOf(headers, 'traceparent')
  return w3c === undefined ? undefined : { format: 'w3c', header: w3c }
}
