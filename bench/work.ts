/**
 * What a unit of counted work costs: a turn ends after so many (`engine/turn.ts`), so work that takes far more than the 50 ns
 * that a unit stands for makes others wait. One state over a payload of some 250 KB each time, the longest step first: its milliseconds,
 * its units, and nanoseconds a unit, the first time and when the code is warm. Run: node_modules/.bin/node bench/work.ts [pattern]
 */
import { AWS_LIMITS } from '../src/base/limits.ts'
import { Payload } from '../src/base/payload.ts'
import { toInstant } from '../src/base/time.ts'

import { compileDefinition } from '../src/asl/compile.ts'
import { IDENTITY } from '../src/engine/flow-in-test.ts'
import { newExecutionState } from '../src/engine/state.ts'
import { step } from '../src/engine/step.ts'
import { packChunk } from '../src/store/chunk.ts'

const ROWS = JSON.stringify({
  rows: Array.from({ length: 4_000 }, (_, n) => ({ n, name: `the row number ${n}`, tags: ['a', 'b', `${n}`] })),
})
const WARM_RUNS = 15
const seed = '0123456789abcdef0123456789abcdef'

const path = (value: string) => ({ Parameters: { 'x.$': value }, ResultPath: '$.out' })
const assign = (expression: string) => ({ QueryLanguage: 'JSONata', Assign: { x: `{% ${expression} %}` } })

const STATES: Readonly<Record<string, object>> = {
  Pass: {},
  'Pass with ResultPath': { Result: 1, ResultPath: '$.out' },
  'a path': path('$.rows[3999].n'),
  'a wildcard': path('$.rows[*].n'),
  'a filter': path('$.rows[?(@.n > 3990)]'),
  'everything below': path('States.ArrayLength($..*)'),
  'a name anywhere': path('States.ArrayLength($..n)'),
  ArrayUnique: path('States.ArrayLength(States.ArrayUnique($.rows))'),
  ArrayContains: path('States.ArrayContains($.rows, $.rows[3999])'),
  ArrayPartition: path('States.ArrayLength(States.ArrayPartition($.rows, 2))'),
  StringSplit: path("States.ArrayLength(States.StringSplit(States.JsonToString($.rows), ','))"),
  StringToJson: path('States.ArrayLength(States.StringToJson(States.JsonToString($.rows)))'),
  JsonToString: path('States.ArrayLength(States.Array(States.JsonToString($.rows)))'),
  Base64Encode: path("States.Format('{}', 1)"),
  JsonMerge: path('States.ArrayLength(States.Array(States.JsonMerge($, $, false)))'),
  'JSONata $count': assign('$count($states.input.rows)'),
  'JSONata sort': assign('$count($states.input.rows^(>n))'),
  'JSONata $sort': assign('$count($sort($states.input.rows, function($a, $b) { $a.n < $b.n }))'),
  'JSONata objects': assign("$count($states.input.rows.{ 'a': n & name, 'b': n })"),
  'JSONata $string of each': assign('$count($states.input.rows.$string(tags))'),
  'JSONata group': assign('$count($keys($states.input.rows{name: n}))'),
  'JSONata filter': assign('$count($states.input.rows[n > 3990])'),
  'JSONata $split': assign("$count($split($string($states.input.rows), ','))"),
  'JSONata $replace': assign("$length($replace($string($states.input.rows), /number/, 'no'))"),
  'JSONata $match': assign('$count($match($string($states.input.rows), /n[a-z]+/))'),
  'JSONata $join': assign("$length($join($states.input.rows.name, '-'))"),
  'JSONata $map': assign('$count($map($states.input.rows, function($v) { $v.n * 2 }))'),
  'JSONata $reduce': assign('$reduce($states.input.rows.n, function($a, $b) { $a + $b })'),
  'JSONata $distinct': assign('$count($distinct($states.input.rows))'),
  'JSONata wildcards': assign('$count($states.input.**)'),
  'JSONata $merge': assign('$count($merge($states.input.rows.{ name: n }))'),
  'JSONata $hash': assign("$hash($string($states.input.rows), 'SHA-256')"),
  'JSONata $parse': assign('$count($parse($string($states.input.rows)))'),
  'JSONata $sum of a range': assign('$sum($map([1..30000], function($v){$v*2}))'),
  'JSONata the whole as output': { QueryLanguage: 'JSONata', Output: '{% $states.input %}' },
  'JSONata the whole, made anew': { QueryLanguage: 'JSONata', Output: "{% $merge([$states.input, { 'n': 1 }]) %}" },
}

interface Taken {
  readonly ms: number
  readonly units: number
  readonly outcome: string
}

function run(definition: string): Taken {
  const compiled = compileDefinition(definition)
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
  const state = newExecutionState(compiled.value, IDENTITY, Payload.ofText(ROWS), toInstant(0))
  let longest: Taken = { ms: 0, units: 0, outcome: '' }
  for (let isFirst = true; ; isFirst = false) {
    const begun = performance.now()
    const taken = step(state, { type: isFirst ? 'Start' : 'Continue', at: toInstant(0), seed }, AWS_LIMITS, 1)
    packChunk(taken.events)
    const ms = performance.now() - begun
    if (ms > longest.ms) longest = { ms, units: taken.work, outcome: state.cause ?? '' }
    if (!taken.isUnfinished) return { ...longest, outcome: state.cause ?? '' }
  }
}

const pattern = new RegExp(process.argv[2] ?? '')
console.log('first ms   warm ms     units  ns a unit')
for (const [name, state] of Object.entries(STATES)) {
  if (!pattern.test(name)) continue
  const definition = JSON.stringify({
    StartAt: 'P',
    States: { P: { Type: 'Pass', ...state, Next: 'Z' }, Z: { Type: 'Succeed' } },
  })
  const first = run(definition)
  const warm = Array.from({ length: WARM_RUNS }, () => run(definition)).sort((a, b) => a.ms - b.ms)[WARM_RUNS >> 1] ?? first
  const figures = [first.ms.toFixed(1), warm.ms.toFixed(1), warm.units.toFixed(0), ((warm.ms * 1e6) / warm.units).toFixed(0)]
  console.log(`${figures.map((figure) => figure.padStart(9)).join(' ')}   ${name} ${first.outcome.slice(0, 120)}`)
}
