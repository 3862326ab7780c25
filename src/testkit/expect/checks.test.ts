import { beforeAll, describe, expect, test } from 'vitest'

import { clock, mock, type Run, workflow } from '../index.ts'
import type { Check } from './check.ts'
import { checks, toMatchHistory } from './matchers.ts'
import { stableHistory } from './stable-history.ts'

const { toHaveSucceeded, toHaveFailed, toHaveVisited, toHaveRetried, toHaveThrown } = checks

const INVOKE = 'arn:aws:states:::lambda:invoke'
const pay = {
  Type: 'Task',
  Resource: INVOKE,
  Parameters: { FunctionName: 'charge', 'Payload.$': '$' },
  OutputPath: '$.Payload',
  Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 2, MaxAttempts: 2 }],
  Catch: [{ ErrorEquals: ['Card.Declined'], Next: 'Refuse' }],
  Next: 'Each',
}
const ORDER = {
  StartAt: 'Check',
  States: {
    Check: { Type: 'Pass', Next: 'Pay' },
    Pay: pay,
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemProcessor: { StartAt: 'Ship', States: { Ship: { Type: 'Pass', End: true } } },
      Next: 'Done',
    },
    Done: { Type: 'Succeed' },
    Refuse: { Type: 'Fail', Error: 'Refused', Cause: 'no cover' },
  },
}
const BUSY = mock.throw('Busy', 'later')
const PAID = mock.return({ Payload: { items: ['a', 'b'] } })

let good: Run
let bad: Run
beforeAll(async () => {
  good = await (await workflow({ definition: ORDER, mocks: { Pay: mock.sequence(BUSY, PAID) } })).run({ total: 3 })
  bad = await (await workflow({ definition: ORDER, mocks: { Pay: mock.throw('Card.Declined', 'stolen') } })).run()
})

const told = ({ pass, message }: Check) => [pass, message()]

describe('toHaveSucceeded', () => {
  test('tells what a run failed with, and where', () => {
    expect(told(toHaveSucceeded(bad))).toEqual([
      false,
      `Expected the run to have succeeded, and it failed with Refused: no cover

It visited:
  Check
  Pay (caught: Card.Declined: stolen)
  Refuse (failed: Refused: no cover)`,
    ])
  })

  test('shows how the output differs', () => {
    expect(told(toHaveSucceeded(good, ['a', 'c']))).toEqual([
      false,
      `The run succeeded, with another output than expected.

- expected
+ received

  [
    "a",
-   "c"
+   "b"
  ]`,
    ])
  })

  test('tells of a run that is not over', async () => {
    const wf = await workflow({
      definition: { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 9, End: true } } },
      clock: clock.manual(),
    })
    const run = await wf.start()
    await run.reached('Wait')
    expect(told(toHaveSucceeded(run))).toEqual([
      false,
      'Expected the run to have succeeded, and it is still running: await run.done() first.\n\nIt visited:\n  Wait (running)',
    ])
    await run.stop('Enough', 'it is late')
    expect(told(toHaveFailed(run, 'Late'))[1]).toContain('- expected Late\n+ received Enough: it is late')
    expect(toHaveFailed(run, 'Enough')).toMatchObject({ pass: true })
  })

  test('holds, with the output and without', () => {
    expect(told(toHaveSucceeded(good))).toEqual([true, 'Expected the run not to have succeeded, and it has.'])
    expect(told(toHaveSucceeded(good, expect.arrayContaining(['a'])))).toEqual([
      true,
      'Expected the run not to have succeeded with this output, and it has:\n\n[\n  "a",\n  "b"\n]',
    ])
  })

  test('is asked of states too', () => {
    expect(toHaveSucceeded(good.state('Each[1]/Ship'), 'b')).toMatchObject({ pass: true })
    expect(told(toHaveSucceeded(bad.state('Pay')))).toEqual([
      false,
      'Expected Pay to have succeeded, and it failed, which was caught, with Card.Declined: stolen',
    ])
  })
})

describe('toHaveFailed', () => {
  test('tells of a run that succeeded', () => {
    expect(told(toHaveFailed(good, 'Refused'))).toEqual([
      false,
      `Expected the run to have failed with Refused, and it succeeded, with ["a","b"].

It visited:
  Check
  Pay
  Each
  Each[0]/Ship
  Each[1]/Ship
  Done`,
    ])
  })

  test('shows the other error', () => {
    expect(told(toHaveFailed(bad, 'Refused', /stolen/))[1]).toContain(
      'The run failed, with another error than expected.\n\n- expected Refused: /stolen/\n+ received Refused: no cover\n\nIt visited:\n  Check',
    )
  })

  test.each([[[]], [['Refused']], [[/^Ref/, 'no cover']], [['Refused', expect.stringContaining('cover')]]])(
    'holds for %j',
    (given) => {
      expect(toHaveFailed(bad, ...given).pass).toBe(true)
    },
  )

  test('says so under not', () => {
    expect(told(toHaveFailed(bad, 'Refused'))).toEqual([
      true,
      'Expected the run not to have failed with Refused, and it failed with Refused: no cover',
    ])
  })
})

describe('toHaveVisited', () => {
  test('shows where what is missing should have been', () => {
    expect(told(toHaveVisited(bad, ['Check', 'Pay', 'Each/Ship', 'Refuse']))).toEqual([
      false,
      `Expected the run to have visited Check, Pay, Each/Ship, Refuse in this order: Each/Ship is missing.

- expected

  Check
  Pay (caught: Card.Declined: stolen)
- Each/Ship
  Refuse (failed: Refused: no cover)

The run is FAILED: Refused: no cover`,
    ])
  })

  test('tells of another order', () => {
    expect(told(toHaveVisited(good, ['Pay', 'Check']))[1]).toContain('Pay, Check in this order: Check is missing.')
  })

  test('tells of more than the whole way', () => {
    expect(told(toHaveVisited(good, ['Check', 'Pay', 'Each', 'Each[0]/Ship', 'Done'], { exact: true }))).toEqual([
      false,
      `Expected the run to have visited Check, Pay, Each, Each[0]/Ship, Done in this order and nothing else: there is more.

- expected
+ visited

  Check
  Pay
  Each
  Each[0]/Ship
+ Each[1]/Ship
  Done`,
    ])
  })

  test.each([['Ship'], [['Check', 'Done']], [['Each/Ship', 'Each/Ship']], [['Each[0]/Ship', 'Each[1]/Ship']]])(
    'holds for %j',
    (states) => {
      expect(toHaveVisited(good, states).pass).toBe(true)
    },
  )

  test('holds for the whole way', () => {
    expect(toHaveVisited(good, ['Check', 'Pay', 'Each', 'Ship', 'Ship', 'Done'], { exact: true }).pass).toBe(true)
  })

  test('says under not what was visited', () => {
    expect(told(toHaveVisited(bad, 'Refuse'))).toEqual([
      true,
      `Expected the run not to have visited Refuse, and it has.

  Check
  Pay (caught: Card.Declined: stolen)
  Refuse (failed: Refused: no cover)`,
    ])
  })

  test('cuts a long way short, and never what is missing', async () => {
    const wf = await workflow({ definition: ORDER, mocks: { Pay: mock.return({ Payload: { items: Array(500).fill(0) } }) } })
    const [, message] = told(toHaveVisited(await wf.run(), ['Each', 'Refuse']))
    expect(message).toContain('- Refuse\n')
    expect(message).toContain('  … 4')
    expect(String(message).split('\n').length).toBeLessThan(80)
  })

  test.each([[[]], [undefined], [[1]]])('of %j is a mistake', (states) => {
    expect(() => toHaveVisited(good, states as never)).toThrow('toHaveVisited takes paths or names of states')
  })
})

describe('toHaveRetried', () => {
  test('shows the attempts', () => {
    expect(told(toHaveRetried(good.state('Pay'), 2))).toEqual([
      false,
      'Expected Pay to have retried 2 times, and it retried once.\n\nIt threw:\n  1. Busy: later\nIn the end it succeeded.',
    ])
  })

  test('tells of a state that did not', () => {
    expect(told(toHaveRetried(good.state('Check')))).toEqual([
      false,
      'Expected Check to have retried, and it did not retry.\n\nNo attempt of it failed; it succeeded.',
    ])
  })

  test('holds', () => {
    expect(toHaveRetried(good.state('Pay')).pass).toBe(true)
    expect(toHaveRetried(bad.state('Pay'), 0).pass).toBe(true)
    expect(told(toHaveRetried(good.state('Pay'), 1))[1]).toContain('Expected Pay not to have retried once, and it has.')
  })

  test('takes a number', () => {
    expect(() => toHaveRetried(good.state('Pay'), -1)).toThrow(
      'toHaveRetried takes how often: toHaveRetried(2). It was given -1.',
    )
  })
})

describe('toHaveThrown', () => {
  test('shows what was thrown instead', () => {
    expect(told(toHaveThrown(good.state('Pay'), 'Busy', 'never'))).toEqual([
      false,
      'Expected Pay to have thrown Busy: never.\n\nIt threw:\n  1. Busy: later\nIn the end it succeeded.',
    ])
  })

  test('holds for one of the attempts, and for a Fail', () => {
    expect(told(toHaveThrown(good.state('Pay'), 'Busy'))).toEqual([
      true,
      'Expected Pay not to have thrown Busy, and it has: Busy: later',
    ])
    expect(toHaveThrown(bad.state('Refuse'), 'Refused', /cover/).pass).toBe(true)
  })
})

test('toMatchHistory shows the event that is another', () => {
  const history = structuredClone(stableHistory(bad))
  expect(toMatchHistory(bad, history).pass).toBe(true)
  const [first, ...rest] = history.events
  const other = { events: [{ id: 1, type: 'ExecutionStarted', timestamp: '+1s' }, ...rest] }
  expect(first?.timestamp).toBe('+0s')
  expect(told(toMatchHistory(bad, other))[1]).toContain('-       "timestamp": "+1s"')
  expect(told(toMatchHistory(bad, other))[1]).toContain('+       "timestamp": "+0s"')
})

describe('what is no run', () => {
  test.each([
    ['a promise', () => toHaveSucceeded(Promise.resolve()), 'It was given a promise: await it.'],
    ['a run for a state', () => toHaveRetried(good, 1), "expect(run.state('Pay')).toHaveRetried(…). It was given a run."],
    ['a state for a run', () => toHaveVisited(good.state('Pay'), 'Pay'), 'It was given the state Pay.'],
    ['nothing', () => toHaveFailed(undefined), 'It was given undefined.'],
    ['an output', () => toMatchHistory({ a: 1 }, { events: [] }), 'It was given an object of another kind.'],
  ])('%s is told', (_, check, message) => {
    expect(check).toThrow(message)
  })
})
