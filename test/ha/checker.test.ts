/** The checker finds what it is there for: each planted violation, and nothing where all is well. */
import { describe, expect, test } from 'vitest'

import { check, type HistoryEvent, type Observed, type ObservedExecution } from './checker.ts'
import { type Planned, plannedOf } from './load/plan.ts'
import { WORKFLOWS, type WorkflowName } from './load/workflows.ts'

const SEED = 7

/** The first execution of this workflow that the seed plans. */
function planned(workflow: WorkflowName): Planned {
  for (let place = 0; ; place++) {
    const found = plannedOf(SEED, place)
    if (found.workflow === workflow) return found
  }
}

const event = (id: number, type: string, at = id, text = ''): HistoryEvent => ({ id, previousId: id - 1, type, at, text })

function ended(workflow: WorkflowName, history: readonly HistoryEvent[] = [event(1, 'ExecutionStarted')]): ObservedExecution {
  const plan = planned(workflow)
  const { end, meddling } = plan
  return {
    planned: plan,
    told: { startedAt: 1, ...(meddling && { meddledAt: 2 }) },
    described: {
      status: end.status,
      redriveCount: meddling?.kind === 'redrive' ? 1 : 0,
      ...(end.status === 'ABORTED' ? { error: end.error, cause: end.cause } : { output: JSON.stringify(end.output) }),
    },
    history,
  }
}

const callsOf = (...executions: readonly ObservedExecution[]): Observed['calls'] =>
  executions.flatMap(({ planned: { effects, name } }) =>
    effects.map((effect) => ({ effect, id: name, node: 'node-1', at: 1_000, answeredAt: 1_010 })),
  )

function seen(changes: Partial<Observed> = {}): Observed {
  const executions = changes.executions ?? [ended('sequence')]
  return {
    leaseMs: 5_000,
    executions,
    calls: callsOf(...executions),
    answers: [],
    complaints: [],
    givenUp: [],
    windows: [],
    log: [],
    leases: [],
    timers: [],
    writes: [],
    ...changes,
  }
}

const violations = (changes: Partial<Observed>): readonly string[] => check(seen(changes)).violations
const DAY = Date.UTC(2026, 0, 1)

test('finds nothing where all is well, whatever the workflow', () => {
  const executions = Object.keys(WORKFLOWS).map((name) => ended(name as WorkflowName))
  expect(violations({ executions })).toEqual([])
})

describe('an execution', () => {
  const good = ended('sequence')
  const { name } = good.planned
  test.each<[what: string, execution: ObservedExecution, violation: string]>([
    ['is lost', { planned: good.planned, told: good.told, history: [] }, `${name} (sequence) was acknowledged and is not known`],
    [
      'never ends',
      { ...good, described: { status: 'RUNNING', redriveCount: 0 } },
      `${name} (sequence) is RUNNING, and not SUCCEEDED`,
    ],
    ['is never acknowledged', { ...good, told: {} }, `the start of ${name} (sequence) was never acknowledged`],
    [
      'has another output',
      { ...good, described: { status: 'SUCCEEDED', output: '{"v":0}', redriveCount: 0 } },
      `${name} (sequence) has the output {"v":0}, and not ${JSON.stringify('output' in good.planned.end && good.planned.end.output)}`,
    ],
    [
      'fails',
      { ...good, described: { status: 'FAILED', error: 'States.Runtime', cause: 'why', redriveCount: 0 } },
      `${name} (sequence) is FAILED: States.Runtime: why, and not SUCCEEDED`,
    ],
  ])('that %s', (_what, execution, violation) => {
    expect(violations({ executions: [execution], calls: callsOf(good) })).toEqual([violation])
  })

  test('that was stopped, and goes on', () => {
    const stopped = ended('stop')
    const executions = [{ ...stopped, described: { status: 'RUNNING', redriveCount: 0 } }]
    expect(violations({ executions })).toEqual([`${stopped.planned.name} (stop) is RUNNING, and not ABORTED`])
  })

  test('that was redriven, and was not', () => {
    const redriven = ended('redrive')
    const described = {
      status: 'SUCCEEDED',
      redriveCount: 0,
      ...(redriven.described?.output && { output: redriven.described.output }),
    }
    expect(violations({ executions: [{ ...redriven, described }] })).toEqual([
      `${redriven.planned.name} (redrive) was redriven once, and says 0 times`,
    ])
  })

  test('whose history lacks an event, or has one twice', () => {
    const of = (ids: readonly number[]) =>
      violations({
        executions: [
          ended(
            'sequence',
            ids.map((id) => event(id, 'PassStateEntered')),
          ),
        ],
      })
    expect(of([1, 2, 4])).toEqual([`the history of ${name} has event 4 in place 3`])
    expect(of([1, 2, 2])).toEqual([`the history of ${name} has event 2 in place 3`])
  })
})

test('an answer to a token that was acknowledged and forgotten', () => {
  const execution = ended('callback', [event(1, 'TaskSucceeded', 1, '{"output":"kept"}')])
  const { name } = execution.planned
  const answers = ['kept', 'gone'].map((mark) => ({ id: name, mark, at: 1 }))
  expect(violations({ executions: [execution], answers })).toEqual([
    `an answer for ${name} was acknowledged, and its history does not tell of it (gone)`,
  ])
})

describe('the log', () => {
  const row = (sequence: number, events: number) => ({ of: 'execution 1', sequence, events })
  test.each([
    ['whole', [row(0, 3), row(3, 2), row(5, 1)], []],
    ['with a gap', [row(0, 3), row(4, 2)], ['the log of execution 1 has a gap: after place 3 comes 4']],
    ['that begins late', [row(1, 3)], ['the log of execution 1 has a gap: after place 0 comes 1']],
    ['with two turns in one place', [row(0, 3), row(2, 2)], ['the log of execution 1 has place 2 twice']],
  ])('%s', (_what, log, found) => {
    expect(violations({ log })).toEqual(found)
  })
})

describe('a shard', () => {
  const held = (holder: string, epoch: number) => ({ at: epoch, shard: 9, holder, epoch })
  test.each([
    ['that changes hands', [held('a', 1), held('b', 2), held('a', 3)], []],
    ['with two holders', [held('a', 1), held('b', 1)], ['in epoch 1 shard 9 was held by a and by b']],
    ['whose epoch falls', [held('a', 2), held('b', 1)], ['the epoch of shard 9 fell from 2 to 1']],
  ])('%s', (_what, leases, found) => {
    expect(violations({ leases })).toEqual(found)
  })
})

describe('an effect', () => {
  const execution = ended('sequence')
  const [effect = ''] = execution.planned.effects
  const call = (at: number, answeredAt = at + 10) => ({ effect, id: execution.planned.name, node: 'node-1', at, answeredAt })
  const window = (from: number, to: number, costsLeases = true) => ({
    what: 'kill',
    from,
    to,
    servedFrom: from,
    costsLeases,
    isHidden: false,
  })

  test('that never came', () => {
    expect(violations({ calls: [] })).toEqual([`never done: ${effect}`])
  })
  test('that nobody planned', () => {
    const stray = { ...call(DAY), effect: 'e0 Other attempt 0 redrive 0' }
    expect(violations({ calls: [call(DAY), stray] })).toEqual(['done, and not planned: e0 Other attempt 0 redrive 0'])
  })
  test('that came twice on a quiet day', () => {
    expect(violations({ calls: [call(DAY), call(DAY + 500)] })).toEqual([
      `done 2 times with no fault in between: ${effect} (by node-1 at 00:00:00.000, by node-1 at 00:00:00.500)`,
    ])
  })
  test('that came twice because a node died in between is none of ours, and is counted', () => {
    const verdict = check(seen({ calls: [call(DAY), call(DAY + 6_000)], windows: [window(DAY + 5, DAY + 5_000)] }))
    expect([verdict.violations, verdict.figures.doubled]).toEqual([[], 1])
  })
  test('that came twice because the machine stood still until the fault is none of ours either', () => {
    const windows = [window(DAY + 4_000, DAY + 9_000)]
    const twice = (writes: Observed['writes']) => violations({ calls: [call(DAY), call(DAY + 8_000)], windows, writes })
    expect(twice([{ due: DAY + 1_000, lateMs: 2_950 }])).toEqual([])
    expect(twice([{ due: DAY + 3_000, lateMs: 2_950 }])).toHaveLength(1)
  })
  test.each([
    ['whose result was durable long before the fault', [window(DAY + 5_000, DAY + 9_000)]],
    ['that began after the fault', [window(DAY - 5_000, DAY - 1)]],
    ['while no fault costs a lease', [window(DAY + 5, DAY + 5_000, false)]],
  ])('that came twice, %s', (_what, windows) => {
    expect(violations({ calls: [call(DAY), call(DAY + 6_000)], windows })).toHaveLength(1)
  })
})

describe('a timer', () => {
  const { name } = planned('timers')
  const due = DAY + 2_000
  const entered = JSON.stringify({ stateEnteredEventDetails: { name: 'Rest', input: '{"seconds":2}' } })
  const timer = (lateMs: number) =>
    ended('timers', [
      event(1, 'ExecutionStarted', DAY),
      event(2, 'WaitStateEntered', DAY, entered),
      event(3, 'WaitStateExited', due + lateMs),
    ])
  const window = {
    what: 'kill node-1',
    from: due - 10,
    to: due + 8_000,
    servedFrom: due - 10,
    costsLeases: true,
    isHidden: false,
  }

  test('in time', () => {
    const { violations: found, figures } = check(seen({ executions: [timer(40)] }))
    expect([found, figures.timerP99Ms, figures.timersInQuiet]).toEqual([[], 40, 1])
  })
  test('late on a quiet day', () => {
    expect(violations({ executions: [timer(251)] })).toEqual([
      '1 of 1 timers with no fault nearby fire more than 250 ms late: e31 at 00:00:02.251 by 251, 251 of it its own',
    ])
  })
  test('late twice in a quiet hour is a moment, three times is more', () => {
    const hour = (late: number) => Array.from({ length: 17 }, (_, place) => timer(place < late ? 900 : 40))
    expect(violations({ executions: hour(2) })).toEqual([])
    expect(violations({ executions: hour(3) })[0]).toMatch(/^3 of 17 timers with no fault nearby fire more than 250 ms late: /)
  })
  test('late where the machine itself is', () => {
    expect(violations({ executions: [timer(310)], timers: [{ due, lateMs: 20 }] })).toEqual([])
    expect(violations({ executions: [timer(311)], timers: [{ due, lateMs: 20 }] })).toHaveLength(1)
  })
  test('late where a write that does nothing is, from when the timer was due', () => {
    const writes = [
      { due: due - 5_000, lateMs: 3_000 },
      { due: due - 400, lateMs: 500 },
    ]
    expect(violations({ executions: [timer(450)], writes })).toEqual([])
    expect(violations({ executions: [timer(451)], writes })).toHaveLength(1)
  })
  test('with others that are due together is one', () => {
    const wait = (id: number) => [
      event(id, 'WaitStateEntered', DAY, entered),
      { ...event(id + 1, 'WaitStateExited', due + 300), previousId: id },
    ]
    const crowd = ended('timers', [event(1, 'ExecutionStarted', DAY), ...[2, 4, 6].flatMap(wait)])
    expect(check(seen({ executions: [crowd] })).figures.timersInQuiet).toBe(1)
  })
  test('of a node that died, within the lease, and past it', () => {
    expect(violations({ executions: [timer(6_000)], windows: [window] })).toEqual([])
    expect(violations({ executions: [timer(10_001)], windows: [window] })).toEqual([
      `the timer of ${name} fired 10001 ms after it could have (kill node-1)`,
    ])
  })
})

test('what a caller complains of is said', () => {
  expect(violations({ complaints: ['the start of e1 was refused'] })).toEqual(['the start of e1 was refused'])
})

describe('a call that failed past the retries of the SDK', () => {
  const givenUp = [{ what: 'start e1', from: DAY, at: DAY + 500, error: 'down' }]
  const window = { what: 'w', from: DAY + 100, to: DAY + 9_000, servedFrom: DAY, costsLeases: false, isHidden: false }
  const violation = "a call failed past the SDK's retries at 00:00:00.500 (start e1): down"

  test('because the database was gone', () => expect(violations({ givenUp, windows: [window] })).toEqual([]))
  test('on a quiet day', () => expect(violations({ givenUp })).toEqual([violation]))
  test('while nodes are restarted in order', () =>
    expect(violations({ givenUp, windows: [{ ...window, isHidden: true }] })).toEqual([violation]))
})
