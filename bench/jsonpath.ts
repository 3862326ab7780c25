/**
 * Time of one evaluation, beside jsonpath-plus where it is installed. Run: node_modules/.bin/node bench/jsonpath.ts
 * Best of five rounds, because the machine is noisy.
 */
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

type Peer = (path: string) => unknown

async function loadPeer(): Promise<Peer | undefined> {
  const name = 'jsonpath-plus'
  try {
    const module = (await import(name)) as { JSONPath: (options: { path: string; json: Json; wrap: boolean }) => unknown }
    return (path) => module.JSONPath({ path, json: input, wrap: false })
  } catch {
    return undefined
  }
}

/** Processor time, not wall time: neighbours on the machine do not count. */
function microseconds(work: () => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 5; round++) {
    const until = performance.now() + 150
    const start = process.cpuUsage()
    let count = 0
    while (performance.now() < until) for (let i = 0; i < 500; i++, count++) work()
    const { user, system } = process.cpuUsage(start)
    best = Math.min(best, (user + system) / count)
  }
  return best
}

const print = (name: string, own: number, peer?: number) =>
  console.log(`${name.padEnd(44)} ${own.toFixed(3)} us${peer === undefined ? '' : `   jsonpath-plus ${peer.toFixed(3)} us`}`)

const peer = await loadPeer()
const own = { order: { id: 'o-1' } }
print(
  'bound: the same two reads in plain code',
  microseconds(() => own.order.id),
)
for (const text of ['$', '$.order.id', '$.order.customer.address.city', '$.items[50].price', '$.items[*].id', '$..price']) {
  const path = compilePath(text)
  if (path.ok)
    print(
      text,
      microseconds(() => path.value.select(scope)),
      peer && microseconds(() => peer(text)),
    )
}
const filter = compilePath('$.items[?(@.price > 100)]')
if (filter.ok)
  print(
    filter.value.text,
    microseconds(() => filter.value.select(scope)),
  )
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
if (peer === undefined) console.log('jsonpath-plus is not installed: no peer figures')
