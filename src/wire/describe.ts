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

/** In which one of our doors tells the next the id of a request. */
export const REQUEST_ID_HEADER = 'x-regente-request-id'

export type Describe = (req: IncomingMessage) => RequestContext

/** The second time a request is shown it is known. */
export function createDescribe({ account, callOf, isForwarded = () => false }: DescribeOptions): Describe {
  return (req) => {
    const known = contextOf(req)
    if (known) return known
    const call = callOf(req)
    const given = isForwarded(req) ? headerOf(req.headers, REQUEST_ID_HEADER) : undefined
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
