import { expect, test } from 'vitest'

import { mock, workflow } from '../index.ts'
import { stableHistory } from './stable-history.ts'

const APPROVAL = {
  StartAt: 'Wait',
  States: {
    Wait: { Type: 'Wait', Seconds: 10, Next: 'Approve' },
    Approve: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: {
        QueueUrl: 'q',
        MessageBody: {
          'Token.$': '$$.Task.Token',
          'Again.$': '$$.Task.Token',
          'Execution.$': '$$.Execution.Id',
          'Name.$': '$$.Execution.Name',
          'Machine.$': '$$.StateMachine.Id',
          'Entered.$': '$$.State.EnteredTime',
          Since: '2020-02-02T00:00:00Z',
        },
      },
      ResultPath: '$.approval',
      Next: 'Mark',
    },
    Mark: {
      Type: 'Pass',
      Parameters: { 'id.$': 'States.UUID()', function: 'arn:aws:lambda:eu-west-1:123456789012:function:charge' },
      End: true,
    },
  },
}

test('what is made anew for each run is numbered, the same thing by the same mark', async () => {
  const histories = []
  for (const seed of [1, 2]) {
    const wf = await workflow({ definition: APPROVAL, seed, mocks: { Approve: mock.return({ ok: true }) } })
    histories.push(stableHistory(await wf.run({ order: 7 }, { name: `order-${seed}` })))
  }
  expect(histories[0]).toEqual(histories[1])
  const [history] = histories
  expect(history?.children).toBeUndefined()
  expect(history?.events[0]).toEqual({
    id: 1,
    previousEventId: 0,
    type: 'ExecutionStarted',
    timestamp: '+0s',
    executionStartedEventDetails: { input: { order: 7 }, roleArn: 'arn:aws:iam::<account>:role/workflow' },
  })
  const scheduled = history?.events.find(({ type }) => type === 'TaskScheduled')
  expect(scheduled).toMatchObject({
    timestamp: '+10s',
    taskScheduledEventDetails: {
      region: '<region>',
      parameters: {
        MessageBody: {
          Token: '<token:1>',
          Again: '<token:1>',
          Execution: '<executionArn:1>',
          Name: '<executionName:1>',
          Machine: '<stateMachineArn:1>',
          Entered: '<+10s>',
          Since: '2020-02-02T00:00:00Z',
        },
      },
    },
  })
  expect(history?.events.at(-1)).toMatchObject({
    executionSucceededEventDetails: { output: { id: '<uuid:1>', function: 'arn:aws:lambda:<region>:<account>:function:charge' } },
  })
})

test('the children of a Map Run are there, in the order of their items', async () => {
  const definition = {
    StartAt: 'All',
    States: {
      All: {
        Type: 'Map',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'Work',
          States: { Work: { Type: 'Pass', Parameters: { 'me.$': '$$.Execution.Id', 'n.$': '$' }, End: true } },
        },
        Next: 'After',
      },
      After: { Type: 'Succeed' },
    },
  }
  const run = await (await workflow({ definition })).run([5, 6])
  const { events, children = [] } = stableHistory(run)
  expect(events.find(({ type }) => type === 'MapRunStarted')).toMatchObject({
    mapRunStartedEventDetails: { mapRunArn: '<mapRunArn:1>' },
  })
  expect(children.map((child) => child.at(-1))).toMatchObject([
    { executionSucceededEventDetails: { output: { me: '<executionArn:1>', n: 5 } } },
    { executionSucceededEventDetails: { output: { me: '<executionArn:2>', n: 6 } } },
  ])
  expect(run.states().map(({ path }) => path)).toEqual(['All', 'All[0]/Work', 'All[1]/Work', 'After'])
})

test('a cause that is JSON is shown so, without the lines of files', () => {
  const cause = JSON.stringify({ errorType: 'Error', errorMessage: 'no', trace: ['Error: no', '    at /home/me/charge.js:3:1'] })
  const at = 1_767_225_600
  const events = [
    { id: 1, type: 'ExecutionStarted', timestamp: at },
    { id: 2, type: 'ExecutionFailed', timestamp: at + 0.25, executionFailedEventDetails: { error: 'Error', cause } },
  ]
  expect(stableHistory(events).events[1]).toEqual({
    id: 2,
    type: 'ExecutionFailed',
    timestamp: '+0.25s',
    executionFailedEventDetails: { error: 'Error', cause: { errorType: 'Error', errorMessage: 'no', trace: ['<trace>'] } },
  })
})
