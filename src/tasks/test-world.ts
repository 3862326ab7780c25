/**
 * All embedded services on one port, and connectors that call them as a server's tasks do: over a socket, or by a port between
 * threads, as REGENTE_SERVICES_TRANSPORT says. For tests of this room.
 */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MessageChannel } from 'node:worker_threads'

import type { Json } from '../base/json.ts'
import { silentLog } from '../base/log.ts'

import { MessageTransport } from '../wire/message-client.ts'
import { serveMessages } from '../wire/message-server.ts'
import { createEndpoints } from '../aws/endpoints.ts'
import { handlerFor } from '../services/kit/testing/services.ts'
import { startServices } from '../services/services.ts'

import type { Connector, TaskOutcome, TaskRequest, TaskResource } from './connector.ts'
import { createConnectors } from './registry.ts'

export interface FakeAnswer {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body: string
}

export async function startTestWorld() {
  let url = ''
  /** What is for no service (Step Functions, HTTP APIs) is answered by this. */
  let fake = (_target: string, _body: string, _headers: IncomingHttpHeaders): FakeAnswer => ({ status: 404, body: '{}' })
  const local = startServices({ region: 'us-east-1', account: '000000000000', endpoint: () => url, log: silentLog })
  const answerTo = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const handler = req.headers['x-test-fake'] === undefined ? handlerFor(local, req) : undefined
    if (handler) return handler(req, res)
    const pieces: Buffer[] = []
    for await (const piece of req) pieces.push(piece as Buffer)
    const answer = fake(
      String(req.headers['x-amz-target'] ?? `${req.method} ${req.url}`),
      Buffer.concat(pieces).toString(),
      req.headers,
    )
    res.writeHead(answer.status ?? 200, { 'x-amzn-requestid': 'r-1', ...answer.headers }).end(answer.body)
  }
  const server = createServer(answerTo)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { port1, port2 } = new MessageChannel()
  const transport = process.env['REGENTE_SERVICES_TRANSPORT'] === 'socket' ? undefined : new MessageTransport(port1)
  const door = serveMessages(port2, answerTo)
  const endpoints = createEndpoints({
    ownUrl: () => url,
    services: () => ({ endpoint: url, transport }),
    region: 'us-east-1',
    env: {},
  })
  const registry = createConnectors(endpoints, local.events.connections)

  const request = (resource: Partial<TaskResource> & { service: string; action: string }, parameters: Json): TaskRequest => ({
    resource: { pattern: 'request', ...resource },
    parameters,
    idempotencyKey: 'execution/1/0',
    executionArn: 'arn:aws:states:us-east-1:000000000000:execution:m:e',
    stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:m',
    signal: AbortSignal.timeout(30_000),
  })
  const connectorOf = (one: TaskRequest): Connector => {
    const connector = registry.connectorFor(one.resource)
    if (!connector) throw new Error(`no connector for ${one.resource.service}`)
    return connector
  }
  return {
    url: () => url,
    endpoints,
    request,
    connectorOf,
    setFake(answer: (target: string, body: string, headers: IncomingHttpHeaders) => FakeAnswer) {
      fake = answer
    },
    run(service: string, action: string, parameters: Json, more: Partial<TaskResource> = {}): Promise<TaskOutcome> {
      const one = request({ service, action, ...more }, parameters)
      return connectorOf(one).start(one)
    },
    sdk(sdkService: string, action: string, parameters: Json): Promise<TaskOutcome> {
      return this.run('aws-sdk', action, parameters, { sdkService })
    },
    async close() {
      door.close()
      server.closeAllConnections()
      server.close()
      await local.close()
    },
  }
}

export type TestWorld = Awaited<ReturnType<typeof startTestWorld>>
