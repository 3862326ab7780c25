/** What every S3 operation is handed, and the few ways in which they all read and answer. */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { readBody, type SendOptions } from '../../wire/http.ts'
import { sendRestEmpty, sendRestXml } from '../../wire/rest-xml.ts'
import type { Xml } from '../../wire/xml.ts'

import { invalidArgument } from './errors.ts'
import type { Cause, EventName } from './event-message.ts'
import type { S3Service } from './service.ts'

export const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'

export interface Call {
  readonly service: S3Service
  readonly account: string
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly requestId: string
  readonly query: URLSearchParams
  /** Empty where the operation is on the service. */
  readonly bucket: string
  /** Empty where the operation is on a bucket. */
  readonly key: string
}

export type Operation = (call: Call) => Promise<void> | void

/** What is told of what this request does. */
export const causeOf = ({ req, requestId }: Call, event: EventName): Cause => ({
  event,
  requestId,
  sourceIp: req.socket.remoteAddress ?? '127.0.0.1',
})

/** The key, and the version where one is named. */
export const nameOf = ({ key, query }: Call) => ({ key, version: query.get('versionId') ?? undefined })

/** The account as S3 names owners. */
export const ownerId = ({ account }: Call): string => account.padStart(64, '0')

const XML_BYTES_MAX = 8 * 1024 * 1024

export const readXmlBody = (call: Call): Promise<Buffer> => readBody(call.req, XML_BYTES_MAX)

export function answerXml(call: Call, root: Xml, headers: SendOptions['headers'] = {}): void {
  sendRestXml(call.res, root, { requestId: call.requestId, headers })
}

export function answerEmpty(call: Call, status: number, headers: SendOptions['headers'] = {}): void {
  sendRestEmpty(call.res, { status, requestId: call.requestId, headers })
}

/** A whole number of the query, 0 to 2^31-1, at most `max`. Throws InvalidArgument. */
export function readCount(call: Call, name: string, max: number): number {
  const text = call.query.get(name)
  if (text === null || text === '') return max
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2 ** 31 - 1) {
    throw invalidArgument(
      /^-\d+$/.test(text)
        ? `Argument ${name} must be an integer between 0 and 2147483647`
        : `Provided ${name} not an integer or within integer range`,
      name,
      text,
    )
  }
  return Math.min(Number(text), max)
}

/** `encoding-type=url`: names in XML are then percent-encoded, slashes kept. Throws InvalidArgument. */
export function nameEncoder(call: Call): (name: string) => string {
  const type = call.query.get('encoding-type')
  if (type === null || type === '') return (name) => name
  if (type !== 'url') throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', type)
  return (name) => new URLSearchParams([['', name]]).toString().slice(1).replaceAll('%2F', '/')
}
