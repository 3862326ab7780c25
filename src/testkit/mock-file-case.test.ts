/** Workflows that are tested with a mock file that people have already. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { mock, workflow, type WorkflowOptions } from './index.ts'

let folder: string
let mockConfig: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regente-mock-file-'))
  mockConfig = await write('MockConfigFile.json', FILE)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function write(name: string, content: object | string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2))
  return path
}

// As the documentation of Step Functions Local has it.
const FILE = {
  StateMachines: {
    LambdaSQSIntegration: {
      TestCases: {
        HappyPath: { LambdaState: 'MockedLambdaSuccess', SQSState: 'MockedSQSSuccess' },
        RetryPath: { LambdaState: 'MockedLambdaRetry', SQSState: 'MockedSQSSuccess' },
        HybridPath: { LambdaState: 'MockedLambdaSuccess' },
        TooFew: { LambdaState: 'OnlyFailure' },
        Elsewhere: { LambdaStat: 'MockedLambdaSuccess' },
      },
    },
  },
  MockedResponses: {
    MockedLambdaSuccess: { '0': { Return: { StatusCode: 200, Payload: { StatusCode: 200, body: 'Hello from Lambda!' } } } },
    MockedSQSSuccess: { '0': { Return: { MD5OfMessageBody: '3bcb6e8e', MessageId: '3bcb6e8e-8b51' } } },
    OnlyFailure: { '0': { Throw: { Error: 'Lambda.ResourceNotReadyException', Cause: 'not ready' } } },
    MockedLambdaRetry: {
      '0': { Throw: { Error: 'Lambda.ResourceNotReadyException', Cause: 'not ready' } },
      '1-2': { Throw: { Error: 'Lambda.TimeoutException', Cause: 'timed out' } },
      '3': { Return: { StatusCode: 200, Payload: { StatusCode: 200, body: 'Hello from Lambda!' } } },
    },
  },
}
const definition = {
  StartAt: 'LambdaState',
  States: {
    LambdaState: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: 'HelloWorldFunction', 'Payload.$': '$' },
      Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 3 }],
      Next: 'SQSState',
    },
    SQSState: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage',
      Parameters: { QueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/q', 'MessageBody.$': '$' },
      End: true,
    },
  },
}
const open = (options: Partial<WorkflowOptions>) => workflow({ definition, mockConfig, ...options })

describe('a test is told what is wrong', () => {
  test.each([
    [{ testCase: 'Sad' }, "has no test case 'Sad' (it has 'HappyPath', 'RetryPath', 'HybridPath', 'TooFew', 'Elsewhere')"],
    [{ machine: 'Other', testCase: 'HappyPath' }, "It has no state machine 'Other' (it has 'LambdaSQSIntegration')"],
    [{}, "Say which test case of 'LambdaSQSIntegration'"],
    [{ testCase: 'Elsewhere' }, "names 'LambdaStat', which is no state of 'LambdaSQSIntegration'"],
    [{ testCase: 'HappyPath', mockConfig: '/nowhere.json' }, '/nowhere.json cannot be read'],
    [{ testCase: 'HappyPath', mockConfig: undefined }, 'A test case is one of a mock file'],
  ])('of %j', async (options, message) => {
    const { mockConfig: file, ...rest } = { mockConfig, ...options }
    await expect(workflow({ definition, ...rest, ...(file !== undefined && { mockConfig: file }) })).rejects.toThrow(message)
  })

  test('of a broken file, with its line', async () => {
    const broken = await write('broken.json', '{"StateMachines": {},\n "MockedResponses": {"R": {"1": {"Return": 1}}}}')
    await expect(open({ mockConfig: broken })).rejects.toThrow(/broken\.json:2:28: The response 'R' has nothing for call 0/)
  })

  test('of a response with too few answers', async () => {
    const wf = await open({ testCase: 'TooFew' })
    await expect(wf.run()).rejects.toThrow(
      "The response 'OnlyFailure' has nothing for call 1 of state 'LambdaState': it ends with 0.",
    )
  })

  test('of a state that the case leaves to the real thing', async () => {
    const wf = await open({ testCase: 'HybridPath' })
    await expect(wf.run()).rejects.toThrow('SQSState calls arn:aws:states:::sqs:sendMessage, and no mock answers it')
  })
})

test('the file answers the tasks of its case', async () => {
  const run = await (await open({ testCase: 'HappyPath' })).run({ a: 1 })
  expect(run.output).toEqual({ MD5OfMessageBody: '3bcb6e8e', MessageId: '3bcb6e8e-8b51' })
})

test('each attempt takes the next answer', async () => {
  const run = await (await open({ testCase: 'RetryPath', machine: 'LambdaSQSIntegration' })).run()
  expect(run.status).toBe('SUCCEEDED')
  expect(run.state('LambdaState').thrown.map(({ error }) => error)).toEqual([
    'Lambda.ResourceNotReadyException',
    'Lambda.TimeoutException',
    'Lambda.TimeoutException',
  ])
})

test("each run begins anew, and the test's own mocks go before the file", async () => {
  const wf = await open({ testCase: 'RetryPath', mocks: { SQSState: mock.return({ MessageId: 'mine' }) } })
  for (let i = 0; i < 2; i++) {
    const run = await wf.run()
    expect(run.output).toEqual({ MessageId: 'mine' })
    expect(run.state('LambdaState').retries).toBe(3)
  }
})

test('the items of a Map take one answer after the other, each execution of a distributed one begins anew', async () => {
  const path = await write('map.json', {
    StateMachines: { M: { TestCases: { C: { Ship: 'R' } } } },
    MockedResponses: { R: { '0': { Return: 'a' }, '1-2': { Return: 'b' } } },
  })
  const mapOf = (ProcessorConfig: object) => ({
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        MaxConcurrency: 1,
        ItemProcessor: {
          ProcessorConfig,
          StartAt: 'Ship',
          States: { Ship: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:123456789012:function:ship', End: true } },
        },
        End: true,
      },
    },
  })
  const outputOf = async (config: object) =>
    (await (await workflow({ definition: mapOf(config), mockConfig: path, testCase: 'C' })).run([1, 2, 3])).output
  expect(await outputOf({ Mode: 'INLINE' })).toEqual(['a', 'b', 'b'])
  expect(await outputOf({ Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' })).toEqual(['a', 'a', 'a'])
  expect(await outputOf({ Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' })).toEqual(['a', 'a', 'a'])
})
