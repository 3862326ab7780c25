/**
 * An error as AWS puts it on the wire, and its three spellings: JSON, Query XML and S3's REST-XML.
 * Thrown by services that speak these protocols, rendered once at the door; read back by the client from any of the three.
 * Source: Smithy's protocol specifications (awsJson, awsQuery, restXml) and the S3 API reference, "Error responses".
 */
import { getOwn, isObject, type Json } from '../base/json.ts'

import { childText, element, parseXml, xmlDocument } from './xml.ts'

export type Fault = 'client' | 'server'

export class WireError extends Error {
  override readonly name = 'WireError'
  readonly status: number
  readonly code: string
  readonly fault: Fault
  /** Further members of the error shape: `{ BucketName: 'b' }`. */
  readonly detail: Readonly<Record<string, Json>>

  constructor(status: number, code: string, message: string, detail: Readonly<Record<string, Json>> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.fault = status >= 500 ? 'server' : 'client'
    this.detail = detail
  }
}

/** What AWS's service has, of which the one here may have less. */
export interface KnownOperations {
  /** As people call the service. */
  readonly title: string
  readonly has: (operation: string) => boolean
}

/** What AWS has and we do not: a client is told so, and does not take it for a mistake of its own. */
export const notImplemented = (service: string, operation: string): WireError =>
  new WireError(501, 'NotImplemented', `The operation ${operation} of ${service} is not implemented here.`)

const UNKNOWN = 'The request processing has failed because of an unknown error, exception or failure.'

/** What the machine may be short of, by what Node and SQLite say then. */
const SHORTAGES: readonly (readonly [said: RegExp, told: string])[] = [
  [
    /database or disk is full|No space left on device|\b(?:ENOSPC|EDQUOT)\b/,
    'There is no space left on the disk of this server.',
  ],
  [/\b(?:EMFILE|ENFILE)\b/, 'This server has no file descriptors left.'],
]

/**
 * What a bug, or a shortage of the machine, looks like from outside: 500 under the service's own name for it, which callers
 * take for a reason to try again. Of a bug the cause goes to the log, not to the caller.
 */
export function toWireError(error: unknown, code = 'InternalFailure', unknown = UNKNOWN): WireError {
  if (error instanceof WireError) return error
  const text = String(error)
  return new WireError(500, code, SHORTAGES.find(([said]) => said.test(text))?.[1] ?? unknown)
}

export function renderJsonError(error: WireError): string {
  return JSON.stringify({ __type: error.code, message: error.message, ...error.detail })
}

/** `namespace` is the service's XML namespace, such as `http://sns.amazonaws.com/doc/2010-03-31/`. */
export function renderQueryError(error: WireError, requestId: string, namespace?: string): string {
  const type = error.fault === 'client' ? 'Sender' : 'Receiver'
  return xmlDocument(
    element(
      'ErrorResponse',
      [
        element('Error', [
          element('Type', type),
          element('Code', error.code),
          element('Message', error.message),
          ...Object.entries(error.detail).map(([name, value]) => element(name, String(value))),
        ]),
        element('RequestId', requestId),
      ],
      namespace === undefined ? {} : { xmlns: namespace },
    ),
  )
}

/** Query as EC2 alone spells its errors. */
export function renderEc2Error(error: WireError, requestId: string): string {
  const told = element('Error', [element('Code', error.code), element('Message', error.message)])
  return xmlDocument(element('Response', [element('Errors', told), element('RequestID', requestId)]))
}

export function renderRestXmlError(error: WireError, requestId: string): string {
  return xmlDocument(
    element('Error', [
      element('Code', error.code),
      element('Message', error.message),
      ...Object.entries(error.detail).map(([name, value]) => element(name, String(value))),
      element('RequestId', requestId),
      element('HostId', 'local'),
    ]),
  )
}

export interface ErrorResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** Reads an error answer in any of the protocols. Namespaces before `#` and URIs after `:` are dropped from the code. */
export function readErrorResponse(response: ErrorResponse): WireError {
  const text = response.body.toString('utf8')
  const typeHeader = response.headers['x-amzn-errortype']
  const headerCode = typeof typeHeader === 'string' ? bareCode(typeHeader) : undefined
  const found = text.trimStart().startsWith('<') ? readXmlError(text) : readJsonError(text)
  const code = headerCode ?? queryCompatibleCode(response) ?? found.code ?? defaultCode(response.status)
  return new WireError(response.status, code, found.message ?? '')
}

/** A service that moved from Query to JSON still names the old code: `x-amzn-query-error: AWS.SimpleQueueService.X;Sender`. */
function queryCompatibleCode(response: ErrorResponse): string | undefined {
  const header = response.headers['x-amzn-query-error']
  return typeof header === 'string' && header !== '' ? header.split(';', 1)[0] : undefined
}

function readJsonError(text: string): { code?: string | undefined; message?: string | undefined } {
  let body: Json
  try {
    body = JSON.parse(text) as Json
  } catch {
    return { message: text.slice(0, 1024) }
  }
  if (!isObject(body)) return {}
  const code = getOwn(body, '__type') ?? getOwn(body, 'code')
  const message = getOwn(body, 'message') ?? getOwn(body, 'Message') ?? getOwn(body, 'errorMessage')
  return {
    code: typeof code === 'string' ? bareCode(code) : undefined,
    message: typeof message === 'string' ? message : undefined,
  }
}

function readXmlError(text: string): { code?: string | undefined; message?: string | undefined } {
  try {
    const root = parseXml(text)
    const error = root.name === 'Error' ? root : root.children.find((child) => child.name === 'Error')
    return error ? { code: childText(error, 'Code'), message: childText(error, 'Message') } : {}
  } catch {
    return { message: text.slice(0, 1024) }
  }
}

const bareCode = (code: string): string => {
  const [withoutUri = ''] = code.split(':', 1)
  return withoutUri.slice(withoutUri.indexOf('#') + 1)
}

const defaultCode = (status: number): string => (status === 404 ? 'NotFound' : `Http${status}`)
