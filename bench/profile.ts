/**
 * Where the time of a server goes while another benchmark drives it: the self time of each thread by file and by function, and
 * the time of each function with all that it calls. The profiles stay in the folder that is told, for the tools of a browser.
 * Threads are numbered as they start: 0 is the main one, 1 writes the store, 2 has the embedded services. What it takes to start
 * is in it: measure long enough. Every benchmark that starts its server by `startBench` can be driven so.
 * A folder of profiles that node --cpu-prof has written is told as well.
 * Run: node_modules/.bin/node bench/profile.ts bench/tasks.ts kinds=sqs count=500 rounds=1 alone=0 [top=N]
 *      node_modules/.bin/node bench/profile.ts FOLDER [top=N]
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Node {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: readonly number[]
}

interface Profile {
  readonly nodes: readonly Node[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const given = process.argv.slice(2)
const top = Number(given.find((arg) => arg.startsWith('top='))?.slice('top='.length) ?? 40)
const [script = join(import.meta.dirname, 'tasks.ts'), ...args] = given.filter((arg) => !arg.startsWith('top='))
const folder = statSync(script).isDirectory() ? script : profiled()
for (const file of readdirSync(folder).sort()) tell(file, JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile)
console.log(`\n${folder}`)

function profiled(): string {
  const BENCH_PROFILE = mkdtempSync(join(tmpdir(), 'regente-profile-'))
  const { status } = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit', env: { ...process.env, BENCH_PROFILE } })
  if (status !== 0) process.exit(status ?? 1)
  return BENCH_PROFILE
}

/** `src/wire/client.ts`, `node:http`, or what V8 calls it: `(garbage collector)`. */
function fileOf({ callFrame: { url, functionName } }: Node): string {
  if (url === '') return functionName === '' ? '(native)' : functionName.startsWith('(') ? functionName : '(native)'
  return /(?:src|dist|node_modules)\/.*$/.exec(url)?.[0] ?? url
}

function placeOf(node: Node): string {
  const { functionName, lineNumber } = node.callFrame
  const file = fileOf(node)
  return file.startsWith('(') ? functionName || file : `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`
}

function tell(name: string, { nodes, samples, timeDeltas }: Profile): void {
  const selfOf = new Map<number, number>()
  for (const [index, id] of samples.entries()) selfOf.set(id, (selfOf.get(id) ?? 0) + (timeDeltas[index] ?? 0))
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const idle = new Set(nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id))
  const busy = [...selfOf].reduce((sum, [id, time]) => (idle.has(id) ? sum : sum + time), 0)
  const all = [...selfOf.values()].reduce((sum, time) => sum + time, 0)
  console.log(`\n# ${name}: ${Math.round(busy / 1000)} ms of ${Math.round(all / 1000)} ms busy`)
  if (busy === 0) return

  const files = new Map<string, number>()
  const functions = new Map<string, number>()
  const withCalled = new Map<string, number>()
  const add = (to: Map<string, number>, key: string, time: number) => to.set(key, (to.get(key) ?? 0) + time)
  for (const [id, time] of selfOf) {
    const node = byId.get(id)
    if (!node || idle.has(id)) continue
    add(files, fileOf(node), time)
    add(functions, placeOf(node), time)
  }
  // A function that calls itself counts once.
  const walk = (id: number, above: ReadonlySet<string>): number => {
    const node = byId.get(id)
    if (!node || idle.has(id)) return 0
    const place = placeOf(node)
    const below = above.has(place) ? above : new Set([...above, place])
    const time = (node.children ?? []).reduce((sum, child) => sum + walk(child, below), selfOf.get(id) ?? 0)
    if (!above.has(place)) add(withCalled, place, time)
    return time
  }
  const [root] = nodes
  if (root) walk(root.id, new Set())
  print('self time by file', files, busy)
  print('self time by function', functions, busy)
  print('time with all that is called', withCalled, busy)
}

function print(title: string, times: ReadonlyMap<string, number>, busy: number): void {
  console.log(`\n## ${title}`)
  for (const [name, time] of [...times].sort(([, a], [, b]) => b - a).slice(0, top))
    console.log(`${((time / busy) * 100).toFixed(1).padStart(6)} % ${String(Math.round(time / 1000)).padStart(7)} ms  ${name}`)
}
