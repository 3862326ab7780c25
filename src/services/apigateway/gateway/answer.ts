/** What an API answers, and how it goes out. */
import type { ServerResponse } from 'node:http'

import { closeUnlessRead } from '../../../wire/http.ts'
import { requestIdOf } from '../../../wire/request-context.ts'

export interface GatewayAnswer {
  readonly status: number
  /** Names may come more than once. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

/** What says how an answer is carried is our own affair. */
const CARRIED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

export const isCarrier = (name: string): boolean => CARRIED.has(name.toLowerCase())

/** What a header can hold. */
const isSound = (name: string, value: string): boolean =>
  /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)

export const jsonAnswer = (status: number, body: unknown, headers: GatewayAnswer['headers'] = []): GatewayAnswer => ({
  status,
  headers: [['content-type', 'application/json'], ...headers],
  body: Buffer.from(JSON.stringify(body)),
})

export function sendAnswer(res: ServerResponse, { status, headers, body }: GatewayAnswer): void {
  const byName = new Map<string, { readonly name: string; readonly values: string[] }>()
  for (const [name, value] of headers) {
    if (isCarrier(name) || !isSound(name, value)) continue
    const known = byName.get(name.toLowerCase()) ?? { name, values: [] }
    known.values.push(value)
    byName.set(name.toLowerCase(), known)
  }
  res.statusCode = status >= 200 && status <= 599 ? status : 500
  res.setHeader('x-amzn-RequestId', requestIdOf(res.req))
  for (const { name, values } of byName.values()) res.setHeader(name, values.length === 1 ? (values[0] ?? '') : values)
  closeUnlessRead(res)
  const isBare = res.req.method === 'HEAD' || res.statusCode === 204 || res.statusCode === 304
  if (res.statusCode !== 204 && res.statusCode !== 304) res.setHeader('content-length', body.length)
  res.end(isBare ? undefined : body)
}
