/**
 * Nobody stalls the others: a plain DescribeExecution, asked every 8 ms from a thread of its own, while one caller does his
 * worst. Prints the longest answer of each attack, that which one in a hundred exceeds, the middle one, and the longest time that
 * the server's main thread has computed without a pause (CPU time, `rounds.ts`): where the machine has others to serve, that tells
 * who made whom wait. On a quiet machine no answer takes 50 ms, but for those of one state that does all that a state may.
 * A bench and no test, for it measures the machine too. Run: node_modules/.bin/node bench/stalls.ts [checkout to measure] [pattern of attacks' names]
 */
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

import { type Client, inParallel, openClient, ROLE, startBench } from './workload.ts'

interface Probe {
  readonly url: string
  readonly executionArn: string
}

async function probe({ url, executionArn }: Probe): Promise<void> {
  const client = openClient(url, 1)
  let waits: number[] = []
  let since: number | undefined
  parentPort?.on('message', (word: 'begin' | 'end') => {
    if (word === 'begin') waits = []
    else parentPort?.postMessage([...waits, since === undefined ? 0 : performance.now() - since])
  })
  for (;;) {
    since = performance.now()
    await client.states('DescribeExecution', { executionArn })
    waits.push(performance.now() - since)
    since = undefined
    await sleep(8)
  }
}

type Attack = (client: Client) => Promise<string>

async function main(checkout: string, wanted: string): Promise<void> {
  const chosen = (attacks: Readonly<Record<string, Attack>>) =>
    Object.entries(attacks).filter(([name]) => new RegExp(wanted).test(name))
  await measure(checkout, [], chosen(ATTACKS))
  await measure(checkout, ['--limits', 'off'], chosen(ATTACKS_WITHOUT_LIMITS))
  process.exit(0)
}

async function measure(checkout: string, args: readonly string[], attacks: readonly [string, Attack][]): Promise<void> {
  if (attacks.length === 0) return
  const rounds = join(tmpdir(), `regente-rounds-${process.pid}`)
  const env = { ROUNDS_FILE: rounds, NODE_OPTIONS: `--import ${new URL('./rounds.ts', import.meta.url).href}` }
  const server = await startBench({ checkout, args, env })
  const client = openClient(server.url, 64)
  await createMachine(client, 'probe', { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } })
  const executionArn = await start(client, 'probe', '{}')
  const worker = new Worker(new URL(import.meta.url), { workerData: { url: server.url, executionArn } satisfies Probe })
  const peak = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  console.log('   max   p99   p50    CPU')
  for (const [name, attack] of attacks) {
    rmSync(rounds, { force: true })
    await sleep(500)
    worker.postMessage('begin')
    const begun = performance.now()
    const outcome = await attack(client).catch((error: unknown) => String(error).slice(0, 150))
    const took = performance.now() - begun
    await sleep(50)
    const waits = await new Promise<number[]>((resolve) => {
      worker.once('message', resolve)
      worker.postMessage('end')
    })
    await sleep(500)
    const sorted = waits.sort((a, b) => a - b)
    const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(0)
    const figures = [at(1), at(0.99), at(0.5)].map((ms) => ms.padStart(6)).join('')
    console.log(
      `${figures} ${readFileSync(rounds, 'utf8').padStart(6)} ms  ${name.padEnd(62)} ${(took / 1000).toFixed(1)} s, peak ${peak().toFixed(0)} MB; ${outcome}`,
    )
  }
  await worker.terminate()
  rmSync(rounds, { force: true })
  await server.stop()
}

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:'

const createMachine = (client: Client, name: string, definition: object, type = 'STANDARD') =>
  client.states('CreateStateMachine', { name, definition: JSON.stringify(definition), roleArn: ROLE, type })

const start = async (client: Client, name: string, input: string) =>
  String((await client.states('StartExecution', { stateMachineArn: MACHINE + name, input }))['executionArn'])

async function ended(client: Client, executionArn: string): Promise<string> {
  for (;;) {
    const { status, error = '' } = await client.states('DescribeExecution', { executionArn })
    if (status !== 'RUNNING') return `${String(status)} ${String(error)}`
    await sleep(100)
  }
}

const runs =
  (name: string, definition: object, input = '{}'): Attack =>
  async (client) => {
    await createMachine(client, name, definition)
    return ended(client, await start(client, name, input))
  }

const jsonata = (StartAt: string, States: object) => ({ QueryLanguage: 'JSONata', StartAt, States })
const squares = (count: number) => `{% $sum($map([1..${count}], function($v){$v*2})) %}`
const passing = (count: number) => ({ StartAt: 'P', States: { P: { Type: 'Pass', Output: squares(count), End: true } } })

const heavyLoop = (rounds: number, count: number) =>
  jsonata('A', {
    A: { Type: 'Pass', Assign: { n: '{% $exists($n) ? $n + 1 : 1 %}', x: squares(count) }, Next: 'C' },
    C: { Type: 'Choice', Choices: [{ Condition: `{% $n < ${rounds} %}`, Next: 'A' }], Default: 'Z' },
    Z: { Type: 'Succeed' },
  })

const chain = (count: number, state: (i: number) => object) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `S${i}`,
      { Type: 'Pass', ...state(i), ...(i < count - 1 ? { Next: `S${i + 1}` } : { End: true }) },
    ]),
  )

/** A state that comes again for ever; AWS wants an end in every machine. */
const endless = (state: object) => ({
  A: { ...state, Next: 'B' },
  B: { Type: 'Choice', Choices: [{ Variable: '$.end', IsPresent: true, Next: 'Z' }], Default: 'A' },
  Z: { Type: 'Succeed' },
})

const many = (count: number, make: (i: number) => [string, unknown]) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => make(i)))

const MANY_EXPRESSIONS = jsonata('A', {
  A: { Type: 'Pass', Output: many(15_000, (i) => [`k${i}`, `{% $states.input.x + ${i} %}`]), End: true },
})
const MEGABYTE = {
  StartAt: 'S0',
  States: chain(8_000, (i) => ({ Parameters: { 'a.$': `$.x.y${i}`, 'b.$': `States.Format('{} {}', $.a, $.b${i})` } })),
}

const PASSING = { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } }
const passingAs = (name: string) => ({ StartAt: name, States: { [name]: { Type: 'Pass', End: true } } })
const inlineMap = (count: number, more: object = {}) =>
  jsonata('M', { M: { Type: 'Map', Items: `{% [1..${count}] %}`, ItemProcessor: PASSING, End: true, ...more } })

/** An input of some 250 KB. */
const ROWS = JSON.stringify({
  rows: Array.from({ length: 4_000 }, (_, n) => ({ n, name: `the row number ${n}`, tags: ['a', 'b', `${n}`] })),
})
const onRows = (name: string, state: object, count = 20) => runs(name, { StartAt: 'S0', States: chain(count, () => state) }, ROWS)
const onRowsJsonata = (name: string, Output: unknown, count = 20) =>
  runs(
    name,
    jsonata(
      'S0',
      chain(count, () => ({ Assign: { x: Output } })),
    ),
    ROWS,
  )

const ATTACKS: Readonly<Record<string, Attack>> = {
  'inline Map of 5,000, each with 5 KB more, joined by its output': runs(
    'map-joined',
    inlineMap(5_000, { ItemSelector: `{% { 'x': $join([1..10].$string($), '-') } %}`, Output: `{% $count($states.result) %}` }),
  ),
  'inline Map of 2,000, 100 KB around each': runs(
    'map-input',
    jsonata('M', {
      M: {
        Type: 'Map',
        Items: '{% [1..2000] %}',
        ItemSelector: { x: '{% $states.context.Map.Item.Value %}', n: '{% $count($states.input.rows) %}' },
        ItemProcessor: PASSING,
        End: true,
      },
    }),
    ROWS,
  ),
  'inline Map over 4,000 items of a path': runs(
    'map-path',
    {
      StartAt: 'M',
      States: {
        M: {
          Type: 'Map',
          ItemsPath: '$.rows',
          ItemSelector: { 'v.$': '$$.Map.Item.Value.n', 'c.$': '$.rows[0].n' },
          ItemProcessor: PASSING,
          End: true,
        },
      },
    },
    ROWS,
  ),
  'JSONata: sorted, grouped and printed 250 KB, 20 times': onRowsJsonata(
    'jsonata-rows',
    `{% $count($states.input.rows^(>n).{ 'a': n & name, 'b': $string(tags) }) %}`,
  ),
  'JSONata: 250 KB of text split and joined, 20 times': onRowsJsonata(
    'jsonata-text',
    `{% $length($join($split($string($states.input.rows), ','), ';')) %}`,
  ),
  'JSONata: $replace by a pattern in 250 KB, 20 times': onRowsJsonata(
    'jsonata-replace',
    `{% $length($replace($string($states.input.rows), /number/, 'no')) %}`,
  ),
  'JSONata: an expression of 250 KB': runs(
    'jsonata-long',
    jsonata('P', { P: { Type: 'Pass', Output: `{% [${Array.from({ length: 40_000 }, (_, i) => i).join(',')}] %}`, End: true } }),
  ),
  'JSONPath: a filter over 250 KB, 20 times': onRows('path-filter', {
    Parameters: { 'x.$': '$.rows[?(@.n > 3990)]' },
    ResultPath: '$.out',
  }),
  'JSONPath: everything below 250 KB, 20 times': onRows('path-deep', {
    Parameters: { 'x.$': 'States.ArrayLength($..*)' },
    ResultPath: '$.out',
  }),
  'intrinsic functions over 250 KB, 20 times': onRows('intrinsics', {
    Parameters: {
      't.$': "States.ArrayLength(States.StringSplit(States.JsonToString($.rows), ','))",
      'u.$': 'States.ArrayLength(States.ArrayUnique($.rows))',
      'p.$': 'States.ArrayLength(States.ArrayPartition($.rows, 2))',
      'b.$': 'States.ArrayContains($.rows, $.rows[3999])',
    },
    ResultPath: '$.out',
  }),
  'Choice of 200 rules over 250 KB': runs(
    'choice-rows',
    {
      StartAt: 'C',
      States: {
        C: {
          Type: 'Choice',
          Default: 'Z',
          Choices: Array.from({ length: 200 }, (_, i) => ({
            Variable: `$.rows[?(@.n == -${i + 1})]`,
            IsPresent: true,
            Next: 'Z',
          })),
        },
        Z: { Type: 'Succeed' },
      },
    },
    ROWS,
  ),
  'a ResultSelector of 2,000 paths over 250 KB': runs(
    'selector-rows',
    {
      StartAt: 'P',
      States: {
        P: {
          Type: 'Parallel',
          Branches: [passingAs('B')],
          ResultSelector: Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`k${i}.$`, `$[0].rows[${i}].n`])),
          End: true,
        },
      },
    },
    ROWS,
  ),
  'Parallel of 40 branches with 250 KB each': runs(
    'parallel-rows',
    {
      StartAt: 'P',
      States: {
        P: { Type: 'Parallel', Branches: Array.from({ length: 40 }, (_, i) => passingAs(`B${i}`)), ResultPath: null, End: true },
      },
    },
    ROWS,
  ),
  '200 Pass states with 250 KB': onRows('pass-rows', {}, 200),
  '600 Pass states of 30,000 items each': runs('loop-30', heavyLoop(600, 30_000)),
  '200 Pass states of 150,000 items each': runs('loop-150', heavyLoop(200, 150_000)),
  'inline Map of 2,000, each 30,000 items': runs(
    'map',
    jsonata('M', { M: { Type: 'Map', Items: '{% [1..2000] %}', ItemProcessor: passing(30_000), End: true } }),
  ),
  'inline Map of 200 with an ItemSelector of 100,000 items': runs(
    'selector',
    jsonata('M', {
      M: {
        Type: 'Map',
        Items: '{% [1..200] %}',
        ItemSelector: { x: squares(100_000) },
        End: true,
        ItemProcessor: { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } },
      },
    }),
  ),
  'Parallel of 1,000 branches': runs('parallel', {
    StartAt: 'P',
    States: {
      P: {
        Type: 'Parallel',
        End: true,
        Branches: Array.from({ length: 1_000 }, (_, i) => ({
          StartAt: `B${i}`,
          States: { [`B${i}`]: { Type: 'Pass', End: true } },
        })),
      },
    },
  }),
  'Choice of 1,000 rules of 10,000 items each': runs(
    'choice',
    jsonata('C', {
      C: {
        Type: 'Choice',
        Default: 'Z',
        Choices: Array.from({ length: 1_000 }, () => ({ Condition: '{% $sum([1..10000]) = 0 %}', Next: 'Z' })),
      },
      Z: { Type: 'Succeed' },
    }),
  ),
  'StringMatches of 100,000 characters against 250,000': runs(
    'matches',
    {
      StartAt: 'C',
      States: {
        C: {
          Type: 'Choice',
          Default: 'Z',
          Choices: [{ Variable: '$', StringMatches: `*${'a'.repeat(100_000)}b`, Next: 'Z' }],
        },
        Z: { Type: 'Succeed' },
      },
    },
    JSON.stringify('a'.repeat(250_000)),
  ),
  'States.Format of 50,000 {}': runs(
    'format',
    {
      StartAt: 'P',
      States: {
        P: { Type: 'Pass', Parameters: { 'v.$': `States.Format('${'{}'.repeat(50_000)}'${', $.x'.repeat(50_000)})` }, End: true },
      },
    },
    '{"x":1}',
  ),
  'a value that repeats 250 KB 50,000 times': runs(
    'bomb',
    jsonata('P', { P: { Type: 'Pass', Output: '{% $map([1..50000], function(){$states.input}) %}', End: true } }),
    JSON.stringify({ x: 'y'.repeat(250_000) }),
  ),
  'CreateStateMachine with 15,000 expressions in one field': async (client) => {
    await createMachine(client, 'expressions', MANY_EXPRESSIONS)
    return 'created'
  },
  'the first run of 15,000 expressions': async (client) => ended(client, await start(client, 'expressions', '{"x":1}')),
  'CreateStateMachine of 1 MB': async (client) => {
    await createMachine(client, 'megabyte', MEGABYTE)
    return 'created'
  },
  'DescribeStateMachine of 1 MB, 20 at once': async (client) => {
    const stateMachineArn = `${MACHINE}megabyte`
    await inParallel(20, 20, async () => void (await client.states('DescribeStateMachine', { stateMachineArn })))
    return 'described'
  },
  'ListExecutions of 300 with 260 KB each, 20 at once': async (client) => {
    const input = JSON.stringify({ x: 'a'.repeat(260_000) })
    await createMachine(client, 'large', { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } })
    for (let i = 0; i < 300; i++) await start(client, 'large', input)
    const list = { stateMachineArn: `${MACHINE}large`, maxResults: 1_000 }
    const begun = performance.now()
    await inParallel(20, 20, async () => void (await client.states('ListExecutions', list)))
    return `listed in ${(performance.now() - begun).toFixed(0)} ms`
  },
  'a history of 24,000 events read by 20 at once': async (client) => {
    await createMachine(client, 'long', {
      StartAt: 'A',
      States: endless({ Type: 'Pass' }),
    })
    const executionArn = await start(client, 'long', '{"k":"v"}')
    await ended(client, executionArn)
    await inParallel(20, 20, async () => {
      for (let nextToken: unknown; ; ) {
        const page = await client.states('GetExecutionHistory', {
          executionArn,
          maxResults: 1_000,
          ...(typeof nextToken === 'string' && { nextToken }),
        })
        nextToken = page['nextToken']
        if (typeof nextToken !== 'string') return
      }
    })
    return 'read'
  },
  'a parked execution of 20,000 events is woken': async (client) => {
    const loop = { Type: 'Choice', Choices: [{ Variable: '$.n', NumericGreaterThan: 6_000, Next: 'W' }], Default: 'A' }
    await createMachine(client, 'parked', {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Parameters: { 'n.$': 'States.MathAdd($.n, 1)' }, Next: 'C' },
        C: loop,
        W: { Type: 'Wait', Seconds: 3, End: true },
      },
    })
    return ended(client, await start(client, 'parked', '{"n":1000}'))
  },
  '10,000 Express children': runs(
    'children',
    jsonata('M', {
      M: {
        Type: 'Map',
        Items: '{% [1..10000] %}',
        End: true,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
          StartAt: 'P',
          States: { P: { Type: 'Pass', End: true } },
        },
      },
    }),
  ),
}

const ATTACKS_WITHOUT_LIMITS: Readonly<Record<string, Attack>> = {
  'limits off: inline Map of 10,000': runs('map-10000', inlineMap(10_000)),
  'limits off: inline Map of 10,000 with 500 KB of items, joined': runs(
    'map-joined-large',
    inlineMap(10_000, { ItemSelector: `{% { 'x': $join([1..20].$string($), '-') } %}` }),
  ),
  'limits off: inline Map of 100,000': runs('map-100000', inlineMap(100_000)),
  'limits off: a payload that doubles': runs(
    'doubling',
    { StartAt: 'A', States: endless({ Type: 'Pass', Parameters: { 'a.$': '$', 'b.$': '$' } }) },
    '{"x":"0123456789"}',
  ),
  'limits off: a text that doubles': runs(
    'text',
    { StartAt: 'A', States: endless({ Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% $states.input & $states.input %}' }) },
    '"0123456789"',
  ),
}

if (isMainThread) await main(process.argv[2] ?? '.', process.argv[3] ?? '')
else void probe(workerData as Probe)
