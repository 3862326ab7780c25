import { expect, test } from 'vitest'

import type { HistoryEvent } from '../../../src/history/history-event.ts'
import { history } from '../../../src/history/test-history.ts'
import { foldHistory } from '../../../src/history/visits.ts'
import { dataFlowOf } from './data-flow.ts'

function flowOf(definition: object, events: readonly HistoryEvent[]) {
  const run = foldHistory(events)
  const visit = run.visits[0]
  if (!visit) throw new Error('no visit')
  const steps = dataFlowOf(visit, run, {
    executionArn: 'arn:aws:states:us-east-1:000000000000:execution:m:e',
    stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:m',
    definition: JSON.stringify({ StartAt: 'S', States: { S: definition } }),
    input: '{"year":2025}',
    startAt: 99,
    redriveCount: 0,
    roleArn: 'r',
  })
  return steps.map(({ name, text, isRecorded, isSame }) => [
    name,
    text,
    `${isRecorded ? 'recorded' : 'computed'}${isSame ? ', same' : ''}`,
  ])
}

test('a JSONPath task shows every step, those of the history as they were', () => {
  const definition = {
    Type: 'Task',
    Resource: 'arn:aws:states:::sqs:sendMessage',
    End: true,
    InputPath: '$.in',
    Parameters: { 'a.$': '$.a', 'year.$': '$$.Execution.Input.year', QueueUrl: 'q' },
    ResultSelector: { 'id.$': '$.MessageId' },
    ResultPath: '$.sent',
    OutputPath: '$.sent',
  }
  const events = history(
    ['TaskStateEntered', 0, { name: 'S', input: '{"in":{"a":1}}' }],
    ['TaskScheduled', 1, { parameters: '{"a":1,"year":2025,"QueueUrl":"q"}' }],
    ['TaskSucceeded', 2, { output: '{"MessageId":"m1","More":true}' }],
    ['TaskStateExited', 3, { name: 'S', output: '{"id":"m1"}' }],
  )
  expect(flowOf(definition, events)).toEqual([
    ['input', '{"in":{"a":1}}', 'recorded'],
    ['InputPath', '{"a":1}', 'computed'],
    ['Parameters', '{"a":1,"year":2025,"QueueUrl":"q"}', 'recorded'],
    ['result', '{"MessageId":"m1","More":true}', 'recorded'],
    ['ResultSelector', '{"id":"m1"}', 'computed'],
    ['ResultPath', '{"in":{"a":1},"sent":{"id":"m1"}}', 'computed'],
    ['output', '{"id":"m1"}', 'recorded'],
  ])
})

test('a JSONata task shows its arguments, its result and what it assigned', () => {
  const definition = {
    Type: 'Task',
    QueryLanguage: 'JSONata',
    Resource: 'arn:aws:states:::sqs:sendMessage',
    End: true,
    Arguments: { QueueUrl: '{% $states.input.q %}' },
    Assign: { id: '{% $states.result.MessageId %}' },
  }
  const events = history(
    ['TaskStateEntered', 0, { name: 'S', input: '{"q":"q"}' }],
    ['TaskScheduled', 1, { parameters: '{"QueueUrl":"q"}' }],
    ['TaskSucceeded', 2, { output: '{"MessageId":"m1"}' }],
    ['TaskStateExited', 3, { name: 'S', output: '{"MessageId":"m1"}', assignedVariables: { id: '"m1"' } }],
  )
  expect(flowOf(definition, events)).toEqual([
    ['input', '{"q":"q"}', 'recorded'],
    ['Arguments', '{"QueueUrl":"q"}', 'recorded'],
    ['result', '{"MessageId":"m1"}', 'recorded'],
    ['output', '{"MessageId":"m1"}', 'recorded, same'],
    ['Assign', '{"id":"m1"}', 'recorded'],
  ])
})

test('a Map is given the outputs of its iterations', () => {
  const definition = {
    Type: 'Map',
    ItemsPath: '$.list',
    ResultPath: '$.done',
    End: true,
    ItemProcessor: { StartAt: 'D', States: { D: { Type: 'Pass', End: true } } },
  }
  const events = history(
    ['MapStateEntered', 0, { name: 'S', input: '{"list":[1,2]}' }],
    ['MapStateStarted', 1],
    ['MapIterationStarted', 2, { name: 'S', index: 0 }],
    ['MapIterationStarted', 2, { name: 'S', index: 1 }],
    ['PassStateEntered', 4, { name: 'D', input: '2' }],
    ['PassStateExited', 5, { name: 'D', output: '2' }],
    ['PassStateEntered', 3, { name: 'D', input: '1' }],
    ['PassStateExited', 7, { name: 'D', output: '1' }],
    ['MapStateSucceeded', 8],
    ['MapStateExited', 9, { name: 'S', output: '{"list":[1,2],"done":[1,2]}' }],
  )
  expect(flowOf(definition, events)).toEqual([
    ['input', '{"list":[1,2]}', 'recorded'],
    ['InputPath', '{"list":[1,2]}', 'computed, same'],
    ['ItemsPath', '[1, 2]', 'computed'],
    ['ResultSelector', '[1,2]', 'computed, same'],
    ['ResultPath', '{"list":[1,2],"done":[1,2]}', 'computed'],
    ['output', '{"list":[1,2],"done":[1,2]}', 'recorded, same'],
  ])
})

test('what the definition can no longer work out is left to what was recorded', () => {
  const events = history(
    ['PassStateEntered', 0, { name: 'Gone', input: '1' }],
    ['PassStateExited', 1, { name: 'Gone', output: '2' }],
  )
  expect(flowOf({ Type: 'Pass', End: true }, events)).toEqual([
    ['input', '1', 'recorded'],
    ['output', '2', 'recorded'],
  ])
})
