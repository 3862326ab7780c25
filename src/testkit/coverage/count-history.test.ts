import { describe, expect, test } from 'vitest'

import { Coverage } from './coverage.ts'
import { clock, mock, workflow, type Mocks, type Workflow } from '../index.ts'

const CALL = { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:sqs:listQueues', Parameters: {} }
const task = (more: object) => ({ ...CALL, End: true, ...more })
const machine = (States: Readonly<Record<string, object>>, more: object = {}) => ({
  StartAt: Object.keys(States)[0],
  States,
  ...more,
})
const of = (definition: object, mocks: Mocks = {}) =>
  workflow({ definition, mocks, validateMocks: 'NONE', clock: clock.virtual() })

const DONE = { Type: 'Succeed' }
const caught = (errors: string, Next: string, more: object = {}) => ({ ErrorEquals: [errors], Next, ...more })

/** Ids of the points that were reached, without the states; what may have been stands in brackets. */
async function reached(wf: Workflow): Promise<readonly string[]> {
  const [covered] = (await wf.coverage()).workflows
  if (!covered) throw new Error('no workflow was covered')
  return covered.points.flatMap((point) => {
    if (point.kind === 'state') return []
    const id = point.id.replaceAll(/^\/States\/|(?<=\/)(?:ItemProcessor|Branches\/\d+)\/States\//g, '')
    if (covered.isCovered(point)) return [`${id} ${covered.hits(point)}`]
    return covered.maybe(point) > 0 ? [`(${id})`] : []
  })
}

describe('states and ways', () => {
  test('are counted each time, and End is a way out', async () => {
    const wf = await of(machine({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', End: true } }))
    await wf.run()
    await wf.run()
    expect(await reached(wf)).toEqual(['A/Next 2', 'B/End 2'])
  })

  test('of a run that fails end where it has failed', async () => {
    const wf = await of(machine({ A: task({ End: undefined, Next: 'B' }), B: DONE }), { A: mock.throw('E') })
    await wf.run()
    expect(await reached(wf)).toEqual([])
    expect((await wf.coverage()).missing()).toEqual(['A: Next (B) was never taken.', 'B was never entered.'])
  })

  test('within branches and iterations count as others do', async () => {
    const wf = await of(
      machine({
        Both: {
          Type: 'Parallel',
          Branches: [
            machine({ L: { Type: 'Pass', End: true } }),
            machine({ Each: { Type: 'Map', End: true, ItemProcessor: machine({ Item: { Type: 'Pass', End: true } }) } }),
          ],
          End: true,
        },
      }),
    )
    await wf.run([1, 2])
    expect(await reached(wf)).toEqual([
      'Both/End 1',
      'Both/L/End 1',
      'Both/Each/End 1',
      'Both/Each/Items/many 1',
      'Both/Each/Item/End 2',
    ])
  })

  test('of another definition are told', () => {
    const other = [{ id: 2, type: 'PassStateEntered', timestamp: 1, stateEnteredEventDetails: { name: 'X', input: '{}' } }]
    const coverage = new Coverage()
    expect(() => coverage.add({ name: 'a', definition: JSON.stringify(machine({ A: DONE })) }, other)).toThrow(
      "The history enters a state named 'X', which the definition does not have",
    )
  })
})

describe('rules of a Choice', () => {
  const rule = (Variable: string, more: object, Next: string) => ({ Variable, ...more, Next })
  const choice = (Choices: readonly object[], more: object = {}) => ({ Type: 'Choice', Choices, ...more })

  test('are told apart by where they lead', async () => {
    const wf = await of(
      machine({
        C: choice([rule('$.n', { NumericEquals: 1 }, 'One'), rule('$.n', { NumericEquals: 2 }, 'Two')], { Default: 'Else' }),
        One: DONE,
        Two: DONE,
        Else: DONE,
      }),
    )
    await wf.run({ n: 2 })
    await wf.run({ n: 3 })
    expect(await reached(wf)).toEqual(['C/Choices/1 1', 'C/Default 1'])
  })

  test('that lead to the same state are evaluated on what came in', async () => {
    const wf = await of(
      machine({
        C: choice(
          [
            rule('$.n', { NumericLessThan: 0 }, 'Other'),
            rule('$.n', { NumericGreaterThan: 10 }, 'Same'),
            rule('$.n', { NumericGreaterThan: 5 }, 'Same'),
          ],
          { Default: 'Same', InputPath: '$.in' },
        ),
        Same: DONE,
        Other: DONE,
      }),
    )
    for (const n of [11, 12, 6, 0]) await wf.run({ in: { n } })
    expect(await reached(wf)).toEqual(['C/Choices/1 2', 'C/Choices/2 1', 'C/Default 1'])
  })

  test('look at variables of their own scope and of those around it', async () => {
    const wf = await of(
      machine(
        {
          Outer: { Type: 'Pass', Assign: { limit: 5, mode: 'strict' }, Next: 'Each' },
          Each: {
            Type: 'Map',
            Items: '{% $states.input %}',
            ItemProcessor: machine({
              Inner: { Type: 'Pass', Assign: { seen: '{% $states.input %}' }, Next: 'C' },
              C: choice(
                [
                  { Condition: '{% $seen > $limit %}', Next: 'Same' },
                  { Condition: "{% $mode = 'strict' %}", Next: 'Same' },
                ],
                { Default: 'Same' },
              ),
              Same: DONE,
            }),
            End: true,
          },
        },
        { QueryLanguage: 'JSONata' },
      ),
    )
    await wf.run([9, 1, 2])
    expect(await reached(wf)).toContain('Each/C/Choices/0 1')
    expect(await reached(wf)).toContain('Each/C/Choices/1 2')
  })

  test('that look at what no history has are not guessed', async () => {
    const wf = await of(
      machine({
        C: choice([rule('$$.Execution.Name', { StringEquals: 'mine' }, 'Same'), rule('$.a', { IsPresent: true }, 'Same')], {
          Default: 'Same',
        }),
        Same: DONE,
      }),
    )
    await wf.run({ a: 1 }, { name: 'mine' })
    expect(await reached(wf)).toEqual(['(C/Choices/0)', '(C/Choices/1)', '(C/Default)'])
    expect((await wf.coverage()).missing()[0]).toBe(
      'C: it cannot be told whether Choice 0 ($$.Execution.Name = "mine") was taken: another rule leads to Same too, and what the rules look at is not in the history.',
    )
  })

  test('look at what the context object says where a history has it', async () => {
    const wf = await of(
      machine({
        First: { Type: 'Pass', Result: {}, Next: 'C' },
        C: choice([
          rule('$$.Execution.Input.a', { NumericEquals: 1 }, 'Same'),
          rule('$$.State.Name', { StringEquals: 'C' }, 'Same'),
        ]),
        Same: DONE,
      }),
    )
    await wf.run({ a: 1 })
    await wf.run({ a: 2 })
    expect(await reached(wf)).toEqual(['First/Next 2', 'C/Choices/0 1', 'C/Choices/1 1'])
  })

  test('that none of matches leave nothing taken, and its catcher takes the error', async () => {
    const wf = await of(
      machine({
        P: {
          Type: 'Parallel',
          Branches: [machine({ C: choice([rule('$.n', { NumericEquals: 1 }, 'In')]), In: DONE })],
          Catch: [caught('Other', 'Rest'), caught('States.NoChoiceMatched', 'Rest')],
          Next: 'Rest',
        },
        Rest: DONE,
      }),
    )
    await wf.run({ n: 2 })
    expect(await reached(wf)).toEqual(['P/Catch/1 1'])
  })
})

describe('catchers', () => {
  const CAUGHT = machine({
    T: task({
      End: undefined,
      Next: 'Rest',
      Catch: [caught('Declined', 'Rest'), caught('States.Timeout', 'Rest'), caught('States.ALL', 'Rest')],
    }),
    Rest: DONE,
  })

  test.each([
    ['Declined', 'T/Catch/0 1'],
    ['States.Timeout', 'T/Catch/1 1'],
    ['Whatever', 'T/Catch/2 1'],
  ])('that lead to the same state, and on to Next, are told apart by the error: %s', async (error, expected) => {
    const wf = await of(CAUGHT, { T: mock.throw(error) })
    await wf.run()
    expect(await reached(wf)).toEqual([expected])
  })

  test('are not taken where all goes well', async () => {
    const wf = await of(CAUGHT, { T: mock.return(1) })
    await wf.run()
    expect(await reached(wf)).toEqual(['T/Next 1'])
  })

  test('take what no event tells, and so do retriers: a function that fails', async () => {
    const wf = await of(
      machine({
        T: task({
          Parameters: { 'a.$': 'States.StringToJson($.text)' },
          Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }],
          Catch: [
            caught('Other', 'Rest', { ResultPath: '$.error' }),
            caught('States.IntrinsicFailure', 'Rest', { ResultPath: '$.error' }),
          ],
        }),
        Rest: DONE,
      }),
    )
    const run = await wf.run({ text: '{' })
    expect(run.history().map(({ type }) => type)).not.toContain('TaskFailed')
    expect(await reached(wf)).toEqual(['T/Catch/1 1', 'T/Retry/0/retried 1', 'T/Retry/0/exhausted 1'])
  })

  test('of a Map and a Parallel take the error of what failed within, a Fail state too', async () => {
    const wf = await of(
      machine({
        Each: {
          Type: 'Map',
          ItemProcessor: machine({
            In: {
              Type: 'Parallel',
              Branches: [
                machine({ F: { Type: 'Fail', Error: 'Deep' } }),
                machine({ W: { Type: 'Wait', Seconds: 9, End: true } }),
              ],
              End: true,
            },
          }),
          Catch: [caught('Shallow', 'Rest'), caught('Deep', 'Rest')],
          End: true,
        },
        Rest: DONE,
      }),
    )
    await wf.run([1])
    expect(await reached(wf)).toEqual(['Each/Catch/1 1', 'Each/Items/one 1'])
  })

  test('whose own fields fail have taken nothing', async () => {
    const wf = await of(
      machine(
        {
          T: {
            ...task({}),
            Parameters: undefined,
            Arguments: {},
            Catch: [{ ...caught('E', 'Rest'), Output: '{% $error("no") %}' }],
          },
          Rest: DONE,
        },
        { QueryLanguage: 'JSONata' },
      ),
      { T: mock.throw('E') },
    )
    expect((await wf.run()).status).toBe('FAILED')
    expect(await reached(wf)).toEqual([])
  })
})

describe('retriers', () => {
  const RETRIED = machine({
    T: task({
      Retry: [
        { ErrorEquals: ['Busy'], MaxAttempts: 1, IntervalSeconds: 1 },
        { ErrorEquals: ['Never'], MaxAttempts: 0 },
        { ErrorEquals: ['States.ALL'], MaxAttempts: 2, IntervalSeconds: 1 },
      ],
    }),
  })

  test('fire one by one, by the error', async () => {
    const wf = await of(RETRIED, { T: mock.sequence(mock.throw('Busy'), mock.throw('Other'), mock.return(1)) })
    await wf.run()
    expect(await reached(wf)).toEqual(['T/End 1', 'T/Retry/0/retried 1', 'T/Retry/2/retried 1'])
  })

  test('are exhausted when the error goes on', async () => {
    const wf = await of(RETRIED, { T: mock.throw('Busy') })
    await wf.run()
    expect(await reached(wf)).toEqual(['T/Retry/0/retried 1', 'T/Retry/0/exhausted 1'])
  })

  test('that allow no attempt are exhausted at once, and are never asked to fire', async () => {
    const wf = await of(RETRIED, { T: mock.throw('Never') })
    await wf.run()
    expect(await reached(wf)).toEqual(['T/Retry/1/exhausted 1'])
    expect((await wf.coverage()).missing().filter((sentence) => sentence.includes('Retry 1'))).toEqual([])
  })

  test('are not exhausted by a run that was stopped while they wait', async () => {
    const wf = await workflow({
      definition: RETRIED,
      mocks: { T: mock.throw('Other') },
      validateMocks: 'NONE',
      clock: clock.manual(),
    })
    const run = await wf.start()
    await run.advance('1 second')
    await run.stop()
    expect(await reached(wf)).toEqual(['T/Retry/2/retried 1'])
  })

  test('are given back by a redrive', () => {
    const definition = JSON.stringify(machine({ T: task({ Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 1 }] }) }))
    const entered = { stateEnteredEventDetails: { name: 'T', input: '{}' } }
    const busy = { type: 'TaskFailed', taskFailedEventDetails: { resourceType: 'sns', resource: 'publish', error: 'Busy' } }
    const scheduled = { type: 'TaskScheduled' }
    const history = [
      { type: 'ExecutionStarted' },
      { type: 'TaskStateEntered', ...entered },
      ...[scheduled, busy, scheduled, busy],
      { type: 'ExecutionFailed', executionFailedEventDetails: { error: 'Busy' } },
      { type: 'ExecutionRedriven', executionRedrivenEventDetails: { redriveCount: 1 } },
      ...[scheduled, busy, scheduled, { type: 'TaskSucceeded' }],
      { type: 'TaskStateExited', stateExitedEventDetails: { name: 'T', output: '{}' } },
      { type: 'ExecutionSucceeded' },
    ].map((event, index) => ({ ...event, id: index + 1, previousEventId: index, timestamp: index }))
    const covered = new Coverage().of({ name: 't', definition })
    covered.add(history)
    expect(covered.points.map((point) => [point.kind, covered.hits(point)])).toEqual([
      ['state', 1],
      ['end', 1],
      ['retried', 2],
      ['exhausted', 1],
    ])
  })

  test('of a Parallel are told by what failed within it', async () => {
    const wf = await of(
      machine({
        P: {
          Type: 'Parallel',
          Branches: [machine({ T: task({}) })],
          Retry: [{ ErrorEquals: ['A'] }, { ErrorEquals: ['B'], MaxAttempts: 1 }],
          End: true,
        },
      }),
      { T: mock.sequence(mock.throw('B'), mock.throw('A'), mock.throw('B')) },
    )
    await wf.run()
    expect(await reached(wf)).toEqual(['P/Retry/0/retried 1', 'P/Retry/1/retried 1', 'P/Retry/1/exhausted 1'])
  })

  test('of an expression that fails count too', async () => {
    const wf = await of(
      machine(
        {
          T: {
            ...task({}),
            Parameters: undefined,
            Arguments: '{% $error("no") %}',
            Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2 }],
          },
        },
        { QueryLanguage: 'JSONata' },
      ),
    )
    await wf.run()
    expect(await reached(wf)).toEqual(['T/Retry/0/retried 2', 'T/Retry/0/exhausted 1'])
  })
})

describe('items of a Map', () => {
  test.each([
    [[], 'none'],
    [[1], 'one'],
    [[1, 2], 'many'],
  ])('%j', async (items, expected) => {
    const wf = await of(
      machine({ Each: { Type: 'Map', ItemProcessor: machine({ In: { Type: 'Pass', End: true } }), End: true } }),
    )
    await wf.run(items)
    expect(await reached(wf)).toContain(`Each/Items/${expected} 1`)
  })

  const distributed = (more: object) =>
    machine({
      All: {
        Type: 'Map',
        ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...machine({ In: task({}) }) },
        End: true,
        ...more,
      },
    })
  const READ = {
    ItemReader: {
      Resource: 'arn:aws:states:::s3:getObject',
      ReaderConfig: { InputType: 'JSON' },
      Parameters: { Bucket: 'in', Key: 'a.json' },
    },
  }

  test('distributed are in the event, and the states of its children are covered', async () => {
    const wf = await of(distributed({}), { In: mock.return(1) })
    await wf.run([1, 2])
    expect(await reached(wf)).toEqual(['All/End 1', 'All/Items/many 1', 'All/In/End 2'])
  })

  test('that a reader reads are counted by the children, through batches', async () => {
    const wf = await of(distributed({ ...READ, ItemBatcher: { MaxItemsPerBatch: 10 } }), { In: mock.return(1) })
    wf.putObject('in/a.json', '[1,2,3]')
    await wf.run()
    expect(await reached(wf)).toEqual(['All/End 1', 'All/Items/many 1', 'All/In/End 1'])
  })

  test('that a reader reads are not told where nobody has the children', async () => {
    const wf = await of(distributed(READ), { In: mock.return(1) })
    wf.putObject('in/a.json', '[1,2,3]')
    const run = await wf.run()
    const covered = new Coverage().add({ name: 'all', definition: wf.definition }, run.history())
    expect(covered.summary().maps).toMatchObject({ covered: 0, unclear: 3 })
    expect(covered.missing()).toContain(
      'All: it cannot be told whether it ran with no items: the histories of its children do not tell.',
    )
  })
})

describe('time-outs', () => {
  const CALLBACK = {
    Type: 'Task',
    Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
    Parameters: { QueueUrl: 'q', MessageBody: { 'Token.$': '$$.Task.Token' } },
    TimeoutSeconds: 100,
    HeartbeatSeconds: 60,
    End: true,
  }

  test('and missed heartbeats are told apart, although AWS calls both States.Timeout', async () => {
    const wf = await of(machine({ T: CALLBACK }), { T: mock.callback() })
    await wf.run()
    expect(await reached(wf)).toEqual(['T/HeartbeatSeconds 1'])
    const run = await wf.start()
    await run.token('T').heartbeat()
    await run.done()
    expect(await reached(wf)).toEqual(['T/HeartbeatSeconds 2'])
  })

  test('come after all the time that was given', async () => {
    const wf = await of(machine({ T: { ...CALLBACK, HeartbeatSeconds: 60 } }), { T: mock.callback() })
    const run = await wf.start()
    await run.token('T').heartbeat()
    await run.advance('50 seconds')
    await run.token('T').heartbeat()
    await run.done()
    expect(await reached(wf)).toEqual(['T/TimeoutSeconds 1'])
  })

  test('are caught as what they are', async () => {
    const wf = await of(
      machine({
        T: { ...CALLBACK, Catch: [caught('States.HeartbeatTimeout', 'Rest'), caught('States.Timeout', 'Rest')] },
        Rest: DONE,
      }),
      { T: mock.callback() },
    )
    await wf.run()
    expect(await reached(wf)).toEqual(['T/Catch/0 1', 'T/HeartbeatSeconds 1'])
  })
})
