/**
 * Fails the n-th call of the store, for n = 1, 2, 3 ... until there is no n-th call: that call alone, or all from then on
 * until there is room again or the server is started anew. After each, what was acknowledged is there and everything ends
 * as if nothing had happened.
 */
import { expect, test } from 'vitest'

import type { Json } from '../../src/base/json.ts'

import type { Fault, FaultOf } from './faulty-store.ts'
import { compareEnds, runWorld } from './run.ts'
import { QUIET } from './weather.ts'
import { activityArnOf, DATA, type PlannedMachine, RESULTS, type Workload } from './workload.ts'
import { World } from './world.ts'

const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:work'
const scriptOf = (does: string, state: string, heals = false, more: Record<string, Json> = {}) => ({
  does,
  state,
  heals,
  beats: 1,
  isDead: false,
  id: '{% $states.input.id %}',
  v: '{% $states.input.v %}',
  attempt: '{% $states.context.State.RetryCount %}',
  redrive: '{% $states.context.Execution.RedriveCount %}',
  ...more,
})
const OUTPUT = { id: '{% $states.input.id %}', v: '{% $states.result.v %}' }
const RETRY = [{ ErrorEquals: ['Boom'], MaxAttempts: 5, IntervalSeconds: 1, BackoffRate: 1 }]
const work = (state: string, then: Record<string, Json>, heals = false) => ({
  Type: 'Task',
  Resource: FUNCTION,
  Arguments: scriptOf('work', state, heals),
  Output: OUTPUT,
  ...(heals ? {} : { Retry: RETRY }),
  ...then,
})
const token = (state: string, then: Record<string, Json>) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Retry: RETRY,
  Output: OUTPUT,
  Arguments: { FunctionName: FUNCTION, Payload: scriptOf('token', state, false, { token: '{% $states.context.Task.Token %}' }) },
  TimeoutSeconds: 6_000,
  HeartbeatSeconds: 4_000,
  ...then,
})
const block = (name: string, state: Record<string, Json>) => ({ StartAt: name, States: { [name]: state } })
const END = { End: true }
const ITEM = {
  id: "{% $states.input.id & '/' & $string($states.context.Map.Item.Index) %}",
  v: '{% $states.context.Map.Item.Value.v + $states.input.v %}',
}
const SUM = { id: '{% $states.input.id %}', v: '{% $sum($append(0, $states.result.v)) %}' }
const distributed = (type: string, name: string, states: { StartAt: string; States: Record<string, Json> }, more: object) => ({
  Type: 'Map',
  Label: name,
  ItemSelector: ITEM,
  MaxConcurrency: 2,
  Output: SUM,
  ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: type }, ...states },
  ItemReader: {
    Resource: 'arn:aws:states:::s3:getObject',
    ReaderConfig: { InputType: 'JSON' },
    Arguments: { Bucket: DATA, Key: '3.json' },
  },
  ...more,
})

const machineOf = (name: string, heals: boolean, states: Record<string, Json>): PlannedMachine => ({
  name,
  heals,
  definition: JSON.stringify({ QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0] ?? '', States: states }),
})

const ALL = machineOf('all', false, {
  First: work('First', { Next: 'Both' }),
  Both: {
    Type: 'Parallel',
    Next: 'Pause',
    Output: SUM,
    Branches: [
      block('Answer', token('Answer', END)),
      block('Press', {
        Type: 'Task',
        Resource: activityArnOf('press'),
        Arguments: scriptOf('activity', 'Press'),
        Output: OUTPUT,
        ...END,
        TimeoutSeconds: 200,
        HeartbeatSeconds: 100,
        Retry: [{ ErrorEquals: ['States.Timeout'], MaxAttempts: 1_000, IntervalSeconds: 1, BackoffRate: 1 }],
      }),
      block('Job', {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.sync',
        Retry: RETRY,
        Output: OUTPUT,
        ...END,
        Arguments: { StateMachineArn: 'j', Input: scriptOf('job', 'Job') },
      }),
    ],
  },
  Pause: { Type: 'Wait', Seconds: 5, Next: 'Each' },
  Each: {
    Type: 'Map',
    Items: [{ v: 1 }, { v: 2 }],
    ItemSelector: ITEM,
    ItemProcessor: block('One', work('One', END)),
    Output: SUM,
    ...END,
  },
})
const CHILDREN = machineOf('children', false, {
  Long: distributed('STANDARD', 'Long', block('Ask', token('Ask', END)), { Next: 'Short' }),
  Short: distributed('EXPRESS', 'Short', block('Do', work('Do', END)), {
    ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: RESULTS, Prefix: 'p' } },
    Output: '{% $states.input %}',
    ...END,
  }),
})
const HEALING = machineOf('healing', true, {
  Fails: work('Fails', { Next: 'Map' }, true),
  Map: distributed('STANDARD', 'Map', block('Child', work('Child', END, true)), END),
})

const EXPRESS: PlannedMachine = machineOf('express', false, { Quick: work('Quick', END) })
const OBJECTS = { [`${DATA}/3.json`]: JSON.stringify([{ v: 1 }, { v: 2 }, { v: 3 }]) }
const workloadOf = (machine: PlannedMachine, name: string): Workload => ({
  machines: [machine],
  express: EXPRESS,
  executions: [{ machine, name, input: { id: name, v: 1 }, startsAfterMs: 0 }],
  objects: OBJECTS,
})
/** The names are chosen so that tasks fail here and there. */
const WORKLOADS = { all: workloadOf(ALL, 'a1'), children: workloadOf(CHILDREN, 'c1'), healing: workloadOf(HEALING, 'h1') }

const WITHOUT_DICE = { ...QUIET, order: 'as they came' } as const
const LASTS_MS = 20_000

interface Plan {
  readonly fault: Fault
  readonly lasts: 'once' | 'until there is room' | 'until the next start'
}

const PLANS: readonly Plan[] = [
  { fault: 'fail', lasts: 'once' },
  { fault: 'lost', lasts: 'once' },
  { fault: 'fail', lasts: 'until there is room' },
  { fault: 'fail', lasts: 'until the next start' },
]

for (const [name, workload] of Object.entries(WORKLOADS))
  for (const { fault, lasts } of PLANS)
    test(`${name}: the n-th call of the store is answered by '${fault}' ${lasts}`, async () => {
      const quiet = await runWorld(new World({ seed: 1, weather: WITHOUT_DICE, workload }))
      expect(quiet.violations).toEqual([])
      let n = 1
      for (let isReached = true; isReached; n++) {
        const { world, wasReached } = failingAt(n, { fault, lasts }, workload)
        compareEnds(await runWorld(world), quiet)
        expect(world.violations, `the call ${n}`).toEqual([])
        isReached = wasReached()
      }
      expect(n).toBeGreaterThan(20)
    })

function failingAt(n: number, { fault, lasts }: Plan, workload: Workload) {
  let calls = 0
  let failsSince: { readonly ms: number; readonly life: string } | undefined
  const faultOf: FaultOf = ({ life }) => {
    const isIt = ++calls === n
    if (isIt) {
      failsSince = { ms: world.scheduler.elapsed, life: life.name }
      if (lasts === 'until the next start')
        world.scheduler.after(world.outside, 'the server is killed', LASTS_MS, () => !life.isOver && world.process?.crash())
    }
    if (isIt || !failsSince || lasts === 'once') return isIt ? fault : undefined
    const isOver =
      lasts === 'until there is room' ? world.scheduler.elapsed - failsSince.ms > LASTS_MS : life.name !== failsSince.life
    return isOver ? undefined : fault
  }
  const world = new World({ seed: 1, weather: WITHOUT_DICE, workload, faultOf })
  return { world, wasReached: () => failsSince !== undefined }
}
