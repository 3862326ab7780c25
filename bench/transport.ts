/**
 * What a call of a task costs on its way to a service of the same process and back: signed and sent, read, answered, read; CPU
 * time of both threads, over a socket and by a port between them. The service does nothing.
 * Run: node_modules/.bin/node bench/transport.ts [memory|socket] [calls=N] [bytes=N] [clients=N]
 */
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMainThread, MessageChannel, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads'

import { silentLog } from '../src/base/log.ts'
import { callJson } from '../src/aws/call.ts'
import { endpointsAt } from '../src/aws/endpoints.ts'
import { SERVICES } from '../src/aws/services.ts'
import { createAwsJsonHandler } from '../src/wire/aws-json.ts'
import { MessageTransport } from '../src/wire/message-client.ts'
import { serveMessages } from '../src/wire/message-server.ts'

import { inParallel } from './workload.ts'

if (isMainThread) await measure()
else serve(workerData as { socketPath: string; requests: MessagePort })

function serve({ socketPath, requests }: { socketPath: string; requests: MessagePort }): void {
  const handler = createAwsJsonHandler(new Map([['SendMessage', () => ({ MessageId: 'm' })]]), { log: silentLog })
  const answer: RequestListener = (req, res) => void handler(req, res)
  serveMessages(requests, answer)
  createServer({ keepAliveTimeout: 0 }, answer).listen(socketPath, () => parentPort?.postMessage('up'))
}

async function measure(): Promise<void> {
  const setting = (name: string, fallback: number) =>
    Number(process.argv.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1) ?? fallback)
  const calls = setting('calls', 30_000)
  const MessageBody = 'x'.repeat(setting('bytes', 100))
  const folder = mkdtempSync(join(tmpdir(), 'regente-transport-'))
  const socketPath = join(folder, 's.sock')
  const { port1, port2 } = new MessageChannel()
  const worker = new Worker(new URL(import.meta.url), { workerData: { socketPath, requests: port2 }, transferList: [port2] })
  await once(worker, 'message')
  const memory = new MessageTransport(port1)
  const only = process.argv[2]
  for (const way of ['socket', 'memory'].filter((way) => only === undefined || only.includes('=') || way === only)) {
    const transport = way === 'memory' ? memory : undefined
    const endpoints = endpointsAt(() => ({ endpoint: 'http://127.0.0.1:4566', socketPath, transport, region: 'us-east-1' }))
    const input = { QueueUrl: 'http://127.0.0.1:4566/000000000000/q', MessageBody }
    const call = async () => {
      const called = await callJson(endpoints, SERVICES.sqs, 'SendMessage', input)
      if (!called.ok) throw new Error(JSON.stringify(called.error))
    }
    const run = (count: number) => inParallel(count, setting('clients', 32), call)
    await run(calls / 3)
    const before = process.cpuUsage()
    const begun = performance.now()
    await run(calls)
    const { user, system } = process.cpuUsage(before)
    const perCall = (us: number) => (us / calls).toFixed(1)
    const took = (performance.now() - begun) * 1000
    console.log(`${way}: ${perCall(user + system)} µs of CPU a call, ${Math.round((calls / took) * 1e6)} calls/s`)
  }
  await worker.terminate()
  rmSync(folder, { recursive: true })
  process.exit(0)
}
