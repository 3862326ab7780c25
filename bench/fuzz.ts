/**
 * 100,000 mutated definitions and inputs through check, compile and step: counts what came of them, and shows the slowest.
 * Ends with an error at the first exception, or when one took longer than its budget.
 * Run: node_modules/.bin/node bench/fuzz.ts [definitions] [seed]
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { asId } from '../src/base/id-in-test.ts'
import type { Json } from '../src/base/json.ts'
import { Payload } from '../src/base/payload.ts'
import { toInstant } from '../src/base/time.ts'

import { checkDefinition } from '../src/asl/check.ts'
import { compileDefinition } from '../src/asl/compile.ts'
import { mutate } from '../src/asl/mutate.ts'
import { AWS_LIMITS } from '../src/base/limits.ts'
import { type ExecutionIdentity, newExecutionState } from '../src/engine/state.ts'
import { step } from '../src/engine/step.ts'

const COUNT = Number(process.argv[2] ?? 100_000)
const SEED = process.argv[3] ?? 'regente'
const BUDGET_MS = 500
const TURNS_MAX = 20
const IDENTITY: ExecutionIdentity = {
  executionArn: asId('arn:aws:states:us-east-1:000000000000:execution:m:e'),
  executionName: 'e',
  roleArn: 'r',
  region: 'us-east-1',
  stateMachineArn: asId('arn:aws:states:us-east-1:000000000000:stateMachine:m'),
  stateMachineName: 'm',
  isExpress: false,
}

const sources = ['../shared/conformance/cases', 'examples'].flatMap((folder) => {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.json'))
      .map((path) => JSON.parse(readFileSync(join(folder, path), 'utf8')) as { definition?: Json; States?: Json })
  } catch {
    return []
  }
})
const definitions = sources.flatMap((source) =>
  source.States !== undefined ? [source as Json] : source.definition ? [source.definition] : [],
)
const inputs: Json[] = [{}, [], null, 'x', { a: [1, 2, { b: 'c' }], n: 1e3, Values: [1, 2, 3], message: 'm', timer_seconds: 1 }]

const counts = { refused: 0, compiled: 0, ended: 0, running: 0 }
let slowest = { ms: 0, what: '' }
const begun = performance.now()
for (let i = 0; i < COUNT; i++) {
  const started = performance.now()
  const text = JSON.stringify(mutate(definitions[i % definitions.length] ?? {}, `${SEED} ${i}`, i % 5))
  try {
    one(text, i)
  } catch (error) {
    console.error(`seed ${SEED} ${i}: ${text.slice(0, 2_000)}`)
    throw error
  }
  const ms = performance.now() - started
  if (ms > slowest.ms) slowest = { ms, what: `seed ${SEED} ${i}: ${text.slice(0, 300)}` }
}

function one(text: string, i: number): void {
  if (
    checkDefinition(text, { type: i % 2 ? 'STANDARD' : 'EXPRESS', advice: true }).some(({ severity }) => severity === 'ERROR')
  ) {
    counts.refused++
    return
  }
  const compiled = compileDefinition(text)
  if (!compiled.ok) throw new Error('judged good, but it does not compile')
  counts.compiled++
  const input = mutate(inputs[i % inputs.length] ?? {}, `${SEED} input ${i}`, i % 3)
  const state = newExecutionState(compiled.value, IDENTITY, Payload.ofValue(input), toInstant(0))
  step(state, { type: 'Start', at: toInstant(0), seed: SEED }, AWS_LIMITS)
  for (let turn = 1; turn < TURNS_MAX && state.status === 'RUNNING'; turn++)
    step(state, { type: turn % 2 ? 'TimerFired' : 'Continue', at: toInstant(turn * 1e6), seed: SEED }, AWS_LIMITS)
  counts[state.status === 'RUNNING' ? 'running' : 'ended']++
}

const seconds = (performance.now() - begun) / 1000
console.log(`${COUNT.toLocaleString('en')} definitions out of ${definitions.length} in ${seconds.toFixed(1)} s`, counts)
console.log(`slowest ${slowest.ms.toFixed(1)} ms: ${slowest.what}`)
if (slowest.ms > BUDGET_MS) throw new Error(`one took more than ${BUDGET_MS} ms`)
