import { describe, expect, test } from 'vitest'

import type { HistoryEvent } from '../../history/history-event.ts'

import { mock } from '../mock.ts'
import type { Mocks } from '../mock-table.ts'
import { workflow } from '../workflow.ts'
import type { Recording } from './recording.ts'
import { recordingOf } from './recording-of.ts'
import { replay } from './replay.ts'

const invoke = (name: string, rest: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: name, 'Payload.$': '$' },
  ResultSelector: { 'answer.$': '$.Payload' },
  ResultPath: `$.${name}`,
  ...rest,
})

const RETRY = [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, MaxAttempts: 2 }]
const ORDER = {
  StartAt: 'Check',
  States: {
    Check: invoke('check', { Next: 'Large?' }),
    'Large?': { Type: 'Choice', Choices: [{ Variable: '$.total', NumericGreaterThan: 100, Next: 'Approve' }], Default: 'Each' },
    Approve: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { QueueUrl: 'q', MessageBody: { 'Token.$': '$$.Task.Token' } },
      HeartbeatSeconds: 60,
      ResultPath: '$.approval',
      Next: 'Each',
    },
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      ResultPath: '$.shipped',
      ItemProcessor: { StartAt: 'Ship', States: { Ship: invoke('ship', { Retry: RETRY, End: true }) } },
      Next: 'Both',
    },
    Both: {
      Type: 'Parallel',
      ResultPath: null,
      Branches: [
        { StartAt: 'Mail', States: { Mail: invoke('mail', { End: true }) } },
        { StartAt: 'Rest', States: { Rest: { Type: 'Wait', Seconds: 5, Next: 'Note' }, Note: { Type: 'Pass', End: true } } },
      ],
      End: true,
    },
  },
}
const MOCKS: Mocks = {
  '*': (_, { path }) => ({ Payload: path }),
  Approve: { kind: 'delay', ms: 600_000, heartbeatMs: 50_000, then: mock.return({ by: 'me' }) },
  'Each[1]/Ship': mock.sequence(mock.throw('Busy', 'come again'), mock.delay('3 s', mock.return({ Payload: 'late' }))),
}
const SMALL = { total: 5, items: [{ n: 1 }, { n: 2 }] }

async function recorded(definition: object = ORDER, input: unknown = SMALL, mocks: Mocks = MOCKS): Promise<Recording> {
  const wf = await workflow({ definition, mocks, validateMocks: 'NONE' })
  const run = await wf.run(input)
  return recordingOf({ history: run.history(), source: run.executionArn, definition: wf.definition })
}

/** The definition with one of its states otherwise. */
const changed = (states: Readonly<Record<string, object>>, definition: typeof ORDER = ORDER): object => ({
  ...definition,
  States: { ...definition.States, ...states },
})

describe('a recording', () => {
  test('is made of nothing that has not ended', async () => {
    const wf = await workflow({ definition: ORDER, mocks: { ...MOCKS, Approve: mock.callback() }, validateMocks: 'NONE' })
    const run = await wf.start({ ...SMALL, total: 500 })
    await run.reached('Approve')
    expect(() => recordingOf({ history: run.history(), source: 'order-1' })).toThrow('order-1 has not ended.')
  })

  test('is made of nothing that was read without its data, or not whole', async () => {
    const wf = await workflow({ definition: ORDER, mocks: MOCKS, validateMocks: 'NONE' })
    const [first, ...rest] = (await wf.run(SMALL)).history()
    const started = (details: object) => ({ ...(first as HistoryEvent), executionStartedEventDetails: details as never })
    expect(() => recordingOf({ history: rest })).toThrow('it is no whole history. Read all pages')
    expect(() => recordingOf({ history: [started({ roleArn: 'r' }), ...rest] })).toThrow('--include-execution-data')
    const cut = started({ roleArn: 'r', input: '{"a', inputDetails: { truncated: true } })
    expect(() => recordingOf({ history: [cut, ...rest] })).toThrow('has its input truncated')
  })

  test('has what each call was answered, by path and in its order, and the way', async () => {
    const recording = await recorded()
    expect(recording).toMatchObject({ name: 'run-1', input: SMALL, startedAt: '2026-01-01T00:00:00.000Z', notes: [] })
    expect(recording.calls['Each[1]/Ship']).toEqual([
      { resource: 'arn:aws:states:::lambda:invoke', ms: 0, outcome: 'failed', error: 'Busy', cause: 'come again', phase: 'run' },
      { resource: 'arn:aws:states:::lambda:invoke', ms: 3_000, outcome: 'succeeded', result: { Payload: 'late' } },
    ])
    expect(recording.expect).toMatchObject({
      status: 'SUCCEEDED',
      output: { total: 5, shipped: [{ n: 1 }, { n: 2, ship: { answer: 'late' } }] },
      path: ['Check', 'Large?', 'Each', 'Each[0]/Ship', 'Each[1]/Ship', 'Both', 'Both/Mail', 'Both/Rest', 'Both/Note'],
      ms: 9_000,
    })
  })

  test('says what a history does not tell', async () => {
    const { definition } = await recorded()
    const wf = await workflow({ definition: ORDER, mocks: MOCKS, validateMocks: 'NONE' })
    const history = (await wf.run(SMALL))
      .history()
      .map((event) =>
        event.type === 'TaskSucceeded' && event.taskSucceededEventDetails?.output === '{"Payload":"late"}'
          ? { ...event, taskSucceededEventDetails: { ...event.taskSucceededEventDetails, outputDetails: { truncated: true } } }
          : event,
      )
    const recording = recordingOf({ history, definition: definition ?? '' })
    expect(recording.calls['Each[1]/Ship']?.[1]).toMatchObject({ outcome: 'untold' })
    expect(recording.notes).toEqual([
      'The history does not tell the result of Each[1]/Ship whole: a replay cannot go on from there.',
    ])
    expect((await replay(recording)).differences).toMatchObject([{ kind: 'untold', path: 'Each[1]/Ship' }])
  })
})

describe('a replay', () => {
  test('needs a definition', async () => {
    const { definition: _, ...rest } = await recorded()
    await expect(replay({ ...rest, definition: undefined })).rejects.toThrow('has no definition. Name one')
    await expect(replay(await recorded(), { definition: { StartAt: 'X', States: {} } })).rejects.toThrow('is no state machine')
  })

  test('of what was recorded is the same', async () => {
    for (const total of [5, 500]) {
      const { differences, notes } = await replay(await recorded(ORDER, { ...SMALL, total }))
      expect({ differences, notes }).toEqual({ differences: [], notes: [] })
    }
  })

  test('takes whatever name a recording has', async () => {
    expect((await replay({ ...(await recorded()), name: 'of June, 3rd/ñ' })).isSame).toBe(true)
    expect((await replay({ ...(await recorded()), name: '' })).isSame).toBe(true)
  })

  const differing = async (definition: object, input?: unknown, mocks?: Mocks) => {
    const { differences } = await replay(await recorded(ORDER, input, mocks), { definition })
    return differences.map(({ message }) => message)
  }

  test('tells where the way parts', async () => {
    const definition = changed({
      'Large?': { Type: 'Choice', Choices: [{ Variable: '$.total', NumericGreaterThan: 3, Next: 'Refuse' }], Default: 'Approve' },
      Refuse: { Type: 'Fail', Error: 'TooDear', Cause: 'no' },
    })
    expect(await differing(definition)).toEqual([
      'After Large? comes Refuse, where Each came.',
      'It ended SUCCEEDED; now it ends FAILED with TooDear: no.',
    ])
  })

  test('tells what is called that was never recorded', async () => {
    const definition = changed({ Check: invoke('check', { Next: 'Score' }), Score: invoke('score', { Next: 'Large?' }) })
    expect(await differing(definition)).toEqual([
      'After Check comes Score, where Large? came.',
      'Score calls arn:aws:states:::lambda:invoke, which was never recorded: it has no answer.',
    ])
  })

  test('gives no answer of one service for that of another', async () => {
    const Parameters = { QueueUrl: 'q', MessageBody: 'm' }
    const definition = changed({
      Check: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', Parameters, Next: 'Large?' },
    })
    expect(await differing(definition)).toEqual([
      'Check calls arn:aws:states:::sqs:sendMessage; recorded is what arn:aws:states:::lambda:invoke answered: it has no answer.',
    ])
  })

  test('has no more answers than were given', async () => {
    const fails = { ...MOCKS, Check: mock.throw('Busy') }
    const definition = changed({ Check: invoke('check', { Next: 'Large?', Retry: RETRY }) })
    expect(await differing(definition, SMALL, fails)).toEqual([
      'Check calls arn:aws:states:::lambda:invoke once more than the one time that was recorded: it has no answer.',
    ])
  })

  test('tells another output by the first value that differs', async () => {
    const definition = changed({ Check: { ...invoke('check', { Next: 'Large?' }), ResultSelector: { answer: 7 } } })
    expect(await differing(definition)).toEqual(['Its output differs at /check/answer: it was "Check", now it is 7.'])
  })

  test('keeps the times: what has become too impatient is told', async () => {
    const definition = changed({ Approve: { ...ORDER.States.Approve, TimeoutSeconds: 300 } })
    expect(await differing(definition, { ...SMALL, total: 500 })).toEqual([
      'After Approve comes nothing, where Each came.',
      'It ended SUCCEEDED; now it ends FAILED with States.Timeout.',
    ])
  })

  test('knows nothing of what nobody waited for', async () => {
    const slow = { ...MOCKS, Check: mock.delay('40 s', mock.return({ Payload: 'Check' })) }
    const definition = changed({ Check: invoke('check', { Next: 'Large?', TimeoutSeconds: 10 }) })
    const recording = await recorded(definition, SMALL, slow)
    expect(recording.expect).toMatchObject({ status: 'FAILED', error: 'States.Timeout' })
    expect((await replay(recording)).differences).toEqual([])
    const { differences } = await replay(recording, { definition: ORDER })
    expect(differences.map(({ message }) => message)).toEqual([
      'Check waits longer than the 10 s after which it was given up: what it would have been answered is not known.',
    ])
  })

  test('notes calls that ask something else', async () => {
    const definition = changed({
      Check: { ...invoke('check', { Next: 'Large?' }), Parameters: { FunctionName: 'check', Payload: 'x' } },
    })
    const { isSame, notes } = await replay(await recorded(), { definition })
    expect(isSame).toBe(true)
    expect(notes).toEqual([
      `Check would be called with other parameters, at /Payload: ${JSON.stringify(SMALL)} was sent, now "x". It gets the recorded answer all the same.`,
    ])
  })

  test('looks at the branches of a Parallel in whatever order they went', async () => {
    const [mail, rest] = ORDER.States.Both.Branches
    const turned = changed({ Both: { ...ORDER.States.Both, Branches: [rest, mail] } })
    expect(await differing(turned)).toEqual([])
    const without = changed({ Both: { ...ORDER.States.Both, Branches: [mail] } })
    expect(await differing(without)).toEqual(['In Both comes nothing, where Both/Rest came.'])
  })

  test('stops what was stopped when it was', async () => {
    const wf = await workflow({ definition: ORDER, mocks: { ...MOCKS, Approve: mock.callback() }, validateMocks: 'NONE' })
    const run = await wf.start({ ...SMALL, total: 500 })
    await run.reached('Approve')
    await run.stop('Enough', 'no longer wanted')
    const recording = recordingOf({ history: run.history(), definition: wf.definition })
    expect(recording.expect).toMatchObject({ status: 'ABORTED', error: 'Enough', path: ['Check', 'Large?', 'Approve'] })
    expect((await replay(recording)).differences).toEqual([])
  })
})

describe('a distributed Map', () => {
  const ALL = {
    StartAt: 'All',
    States: {
      All: {
        Type: 'Map',
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          ReaderConfig: { InputType: 'JSON' },
          Parameters: { Bucket: 'in', Key: 'a.json' },
        },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'Work',
          States: { Work: invoke('work', { End: true }) },
        },
        End: true,
      },
    },
  }
  const ITEMS = '[{"n":1},{"n":2},{"n":3}]'

  type Histories = readonly (readonly HistoryEvent[])[]

  async function recordedAll(order: (children: Histories) => Histories | undefined = (children) => children) {
    const wf = await workflow({ definition: ALL, mocks: { '*': (p) => ({ Payload: p }) }, validateMocks: 'NONE' })
    wf.putObject('in/a.json', ITEMS)
    const run = await wf.run()
    const mapRunArn = run.history().find(({ type }) => type === 'MapRunStarted')?.mapRunStartedEventDetails?.mapRunArn ?? ''
    const children = order(run.children())
    return recordingOf({
      history: run.history(),
      definition: wf.definition,
      ...(children !== undefined && { children: { [mapRunArn]: children } }),
    })
  }

  test('needs the objects that it read: a history does not have them', async () => {
    await expect(replay(await recordedAll())).rejects.toThrow('Give them: regente replay --object bucket/key=FILE')
  })

  test('knows its children by their inputs, in whatever order they are told', async () => {
    for (const order of [(all: Histories) => all, (all: Histories) => all.toReversed()]) {
      const recording = await recordedAll(order)
      expect(recording.calls['All[1]/Work']).toMatchObject([{ result: { Payload: { Payload: { n: 2 } } } }])
      expect((await replay(recording, { objects: { 'in/a.json': ITEMS } })).differences).toEqual([])
    }
  })

  test('whose children are not at hand says so', async () => {
    const recording = await recordedAll(() => undefined)
    expect(recording.notes).toEqual(['The histories of the children of All were not at hand: its calls have no answers.'])
    const { differences } = await replay(recording, { objects: { 'in/a.json': ITEMS } })
    expect(differences).toMatchObject([{ kind: 'unrecorded', path: 'All[0]/Work' }])
  })
})
