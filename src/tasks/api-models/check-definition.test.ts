import { expect, test } from 'vitest'

import { checkTaskParameters } from './check-definition.ts'

async function faults(resource: string, fields: object, machine: object = {}): Promise<readonly string[]> {
  const state = { Type: 'Task', Resource: `arn:aws:states:::${resource}`, End: true, ...fields }
  const definition = JSON.stringify({ StartAt: 'A', States: { A: state }, ...machine })
  const found = await checkTaskParameters(definition, async () => {})
  return found.map(({ code, message, location }) => {
    expect(code).toBe('SCHEMA_VALIDATION_FAILED')
    return `${message} at ${location}`
  })
}
const jsonpath = (resource: string, Parameters: unknown) => faults(resource, { Parameters })
const jsonata = (resource: string, Arguments: unknown) => faults(resource, { Arguments }, { QueryLanguage: 'JSONata' })
const AT = 'at /States/A/Parameters'

test('members that the call does not take are refused, and so is a spelling that is not PascalCase', async () => {
  const message = { QueueUrl: 'u', MessageBody: 'x' }
  expect(await jsonpath('sqs:sendMessage', { ...message, DelaySecond: 5 })).toEqual([
    `The field "DelaySecond" is not supported by Step Functions ${AT}`,
  ])
  expect(await jsonpath('aws-sdk:sfn:startExecution', { stateMachineArn: 'a' })).toEqual([
    `The field "stateMachineArn" is not supported by Step Functions ${AT}`,
    `The field 'StateMachineArn' is required but was missing ${AT}`,
  ])
  const network = { awsVpcConfiguration: { Subnets: ['s'] } }
  expect(await jsonpath('ecs:runTask.sync', { TaskDefinition: 't', NetworkConfiguration: network })).toEqual([
    `The field "awsVpcConfiguration" is not supported by Step Functions ${AT}`,
  ])
  const jobs = { JobName: 'j', JobQueue: 'q', JobDefinition: 'd' }
  const rules = [{ onStatusReason: 'x', action: 'EXIT' }]
  expect(await jsonpath('aws-sdk:batch:submitJob', { ...jobs, RetryStrategy: { EvaluateOnExit: rules } })).toEqual([
    `The field "onStatusReason" is not supported by Step Functions ${AT}`,
    `The field "action" is not supported by Step Functions ${AT}`,
    `The field 'Action' is required but was missing ${AT}`,
  ])
  expect(await jsonpath('batch:submitJob', { ...jobs, RetryStrategy: { attempts: 5 } })).toEqual([])
  expect(await jsonpath('dynamodb:putItem', { TableName: 't', Item: { id: { s: 'b' } } })).toEqual([
    `The field "s" is not supported by Step Functions ${AT}`,
  ])
  expect(await jsonpath('sqs:sendMessage', { ...message, MessageAttributes: { a: { dataType: 'String' } } })).toEqual([
    `The field "dataType" is not supported by Step Functions ${AT}`,
    `The field 'DataType' is required but was missing ${AT}`,
  ])
})

test('what a call needs must be given, as a value or as a path', async () => {
  expect(await jsonpath('lambda:invoke', { Payload: {} })).toEqual([`The field 'FunctionName' is required but was missing ${AT}`])
  expect(await jsonpath('lambda:invoke', { 'FunctionName.$': '$.f' })).toEqual([])
  expect(await jsonpath('bedrockagentcore:invokeHarness', { HarnessArn: 'a', Messages: [] })).toEqual([])
  expect(await jsonpath('emr-serverless:startApplication', { ApplicationId: 'a' })).toEqual([])
})

test('values have the type that the call takes, however deep they stand', async () => {
  expect(await jsonpath('lambda:invoke', { FunctionName: 'f', Payload: 5 })).toEqual([
    `The value for the field 'Payload' must be a STRING ${AT}`,
  ])
  expect(await jsonpath('dynamodb:putItem', { TableName: 't', Item: { id: { N: 1 }, b: { M: { x: { S: true } } } } })).toEqual([
    `The value for the field 'N' must be a STRING ${AT}`,
    `The value for the field 'S' must be a STRING ${AT}`,
  ])
  expect(await jsonpath('events:putEvents', { Entries: { Detail: {} } })).toEqual([
    `The value for the field 'Entries' must be an ARRAY ${AT}`,
  ])
  expect(await jsonpath('sqs:sendMessage', { QueueUrl: 'u', MessageBody: {}, MessageAttributes: 'a', DelaySeconds: [] })).toEqual(
    [
      `The value for the field 'MessageAttributes' must be an OBJECT ${AT}`,
      `The value for the field 'DelaySeconds' must be a NUMBER ${AT}`,
    ],
  )
})

test('texts may be given as JSON, blobs as anything, and what an expression stands for is left to the run', async () => {
  expect(await jsonpath('sqs:sendMessage', { QueueUrl: 'u', MessageBody: { a: 1 }, 'DelaySeconds.$': '$.d' })).toEqual([])
  expect(await jsonpath('aws-sdk:s3:putObject', { Bucket: 'b', Key: 'k', Body: false })).toEqual([])
  expect(
    await jsonpath('dynamodb:putItem', {
      TableName: 't',
      Item: { 'x.$': '$.x', y: { 'S.$': '$.y' }, z: { Bool: true, Nul: true } },
    }),
  ).toEqual([])
  expect(await jsonata('lambda:invoke', '{% $states.input %}')).toEqual([])
  expect(await jsonata('lambda:invoke', { FunctionName: '{% $f %}', Payload: '{% 5 %}' })).toEqual([])
  expect(await jsonata('sqs:sendMessage', { QueueUrl: 'u', MessageBody: 'x', delay: '{% 1 %}' })).toEqual([
    'The field "delay" is not supported by Step Functions at /States/A/Arguments',
  ])
  expect(await jsonpath('lambda:invoke.waitForTaskToken', { FunctionName: 'f', 'TaskToken.$': '$$.Task.Token' })).toEqual([])
})

test('an action that the API does not have is not recognized', async () => {
  expect(await jsonpath('aws-sdk:s3:getObjet', {})).toEqual([
    'The resource provided arn:aws:states:::aws-sdk:s3:getObjet is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/A/Resource',
  ])
  expect(await jsonpath('aws-sdk:s3:listBuckets', {})).toEqual([])
  expect(await jsonpath('aws-sdk:s3:listBuckets.waitForTaskToken', {})).toEqual([])
})

test('a service that there is not is not recognized; one that AWS names otherwise than its package is', async () => {
  for (const resource of ['aws-sdk:nope:foo', 'aws-sdk:events:putEvents', 'aws-sdk:states:startExecution']) {
    expect(await jsonpath(resource, {})).toEqual([
      `The resource provided arn:aws:states:::${resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/A/Resource`,
    ])
  }
  for (const resource of ['aws-sdk:config:listStoredQueries', 'aws-sdk:emr:listClusters', 'aws-sdk:acmpca:listPermissions'])
    expect(await jsonpath(resource, {})).toEqual([])
})

test('an HTTP Task has an endpoint and a method, and what else it may have is as it should be', async () => {
  const call = { ApiEndpoint: 'https://example.com/a', Method: 'GET' }
  const connection = { ConnectionArn: 'arn:aws:events:us-east-1:123456789012:connection/c/1' }
  expect(await jsonpath('http:invoke', {})).toEqual([
    `The field 'ApiEndpoint' is required but was missing ${AT}`,
    `The field 'Method' is required but was missing ${AT}`,
  ])
  expect(await jsonpath('http:invoke', { ...call, Url: 'x', Headers: 1, Authentication: {}, InvocationConfig: 'x' })).toEqual([
    `The field "Url" is not supported by Step Functions ${AT}`,
    `The value for the field 'Headers' must be an OBJECT ${AT}`,
    `The field 'ConnectionArn' is required but was missing ${AT}`,
    `The value for the field 'InvocationConfig' must be an OBJECT ${AT}`,
  ])
  expect(await jsonpath('http:invoke', { ApiEndpoint: "States.Format('https://a/{}', $.x)", Method: 'get' })).toEqual([
    `The value for the 'ApiEndpoint' field is not valid ${AT}`,
    `The value for the 'Method' field is not valid ${AT}`,
  ])
  const Transform = { RequestBodyEncoding: 'URL_ENCODED', RequestEncodingOptions: { ArrayFormat: 'REPEAT' } }
  expect(
    await jsonpath('http:invoke', {
      'ApiEndpoint.$': '$.url',
      Method: '${Method}',
      Authentication: connection,
      Headers: { a: ['b'], 'c.$': '$.c' },
      QueryParameters: { q: [1, true] },
      RequestBody: [1],
      Transform,
    }),
  ).toEqual([])
  expect(await jsonata('http:invoke', { ApiEndpoint: '{% $url %}', Method: '{% $m %}', RequestBody: '{% $b %}' })).toEqual([])
})

test('calls without a model, functions and activities take whatever they are given', async () => {
  expect(await jsonpath('aws-sdk:ec2:describeInstances', { any: 1 })).toEqual([])
  expect(await jsonpath('apigateway:invoke', { any: 1 })).toEqual([])
  expect(await jsonpath('elasticmapreduce:createCluster', { any: 1 })).toEqual([])
  const Resource = 'arn:aws:lambda:us-east-1:123456789012:function:f'
  const definition = JSON.stringify({
    StartAt: 'A',
    States: { A: { Type: 'Task', Resource, Parameters: { any: 1 }, End: true } },
  })
  expect(await checkTaskParameters(definition, async () => {})).toEqual([])
})

test('Tasks within branches and processors are checked too', async () => {
  const task = { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', Parameters: { QueueUrl: 'u' }, End: true }
  const block = (name: string, state: object) => ({ StartAt: name, States: { [name]: state } })
  const map = { Type: 'Map', ItemProcessor: block('T', task), End: true }
  const definition = JSON.stringify(block('P', { Type: 'Parallel', Branches: [block('M', map)], End: true }))
  const found = await checkTaskParameters(definition, async () => {})
  expect(found.map(({ location }) => location)).toEqual(['/States/P/Branches[0]/States/M/ItemProcessor/States/T/Parameters'])
})

test('what is no object has no Tasks', async () => {
  for (const text of ['', ' \n', 'null', '[]', '"text"', '1']) expect(await checkTaskParameters(text, async () => {})).toEqual([])
})
