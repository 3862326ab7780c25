/** What node:http alone does on this machine: answers what it was sent, to as many clients at a time; requests a second. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

import { inParallel, openClient, perSecond } from './workload.ts'

const ECHO = `require('node:http').createServer((req, res) => { let b = ''; req.on('data', (d) => (b += d)); req.on('end', () => res.end(b)) })
  .listen(0, '127.0.0.1', function () { console.log('http://127.0.0.1:' + this.address().port) })`

const SHORT = '{"stateMachineArn":"x","input":"{}"}'

export async function measureEcho(requests: number, clients: number, text = SHORT): Promise<number> {
  const child = spawn(process.execPath, ['-e', ECHO], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const client = openClient(url, clients)
  await inParallel(2_000, clients, async () => void (await client.post({}, '{"warm":1}')))
  const begun = performance.now()
  await inParallel(requests, clients, async () => void (await client.post({}, text)))
  const rate = perSecond(requests, performance.now() - begun)
  child.kill()
  return rate
}
