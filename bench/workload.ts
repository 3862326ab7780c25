/** What the benchmarks share: a server of its own, a signed-free AWS JSON call over kept connections, and round numbers. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { createInterface } from 'node:readline'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Bench {
  readonly url: string
  readonly child: ChildProcess
  readonly startMs: number
  stop(): Promise<void>
}

/** `checkout`: another copy of the project, to compare with; `args`: further ones of the command line. */
export async function startBench({
  checkout = join(import.meta.dirname, '..'),
  args = [] as readonly string[],
} = {}): Promise<Bench> {
  const data = mkdtempSync(join(tmpdir(), 'regente-bench-'))
  const begun = performance.now()
  const child = spawn(process.execPath, [join(checkout, 'bin/regente.js'), 'start', '--port', '0', '--data', data, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const startMs = performance.now() - begun
  return {
    url: line.replace('regente ready on ', ''),
    child,
    startMs,
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
      rmSync(data, { recursive: true, force: true })
    },
  }
}

export interface Client {
  post(headers: Record<string, string>, body: string): Promise<{ status: number; body: string }>
  states(action: string, input: object): Promise<Record<string, unknown>>
  put(path: string, body: string): Promise<void>
}

export function openClient(url: string, connections: number): Client {
  const { hostname, port } = new URL(url)
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const send = (method: string, path: string, headers: Record<string, string>, body: string) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const length = Buffer.byteLength(body)
      const call = request(
        { hostname, port, agent, method, path, headers: { ...headers, 'content-length': length } },
        (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (piece: string) => (text += piece))
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
        },
      )
      call.on('error', reject)
      call.end(body)
    })
  const expectOk = async (what: string, answer: Promise<{ status: number; body: string }>) => {
    const { status, body } = await answer
    if (status >= 300) throw new Error(`${what}: ${status} ${body}`)
    return body
  }
  return {
    post: (headers, body) => send('POST', '/', headers, body),
    async states(action, input) {
      const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${action}` }
      return JSON.parse(await expectOk(action, send('POST', '/', headers, JSON.stringify(input)))) as Record<string, unknown>
    },
    async put(path, body) {
      await expectOk(`PUT ${path}`, send('PUT', path, {}, body))
    },
  }
}

/** Calls `work` with 0 … count-1, `clients` at a time. */
export async function inParallel(count: number, clients: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const client = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: clients }, client))
}

export const ROLE = 'arn:aws:iam::000000000000:role/bench'
export const perSecond = (count: number, ms: number): number => Math.round((count / ms) * 1000)
