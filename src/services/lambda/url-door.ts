/**
 * Requests to functions' URLs: each is one invocation. Whoever is not let in is told as AWS tells it. A function that streams its
 * answer is heard piece by piece; what fails after the first piece breaks the connection off.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { JsonObject } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'
import { closeUnlessRead, headerOf, readBody, sendEmpty, sendJson, setHeaders, targetOf } from '../../wire/http.ts'
import { requestIdOf } from '../../wire/request-context.ts'
import { scopeOf } from '../../wire/sigv4.ts'

import { corsHeaders, preflightHeaders } from '../kit/cors.ts'
import { cutPrelude, type HttpAnswer, httpAnswer, httpEvent, shapedAnswer } from '../kit/http-event.ts'

import type { FunctionUrlAddress } from './function-url-address.ts'
import type { FunctionUrl } from './function-urls.ts'
import type { LambdaService } from './service.ts'

export interface UrlDoorDeps {
  readonly service: Pick<LambdaService, 'invoke' | 'functionUrls' | 'limits'>
  readonly account: string
  readonly now: () => number
}

/** Rejects as `invoke` does. */
export async function answerFunctionUrl(
  { service, account, now }: UrlDoorDeps,
  address: FunctionUrlAddress,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const url = service.functionUrls.at(address.id)
  if (!url) return refuse(res, 403, 'Forbidden')
  const { cors } = url.config
  const origin = headerOf(req.headers, 'origin')
  if (cors !== null && isPreflight(req)) return answerPreflight(req, res, cors)
  const accessKey = scopeOf(req)?.accessKeyId
  if (url.config.authType === 'AWS_IAM' && accessKey === undefined) return refuse(res, 403, 'Forbidden')
  const shared = cors === null ? {} : (corsHeaders(cors, origin) ?? {})
  const body = await readBody(req, service.limits.lambdaSyncBytesMax)
  const { query } = targetOf(req)
  const event = httpEvent({
    ...address,
    method: req.method ?? 'GET',
    queryText: req.url?.split('?')[1] ?? '',
    query,
    headers: headersOf(req),
    body,
    sourceIp: sourceOf(req),
    requestId: requestIdOf(req),
    account,
    accessKey: url.config.authType === 'AWS_IAM' ? accessKey : undefined,
    at: now(),
  })
  await run(service, url, event, res, shared)
}

async function run(
  service: UrlDoorDeps['service'],
  { functionName, qualifier, config }: FunctionUrl,
  event: JsonObject,
  res: ServerResponse,
  shared: Readonly<Record<string, string>>,
): Promise<void> {
  const streamed = config.invokeMode === 'RESPONSE_STREAM' ? new StreamedAnswer(res, shared) : undefined
  try {
    const answer = await service.invoke({
      functionName,
      qualifier,
      payload: Buffer.from(JSON.stringify(event)),
      requestId: requestIdOf(res.req),
      ...(streamed && { onPiece: (piece, contentType) => streamed.take(piece, contentType) }),
    })
    if (streamed?.hasBegun === true) return streamed.finish(answer.functionError === undefined)
    if (answer.functionError !== undefined) return sendText(res, 502, 'Internal Server Error', shared)
    sendAnswer(res, httpAnswer(answer.payload), shared)
  } catch (error) {
    if (streamed?.hasBegun === true) return streamed.finish(false)
    if (!(error instanceof WireError)) throw error
    if (error.code === 'ResourceNotFoundException') return refuse(res, 404, null)
    if (error.status !== 429 && error.status !== 413) throw error
    sendJson(
      res,
      { ...error.detail, message: error.message },
      { status: error.status, headers: { ...shared, 'x-amzn-ErrorType': error.code } },
    )
  }
}

/** The pieces of an answer as they come: its head when what it begins with is whole. */
class StreamedAnswer {
  readonly #res: ServerResponse
  readonly #shared: Readonly<Record<string, string>>
  #waiting = Buffer.alloc(0)
  hasBegun = false

  constructor(res: ServerResponse, shared: Readonly<Record<string, string>>) {
    this.#res = res
    this.#shared = shared
  }

  take(piece: Buffer, contentType: string): void {
    if (this.#res.headersSent) return void this.#res.write(piece)
    this.hasBegun = true
    if (contentType !== HTTP_PRELUDE) {
      writeHead(this.#res, { status: 200, headers: { 'content-type': contentType }, cookies: [] }, this.#shared)
      return void this.#res.write(piece)
    }
    this.#waiting = Buffer.concat([this.#waiting, piece])
    const cut = cutPrelude(this.#waiting)
    if (!cut) return
    writeHead(this.#res, shapedAnswer(cut.prelude, cut.body), this.#shared)
    if (cut.body.length > 0) this.#res.write(cut.body)
  }

  finish(isWhole: boolean): void {
    if (!isWhole || !this.#res.headersSent) this.#res.destroy()
    else this.#res.end()
  }
}

/** The content type of an answer that says itself what its head is to be. */
const HTTP_PRELUDE = 'application/vnd.awslambda.http-integration-response'

function writeHead(
  res: ServerResponse,
  { status, headers, cookies }: Omit<HttpAnswer, 'body'>,
  shared: Readonly<Record<string, string>>,
) {
  res.statusCode = status
  res.setHeader('x-amzn-RequestId', requestIdOf(res.req))
  setHeaders(res, { ...withoutLength(headers), ...shared })
  if (cookies.length > 0) res.setHeader('set-cookie', cookies)
  closeUnlessRead(res)
}

/** What says how an answer is carried is our own affair. */
const CARRIED: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'trailer',
])
const withoutLength = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !CARRIED.has(name)))

function sendAnswer(res: ServerResponse, answer: HttpAnswer, shared: Readonly<Record<string, string>>): void {
  writeHead(res, answer, shared)
  if (answer.status !== 204 && answer.status !== 304) res.setHeader('content-length', answer.body.length)
  res.end(res.req.method === 'HEAD' ? undefined : answer.body)
}

const sendText = (res: ServerResponse, status: number, text: string, shared: Readonly<Record<string, string>>): void =>
  sendAnswer(res, { status, headers: { 'content-type': 'application/json' }, cookies: [], body: Buffer.from(text) }, shared)

function refuse(res: ServerResponse, status: 403 | 404, Message: string | null): void {
  const code = status === 403 ? 'AccessDeniedException' : 'ResourceNotFoundException'
  sendJson(res, { Message }, { status, headers: { 'x-amzn-ErrorType': code } })
}

const isPreflight = (req: IncomingMessage): boolean =>
  req.method === 'OPTIONS' && req.headers.origin !== undefined && req.headers['access-control-request-method'] !== undefined

function answerPreflight(req: IncomingMessage, res: ServerResponse, cors: JsonObject): void {
  const headers = preflightHeaders(cors, {
    origin: headerOf(req.headers, 'origin'),
    method: headerOf(req.headers, 'access-control-request-method'),
    headers: headerOf(req.headers, 'access-control-request-headers'),
  })
  const isPrivate = headerOf(req.headers, 'access-control-request-private-network') === 'true'
  sendEmpty(res, {
    status: 200,
    headers: { ...headers, 'access-control-allow-private-network': isPrivate ? 'true' : undefined },
  })
}

function headersOf(req: IncomingMessage): Record<string, string> {
  // What our own port adds to a request is no affair of the function.
  const names = Object.keys(req.headers).filter((name) => !name.startsWith('x-regente-'))
  const given = names.map((name) => [name, headerOf(req.headers, name) ?? ''] as const)
  return {
    ...Object.fromEntries(given),
    'x-amzn-trace-id':
      headerOf(req.headers, 'x-amzn-trace-id') ??
      `Root=1-${requestIdOf(req)
        .replaceAll('-', '')
        .replace(/^(.{8})/, '$1-')}`,
    'x-forwarded-for': headerOf(req.headers, 'x-forwarded-for') ?? sourceOf(req),
    'x-forwarded-port': headerOf(req.headers, 'x-forwarded-port') ?? /:(\d+)$/.exec(req.headers.host ?? '')?.[1] ?? '80',
    'x-forwarded-proto': headerOf(req.headers, 'x-forwarded-proto') ?? 'http',
  }
}

const sourceOf = (req: IncomingMessage): string => (req.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, '')
