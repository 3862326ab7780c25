import { describe, expect, test } from 'vitest'

import { checkHistory } from './invariants.ts'
import { chaos, clock, mock, type WorkflowOptions, workflow } from './index.ts'

const INVOKE = 'arn:aws:states:::lambda:invoke'
const CALL = { Type: 'Task', Resource: INVOKE, Parameters: { FunctionName: 'f' }, OutputPath: '$.Payload' }
const TWO = { StartAt: 'Pay', States: { Pay: { ...CALL, Next: 'Ship' }, Ship: { ...CALL, End: true } } }
const ACTIVITY = 'arn:aws:states:us-east-1:123456789012:activity:work'
const WORK = {
  StartAt: 'Work',
  States: { Work: { Type: 'Task', Resource: ACTIVITY, HeartbeatSeconds: 60, TimeoutSeconds: 300, End: true } },
}
const ok = (result: unknown) => ({ Payload: result, StatusCode: 200 })
const of = (definition: object, options: Partial<WorkflowOptions> = {}) => workflow({ definition, ...options })

describe('a crash', () => {
  const types = async (more: Partial<WorkflowOptions>) => {
    const wf = await of(TWO, { mocks: { Pay: mock.return(ok(1)), Ship: mock.return(ok(2)) }, ...more })
    const run = await wf.run()
    expect(run.output).toBe(2)
    return run.history().map(({ id, type }) => `${id} ${type}`)
  }

  test('after any event changes nothing of what comes out, nor of the history', async () => {
    const undisturbed = await types({})
    for (let event = 1; event <= undisturbed.length; event++)
      expect(await types({ chaos: [chaos.crashAfter(event)] })).toEqual(undisturbed)
  })

  test('makes calls again, as the same ones', async () => {
    const calls: (string | undefined)[] = []
    const wf = await of(TWO, {
      mocks: {
        Pay: async (_, { idempotencyKey }) => {
          calls.push(idempotencyKey)
          return ok(1)
        },
        Ship: mock.return(ok(2)),
      },
      // The call of Pay is under way, and its result in nobody's log.
      chaos: [chaos.crashAfter(3)],
    })
    expect((await wf.run()).state('Pay').retries).toBe(0)
    expect(new Set(calls).size).toBe(1)
  })

  test('is gone through by sequences, timers, activities and Map Runs', async () => {
    const all = {
      StartAt: 'Wait',
      States: {
        Wait: { Type: 'Wait', Seconds: 3600, Next: 'Work' },
        Work: { Type: 'Task', Resource: ACTIVITY, Next: 'Items' },
        Items: { Type: 'Pass', Result: [1, 2], Next: 'Each' },
        Each: {
          Type: 'Map',
          ItemProcessor: {
            ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
            StartAt: 'Ship',
            States: { Ship: { ...CALL, Retry: [{ ErrorEquals: ['States.ALL'] }], End: true } },
          },
          End: true,
        },
      },
    }
    const mocks = { Work: mock.return({}), Ship: mock.sequence(mock.throw('E'), mock.return(ok(7))) }
    const undisturbed = await (await of(all, { mocks })).run()
    for (let event = 1; event <= undisturbed.history().length; event++) {
      const run = await (await of(all, { mocks, chaos: [chaos.crashAfter(event)] })).run()
      expect([event, run.status, run.output]).toEqual([event, 'SUCCEEDED', [7, 7]])
    }
  })

  test('that comes after the end is told', async () => {
    const wf = await of(TWO, { mocks: { f: mock.return(ok(1)) } })
    await expect(wf.run({}, { chaos: [chaos.crashAfter(99)] })).rejects.toThrow(
      /^chaos\.crashAfter\(99\) did not strike: the run has \d+ events/,
    )
  })

  test('is nothing that an Express execution could live through', async () => {
    const wf = await of(TWO, { type: 'EXPRESS', chaos: [chaos.crashAfter(2)] })
    await expect(wf.run()).rejects.toThrow('chaos.crashAfter is for Standard workflows')
  })
})

describe('a result that is told twice', () => {
  test('is refused the second time', async () => {
    const wf = await of(WORK, { mocks: { Work: mock.callback() }, chaos: [chaos.resultTwice('Work')] })
    const run = await wf.start()
    await run.token('Work').succeed({ by: 'me' })
    expect((await run.done()).output).toEqual({ by: 'me' })
    expect(run.history().filter(({ type }) => type === 'ActivitySucceeded')).toHaveLength(1)
  })

  test('as is one that comes when all is over', async () => {
    const wf = await of(WORK, { mocks: { Work: mock.callback() } })
    const run = await wf.start()
    await run.reached('Work')
    await run.stop()
    await expect(run.token('Work').succeed()).rejects.toThrow('Task Timed Out')
  })

  test('may be that of a mock', async () => {
    const wf = await of(WORK, { mocks: { Work: mock.return(1) }, chaos: [chaos.resultTwice('Work')] })
    expect((await wf.run()).output).toBe(1)
  })

  test('is none where it comes with the call', async () => {
    const wf = await of(TWO, { mocks: { f: mock.return(ok(1)) }, chaos: [chaos.resultTwice('Pay')] })
    await expect(wf.run()).rejects.toThrow('whose result comes with the call')
  })
})

test('a heartbeat that is lost lets the task time out', async () => {
  const run = async (faults: WorkflowOptions['chaos']) => {
    const wf = await of(WORK, { clock: clock.manual(), mocks: { Work: mock.callback() }, chaos: faults ?? [] })
    const run = await wf.start()
    await run.token('Work').heartbeat()
    await run.advance('50 s')
    await run.token('Work').heartbeat()
    await run.advance('20 s')
    return run
  }
  expect((await run([])).status).toBe('RUNNING')
  expect(await run([chaos.heartbeatLost('Work')])).toMatchObject({ status: 'FAILED', error: 'States.Timeout' })
})

describe('a call that is throttled', () => {
  const retried = { ...TWO, States: { ...TWO.States, Pay: { ...TWO.States.Pay, Retry: [{ ErrorEquals: ['States.ALL'] }] } } }
  const mocks = { f: mock.return(ok(1)) }

  test('is tried again, and then answered by its mock', async () => {
    const wf = await of(retried, { mocks, chaos: [chaos.throttle('Pay', 2)] })
    for (const run of [await wf.run(), await wf.run()]) {
      expect(run.status).toBe('SUCCEEDED')
      expect(run.state('Pay').thrown.map(({ error }) => error)).toEqual(Array(2).fill('Lambda.TooManyRequestsException'))
    }
  })

  test('fails a state that has no Retry', async () => {
    const wf = await of(TWO, { mocks })
    const run = await wf.run({}, { chaos: [chaos.throttle('Ship', 1, 'Lambda.Unknown')] })
    expect(run).toMatchObject({ status: 'FAILED', error: 'Lambda.Unknown' })
  })

  test('that nobody makes is told', async () => {
    const wf = await of(TWO, { mocks, chaos: [chaos.throttle('Pya')] })
    await expect(wf.run()).rejects.toThrow("chaos.throttle('Pya') did not strike")
  })
})

describe('what is true of every history', () => {
  const events = (...types: readonly string[]) =>
    types.map((type, index) => ({ id: index + 1, previousEventId: index, type, timestamp: 0 }))

  test.each([
    [[{ id: 2, type: 'ExecutionStarted', timestamp: 0 }], 'event 1 has the id 2'],
    [[...events('ExecutionStarted'), { id: 2, previousEventId: 2, type: 'PassStateEntered', timestamp: 0 }], 'event 2 follows'],
    [events('ExecutionStarted', 'ExecutionSucceeded', 'ExecutionFailed'), 'it has 2 ends'],
    [events('ExecutionStarted', 'ExecutionSucceeded', 'PassStateEntered'), 'comes after its end'],
    [events('ExecutionStarted', 'PassStateEntered', 'ExecutionSucceeded'), '1 states were entered and 0 left'],
    [events('ExecutionStarted', 'TaskScheduled', 'TaskSucceeded', 'TaskSucceeded', 'ExecutionFailed'), 'two results'],
  ])('%#', (history, breach) => {
    expect(() => checkHistory(history, 'a run')).toThrow(breach)
  })
})
