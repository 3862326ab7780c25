/** `regente import` and `regente export`, between servers of different accounts and regions. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { endpointsAt } from '../../src/aws/endpoints.ts'
import { openAws } from '../../src/cloudformation/aws.ts'
import { SERVICES } from '../../src/aws/services.ts'
import { survey } from '../../src/transfer/import.ts'
import { KINDS } from '../../src/transfer/inventory.ts'
import { Source } from '../../src/transfer/source.ts'

import { regente } from './command.ts'
import { credentials } from './server.ts'
import { useServer } from './use-server.ts'

const origin = useServer(['--account', '111122223333', '--region', 'eu-west-1'])
const copy = useServer()
const again = useServer(['--account', '444455556666', '--region', 'us-west-2'])

const TEMPLATE = `
Transform: AWS::Serverless-2016-10-31
Resources:
  Dead: {Type: AWS::SQS::Queue, Properties: {QueueName: dead}}
  Orders:
    Type: AWS::SQS::Queue
    Properties: {QueueName: orders, VisibilityTimeout: 70, RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}}
  News: {Type: AWS::SNS::Topic, Properties: {TopicName: news, DisplayName: News}}
  NewsToOrders:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref News, Protocol: sqs, Endpoint: !GetAtt Orders.Arn, FilterPolicy: {kind: [order]}}
  NewsToSomebody:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref News, Protocol: email, Endpoint: somebody@example.org}
  Stock:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: stock
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: at, AttributeType: N}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - {IndexName: byTime, KeySchema: [{AttributeName: at, KeyType: HASH}], Projection: {ProjectionType: ALL}}
      StreamSpecification: {StreamViewType: NEW_IMAGE}
      TimeToLiveSpecification: {AttributeName: until, Enabled: true}
  Colour: {Type: AWS::SSM::Parameter, Properties: {Name: /shop/colour, Type: String, Value: red}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: shop
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Principal: {Service: [lambda.amazonaws.com, states.amazonaws.com]}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: queue
          PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 'sqs:*', Resource: !GetAtt Orders.Arn}]}
  Price:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: price
      Runtime: nodejs22.x
      Handler: index.handler
      InlineCode: "exports.handler = async () => ({ queue: process.env.QUEUE, topic: process.env.TOPIC })"
      Role: !GetAtt Role.Arn
      Environment: {Variables: {QUEUE: !Ref Orders, TOPIC: !Ref News}}
      FunctionUrlConfig: {AuthType: NONE}
      AutoPublishAlias: live
      Events:
        Dead: {Type: SQS, Properties: {Queue: !GetAtt Dead.Arn, BatchSize: 5}}
        Changes: {Type: DynamoDB, Properties: {Stream: !GetAtt Stock.StreamArn, StartingPosition: LATEST}}
  Approve: {Type: AWS::StepFunctions::Activity, Properties: {Name: approve}}
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /shop/machine, RetentionInDays: 7}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: shop
      Role: !GetAtt Role.Arn
      Tracing: {Enabled: true}
      Logging: {Level: ERROR, IncludeExecutionData: true, Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Logs.Arn}}]}
      Tags: {team: shop}
      AutoPublishAlias: live
      Definition:
        StartAt: Price
        States:
          Price: {Type: Task, Resource: !GetAtt Price.Arn, Next: Tell}
          Tell: {Type: Task, Resource: 'arn:aws:states:::sqs:sendMessage', Parameters: {QueueUrl: !Ref Orders, MessageBody.$: $}, End: true}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: shop}}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      Name: sold
      EventBusName: !Ref Bus
      EventPattern: {source: [shop]}
      Targets: [{Id: machine, Arn: !Ref Machine, RoleArn: !GetAtt Role.Arn}]
  Group: {Type: AWS::Scheduler::ScheduleGroup, Properties: {Name: nightly}}
  Night:
    Type: AWS::Scheduler::Schedule
    Properties:
      Name: stocktaking
      GroupName: !Ref Group
      ScheduleExpression: cron(0 3 * * ? *)
      FlexibleTimeWindow: {Mode: 'OFF'}
      Target: {Arn: !Ref Machine, RoleArn: !GetAtt Role.Arn, Input: '{"full": true}'}
`

const folder = mkdtempSync(join(tmpdir(), 'regente-transfer-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

beforeAll(async () => {
  writeFileSync(join(folder, 'template.yaml'), TEMPLATE)
  const deployed = await regente(
    ...['dev', folder, '--no-watch', '--account', '111122223333', '--region', 'eu-west-1'],
    '--endpoint',
    origin.url,
  )
  if (deployed.code !== 0) throw new Error(deployed.stdout + deployed.stderr)
  const secret = { Name: '/shop/secret', Type: 'SecureString', Value: 'hush' }
  await openAws({ endpoint: origin.url, region: 'eu-west-1', credentials }).json(SERVICES.ssm, 'PutParameter', secret)
}, 120_000)

/** All that a server has, as if it were of one account and region at one address. */
async function thingsAt(url: string): Promise<readonly string[]> {
  const { found } = await survey(
    new Source(endpointsAt(() => ({ endpoint: url, region: 'us-east-1', credentials }))),
    new Set(KINDS),
  )
  return found
    .map(({ type, properties }) => {
      const text = JSON.stringify({ type, properties }, (key, value: unknown) => (key === 'Tags' ? undefined : value))
      return text
        .replaceAll(url, 'URL')
        .replaceAll(/\b(?:111122223333|444455556666|000000000000)\b/g, 'ACCOUNT')
        .replaceAll(/\b(?:eu-west-1|us-west-2|us-east-1)\b/g, 'REGION')
        .replaceAll(/\/stream\/[\d.T:-]+/g, '/stream/NEW')
    })
    .sort()
}

async function answerOf(url: string, region: string): Promise<unknown> {
  const lambda = new LambdaClient({ endpoint: url, region, credentials })
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'price:live', Payload: '{}' }))
  return JSON.parse(Buffer.from(Payload ?? []).toString())
}

const importing = (...flags: readonly string[]) =>
  regente('import', '--from-endpoint', origin.url, '--endpoint', copy.url, ...flags)

test('a dry run says what would be copied, and copies nothing', async () => {
  const { code, stdout, stderr } = await importing('--dry-run')
  expect(code).toBe(0)
  expect(stdout).toContain('From account 111122223333 in eu-west-1')
  expect(stdout).toContain('would be copied AWS::StepFunctions::StateMachine  shop\n')
  expect(stderr).toContain('/shop/secret: it is a SecureString: put its value there yourself')
  expect(await thingsAt(copy.url)).toEqual([])
}, 60_000)

test('an import makes here what is there, with the account, the region and the address of here; a second one changes nothing', async () => {
  const first = await importing()
  expect(first).toMatchObject({ code: 0 })
  expect(first.stdout).toContain('  created   AWS::StepFunctions::StateMachine  shop\n')
  expect(first.stdout).toMatch(/\d+ created, 0 updated, 0 unchanged, 0 failed; 2 left\.\n$/)
  expect(first.stderr).toContain('somebody@example.org: a copy would reach its subscriber (email) from here')
  expect(await thingsAt(copy.url)).toEqual(await thingsAt(origin.url))
  expect(await answerOf(copy.url, 'us-east-1')).toEqual({
    queue: `${copy.url}/000000000000/orders`,
    topic: 'arn:aws:sns:us-east-1:000000000000:news',
  })
  const second = await importing()
  expect(second.stdout).toMatch(/:\n0 created, 0 updated, \d+ unchanged, 0 failed; 2 left\.\n$/)
}, 120_000)

test('an export is a template of which `regente dev` makes the same things elsewhere', async () => {
  const out = join(folder, 'out')
  const { code, stderr } = await regente('export', '--endpoint', copy.url, '--out', out)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(readdirSync(out).sort()).toEqual(['functions', 'machines', 'template.yaml'])
  expect(readFileSync(join(out, 'machines/shop.asl.json'), 'utf8')).toContain('"${PriceFunctionArn}"')
  expect(readFileSync(join(out, 'template.yaml'), 'utf8')).not.toMatch(/000000000000:|us-east-1/)
  const flags = ['--no-watch', '--account', '444455556666', '--region', 'us-west-2']
  expect(await regente('dev', out, ...flags, '--endpoint', again.url)).toMatchObject({ code: 0 })
  expect(await thingsAt(again.url)).toEqual(await thingsAt(copy.url))
  expect(await answerOf(again.url, 'us-west-2')).toEqual({
    queue: `${again.url}/444455556666/orders`,
    topic: 'arn:aws:sns:us-west-2:444455556666:news',
  })
}, 120_000)

test('without a folder the template alone is told, definitions in it, functions left', async () => {
  const { code, stdout, stderr } = await regente('export', '--endpoint', copy.url, '--only', 'machines,functions')
  expect(code).toBe(0)
  expect(stdout).toContain('Definition:\n')
  expect(stdout).not.toContain('AWS::Serverless::Function')
  expect(stderr).toContain('price: its code needs a folder: --out FOLDER')
}, 60_000)

test('a kind that there is not, a server that is both ends, and AWS as the target are refused', async () => {
  expect(await importing('--only', 'machines,ships')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no kind ships'),
  })
  const same = await regente('import', '--from-endpoint', origin.url, '--endpoint', origin.url)
  expect(same).toMatchObject({ code: 2, stderr: expect.stringContaining('are the same server') })
  const aws = await regente('import', '--from-endpoint', origin.url, '--endpoint', 'https://states.eu-west-1.amazonaws.com')
  expect(aws).toMatchObject({ code: 2, stderr: expect.stringContaining('not to AWS') })
}, 60_000)
