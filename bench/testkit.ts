/**
 * The testing kit: cases a second of a ten-state workflow whose tasks are mocked, beside the bare interpreter on ten states; a follow-up
 * after 24 hours; how long the kit takes to import; and what is left in memory after many cases.
 * Run: node_modules/.bin/node --expose-gc bench/testkit.ts [cases] [cases for the memory] [file to import]
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { AWS_LIMITS } from '../src/base/limits.ts'
import { Payload } from '../src/base/payload.ts'
import { newSeed } from '../src/base/random.ts'
import { toInstant } from '../src/base/time.ts'

import { compileDefinition } from '../src/asl/compile.ts'
import { IDENTITY } from '../src/engine/flow-in-test.ts'
import { newExecutionState } from '../src/engine/state.ts'
import { step } from '../src/engine/step.ts'
import { mock, workflow } from '../src/testkit/index.ts'

const CASES = Number(process.argv[2] ?? 1_000)
const MEMORY_CASES = Number(process.argv[3] ?? 10_000)
const KIT = process.argv[4] ?? join(import.meta.dirname, '../src/testkit/index.ts')
const POINTS = 10

const task = (name: string, Next: string) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: name, 'Payload.$': '$' },
  ResultSelector: { 'ok.$': '$.Payload.ok' },
  ResultPath: `$.${name}`,
  Retry: [{ ErrorEquals: ['States.ALL'] }],
  Next,
})
const ORDER = {
  StartAt: 'Read',
  States: {
    Read: { Type: 'Pass', Parameters: { 'order.$': '$.order', total: 12.5 }, Next: 'Check' },
    Check: task('check', 'Large'),
    Large: { Type: 'Choice', Choices: [{ Variable: '$.order', NumericGreaterThan: 0, Next: 'Pay' }], Default: 'Refused' },
    Pay: task('pay', 'Day'),
    Day: { Type: 'Wait', Seconds: 86_400, Next: 'Stock' },
    Stock: task('stock', 'Ship'),
    Ship: task('ship', 'Mail'),
    Mail: task('mail', 'Tidy'),
    Tidy: { Type: 'Pass', Parameters: { 'order.$': '$.order' }, Next: 'Done' },
    Done: { Type: 'Succeed' },
    Refused: { Type: 'Fail', Error: 'Refused' },
  },
}
const STATES = 10

const order = () =>
  workflow({
    definition: ORDER,
    mocks: { '*': mock.return({ Payload: { ok: true }, StatusCode: 200, ExecutedVersion: '$LATEST' }) },
  })

function tell(what: string, figure: number, unit: string): void {
  const digits = figure < 100 ? 1 : 0
  console.log(`${what.padEnd(62)} ${figure.toLocaleString('en', { maximumFractionDigits: digits }).padStart(10)} ${unit}`)
}

async function measureCases(): Promise<void> {
  const wf = await order()
  const begun = performance.now()
  for (let n = 0; n < CASES; n++) {
    const run = await wf.run({ order: n + 1 })
    if (run.status !== 'SUCCEEDED') throw new Error(`${run.error}: ${run.cause}`)
  }
  const seconds = (performance.now() - begun) / 1_000
  await wf.close()
  tell(`${CASES} cases of one workflow`, seconds, 's')
  tell('  in state transitions', (CASES * STATES) / seconds, '/s')
}

/** As tests do that share nothing. */
async function measureWorkflows(): Promise<void> {
  const begun = performance.now()
  for (let n = 0; n < CASES; n++) {
    const wf = await order()
    const run = await wf.run({ order: n + 1 })
    if (run.states().length !== STATES) throw new Error('it has ten states')
    await wf.close()
  }
  tell(`${CASES} cases, a workflow each, with their states`, (performance.now() - begun) / 1_000, 's')
}

function measureInterpreter(): void {
  const names = Array.from({ length: STATES }, (_, index) => `S${index}`)
  const States = Object.fromEntries(
    names.map((name, i) => [name, { Type: 'Pass', ...(names[i + 1] ? { Next: names[i + 1] } : { End: true }) }]),
  )
  const compiled = compileDefinition(JSON.stringify({ StartAt: 'S0', States }))
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
  const text = JSON.stringify({ order: 1, total: 12.5 })
  const once = () => {
    const state = newExecutionState(compiled.value, IDENTITY, Payload.ofText(text), toInstant(0))
    step(state, { type: 'Start', at: toInstant(0), seed: newSeed() }, AWS_LIMITS)
  }
  for (let n = 0; n < 1_000; n++) once()
  const begun = performance.now()
  let runs = 0
  for (; performance.now() - begun < 500; runs++) once()
  tell('the bare interpreter, ten Pass states', (runs * STATES) / ((performance.now() - begun) / 1_000), '/s')
}

async function measureFollowUp(): Promise<void> {
  const times: number[] = []
  for (let n = 0; n < 21; n++) {
    const begun = performance.now()
    const wf = await workflow({ definition: { StartAt: 'Day', States: { Day: { Type: 'Wait', Seconds: 86_400, End: true } } } })
    await wf.run()
    times.push(performance.now() - begun)
    await wf.close()
  }
  tell('a follow-up after 24 hours, the first, which loads the engine', times[0] ?? 0, 'ms')
  tell('  the median', times.toSorted((a, b) => a - b)[10] ?? 0, 'ms')
}

function measureImport(): void {
  const script = `const t = performance.now(); await import(${JSON.stringify(pathToFileURL(KIT).href)}); console.log(performance.now() - t)`
  const times = Array.from({ length: 3 }, () =>
    Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })),
  )
  tell(`import of ${KIT.split('/').slice(-3).join('/')}`, Math.min(...times), 'ms')
}

async function measureMemory(): Promise<void> {
  const collect = globalThis.gc
  if (!collect) return console.log('Memory is measured with --expose-gc.')
  const wf = await order()
  const curve: string[] = []
  for (let point = 0; point <= POINTS; point++) {
    if (point > 0) for (let n = 0; n < MEMORY_CASES / POINTS; n++) await wf.run({ order: n + 1 })
    await collect({ type: 'major', execution: 'async' })
    curve.push((process.memoryUsage().heapUsed / 2 ** 20).toFixed(1))
  }
  await wf.close()
  console.log(`heap over ${MEMORY_CASES} cases, MB after a collection: ${curve.join(' ')}`)
}

measureImport()
await measureFollowUp()
measureInterpreter()
await measureCases()
await measureWorkflows()
await measureMemory()
