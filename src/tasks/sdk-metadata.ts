/**
 * `SdkHttpMetadata` and `SdkResponseMetadata`, which optimized integrations add to what the service answers.
 * Header names keep the spelling that AWS's answers have; Node hands them over in small letters.
 */
import type { IncomingHttpHeaders } from 'node:http'

import { type Json, type JsonObject, setOwn } from '../base/json.ts'

import type { AwsResponse } from '../wire/client.ts'
import { requestIdOf } from '../aws/call.ts'

const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['connection', 'Connection'],
  ['content-length', 'Content-Length'],
  ['content-type', 'Content-Type'],
  ['date', 'Date'],
  ['server', 'Server'],
  ['x-amz-executed-version', 'X-Amz-Executed-Version'],
  ['x-amz-function-error', 'X-Amz-Function-Error'],
  ['x-amz-log-result', 'X-Amz-Log-Result'],
  ['x-amzn-remapped-content-length', 'x-amzn-Remapped-Content-Length'],
  ['x-amzn-requestid', 'x-amzn-RequestId'],
  ['x-amzn-trace-id', 'X-Amzn-Trace-Id'],
])
/** Of the connection, not of the answer. */
const HOP_BY_HOP = new Set(['keep-alive', 'transfer-encoding'])

export function sdkMetadata(response: AwsResponse): JsonObject {
  const all: Record<string, Json> = {}
  const single: Record<string, Json> = {}
  for (const [name, values] of headerLists(response.headers)) {
    setOwn(all, name, values)
    setOwn(single, name, values.at(-1) ?? '')
  }
  return {
    SdkHttpMetadata: { AllHttpHeaders: all, HttpHeaders: single, HttpStatusCode: response.status },
    SdkResponseMetadata: { RequestId: requestIdOf(response) },
  }
}

/** In the order of their names, each with all its values. */
export function headerLists(headers: IncomingHttpHeaders): readonly (readonly [string, readonly string[]])[] {
  return Object.entries(headers)
    .filter(([name, value]) => value !== undefined && !HOP_BY_HOP.has(name))
    .map(([name, value]) => [SPELLINGS.get(name) ?? name, Array.isArray(value) ? value : [value ?? '']] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Members in the order of their names, as AWS prints results. */
export function sorted(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)))
}
