/** A stranger's web server: its pages attack (`attack.js`), and tell what they could read. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { deferred } from '../../../src/base/deferred.ts'
import { zipOf } from '../../../src/services/lambda/testing/zip.ts'

export interface Attacker {
  readonly port: number
  /** What the page could read, once it has tried everything. */
  readonly seen: Promise<readonly string[]>
  /** A page has been fetched. */
  readonly arrived: Promise<void>
  /** Frees the port, though a page of it may be open: its requests then reach whoever listens there next. */
  leave(): Promise<void>
}

export interface Plan {
  /** Where to send requests, such as `http://127.0.0.1:4566`, asked when the page is; without it, to the page's own origin. */
  readonly bases?: () => readonly string[]
  /** Begins the names of all that is made. */
  readonly tag: string
  /** Where the page asks when to begin and tells what it has seen, when its own server will be gone. */
  readonly reportTo?: string
}

const SCRIPT = readFileSync(join(import.meta.dirname, 'attack.js'), 'utf8')
const CODE = zipOf({ 'index.mjs': 'export const handler = async () => 1' }).toString('base64')

/** Its pages, and those that report to it, begin when `ready` is settled. */
export async function openAttacker(plan: Plan, ready: Promise<unknown> = Promise.resolve()): Promise<Attacker> {
  const seen = deferred<readonly string[]>()
  const arrived = deferred<void>()
  const server = createServer((req, res) => {
    res.setHeader('access-control-allow-origin', '*')
    if (req.url === '/begin') return void ready.then(() => res.end())
    if (req.url !== '/done') {
      res.setHeader('content-type', 'text/html').end(pageOf(plan))
      return arrived.resolve()
    }
    let text = ''
    req.setEncoding('utf8').on('data', (piece: string) => (text += piece))
    req.on('end', () => {
      res.end()
      seen.resolve(JSON.parse(text) as string[])
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, seen: seen.promise, arrived: arrived.promise, leave: () => close(server) }
}

const pageOf = ({ bases, tag, reportTo = '' }: Plan): string =>
  `<!doctype html><title>prizes</title><script>globalThis.PLAN = ${JSON.stringify({ bases: bases?.(), tag, reportTo, zip: CODE })}</script>` +
  `<body><script type="module">${SCRIPT}</script>`

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
