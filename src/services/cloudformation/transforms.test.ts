import { afterAll, beforeAll, expect, test } from 'vitest'

import { SERVICES } from '../../aws/services.ts'

import { openStacks, type StackStage } from './testing/stack-stage.ts'

let stacks: StackStage
beforeAll(async () => {
  stacks = await openStacks()
})
afterAll(() => stacks.close())

const CAPABILITIES = ['CAPABILITY_IAM', 'CAPABILITY_AUTO_EXPAND']

const SAM = (memory: number): string => `
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: nodejs22.x, Handler: index.handler, MemorySize: ${memory}}}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: exports.handler = async () => 1
      AutoPublishAlias: live
      Policies: [{SQSSendMessagePolicy: {QueueName: !GetAtt Queue.QueueName}}]
      Events:
        Q: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}
        S: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
  Queue: {Type: AWS::SQS::Queue}
  Table: {Type: AWS::Serverless::SimpleTable}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {StartAt: A, States: {A: {Type: Task, Resource: !GetAtt Fn.Arn, End: true}}}
      AutoPublishAlias: live
      Policies: [{LambdaInvokePolicy: {FunctionName: !Ref Fn}}]
      Events: {E: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), State: DISABLED}}}
Outputs:
  Alias: {Value: !Ref Fn.Alias}
  Role: {Value: !GetAtt FnRole.Arn}
`

test('a stack of SAM is made of what SAM makes, is changed, and leaves but versions', async () => {
  await stacks.call('CreateStack', { StackName: 'sam', TemplateBody: SAM(128), Capabilities: CAPABILITIES })
  expect(await stacks.status('sam')).toBe('CREATE_COMPLETE')
  const made = Object.keys(await stacks.resources('sam'))
  expect(made).toEqual(
    expect.arrayContaining([
      ...['Fn', 'FnRole', 'FnAliaslive', 'FnQ', 'FnS', 'FnSPermission', 'Queue', 'Table'],
      ...['Machine', 'MachineRole', 'MachineVersion', 'MachineAliaslive', 'MachineE', 'MachineERole'],
    ]),
  )
  expect(await stacks.outputs('sam')).toMatchObject({
    Alias: expect.stringMatching(/:function:sam-Fn-\w+:live$/),
    Role: expect.stringMatching(/:role\/sam-FnRole-/),
  })
  expect(await stacks.refused('UpdateStack', { StackName: 'sam', TemplateBody: SAM(128), Capabilities: CAPABILITIES })).toBe(
    'ValidationError: No updates are to be performed.',
  )
  await stacks.call('UpdateStack', { StackName: 'sam', TemplateBody: SAM(256), Capabilities: CAPABILITIES })
  expect(await stacks.status('sam')).toBe('UPDATE_COMPLETE')
  await stacks.delete('sam')
  await expect(stacks.status('sam')).rejects.toThrow('Stack with id sam does not exist')
}, 60_000)

test('loops are written out, snippets of buckets are included', async () => {
  await stacks.aws.restXml(SERVICES.s3, 'PUT', '/snippets')
  const put = (key: string, body: string) =>
    stacks.aws.restXml(SERVICES.s3, 'PUT', `/snippets/${key}`, new URLSearchParams(), body, 'text/plain')
  await put('topic.yaml', 'Included: {Type: AWS::SNS::Topic}\n')
  const TemplateBody = `
Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList, Default: "a,b"}}
Resources:
  Fn::ForEach::Topics: [Name, !Ref Names, {"Topic\${Name}": {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref Name}}}]
  Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://snippets/topic.yaml}}
`
  await stacks.call('CreateStack', { StackName: 'loops', TemplateBody, Capabilities: CAPABILITIES })
  expect(await stacks.status('loops')).toBe('CREATE_COMPLETE')
  expect(Object.keys(await stacks.resources('loops')).sort()).toEqual(['Included', 'Topica', 'Topicb'])
}, 30_000)

test('what a transform refuses is told in its words', async () => {
  const refused = (TemplateBody: string) =>
    stacks.refused('CreateStack', { StackName: 'refused', TemplateBody, Capabilities: CAPABILITIES })
  expect(await refused('Transform: AWS::Serverless-2016-10-31\nResources: {F: {Type: AWS::Serverless::Function}}')).toBe(
    'ValidationError: Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document. ' +
      "Number of errors found: 1. Resource with id [F] is invalid. Either 'InlineCode' or 'CodeUri' must be set.",
  )
  expect(await refused('Resources: {F: {Type: AWS::Serverless::Function}}')).toBe(
    'ValidationError: Template format error: Unrecognized resource types: [AWS::Serverless::Function]',
  )
  const include = (location: string) =>
    `Resources: {"Fn::Transform": {Name: AWS::Include, Parameters: {Location: "${location}"}}, Q: {Type: AWS::SQS::Queue}}`
  expect(await refused(include('s3://snippets/none'))).toBe(
    'ValidationError: Transform AWS::Include failed with: The S3 object [none] of the bucket [snippets] does not exist.',
  )
})
