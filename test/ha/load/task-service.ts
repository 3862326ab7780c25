/**
 * Whom the workflows call: speaks Lambda's Invoke and SQS's SendMessage, answers as `answers.ts` says, and writes down each
 * effect. Each node calls at a port of its own, so that it is known who called.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

import { HOST, portOf } from '../bed/workspace.ts'
import { answerOf, effectOf, failureOf, type Job, latencyOf, parseJob } from './answers.ts'

/** One effect in the world, and when. Instants in milliseconds since 1970. */
export interface TaskCall {
  readonly effect: string
  readonly id: string
  readonly node: string
  readonly at: number
  /** Undefined: whoever called was gone before it was answered. */
  answeredAt?: number
}

export class TaskService {
  readonly calls: TaskCall[] = []
  readonly #servers: Server[] = []
  readonly #tokenGiven: (job: Job, token: string) => void

  /** Whoever gets a token hands it on to `tokenGiven`. */
  constructor(tokenGiven: (job: Job, token: string) => void) {
    this.#tokenGiven = tokenGiven
  }

  /** What a node of this name has to have in its environment. */
  async open(node: string): Promise<Readonly<Record<string, string>>> {
    const server = createServer((request, response) => {
      this.#answer(node, request, response).catch((error: unknown) => {
        response.writeHead(400, { 'x-amzn-errortype': 'InvalidRequest' })
        response.end(JSON.stringify({ message: String(error) }))
      })
    })
    server.keepAliveTimeout = 60_000
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
    this.#servers.push(server)
    const url = `http://${HOST}:${portOf(server)}`
    return {
      AWS_ENDPOINT_URL_LAMBDA: url,
      AWS_ENDPOINT_URL_SQS: url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    }
  }

  /** Somebody else has seen an effect. */
  record(job: Job, node: string): TaskCall {
    const call: TaskCall = { effect: effectOf(job), id: job.id, node, at: Date.now() }
    this.calls.push(call)
    return call
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }

  async #answer(node: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body: unknown = JSON.parse(await textOf(request))
    if (request.headers['x-amz-target'] === 'AmazonSQS.SendMessage') return this.#takeMessage(node, body, response)
    if (!request.url?.endsWith('/invocations')) throw new Error(`no workflow calls ${request.method} ${request.url}`)
    const job = parseJob(body)
    const call = this.record(job, node)
    if (job.token !== undefined) {
      this.#tokenGiven(job, job.token)
      return end(call, response, {}, '{}')
    }
    await new Promise((resolve) => setTimeout(resolve, latencyOf(job)))
    const error = failureOf(job)
    if (error === undefined) end(call, response, {}, JSON.stringify({ id: job.id, v: answerOf(job.v, job.state) }))
    else
      end(call, response, { 'x-amz-function-error': 'Unhandled' }, JSON.stringify({ errorType: error, errorMessage: 'as told' }))
  }

  #takeMessage(node: string, body: unknown, response: ServerResponse): void {
    const message: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'MessageBody') : undefined
    if (typeof message !== 'string') throw new Error('a message has a body')
    const job = parseJob(JSON.parse(message))
    const call = this.record(job, node)
    if (job.token !== undefined) this.#tokenGiven(job, job.token)
    const MD5OfMessageBody = createHash('md5').update(message).digest('hex')
    end(call, response, {}, JSON.stringify({ MessageId: `m${this.calls.length}`, MD5OfMessageBody }))
  }
}

function end(call: TaskCall, response: ServerResponse, headers: Record<string, string>, text: string): void {
  if (response.destroyed) return
  response.writeHead(200, { 'content-type': 'application/json', ...headers })
  response.end(text)
  call.answeredAt = Date.now()
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) if (Buffer.isBuffer(piece)) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}
