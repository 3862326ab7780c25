/**
 * Time to the ready line, with a folder that is fresh and with one that was used, and the memory of a server that has nothing to
 * do: of all its processes, RSS and PSS. Medians of some rounds. Beside: a bare Node with an HTTP server. Named in REGENTE_NODE,
 * another Node starts them: an older one stays around the server.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const NODE = process.env['REGENTE_NODE'] ?? process.execPath
const CHECKOUT = process.argv[2] ?? join(import.meta.dirname, '..')
const ROUNDS = 5
/** Until what the start has left is given back. */
const SETTLED_MS = 3_000
const BARE = `require('http').createServer().listen(0, () => console.log('ready'))`

interface Begun {
  readonly readyMs: number
  readonly child: ChildProcess
}

async function begin(...args: readonly string[]): Promise<Begun> {
  const begunAt = performance.now()
  const child = spawn(NODE, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(createInterface({ input: child.stdout }), 'line')
  return { readyMs: performance.now() - begunAt, child }
}

async function end({ child }: Begun): Promise<void> {
  child.kill('SIGTERM')
  await once(child, 'exit')
}

/** A process and all that it has started. */
function tree(pid: number): readonly number[] {
  const threads = readdirSync(`/proc/${pid}/task`)
  const children = threads.flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').match(/\d+/g) ?? [])
  return [pid, ...children.flatMap((child) => tree(Number(child)))]
}

function megabytes({ child }: Begun, what: 'Rss' | 'Pss'): number {
  const read = (pid: number) => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const kilobytes = tree(child.pid ?? 0).map((pid) => Number(new RegExp(`^${what}:\\s+(\\d+)`, 'm').exec(read(pid))?.[1]))
  return kilobytes.reduce((sum, of) => sum + of, 0) / 1024
}

const median = (of: readonly number[]): string => of.toSorted((a, b) => a - b)[of.length >> 1]?.toFixed(0) ?? '?'

const found = { fresh: [] as number[], used: [] as number[], bare: [] as number[], rss: [] as number[], pss: [] as number[] }
let bareMemory = ''
for (let round = 0; round < ROUNDS; round++) {
  const bare = await begin('-e', BARE)
  found.bare.push(bare.readyMs)
  await sleep(500)
  bareMemory = `${megabytes(bare, 'Rss').toFixed(0)} MB (PSS ${megabytes(bare, 'Pss').toFixed(0)})`
  await end(bare)
  const data = mkdtempSync(join(tmpdir(), 'regente-bench-'))
  for (const folder of ['fresh', 'used'] as const) {
    const server = await begin(join(CHECKOUT, 'bin/regente.js'), 'start', '--port', '0', '--data', data)
    found[folder].push(server.readyMs)
    if (folder === 'used') {
      await sleep(SETTLED_MS)
      found.rss.push(megabytes(server, 'Rss'))
      found.pss.push(megabytes(server, 'Pss'))
    }
    await end(server)
  }
  rmSync(data, { recursive: true, force: true })
}
const fastest = (of: readonly number[]): string => Math.min(...of).toFixed(0)
console.log(
  `ready after ${median(found.fresh)} ms with a fresh folder (fastest ${fastest(found.fresh)}), ${median(found.used)} with a used one (fastest ${fastest(found.used)}); a bare HTTP server after ${median(found.bare)}`,
)
console.log(`idle: ${median(found.rss)} MB (PSS ${median(found.pss)}); a bare HTTP server ${bareMemory}`)
