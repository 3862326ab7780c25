import { expect, test } from 'vitest'

import type { Json } from '../../base/json.ts'

import { compileDefinition } from '../../asl/compile.ts'

import { withParameterChecks } from './checked-program.ts'

/** What the Task of a compiled machine says of parameters that it has come to. */
function problems(resource: string, parameters: Json): readonly string[] {
  const A = { Type: 'Task', Resource: `arn:aws:states:::${resource}`, Parameters: { 'x.$': '$' }, End: true }
  const compiled = compileDefinition(JSON.stringify({ StartAt: 'A', States: { A } }))
  const state = compiled.ok ? withParameterChecks(compiled.value).states.get('A') : undefined
  return state?.type === 'Task' ? (state.checkParameters?.(parameters) ?? ['unchecked']) : ['no Task']
}

test('what has come of the parameters is checked as they were written', () => {
  expect(problems('lambda:invoke', { FunctionName: 'f', Payload: 5 })).toEqual([
    "The value for the field 'Payload' must be a STRING",
  ])
  expect(problems('lambda:invoke', { FunctionName: 'f', TaskToken: 't' })).toEqual([
    'The field "TaskToken" is not supported by Step Functions',
  ])
  expect(problems('sqs:sendMessage', { MessageBody: 'x' })).toEqual(["The field 'QueueUrl' is required but was missing"])
})

test('null is as good as given, and members of maps are data', () => {
  expect(problems('sqs:sendMessage', { QueueUrl: 'u', MessageBody: null })).toEqual([])
  expect(problems('aws-sdk:dynamodb:putItem', { TableName: 't', Item: null })).toEqual([])
  expect(problems('dynamodb:putItem', { TableName: 't', Item: { any: { M: { name: { S: 'x' } } } } })).toEqual([])
})

test('without parameters of its own a state hands on its input, which the service judges', () => {
  const A = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', End: true }
  const compiled = compileDefinition(JSON.stringify({ StartAt: 'A', States: { A } }))
  const state = compiled.ok && withParameterChecks(compiled.value).states.get('A')
  expect(state).not.toHaveProperty('checkParameters')
})
