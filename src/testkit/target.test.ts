/** The same workflows in this process, at a real Regente, and state by state through its TestState. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createRegente } from '../index.ts'
import { callJson } from '../aws/call.ts'
import { endpointsAt } from '../aws/endpoints.ts'
import { SERVICES } from '../aws/services.ts'

import { chaos, clock, mock, skipReason, type WorkflowOptions, workflow } from './index.ts'

let directory: string
let endpoint: string
let server: ReturnType<typeof createRegente>
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'regente-target-'))
  server = createRegente({ port: 0, dataDirectory: directory, logLevel: 'silent' })
  endpoint = (await server.start()).url
})
afterAll(async () => {
  await server.stop()
  await rm(directory, { recursive: true, force: true })
})

async function ask(service: 'sfn' | 'sqs', action: string, input: object) {
  const called = await callJson(
    endpointsAt(() => ({ endpoint, region: 'us-east-1' })),
    SERVICES[service],
    action,
    input,
  )
  if (!called.ok) throw new Error(JSON.stringify(called.error))
  return called.value.body
}

const at = (definition: object, more: Partial<WorkflowOptions> = {}) =>
  workflow({ definition, target: 'server', endpoint, ...more })

const machines = async () => ((await ask('sfn', 'ListStateMachines', {}))['stateMachines'] as unknown[]).length

const reasonOf = (running: Promise<unknown>): Promise<string | undefined> => running.then(() => undefined, skipReason)

const CHOICE = {
  StartAt: 'Add',
  States: {
    Add: { Type: 'Pass', Parameters: { 'n.$': 'States.MathAdd($.n, 1)' }, Next: 'Enough' },
    Enough: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericGreaterThan: 2, Next: 'Each' }], Default: 'Add' },
    Each: {
      Type: 'Map',
      ItemsPath: '$$.Execution.Input.items',
      ItemProcessor: { StartAt: 'Keep', States: { Keep: { Type: 'Pass', End: true } } },
      End: true,
    },
  },
}

describe('a workflow without mocks', () => {
  test.each(['process', 'server'] as const)('runs for real: %s', async (target) => {
    const wf = await workflow({ definition: CHOICE, target, endpoint })
    try {
      const run = await wf.run({ n: 0, items: ['a', 'b'] })
      expect(run).toMatchObject({ status: 'SUCCEEDED', output: ['a', 'b'] })
      expect(run.states().map(({ path }) => path)).toEqual([
        ...['Add', 'Enough', 'Add', 'Enough', 'Add', 'Enough'],
        ...['Each', 'Each[0]/Keep', 'Each[1]/Keep'],
      ])
      expect(run.state('Each[1]/Keep')).toMatchObject({ input: 'b', output: 'b', status: 'succeeded' })
      expect(run.history().at(-1)?.type).toBe('ExecutionSucceeded')
    } finally {
      await wf.close()
    }
  })

  test('leaves nothing behind', async () => {
    const before = await machines()
    const wf = await at(CHOICE)
    expect(await machines()).toBe(before + 1)
    await wf.close()
    await expect.poll(machines).toBe(before)
  })

  test('is answered by its tokens, also those of activities, which are made where they are missing', async () => {
    const { QueueUrl } = await ask('sqs', 'CreateQueue', { QueueName: 'asked' })
    const wf = await at({
      StartAt: 'Ask',
      States: {
        Ask: {
          Type: 'Task',
          Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
          Parameters: { QueueUrl, MessageBody: { 'token.$': '$$.Task.Token' } },
          Next: 'Work',
        },
        Work: { Type: 'Task', Resource: 'arn:aws:states:us-east-1:000000000000:activity:working', End: true },
      },
    })
    const run = await wf.start()
    await run.token('Ask').heartbeat()
    await run.token('Ask').succeed({ asked: true })
    await run.reached('Work')
    await run.token('Work').fail('Rejected', 'too dear')
    expect(await run.done()).toMatchObject({ status: 'FAILED', error: 'Rejected', cause: 'too dear' })
    expect(run.state('Ask').output).toEqual({ asked: true })
    await wf.close()
  })

  test('has the children of its Map Runs', async () => {
    const wf = await at({
      StartAt: 'Each',
      States: {
        Each: {
          Type: 'Map',
          MaxConcurrency: 1,
          ItemProcessor: {
            ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
            StartAt: 'Keep',
            States: { Keep: { Type: 'Pass', End: true } },
          },
          End: true,
        },
      },
    })
    const run = await wf.run([1, 2])
    expect(run.states('Each/Keep')).toHaveLength(2)
    expect(run.children()).toHaveLength(2)
    await wf.close()
  })

  test('may be an Express one, of which nobody tells the states', async () => {
    const wf = await at(CHOICE, { type: 'EXPRESS' })
    const run = await wf.run({ n: 0, items: [] })
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: [] })
    expect(() => run.states()).toThrow('the API tells no history of an Express execution')
    await wf.close()
  })

  test('that takes too long is told, with where it stands', async () => {
    const wf = await at({ StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 3600, End: true } } }, { patience: '100 ms' })
    const run = await wf.start()
    await expect(run.done()).rejects.toThrow('within 0.1 s of real time: it stands at Wait. workflow({ patience })')
    await run.stop('Enough')
    expect(run).toMatchObject({ status: 'ABORTED', error: 'Enough' })
    await wf.close()
  })

  test('is told to be none', async () => {
    await expect(at({ StartAt: 'X', States: {} })).rejects.toThrow('The definition is no state machine')
    await expect(at(CHOICE, { endpoint: 'http://127.0.0.1:1' })).rejects.toThrow('Is it running? regente start')
  })
})

describe('a workflow with mocks is walked by TestState', () => {
  const INVOKE = 'arn:aws:states:::lambda:invoke'
  const call = (name: string, more: object) => ({
    Type: 'Task',
    Resource: INVOKE,
    Parameters: { FunctionName: name, 'Payload.$': '$' },
    OutputPath: '$.Payload',
    ...more,
  })
  const RETRY = [{ ErrorEquals: ['Busy'], MaxAttempts: 2 }]
  const ORDER = {
    StartAt: 'Pay',
    States: {
      Pay: call('pay', { Retry: RETRY, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Refund' }], Next: 'Ship' }),
      Ship: {
        Type: 'Map',
        ItemsPath: '$.items',
        ItemSelector: { 'item.$': '$$.Map.Item.Value' },
        ItemProcessor: { StartAt: 'Send', States: { Send: call('send', { End: true }) } },
        ResultPath: '$.sent',
        Next: 'Both',
      },
      Both: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'Mail', States: { Mail: call('mail', { End: true }) } },
          { StartAt: 'Log', States: { Log: { Type: 'Pass', Result: 'logged', End: true } } },
        ],
        End: true,
      },
      Refund: { Type: 'Fail', Error: 'Refunded' },
    },
  }
  const ok = (Payload: unknown) => ({ Payload, StatusCode: 200 })
  const MOCKS: WorkflowOptions['mocks'] = {
    Pay: mock.sequence(mock.throw('Busy'), mock.throw('Busy'), mock.return(ok({ items: [1, 2] }))),
    send: (parameters, { index }) => ok({ got: (parameters as { Payload: object }).Payload, index: index ?? -1 }),
    'Both/*': mock.return(ok('mailed')),
  }

  test.each(['process', 'server'] as const)('with the same outcome: %s', async (target) => {
    const wf = await workflow({ definition: ORDER, target, endpoint, mocks: MOCKS })
    const run = await wf.run({ order: 1 })
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: ['mailed', 'logged'] })
    expect(run.states().map(({ path }) => path)).toEqual(
      expect.arrayContaining(['Pay', 'Ship', 'Ship[0]/Send', 'Ship[1]/Send', 'Both', 'Both/Mail', 'Both/Log']),
    )
    expect(run.state('Pay')).toMatchObject({ retries: 2, status: 'succeeded', thrown: [{ error: 'Busy' }, { error: 'Busy' }] })
    expect(run.state('Ship[1]/Send').output).toEqual({ got: { item: 2 }, index: 1 })
    expect(run.state('Ship').output).toMatchObject({ items: [1, 2], sent: [{ index: 0 }, { index: 1 }] })
    await wf.close()
  })

  test.each(['process', 'server'] as const)('catches and fails: %s', async (target) => {
    const wf = await workflow({ definition: ORDER, target, endpoint, mocks: { Pay: mock.throw('Busy') } })
    const run = await wf.run({})
    expect(run).toMatchObject({ status: 'FAILED', error: 'Refunded' })
    expect(run.state('Pay')).toMatchObject({ status: 'caught', retries: 2, error: 'Busy' })
    await wf.close()
  })

  test('where mocks are missing, or no answers of the service, as in process', async () => {
    await expect((await at(ORDER, { mocks: { Other: mock.return(1) } })).run()).rejects.toThrow('and no mock answers it')
    const publish = {
      Type: 'Task',
      Resource: 'arn:aws:states:::sns:publish',
      Parameters: { TopicArn: 't', Message: 'm' },
      End: true,
    }
    const wf = await at({ StartAt: 'T', States: { T: publish } }, { mocks: { T: mock.return({ MessageId: 1 }) } })
    await expect(wf.run()).rejects.toThrow(/T cannot be tried by TestState.*MessageId/)
  })

  test('and skipped where that cannot be', async () => {
    const mocked = async (one: NonNullable<WorkflowOptions['mocks']>[string]) =>
      reasonOf((await at(ORDER, { mocks: { Pay: one } })).run())
    expect(await mocked(mock.callback())).toBe(
      'On server this cannot be tested: Pay is answered by its token, and TestState begins no task. Use mock.return(…) there.',
    )
    expect(await mocked(mock.delay('1 s', mock.return(1)))).toContain('takes its time')
    expect(await mocked(mock.handler('./pay.ts'))).toContain('runs the handler ./pay.ts')
    const wf = await at(ORDER, { mocks: MOCKS })
    const run = await wf.start()
    expect(await reasonOf(run.advance('1 day'))).toContain('moves time')
    expect(() => run.history()).toThrow('there is no history')
  })
})

describe('what is possible in process alone', () => {
  test('skips the test, with the reason', async () => {
    expect(await reasonOf((await at(CHOICE, { clock: clock.manual() })).run())).toContain('time is real there')
    expect(await reasonOf((await at(CHOICE, { chaos: [chaos.crashAfter(1)] })).run())).toContain('in process alone')
    const wf = await at(CHOICE)
    expect(await reasonOf((await wf.start({ n: 9, items: [] })).advance('1 day'))).toContain('time is real there')
    expect(() => wf.putObject('a/b', '')).toThrow('in process alone')
    await wf.close()
  })

  test('other failures are no reason to skip', () => {
    expect(skipReason(new Error('x'))).toBeUndefined()
  })

  test('a target that is none is told', async () => {
    await expect(at(CHOICE, { target: 'moon' as never })).rejects.toThrow('there is no such target: process, server, aws')
  })
})

describe('mock.real', () => {
  const ask1 = {
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:sqs:getQueueUrl',
    Parameters: { QueueName: 'real' },
    End: true,
  }

  test('calls a running endpoint from within this process, and tells its errors', async () => {
    const wf = await workflow({ definition: { StartAt: 'T', States: { T: ask1 } }, mocks: { T: mock.real({ endpoint }) } })
    expect(await wf.run()).toMatchObject({ status: 'FAILED', error: expect.stringContaining('QueueDoesNotExist') })
    const { QueueUrl } = await ask('sqs', 'CreateQueue', { QueueName: 'real' })
    expect((await wf.run()).output).toEqual({ QueueUrl })
  })

  test('waits for a job there', async () => {
    const child = await at({ StartAt: 'P', States: { P: { Type: 'Pass', Result: { done: true }, End: true } } })
    const { stateMachines } = await ask('sfn', 'ListStateMachines', {})
    const [machine] = stateMachines as { stateMachineArn: string }[]
    const job = {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Parameters: { StateMachineArn: machine?.stateMachineArn },
      End: true,
    }
    const wf = await workflow({ definition: { StartAt: 'T', States: { T: job } }, mocks: { T: mock.real({ endpoint }) } })
    for (let n = 0; n < 2; n++) expect((await wf.run()).output).toMatchObject({ Output: { done: true } })
    await child.close()
  })

  test('stands for no activity', async () => {
    const work = { Type: 'Task', Resource: 'arn:aws:states:us-east-1:000000000000:activity:w', End: true }
    const wf = await workflow({ definition: { StartAt: 'W', States: { W: work } }, mocks: { W: mock.real() } })
    await expect(wf.run()).rejects.toThrow('W is an activity')
  })
})
