/**
 * Our JSONata against the `jsonata` package's own evaluator (release 2.2.2), on expressions as state machines have them.
 * Prints nanoseconds an evaluation for both, how many times faster ours is, and the geometric mean over all rows.
 * Fails when a row is slower than the package or the mean is under five. Run: node_modules/.bin/node bench/jsonata.ts
 */
import reference from 'jsonata-latest'

import type { Json } from '../src/base/json.ts'
import { compileJsonata, type JsonataScope } from '../src/expr/jsonata/expression.ts'

const items = Array.from({ length: 100 }, (_, i) => ({
  id: `item-${i}`,
  price: (i * 7) % 50,
  quantity: (i % 5) + 1,
  tags: ['a', 'b', i % 2 === 0 ? 'even' : 'odd'],
  owner: { name: `user ${i % 10}`, email: `user${i % 10}@example.com` },
}))

const states: Json = {
  input: { orderId: 'order-1234', customer: { name: 'Ada', address: { city: 'London', zip: 'N1' } }, items, total: 42 },
  result: { StatusCode: 200, Payload: { ok: true, count: 3 } },
  context: { Execution: { Id: 'arn:aws:states:eu-west-1:123456789012:execution:m:e', Name: 'e' }, State: { Name: 'S' } },
}

const EXPRESSIONS: Readonly<Record<string, string>> = {
  'one field': '$states.input.orderId',
  'deep field': '$states.input.customer.address.city',
  'field of all items': '$states.input.items.owner.name',
  condition: '$states.input.total > 40 and $states.result.Payload.ok = true',
  object: "{'order': $states.input.orderId, 'city': $states.input.customer.address.city, 'n': $states.result.Payload.count + 1}",
  text: "'Order ' & $states.input.orderId & ' of ' & $states.input.customer.name & ' costs ' & $states.input.total",
  '$sum of 100': '$sum($states.input.items.price)',
  '$sum of products': '$sum($states.input.items.(price * quantity))',
  '$map of 100': "$map($states.input.items, function($v, $i) { {'n': $i, 'id': $v.id, 'cost': $v.price * $v.quantity} })",
  '$filter of 100': '$filter($states.input.items, function($v) { $v.price > 25 })',
  'predicate over 100': '$states.input.items[price > 25].id',
  '$reduce of 100': '$reduce($states.input.items, function($sum, $v) { $sum + $v.price }, 0)',
  'group 100': '$states.input.items{owner.name: $sum(price)}',
  'sort 100': '$states.input.items^(>price, id).id',
  '$join of 100': "$join($states.input.items.id, ', ')",
  block: '($total := $sum($states.input.items.price); $total > 100 ? {"big": $total} : {"small": $total})',
  regex: '$contains($states.input.orderId, /^order-[0-9]+$/)',
  '$replace by regex': '$replace($states.input.context & "a1b22c333", /[0-9]+/, "#")',
  '$string of 100': '$string($states.input.items)',
  $merge: "$merge([$states.input.customer, {'extra': 1}])",
  $fromMillis: '$fromMillis(1700000000000)',
}

const scope: JsonataScope = { states, variable: () => undefined, draws: { uuid: () => '', next: Math.random, now: Date.now() } }

const BATCH_MS = 200

function measureOurs(text: string): number {
  const compiled = compileJsonata(text)
  if (!compiled.ok) throw new Error(`${text}: ${compiled.error[0]?.message}`)
  const outcome = compiled.value.evaluate(scope)
  if (outcome.kind !== 'value') throw new Error(`${text}: ${JSON.stringify(outcome)}`)
  const run = () => compiled.value.evaluate(scope)
  for (let i = 0; i < 2000; i++) run()
  let count = 0
  const start = performance.now()
  while (performance.now() - start < BATCH_MS) for (let i = 0; i < 50; i++, count++) run()
  return ((performance.now() - start) * 1e6) / count
}

async function measureTheirs(text: string): Promise<number> {
  const compiled = reference(text)
  for (let i = 0; i < 100; i++) await compiled.evaluate({}, { states })
  let count = 0
  const start = performance.now()
  while (performance.now() - start < BATCH_MS) for (let i = 0; i < 5; i++, count++) await compiled.evaluate({}, { states })
  return ((performance.now() - start) * 1e6) / count
}

console.log(`${'expression'.padEnd(22)}${'ours ns'.padStart(12)}${'package ns'.padStart(14)}${'times'.padStart(8)}`)
const ratios: number[] = []
for (const [name, text] of Object.entries(EXPRESSIONS)) {
  const ours = measureOurs(text)
  const theirs = await measureTheirs(text)
  ratios.push(theirs / ours)
  console.log(
    `${name.padEnd(22)}${Math.round(ours).toLocaleString('en').padStart(12)}${Math.round(theirs).toLocaleString('en').padStart(14)}${(theirs / ours).toFixed(1).padStart(8)}`,
  )
}
const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)
const least = Math.min(...ratios)
console.log(`geometric mean ${mean.toFixed(1)} times, least ${least.toFixed(1)} times`)
if (mean < 5 || least < 1) process.exitCode = 1
