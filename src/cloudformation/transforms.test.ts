import { expect, test } from 'vitest'

import { stackParameters } from './template/parameters.ts'
import { checkTemplate } from './template/check.ts'
import { printTemplate } from './template/template.ts'
import { readStackTemplate } from './template/stack-template.ts'
import { requireCapabilities, summaryOf } from './template/summary.ts'
import { declarationsIn, processTransforms } from './transforms.ts'

const pseudo = new Map([
  ['AWS::AccountId', '000000000000'],
  ['AWS::Region', 'us-east-1'],
  ['AWS::Partition', 'aws'],
])

async function process(
  body: string,
  objects: Readonly<Record<string, string>> = {},
  parameters: Readonly<Record<string, string>> = {},
) {
  const root = readStackTemplate(body)
  const template = await processTransforms(root, {
    parameters: stackParameters(declarationsIn({ ...root, Resources: {} }), new Map(Object.entries(parameters))),
    pseudo,
    readObject: async ({ bucket, key }) => objects[`${bucket}/${key}`],
  })
  checkTemplate(template)
  return template
}

test('snippets are included beside what they stand with, wherever that is', async () => {
  const template = await process(
    `
Transform: {Name: AWS::Include, Parameters: {Location: s3://b/top.yaml}}
Resources:
  Q:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: q
      Fn::Transform: {Name: AWS::Include, Parameters: {Location: !Sub "https://b.s3.\${AWS::Region}.amazonaws.com/queue.json"}}
  Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/more.yaml}}
`,
    {
      'b/top.yaml': 'Outputs: {O: {Value: x}}\n',
      'b/queue.json': '{"DelaySeconds": 5, "QueueName": "other"}',
      'b/more.yaml': 'T:\n  Type: AWS::SNS::Topic\n',
    },
  )
  expect(printTemplate(template)).toEqual({
    AWSTemplateFormatVersion: '2010-09-09',
    Resources: {
      Q: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: 5, QueueName: 'q' } },
      T: { Type: 'AWS::SNS::Topic' },
    },
    Outputs: { O: { Value: 'x' } },
  })
})

const include = (location: string) => `Resources: {"Fn::Transform": {Name: AWS::Include, Parameters: {Location: "${location}"}}}`

test.each([
  [include('nowhere'), 'Transform AWS::Include failed with: The location parameter is not a valid S3 uri'],
  [include('s3://b/none'), 'Transform AWS::Include failed with: The S3 object [none] of the bucket [b] does not exist.'],
  [include('s3://b/list'), "Transform AWS::Include failed with: The specified S3 object's content should be valid Yaml/JSON"],
  [include('s3://b/short'), "Transform AWS::Include failed with: The specified S3 object's content should be valid Yaml/JSON"],
  ['Transform: Mine\nResources: {Q: {Type: T}}', 'No transform named 000000000000::Mine found.'],
])('%j is refused', async (body, message) => {
  await expect(process(body, { 'b/list': '[1]', 'b/short': 'A: !Ref B' })).rejects.toThrow(message)
})

test('loops are written out, and policies of resources are functions of parameters, with the language extensions', async () => {
  const template = await process(
    `
Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList}, Policy: {Type: String}}
Resources:
  Fn::ForEach::Queues: [Name, !Ref Names, {"Q&{Name}": {Type: AWS::SQS::Queue, DeletionPolicy: !Ref Policy, Properties: {QueueName: !Ref Name}}}]
`,
    {},
    { Names: 'a.b,c', Policy: 'Retain' },
  )
  expect([...template.resources].map(([id, { properties, attributes }]) => [id, properties, attributes])).toEqual([
    ['Qab', { QueueName: 'a.b' }, { DeletionPolicy: 'Retain' }],
    ['Qc', { QueueName: 'c' }, { DeletionPolicy: 'Retain' }],
  ])
})

test.each([
  ['Fn::ForEach::L: [N, [a, b], {X: {Type: T}}]', "Duplicate key 'X' when merging keys to parent object in Fn::ForEach"],
  ['Fn::ForEach::L: [N, !GetAtt Q.List, {"A${N}": {Type: T}}]', 'Fn::ForEach layout is incorrect: Fn::ForEach::L'],
])('%s is refused', async (loop, reason) => {
  const body = `Transform: AWS::LanguageExtensions\nResources:\n  Q: {Type: T}\n  ${loop}\n`
  await expect(process(body)).rejects.toThrow(`Transform AWS::LanguageExtensions failed with: ${reason}`)
})

test('a loop without its transform is a resource that is none', async () => {
  await expect(process('Resources: {"Fn::ForEach::L": [N, [a], {X: {Type: T}}]}')).rejects.toThrow(
    'Resource name Fn::ForEach::L is non alphanumeric',
  )
})

test('all that SAM refuses is told in one sentence after the other', async () => {
  const body = `
Transform: AWS::Serverless-2016-10-31
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Runtime: nodejs22.x, Handler: a.b, CodeUri: ./src}}
  M: {Type: AWS::Serverless::StateMachine, Properties: {Colour: red}}
`
  await expect(process(body)).rejects.toThrow(
    'Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document. ' +
      "Number of errors found: 3. Resource with id [F] is invalid. 'CodeUri' is not a valid S3 Uri of the form 's3://bucket/key' " +
      'with optional versionId query parameter. Resource with id [M] is invalid. property Colour not defined for resource of type ' +
      "AWS::Serverless::StateMachine Resource with id [M] is invalid. Either 'Definition' or 'DefinitionUri' property must be specified.",
  )
})

const summary = (body: string) => summaryOf(declarationsIn(readStackTemplate(body)))

test('a summary tells parameters, types, transforms, and what the caller has to consent to', () => {
  const told = summary(`
Transform: AWS::Serverless-2016-10-31
Description: d
Metadata: {a: 1}
Parameters: {P: {Type: String, Default: 7, NoEcho: true, Description: p, AllowedValues: [7, 8]}}
Resources:
  F: {Type: AWS::Serverless::Function}
  R: {Type: AWS::IAM::Role, Properties: {RoleName: r}}
  Q: {Type: AWS::SQS::Queue}
`)
  expect(told).toEqual({
    description: 'd',
    metadata: '{"a":1}',
    parameters: [{ name: 'P', type: 'String', fallback: '7', isSecret: true, description: 'p', allowedValues: ['7', '8'] }],
    capabilities: ['CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
    capabilitiesReason: 'The following resource(s) require capabilities: [AWS::IAM::Role]',
    resourceTypes: ['AWS::IAM::Role', 'AWS::SQS::Queue', 'AWS::Serverless::Function'],
    declaredTransforms: ['AWS::Serverless-2016-10-31'],
  })
})

test("of what transforms will write nothing is told; what is wrong is told in AWS's words", () => {
  const loop = 'Fn::ForEach::L: [N, [a], {"Q${N}": {Type: T}}]'
  const body = `Transform: AWS::LanguageExtensions\nResources:\n  Q: {Type: T}\n  ${loop}\n  Fn::Transform: {Name: AWS::Include}\n`
  expect(summary(body).resourceTypes).toEqual(['T'])
  expect(() => summary('Resources: {Q: {}}')).toThrow(
    'Template format error: [/Resources/Q] Every Resources object must contain a Type member.',
  )
})

test.each([
  ['Resources: {R: {Type: AWS::IAM::Role}}', [], 'Requires capabilities : [CAPABILITY_IAM]'],
  ['Resources: {R: {Type: AWS::IAM::Role}}', ['CAPABILITY_NAMED_IAM'], ''],
  [
    'Resources: {R: {Type: AWS::IAM::User, Properties: {UserName: u}}}',
    ['CAPABILITY_IAM'],
    'Requires capabilities : [CAPABILITY_NAMED_IAM]',
  ],
  ['Transform: AWS::Include\nResources: {Q: {Type: T}}', [], 'Requires capabilities : [CAPABILITY_AUTO_EXPAND]'],
  ['Resources: {Q: {Type: T}}', [], ''],
])('%s with %j', (body, given, message) => {
  const ask = () => requireCapabilities(declarationsIn(readStackTemplate(body)), given)
  if (message === '') expect(ask).not.toThrow()
  else expect(ask).toThrow(message)
})
