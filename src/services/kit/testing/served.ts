/** Services on a port, in memory, with a clock that a test moves. */
import { once } from 'node:events'
import { createServer } from 'node:http'

import { VirtualClock } from '../../../base/clock.ts'
import { silentLog } from '../../../base/log.ts'

import type { Handler } from '../../../wire/http.ts'

import { openSeal } from '../../seal.ts'
import { startServices } from '../../services.ts'
import { openServicesDatabase, type ServicesDatabase } from '../database.ts'
import type { ServiceDeps } from '../service-deps.ts'
import { handlerFor } from './services.ts'

type Answer = Record<string, unknown>

export interface Served {
  readonly clock: VirtualClock
  readonly database: ServicesDatabase
  readonly url: string
  /** The answer, or the code and text of the refusal. `target` is `AmazonSSM.GetParameter`. */
  call(target: string, input: object, version?: '1.0' | '1.1'): Promise<Answer>
  close(): Promise<void>
}

const PLACE = { region: 'us-east-1', account: '000000000000', log: silentLog }

/** One alone. */
export async function serveOne(create: (deps: ServiceDeps) => { readonly handler: Handler; close(): unknown }): Promise<Served> {
  const clock = new VirtualClock()
  const database = openServicesDatabase()
  const deps: ServiceDeps = { ...PLACE, database, clock, seal: openSeal(undefined), endpoint: () => listening.url }
  const service = create(deps)
  const listening = await listen(service.handler)
  return {
    ...listening,
    clock,
    database,
    async close() {
      listening.close()
      await service.close()
      database.close()
    },
  }
}

/** All of them, which meet over the wire, as they would in a server. */
export async function serveAll(): Promise<Served> {
  const clock = new VirtualClock()
  const services = startServices({ ...PLACE, endpoint: () => listening.url, clock })
  const listening = await listen(async (req, res) => {
    const handler = handlerFor(services, req)
    if (handler) await handler(req, res)
    else res.writeHead(404).end()
  })
  services.resume()
  return {
    ...listening,
    clock,
    database: services.database,
    async close() {
      listening.close()
      await services.close()
    },
  }
}

async function listen(handler: Handler) {
  const server = createServer((req, res) => void handler(req, res)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  return {
    url,
    async call(target: string, input: object, version = '1.1'): Promise<Answer> {
      const headers = { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target }
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(input) })
      const body = (await response.json()) as Answer
      if (response.ok) return body
      return { refused: `${String(body['__type']).split('#').at(-1)}: ${body['message']}`, status: response.status }
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
