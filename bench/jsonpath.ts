/**
 * Time of one evaluation, beside the quickest npm package where they are installed. Best of five rounds, because the
 * machine is noisy. Fails when a reference path that looks anything up is under twenty times as fast as the
 * best of them.
 * Run: PEERS=DIR node_modules/.bin/node bench/jsonpath.ts
 */
import { createRequire } from 'node:module'

import type { Json } from '../src/base/json.ts'
import { compileIntrinsic } from '../src/expr/intrinsics/intrinsic.ts'
import { compilePath } from '../src/expr/jsonpath/path.ts'
import { compileTemplate } from '../src/expr/template.ts'

const input: Json = {
  order: { id: 'o-1', customer: { name: 'Ann', address: { city: 'Oslo' } } },
  items: Array.from({ length: 100 }, (_, i) => ({ id: i, price: i * 1.5, tags: ['a', 'b'] })),
}
const scope = {
  input,
  context: (): Json => ({}),
  variable: (): Json | undefined => undefined,
  draws: { uuid: () => '', next: () => 0.5 },
}

const PATHS = [
  '$',
  '$.order.id',
  '$.order.customer.address.city',
  '$.items[50].price',
  '$.items[*].id',
  '$..price',
  '$.items[?(@.price > 100)]',
]
const REFERENCE_TIMES_MIN = 20

type Peer = (path: string) => unknown

/**
 * The packages of shared/DEPENDENCIES.md, from the folder named by PEERS: they are no dependencies of ours. To install:
 * `npm install --prefix DIR jsonpath-plus json-p3 jsonpath-rfc9535 jsonpath jsonpathly`.
 */
function loadPeers(folder: string | undefined): ReadonlyMap<string, Peer> {
  const peers = new Map<string, Peer>()
  if (folder === undefined) return peers
  const load = createRequire(`${folder}/package.json`)
  const add = (name: string, make: (module: Record<string, (...args: unknown[]) => unknown>) => Peer) => {
    try {
      peers.set(name, make(load(name)))
    } catch (error) {
      console.log(`${name} is left out: ${error instanceof Error ? error.message.split('\n')[0] : 'unknown'}`)
    }
  }
  add('jsonpath-plus', (module) => (path) => module['JSONPath']?.({ path, json: input, wrap: false }))
  add('json-p3', (module) => (path) => module['query']?.(path, input))
  add('jsonpath-rfc9535', (module) => (path) => module['query']?.(input, path))
  add('jsonpath', (module) => (path) => module['query']?.(input, path))
  add('jsonpathly', (module) => (path) => module['query']?.(input, path))
  return peers
}

/** Processor time, not wall time: neighbours on the machine do not count. */
function microseconds(work: () => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 3; round++) {
    const until = performance.now() + 150
    const start = process.cpuUsage()
    let count = 0
    while (performance.now() < until) for (let i = 0; i < 500; i++, count++) work()
    const { user, system } = process.cpuUsage(start)
    best = Math.min(best, (user + system) / count)
  }
  return best
}

const peers = loadPeers(process.env['PEERS'])
const print = (name: string, us: number, rest = '') => console.log(`${name.padEnd(44)} ${us.toFixed(3)} us${rest}`)

/** The quickest of the packages that can read the path at all. */
function bestPeer(text: string): { name: string; us: number } | undefined {
  let best: { name: string; us: number } | undefined
  for (const [name, query] of peers) {
    try {
      query(text)
    } catch {
      continue
    }
    const us = microseconds(() => query(text))
    if (best === undefined || us < best.us) best = { name, us }
  }
  return best
}

const own = { order: { id: 'o-1' } }
print(
  'bound: the same two reads in plain code',
  microseconds(() => own.order.id),
)
for (const text of PATHS) {
  const path = compilePath(text)
  if (!path.ok) throw new Error(path.error.message)
  const us = microseconds(() => path.value.select(scope))
  const best = bestPeer(text)
  const times = best === undefined ? 0 : best.us / us
  print(text, us, best && `   ${best.name} ${best.us.toFixed(3)} us   ${times.toFixed(0)} times`)
  if (best !== undefined && path.value.isReference && path.value.steps.length > 0 && times < REFERENCE_TIMES_MIN)
    process.exitCode = 1
}
const intrinsic = compileIntrinsic("States.Format('{}-{}', $.order.id, States.ArrayLength($.items))")
if (intrinsic.ok)
  print(
    intrinsic.value.name,
    microseconds(() => intrinsic.value.evaluate(scope)),
  )
const template = compileTemplate({
  'id.$': '$.order.id',
  constant: { a: [1] },
  nested: { 'city.$': '$.order.customer.address.city' },
})
if (template.ok)
  print(
    'template of two paths',
    microseconds(() => template.value.evaluate(scope)),
  )
if (peers.size === 0) console.log('PEERS names no folder: no figures of other packages')
