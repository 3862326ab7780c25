import { expect, test } from 'vitest'

import { expandServerless, impliedBy } from './sam.ts'
import { parseTemplate } from './template.ts'

const expand = (text: string) => expandServerless(parseTemplate(text, 't.yaml'))

const EVENTS = `
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Q: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn, BatchSize: 5}}
        Topic: {Type: SNS, Properties: {Topic: !Ref T, FilterPolicy: {a: [b]}}}
        Off: {Type: Schedule, Properties: {Schedule: rate(1 hour), Enabled: false, Input: '{}'}}
        Get: {Type: Api, Properties: {Path: /, Method: get}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      AutoPublishAlias: live
      UseAliasAsEventTarget: true
      Events:
        Made: {Type: EventBridgeRule, Properties: {EventBusName: bus, Pattern: {source: [my.app]}, InputPath: $.detail}}
        Daily: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), GroupName: g}}
`

test('events become resources of their own, under the names that AWS documents', () => {
  const { resources, warnings } = expand(EVENTS)
  const made = Object.fromEntries([...resources].map(([id, { type, properties }]) => [id, { type, properties }]))
  expect(Object.keys(made)).toEqual([
    ...['Fn', 'FnQ', 'FnTopic', 'FnOff', 'ServerlessRestApi', 'ServerlessRestApiProdStage', 'Machine', 'MachineMade'],
    'MachineDaily',
  ])
  expect(made['FnQ']).toEqual({
    type: 'AWS::Lambda::EventSourceMapping',
    properties: {
      FunctionName: { 'Fn::GetAtt': ['Fn', 'Arn'] },
      EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
      BatchSize: 5,
    },
  })
  expect(made['FnTopic']).toMatchObject({ type: 'AWS::SNS::Subscription', properties: { Protocol: 'lambda', FilterPolicy: {} } })
  expect(made['FnOff']).toEqual({
    type: 'AWS::Events::Rule',
    properties: {
      ScheduleExpression: 'rate(1 hour)',
      State: 'DISABLED',
      Targets: [{ Id: 'FnOffTarget', Arn: { 'Fn::GetAtt': ['Fn', 'Arn'] }, Input: '{}' }],
    },
  })
  expect(made['MachineMade']).toMatchObject({
    type: 'AWS::Events::Rule',
    properties: {
      EventBusName: 'bus',
      EventPattern: { source: ['my.app'] },
      Targets: [{ Arn: { 'Fn::GetAtt': ['Machine', 'Alias'] }, InputPath: '$.detail' }],
    },
  })
  expect(made['MachineDaily']).toMatchObject({
    type: 'AWS::Scheduler::Schedule',
    properties: { Name: 'MachineDaily', GroupName: 'g', FlexibleTimeWindow: { Mode: 'OFF' } },
  })
  expect(warnings).toEqual(['Fn: the event Get of type Api has no effect here.'])
})

test('globals: maps are merged, lists go one behind the other, an intrinsic function is one value', () => {
  const { resources } = expand(`
Globals:
  Function: {Runtime: r, Tags: {a: 1, b: 1}, Layers: [one], Environment: {Variables: {A: 1}}, Description: !Ref X}
  StateMachine: {Type: EXPRESS}
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Runtime: s, Tags: {b: 2}, Layers: [two], Environment: !Ref Y}}
  M: {Type: AWS::Serverless::StateMachine}
  L: {Type: AWS::Lambda::Function}
`)
  expect(resources.get('F')?.properties).toEqual({
    Runtime: 's',
    Tags: { a: 1, b: 2 },
    Layers: ['one', 'two'],
    Environment: { Ref: 'Y' },
    Description: { Ref: 'X' },
  })
  expect(resources.get('M')?.properties).toEqual({ Type: 'EXPRESS' })
  expect(resources.get('L')?.properties).toEqual({})
})

test.each([
  ['FnRole', { owner: 'Fn', attribute: 'Role' }],
  ['FnAliaslive', { owner: 'Fn', attribute: 'Alias' }],
  ['MachineVersion', { owner: 'Machine', attribute: 'Version' }],
  ['FnUrl', { owner: 'Fn', attribute: 'Url' }],
  ['Fn', undefined],
  ['OtherRole', undefined],
])('%s is implied by %j', (name, implied) => {
  expect(impliedBy(name, expand(EVENTS).resources)).toEqual(implied)
})

test('what a function says about asynchronous calls becomes a resource of its own, for its alias where it has one', () => {
  const { resources } = expand(`
Globals: {Function: {EventInvokeConfig: {MaximumRetryAttempts: 1}}}
Resources:
  Fn: {Type: AWS::Serverless::Function, Properties: {AutoPublishAlias: live, EventInvokeConfig: {MaximumEventAgeInSeconds: 60}}}
`)
  expect(resources.get('FnEventInvokeConfig')).toMatchObject({
    type: 'AWS::Lambda::EventInvokeConfig',
    properties: { FunctionName: { Ref: 'Fn' }, Qualifier: 'live', MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60 },
  })
})
