/**
 * Typed calls on the server's own origin: AWS JSON over `fetch`, shapes from AWS's SDK at compile time only.
 * A refusal is an ApiError with AWS's code.
 */
import { type JsonService, jsonHeaders, SERVICES } from '../../../src/aws/services.ts'
import type { InputOf, OperationName, OutputOf } from '../../../src/api/model.ts'

export type { OutputOf }

export class ApiError extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export const states = <N extends OperationName>(operation: N, input: InputOf<N>, signal?: AbortSignal): Promise<OutputOf<N>> =>
  callJson(SERVICES.sfn, operation, input, signal) as Promise<OutputOf<N>>

/** Any AWS JSON service. */
export async function callJson(service: JsonService, operation: string, input: unknown, signal?: AbortSignal): Promise<unknown> {
  const request = { method: 'POST', headers: jsonHeaders(service, operation), body: JSON.stringify(input) }
  return readJson(await fetch('/', { ...request, signal: signal ?? null }))
}

/** REST with JSON: Lambda, the gallery. */
export async function callRest(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  return readJson(
    await fetch(path, { method, headers, body: body === undefined ? null : JSON.stringify(body), signal: signal ?? null }),
  )
}

/** Throws ApiError with the code that AWS's JSON protocols tell in the body, its REST protocols in a header. */
export async function readJson(response: Response): Promise<unknown> {
  const text = await response.text()
  const body: unknown = text === '' ? {} : JSON.parse(text)
  if (response.ok) return body
  const { __type = '', message, Message } = body as { __type?: string; message?: string; Message?: string }
  const code = __type.split('#').at(-1) || response.headers.get('x-amzn-errortype') || `HTTP ${response.status}`
  throw new ApiError(code, message ?? Message ?? response.statusText)
}

/** Follows `nextToken` until there is none or `enough` says so. */
export async function allPages<T extends { readonly nextToken?: string | undefined }>(
  page: (nextToken: string | undefined) => Promise<T>,
  take: (page: T) => boolean | undefined,
): Promise<void> {
  let token: string | undefined
  do {
    const answer = await page(token)
    if (take(answer) === false) return
    token = answer.nextToken
  } while (token !== undefined)
}
