/**
 * The interpreter alone: no store, no server, one core. Pass transitions a second through `step`, in executions of a hundred
 * Pass states (JSONPath with and without ResultPath, JSONata with Assign and Output), and the fold of the same logs.
 * Run: node_modules/.bin/node bench/interpreter.ts [seconds a row]
 */
import { Payload } from '../src/base/payload.ts'
import { newSeed } from '../src/base/random.ts'
import { toInstant } from '../src/base/time.ts'

import { compileDefinition } from '../src/asl/compile.ts'
import type { Program } from '../src/asl/program.ts'
import { fold } from '../src/engine/apply.ts'
import { AWS_LIMITS } from '../src/base/limits.ts'
import { IDENTITY } from '../src/engine/flow-in-test.ts'
import { newExecutionState } from '../src/engine/state.ts'
import { step } from '../src/engine/step.ts'

const STATES = 100
const SECONDS = Number(process.argv[2] ?? 2)
const INPUT = {
  order: 4711,
  customer: 'c-17',
  lines: [
    { sku: 'a', count: 2 },
    { sku: 'b', count: 1 },
  ],
  total: 12.5,
}

function programOf(pass: object, top: object = {}): Program {
  const names = Array.from({ length: STATES }, (_, index) => `S${index}`)
  const States = Object.fromEntries(
    names.map((name, i) => [name, { Type: 'Pass', ...pass, ...(i < STATES - 1 ? { Next: names[i + 1] } : { End: true }) }]),
  )
  const compiled = compileDefinition(JSON.stringify({ ...top, StartAt: 'S0', States }))
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
  return compiled.value
}

const text = JSON.stringify(INPUT)
const empty = (program: Program) => newExecutionState(program, IDENTITY, Payload.ofText(text), toInstant(0))

function runOnce(program: Program) {
  const state = empty(program)
  const { events } = step(state, { type: 'Start', at: toInstant(0), seed: newSeed() }, AWS_LIMITS)
  if (state.status !== 'SUCCEEDED') throw new Error(`the execution is ${state.status}: ${state.cause}`)
  return events
}

function measure(name: string, once: () => unknown): void {
  for (const warmUntil = performance.now() + 500; performance.now() < warmUntil; ) once()
  let best = 0
  for (let round = 0; round < 3; round++) {
    const begun = performance.now()
    let runs = 0
    while (performance.now() - begun < (SECONDS * 1000) / 3) {
      once()
      runs++
    }
    best = Math.max(best, (runs * STATES) / ((performance.now() - begun) / 1000))
  }
  console.log(`${name.padEnd(46)} ${Math.round(best).toLocaleString('en').padStart(12)} transitions/s`)
}

const rows: Record<string, Program> = {
  Pass: programOf({}),
  'Pass with Result and ResultPath': programOf({ Result: { ok: true }, ResultPath: '$.done' }),
  'Pass with Parameters': programOf({ Parameters: { 'order.$': '$.order', 'customer.$': '$.customer', total: 1 } }),
  'Pass, JSONata, Output and Assign': programOf(
    { Output: "{% $merge([$states.input, {'n': $states.input.order + 1}]) %}", Assign: { n: '{% $states.input.order %}' } },
    { QueryLanguage: 'JSONata' },
  ),
}
for (const [name, program] of Object.entries(rows)) measure(name, () => runOnce(program))
const events = runOnce(rows['Pass'] as Program)
measure('fold of the log, Pass', () => fold(empty(rows['Pass'] as Program), events))
