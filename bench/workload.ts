/** What the benchmarks share: a server of its own, a signed-free AWS JSON call over kept connections, and round numbers. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { createInterface } from 'node:readline'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Bench {
  readonly url: string
  readonly child: ChildProcess
  readonly startMs: number
  stop(): Promise<void>
}

/** Where `profile.ts` wants the profiles of the server's threads. */
const PROFILE = process.env['BENCH_PROFILE']

/** `checkout`: another copy of the project, to compare with; `args`: further ones of the command line; `env`: further settings. */
export async function startBench({
  checkout = join(import.meta.dirname, '..'),
  args = [] as readonly string[],
  env = {} as Readonly<Record<string, string>>,
} = {}): Promise<Bench> {
  const data = mkdtempSync(join(tmpdir(), 'regente-bench-'))
  const begun = performance.now()
  const child = spawn(process.execPath, [join(checkout, 'bin/regente.js'), 'start', '--port', '0', '--data', data, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
    ...(PROFILE !== undefined && { env: { ...process.env, NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${PROFILE}` } }),
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

/** A definition of so many Pass states, one after the other. */
export function passChain(length: number): object {
  const names = Array.from({ length }, (_, index) => `S${index}`)
  const after = (index: number) => (index === length - 1 ? { End: true } : { Next: names[index + 1] })
  return { StartAt: 'S0', States: Object.fromEntries(names.map((name, index) => [name, { Type: 'Pass', ...after(index) }])) }
}

/** Asks again after each pause: every question takes time from what is measured. */
export async function untilNoneRuns(client: Client, stateMachineArn: unknown, pauseMs: number): Promise<void> {
  const query = { stateMachineArn, statusFilter: 'RUNNING', maxResults: 1 }
  while (((await client.states('ListExecutions', query))['executions'] as []).length > 0) await sleep(pauseMs)
}

export const pidOf = ({ child }: Bench): number => child.pid ?? 0
const TICKS_PER_SECOND = 100

/** What a server has computed so far, in all its threads; children are not counted. */
export function cpuMs(server: Bench): number {
  const fields =
    readFileSync(`/proc/${pidOf(server)}/stat`, 'utf8')
      .split(') ')[1]
      ?.split(' ') ?? []
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1000
}

export const ROLE = 'arn:aws:iam::000000000000:role/bench'
export const perSecond = (count: number, ms: number): number => Math.round((count / ms) * 1000)
