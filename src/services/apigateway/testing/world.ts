/** API Gateway on a port, with functions that are a test's own and a Step Functions that takes down what it is told. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer, text } from 'node:stream/consumers'

import type { JsonObject } from '../../../base/json.ts'
import { silentLog } from '../../../base/log.ts'

import { handlerFor } from '../../kit/testing/services.ts'
import { type Services, startServices } from '../../services.ts'

export const ACCOUNT = '123456789012'
export const MACHINE = `arn:aws:states:us-east-1:${ACCOUNT}:stateMachine:m`

export interface Called {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
  json(): JsonObject
}

export interface Options {
  readonly method?: string
  readonly headers?: Record<string, string | string[]>
  readonly body?: string | Buffer
}

/** What a function does with its event: gives its answer, or throws. */
export type TestFunction = (event: JsonObject) => unknown

export async function startWorld() {
  const functions = new Map<string, TestFunction>()
  /** Calls of Step Functions, and what it answers. */
  const states = { calls: [] as JsonObject[], status: 200, answer: {} as JsonObject }
  let services: Services | undefined
  let endpoint = ''

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const name = /\/functions\/[^/]*%3Afunction%3A([\w-]+)\/invocations/.exec(req.url ?? '')?.[1]
    if (name !== undefined) return invoke(name, req, res)
    const action = /^AWSStepFunctions\.(\w+)$/.exec(String(req.headers['x-amz-target']))?.[1]
    if (action !== undefined) {
      states.calls.push({ action, ...(JSON.parse(await text(req)) as JsonObject) })
      res.statusCode = states.status
      return void res.end(JSON.stringify(states.answer))
    }
    if (req.url?.startsWith('/backend') === true) return echo(req, res)
    const handler = services && handlerFor(services, req)
    if (handler) return handler(req, res)
    res.statusCode = 404
    res.end()
  }

  async function invoke(name: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const event = JSON.parse(await text(req)) as JsonObject
    try {
      res.end(JSON.stringify(functions.get(name)?.(event)))
    } catch (error) {
      res.setHeader('x-amz-function-error', 'Unhandled')
      res.end(JSON.stringify({ errorMessage: (error as Error).message, errorType: 'Error' }))
    }
  }

  const server = createServer((req, res) => void answer(req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  endpoint = `http://127.0.0.1:${port}`
  services = startServices({ region: 'us-east-1', account: ACCOUNT, endpoint: () => endpoint, log: silentLog })

  /** A request as it stands. */
  async function ask(host: string, path: string, { method = 'GET', headers = {}, body }: Options = {}): Promise<Called> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request({ port, host: '127.0.0.1', path, method, headers: { host, ...headers } }, resolve)
      sent.on('error', reject)
      sent.end(body)
    })
    const told = (await buffer(response)).toString()
    return { status: response.statusCode ?? 0, headers: response.headers, text: told, json: () => JSON.parse(told) as JsonObject }
  }

  /** An operation of the management; rejects where it is refused. */
  async function manage(line: string, input?: JsonObject | string): Promise<JsonObject> {
    const [method = 'GET', path = ''] = line.split(' ')
    const authorization =
      'AWS4-HMAC-SHA256 Credential=A/20261123/us-east-1/apigateway/aws4_request, SignedHeaders=host, Signature=0'
    const body = typeof input === 'string' || input === undefined ? input : JSON.stringify(input)
    const called = await ask('127.0.0.1', path, { method, headers: { authorization }, ...(body !== undefined && { body }) })
    if (called.status >= 300)
      throw new Error(`${called.status} ${called.headers['x-amzn-errortype']}: ${called.json()['message']}`)
    return called.text === '' ? {} : called.json()
  }

  return {
    endpoint,
    functions,
    states,
    ask,
    manage,
    /** At the host of an API. */
    call: (api: string, path: string, options?: Options) => ask(`${api}.execute-api.localhost:${port}`, path, options),
    async close() {
      await services.close()
      server.closeAllConnections()
      server.close()
    },
  }
}

/** A backend that tells what it was asked. */
async function echo(req: IncomingMessage, res: ServerResponse): Promise<void> {
  res.setHeader('content-type', 'application/json')
  res.setHeader('x-backend', 'here')
  if (req.url?.includes('fail') === true) res.statusCode = 503
  res.end(JSON.stringify({ method: req.method, url: req.url, headers: req.headers, body: await text(req) }))
}

export type World = Awaited<ReturnType<typeof startWorld>>

export const functionUri = (name: string): string =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:${ACCOUNT}:function:${name}/invocations`
