import { expect, test } from 'vitest'
import { parse } from 'yaml'

import type { Found } from './inventory.ts'
import { inOrder } from './order.ts'
import { writeTemplate } from './template.ts'

const FROM = { partition: 'aws', region: 'eu-west-1', account: '111122223333' }
const arn = (service: string, name: string) => `arn:aws:${service}:eu-west-1:111122223333:${name}`

const queue = (name: string, deadLetters: string): Found => ({
  kind: 'queues',
  type: 'AWS::SQS::Queue',
  name,
  properties: { QueueName: name, RedrivePolicy: { deadLetterTargetArn: arn('sqs', deadLetters), maxReceiveCount: 3 } },
  known: { [arn('sqs', name)]: 'Arn', [`https://sqs.eu-west-1.amazonaws.com/111122223333/${name}`]: 'Ref' },
})

const written = (found: readonly Found[]) => writeTemplate(inOrder(found), FROM, true)
const resourcesOf = (text: string): Record<string, unknown> => (parse(text) as { Resources: Record<string, unknown> }).Resources

test('of two queues that name each other one is first, and names the other by its account and region', () => {
  const { text } = written([queue('one', 'two'), queue('two', 'one')])
  expect(resourcesOf(text)).toMatchObject({
    TwoQueue: {
      Properties: {
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::Sub': 'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:one' } },
      },
    },
    OneQueue: { Properties: { RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['TwoQueue', 'Arn'] } } } },
  })
})

test('what looks like a substitution in a text stays a text, and two of one name have ids of their own', () => {
  const parameter = (name: string, Value: string): Found => ({
    kind: 'parameters',
    type: 'AWS::SSM::Parameter',
    name,
    properties: { Name: name, Type: 'String', Value },
  })
  const { text } = written([parameter('/a/b', `\${x} ${arn('sns', 'news')}`), parameter('a-b', 'no')])
  expect(resourcesOf(text)).toMatchObject({
    ABParameter: {
      Properties: { Value: { 'Fn::Sub': '${!x} arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:news' } },
    },
    ABParameter2: { Properties: { Value: 'no' } },
  })
  // CloudFormation reads YAML 1.1, to which `no` is no text.
  expect(text).toContain('Value: "no"')
})

test('a definition names what it calls by substitutions, and lies in a file', () => {
  const definition = JSON.stringify({
    StartAt: 'A',
    States: { A: { Type: 'Task', Resource: arn('states', 'activity:approve'), End: true } },
  })
  const { text, definitions } = written([
    {
      kind: 'machines',
      type: 'AWS::StepFunctions::StateMachine',
      name: 'shop',
      properties: { StateMachineName: 'shop', RoleArn: 'arn:aws:iam::111122223333:role/shop', DefinitionString: definition },
    },
    {
      kind: 'activities',
      type: 'AWS::StepFunctions::Activity',
      name: 'approve',
      properties: { Name: 'approve' },
      known: { [arn('states', 'activity:approve')]: 'Ref' },
    },
  ])
  expect(resourcesOf(text)).toMatchObject({
    ShopMachine: {
      Type: 'AWS::Serverless::StateMachine',
      Properties: {
        Role: { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/shop' },
        DefinitionUri: 'machines/shop.asl.json',
        DefinitionSubstitutions: { ApproveActivityRef: { Ref: 'ApproveActivity' } },
      },
    },
  })
  expect(definitions.get('machines/shop.asl.json')).toContain('"Resource":"${ApproveActivityRef}"')
})
