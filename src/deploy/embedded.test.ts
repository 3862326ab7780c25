import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import {
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionEventInvokeConfigsCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import type { JsonObject } from '../base/json.ts'
import { silentLog } from '../base/log.ts'

import { SERVICES } from '../aws/services.ts'
import { handlerFor } from '../services/kit/testing/services.ts'
import { type Services, startServices } from '../services/services.ts'

import { deployApp } from './app.ts'
import { openAws } from '../cloudformation/aws.ts'
import { deploy, type DeployOptions, type Progress } from './deploy.ts'
import { FakeAws } from '../cloudformation/fake-aws.ts'
import { answerStates } from './fake-endpoint.ts'
import { deployFromGallery, listGallery } from './gallery.ts'
import { openStackRecords } from './stack-record.ts'
import { zipEntries } from '../cloudformation/zip.ts'

/** The embedded services are real here; only Step Functions, which stands two floors higher, is a fake. */
const EXAMPLES = join(import.meta.dirname, '../../examples')
const directory = mkdtempSync(join(tmpdir(), 'deploy-'))
const states = new FakeAws()
let local: Services
let server: Server
let endpoint = 'http://127.0.0.1'

beforeAll(async () => {
  local = startServices({ directory, region: 'us-east-1', account: '000000000000', endpoint: () => endpoint, log: silentLog })
  server = createServer((req, res) => {
    const handler = handlerFor(local, req)
    if (handler) return void handler(req, res)
    answerStates(states, req, res)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await local.close()
  rmSync(directory, { recursive: true, force: true })
})

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
const clients = () => ({ endpoint, region: 'us-east-1', credentials })

async function deployExample(name: string) {
  const warnings: string[] = []
  const onProgress = (step: Progress) => step.kind === 'warning' && warnings.push(step.message)
  const options: DeployOptions = { ...clients(), account: '000000000000', onProgress }
  const stack = await deploy(join(EXAMPLES, name, 'template.yaml'), options)
  return { ...stack, warnings }
}

async function invoke(name: string, payload: unknown): Promise<{ error: string | undefined; payload: JsonObject }> {
  const client = new LambdaClient(clients())
  const answer = await client.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(payload) }))
  return { error: answer.FunctionError, payload: JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as JsonObject }
}

test.each(readdirSync(EXAMPLES).filter((name) => existsSync(join(EXAMPLES, name, 'template.yaml'))))(
  'the example %s deploys to the embedded services, twice alike',
  async (name) => {
    const first = await deployExample(name)
    expect(first.warnings).toEqual([])
    const second = await deployExample(name)
    expect(second.resources.filter((resource) => resource.change === 'updated')).toEqual([])
    expect(second.outputs).toEqual(first.outputs)
  },
  60_000,
)

test('task-timer: what is published to the topic arrives in the queue', async () => {
  const { outputs } = await deployExample('task-timer')
  await new SNSClient(clients()).send(new PublishCommand({ TopicArn: String(outputs['TopicArn']), Message: 'HelloWorld' }))
  const receive = new ReceiveMessageCommand({ QueueUrl: String(outputs['InboxUrl']), WaitTimeSeconds: 10 })
  const { Messages } = await new SQSClient(clients()).send(receive)
  expect(JSON.parse(Messages?.[0]?.Body ?? '{}')).toMatchObject({ Type: 'Notification', Message: 'HelloWorld' })
}, 30_000)

test('order-process: the payment fails as often as told, the declined card for good', async () => {
  await deployExample('order-process')
  const order = { orderId: '1', item: 'book', quantity: 1, amount: 5, card: 'valid' }
  expect((await invoke('order-stock', { action: 'reserve', order })).payload).toEqual({ isReserved: true, reservation: 'R-1' })
  expect((await invoke('order-payment', { order, attempt: 0 })).payload['errorType']).toBe('PaymentGatewayBusy')
  expect((await invoke('order-payment', { order, attempt: 2 })).payload).toMatchObject({ attempts: 3 })
  const declined = await invoke('order-payment', { order: { ...order, card: 'declined' }, attempt: 2 })
  expect(declined).toMatchObject({ error: 'Unhandled', payload: { errorType: 'CardDeclined' } })
}, 60_000)

test("rules, schedules, buses and SAM's events are made, change when they differ, and go with their template", async () => {
  const folder = mkdtempSync(join(directory, 'events-'))
  const path = join(folder, 'template.yaml')
  const template = (bus: string, more = '') => `
Transform: AWS::Serverless-2016-10-31
Resources:
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: ${bus}}}
  Dead: {Type: AWS::SQS::Queue}
  Queue: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 30, RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}}}
  Key: {Type: AWS::SecretsManager::Secret, Properties: {Name: key, SecretString: a}}
  Drawn: {Type: AWS::SecretsManager::Secret, Properties: {GenerateSecretString: {SecretStringTemplate: '{"user":"u"}', GenerateStringKey: password, PasswordLength: 12}}}
  Group: {Type: AWS::Scheduler::ScheduleGroup, Properties: {Name: nightly}}
  Login:
    Type: AWS::Events::Connection
    Properties: {AuthorizationType: BASIC, AuthParameters: {BasicAuthParameters: {Username: u, Password: p}}}
  Rule:
    Type: AWS::Events::Rule
    Properties: {EventBusName: !Ref Bus, EventPattern: {source: [shop]}, Targets: [{Id: q, Arn: !GetAtt Queue.Arn}]}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      InlineCode: exports.handler = async () => 1
      AutoPublishAlias: live
      Events:
        Jobs: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn, BatchSize: 2}}
        Off: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), State: DISABLED, GroupName: !Ref Group}}
${more}
Outputs:
  Rule: {Value: !Ref Rule}
  Alias: {Value: !Ref Fn.Alias}
  Named: {Value: !Ref FnAliaslive}
  Secret: {Value: !GetAtt Login.SecretArn}
  Key: {Value: !Ref Key}
`
  const steps: Progress[] = []
  const records = await openStackRecords(undefined)
  const options = { ...clients(), account: '000000000000', onProgress: (step: Progress) => steps.push(step), records }
  const deployed = async (text: string) => {
    steps.length = 0
    writeFileSync(path, text)
    const [stack] = await deployApp([{ file: path }], options)
    return {
      outputs: stack?.outputs,
      changed: steps.flatMap((step) => ('change' in step && step.change !== 'unchanged' ? [step.id] : [])),
    }
  }
  const first = await deployed(template('one'))
  expect(first.outputs).toMatchObject({
    Key: expect.stringMatching(/:secret:key-\w{6}$/),
    Alias: expect.stringMatching(/:live$/),
  })
  expect(first.outputs?.['Named']).toBe(first.outputs?.['Alias'])
  expect(first.changed).toEqual(expect.arrayContaining(['Bus', 'Rule', 'FnJobs', 'FnOff', 'Group', 'Login', 'Fn']))
  const again = await deployed(template('one'))
  // What a connection holds cannot be read back.
  expect(again.changed).toEqual(['Login'])
  const changed = await deployed(
    template('two')
      .replace('BatchSize: 2', 'BatchSize: 5')
      .replace('rate(1 day)', 'rate(2 days)')
      .replace('SecretString: a', 'SecretString: b'),
  )
  expect(changed.changed).toEqual(expect.arrayContaining(['Bus', 'Key', 'Rule', 'FnJobs', 'FnOff']))
  const removed = steps.flatMap((step) => (step.kind === 'removed' ? [step.ref.split('|')[0]] : []))
  expect(removed).toEqual(['one', 'one'])
  await deployed('Resources: {T: {Type: AWS::SNS::Topic}}')
  expect(steps.flatMap((step) => (step.kind === 'warning' ? [step.message] : []))).toEqual([
    expect.stringMatching(/^FnVersion\w+ \(AWS::Lambda::Version .* stays: it is to be retained\.$/),
  ])
  expect(steps.flatMap((step) => (step.kind === 'removed' ? [step.id] : [])).sort()).toEqual(
    [
      ...['Bus', 'Dead', 'Drawn', 'Fn', 'FnAliaslive', 'FnJobs', 'FnOff', 'FnOffRole', 'FnRole', 'Group', 'Key', 'Login'],
      ...['Queue', 'Rule'],
    ].sort(),
  )
}, 60_000)

test('a function finds what a layer of its template brings; a layer is published again when it differs', async () => {
  const folder = mkdtempSync(join(directory, 'layer-'))
  mkdirSync(join(folder, 'layer/nodejs/node_modules/word'), { recursive: true })
  const word = (text: string) =>
    writeFileSync(join(folder, 'layer/nodejs/node_modules/word/index.js'), `module.exports = '${text}'`)
  const template = `
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Layers: [!Ref Words]}}
Resources:
  Words: {Type: AWS::Serverless::LayerVersion, Properties: {LayerName: words, ContentUri: layer/}}
  Fn:
    Type: AWS::Serverless::Function
    Properties: {FunctionName: worded, Runtime: nodejs22.x, Handler: index.handler, InlineCode: "exports.handler = async () => ({ word: require('word') })"}
Outputs: {Layer: {Value: !Ref Words}}
`
  writeFileSync(join(folder, 'template.yaml'), template)
  const put = () => deploy(join(folder, 'template.yaml'), { ...clients(), account: '000000000000' })
  word('one')
  expect((await put()).outputs['Layer']).toBe('arn:aws:lambda:us-east-1:000000000000:layer:words:1')
  expect((await put()).resources.map(({ change }) => change)).toEqual(['unchanged', 'unchanged', 'unchanged'])
  expect((await invoke('worded', {})).payload).toEqual({ word: 'one' })
  word('two')
  expect((await put()).outputs['Layer']).toBe('arn:aws:lambda:us-east-1:000000000000:layer:words:2')
  expect((await invoke('worded', {})).payload).toEqual({ word: 'two' })
}, 60_000)

test('retries and reserved executions of a function, and global tables, are what the template says, and no longer', async () => {
  const folder = mkdtempSync(join(directory, 'settings-'))
  const path = join(folder, 'template.yaml')
  const template = (settings: string, table: string) => `
Transform: AWS::Serverless-2016-10-31
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties: {FunctionName: tried, Runtime: nodejs22.x, Handler: index.handler, InlineCode: "exports.handler = async () => 1"${settings}}
  Table:
    Type: AWS::DynamoDB::${table}
    Properties:
      TableName: worldwide
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: at, AttributeType: S}]
      StreamSpecification: {StreamViewType: NEW_IMAGE}
      GlobalSecondaryIndexes:
        - {IndexName: byAt, KeySchema: [{AttributeName: at, KeyType: HASH}], Projection: {ProjectionType: ALL}, WriteOnDemandThroughputSettings: {MaxWriteRequestUnits: 1}}
      Replicas: [{Region: us-east-1}, {Region: eu-west-1}]
Outputs: {Stream: {Value: !GetAtt Table.StreamArn}}
`
  const steps: Progress[] = []
  const records = await openStackRecords(undefined)
  const put = async (text: string) => {
    steps.length = 0
    writeFileSync(path, text)
    const options = { ...clients(), account: '000000000000', onProgress: (step: Progress) => steps.push(step), records }
    const [stack] = await deployApp([{ file: path }], options)
    const lambda = new LambdaClient(clients())
    const named = { FunctionName: 'tried' }
    const { Concurrency } = await lambda.send(new GetFunctionCommand(named))
    const { FunctionEventInvokeConfigs: configs = [] } = await lambda.send(new ListFunctionEventInvokeConfigsCommand(named))
    return {
      changes: Object.fromEntries((stack?.resources ?? []).map(({ id, change }) => [id, change])),
      stream: stack?.outputs['Stream'],
      reserved: Concurrency?.ReservedConcurrentExecutions,
      retries: configs[0]?.MaximumRetryAttempts,
      failures: configs[0]?.DestinationConfig?.OnFailure?.Destination,
    }
  }
  const full =
    ', ReservedConcurrentExecutions: 2, EventInvokeConfig: {MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60, DestinationConfig: {OnFailure: {Type: SQS, Destination: "arn:aws:sqs:us-east-1:000000000000:failed"}}}'
  expect(await put(template(full, 'GlobalTable'))).toMatchObject({
    changes: { FnRole: 'created', Fn: 'created', FnEventInvokeConfig: 'created', Table: 'created' },
    stream: expect.stringContaining(':table/worldwide/stream/'),
    reserved: 2,
    retries: 0,
    failures: 'arn:aws:sqs:us-east-1:000000000000:failed',
  })
  expect(steps.flatMap((step) => (step.kind === 'warning' ? [step.message] : []))).toEqual([
    'Table: nothing is copied to eu-west-1 here.',
  ])
  const again = await put(template(full.replace('Attempts: 0', 'Attempts: 1'), 'GlobalTable'))
  expect(again).toMatchObject({ changes: { Fn: 'unchanged', FnEventInvokeConfig: 'updated' }, reserved: 2, retries: 1 })
  const aliased = await put(template(`${full}, AutoPublishAlias: live`, 'GlobalTable'))
  expect(aliased).toMatchObject({
    changes: { Fn: 'unchanged', FnEventInvokeConfig: 'created', FnAliaslive: 'created' },
    retries: 0,
  })
  // What was said of the function as a whole is said of its alias now.
  expect(steps.flatMap((step) => (step.kind === 'removed' ? [step.ref] : []))).toEqual(['tried|$LATEST'])
  expect(await put(template('', 'Table'))).toMatchObject({
    changes: { Fn: 'updated', Table: 'unchanged' },
    reserved: undefined,
    retries: undefined,
  })
  expect(steps.flatMap((step) => (step.kind === 'removed' ? [step.id] : []))).toEqual(['FnEventInvokeConfig', 'FnAliaslive'])
}, 60_000)

test("a function hears of a table's changes; stream and time to live become what the template says", async () => {
  const path = join(mkdtempSync(join(directory, 'stream-')), 'template.yaml')
  const template = (settings: string, batch: number) => `
Transform: AWS::Serverless-2016-10-31
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: heard
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      ${settings}
  Dead: {Type: AWS::SQS::Queue}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: hears
      Runtime: nodejs22.x
      Handler: index.handler
      InlineCode: "exports.handler = async ({ Records }) => console.log('heard of ' + Records.map((r) => r.dynamodb.NewImage.id.S))"
      Events:
        Changes:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Table.StreamArn
            StartingPosition: TRIM_HORIZON
            BatchSize: ${batch}
            BisectBatchOnFunctionError: true
            MaximumRetryAttempts: 3
            DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Dead.Arn}}
Outputs: {Stream: {Value: !GetAtt Table.StreamArn}}
`
  const aws = openAws({ ...clients() })
  const dynamodb = (action: string, more = {}) => aws.json(SERVICES.dynamodb, action, { TableName: 'heard', ...more })
  const put = async (settings: string, batch = 5) => {
    writeFileSync(path, template(settings, batch))
    const warnings: string[] = []
    const onProgress = (step: Progress) => step.kind === 'warning' && warnings.push(step.message)
    const stack = await deploy(path, { ...clients(), account: '000000000000', onProgress })
    expect(warnings).toEqual([])
    const { Table } = await dynamodb('DescribeTable')
    expect(stack.outputs['Stream']).toBe((Table as JsonObject)['LatestStreamArn'])
    return Object.fromEntries(stack.resources.map(({ id, change }) => [id, change]))
  }
  const images = 'StreamSpecification: {StreamViewType: NEW_IMAGE}'
  const expiring = `${images}\n      TimeToLiveSpecification: {AttributeName: over, Enabled: true}`
  expect(await put(expiring)).toMatchObject({ Table: 'created', FnChanges: 'created' })
  expect(await dynamodb('DescribeTimeToLive')).toEqual({
    TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'over' },
  })
  await dynamodb('PutItem', { Item: { id: { S: 'one' } } })
  await vi.waitFor(async () => {
    const input = { logGroupName: '/aws/lambda/hears', filterPattern: '"heard of one"' }
    const { events } = await aws.json(SERVICES.cloudwatchlogs, 'FilterLogEvents', input)
    expect(events).toHaveLength(1)
  }, 20_000)
  expect(await put(expiring)).toMatchObject({ Table: 'unchanged', FnChanges: 'unchanged' })
  expect(await put(images, 6)).toMatchObject({ Table: 'updated', FnChanges: 'updated' })
  expect(await dynamodb('DescribeTimeToLive')).toEqual({ TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } })
  // A stream of another view is another stream, for which the function is called by another mapping.
  expect(await put('StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}', 6)).toMatchObject({
    Table: 'updated',
    FnChanges: 'created',
  })
}, 60_000)

test('parameters of the Parameter Store are made, and read by references and parameters of the template', async () => {
  const path = join(mkdtempSync(join(directory, 'parameters-')), 'template.yaml')
  const aws = openAws({ ...clients() })
  const ssm = (action: string, input: JsonObject) => aws.json(SERVICES.ssm, action, input)
  for (const Value of ['eu', 'us']) await ssm('PutParameter', { Name: '/tie/region', Type: 'String', Value, Overwrite: true })
  await ssm('PutParameter', { Name: '/tie/zones', Type: 'StringList', Value: 'a,b' })
  await ssm('PutParameter', { Name: '/tie/password', Type: 'SecureString', Value: 'hidden' })
  const template = (value: string, reference: string, unused = '') => `
Parameters:
  Region: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /tie/region}
  Zones: {Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: /tie/zones}
  Version: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /nowhere}
Conditions: {IsUs: !Equals [!Ref Region, us]}
Resources:
  Made:
    Type: AWS::SSM::Parameter
    Properties: {Name: /tie/made, Type: ${value}, Tags: {team: a}, Description: of a template}
  Read:
    Type: AWS::SSM::Parameter
    Condition: IsUs
    Properties: {Type: String, Value: '${reference}'}
Outputs:
  Zone: {Value: !Select [1, !Ref Zones]}
  Read: {Value: !GetAtt Read.Value}
${unused}
`
  const records = await openStackRecords(undefined)
  const put = async (text: string) => {
    writeFileSync(path, text)
    const [stack] = await deployApp([{ file: path }], { ...clients(), account: '000000000000', records })
    return { ...stack?.outputs, ...Object.fromEntries(stack?.resources.map(({ id, change }) => [`${id} is`, change]) ?? []) }
  }
  const all =
    '{{resolve:ssm:/tie/region}} {{resolve:ssm:/tie/region:1}} {{resolve:ssm-secure:/tie/password}} {{resolve:ssm-secure:/tie/password:1}}'
  const one = 'String, Value: one'
  const made = { Zone: 'b', Read: 'us eu hidden hidden' }
  expect(await put(template(one, all))).toEqual({ ...made, 'Made is': 'created', 'Read is': 'created' })
  expect(await put(template(one, all))).toEqual({ ...made, 'Made is': 'unchanged', 'Read is': 'unchanged' })
  expect(await put(template('String, Value: two', all))).toMatchObject({ 'Made is': 'updated', 'Read is': 'unchanged' })
  expect((await ssm('GetParameter', { Name: '/tie/made' }))['Parameter']).toMatchObject({ Value: 'two', Version: 2 })
  expect(await put(template('StringList, Value: "x,y"', all))).toMatchObject({ 'Made is': 'updated' })
  expect((await ssm('GetParameter', { Name: '/tie/made' }))['Parameter']).toMatchObject({ Type: 'StringList', Value: 'x,y' })

  await expect(put(template(one, '{{resolve:ssm:/tie/password}}'))).rejects.toThrow(/the parameter is a SecureString/)
  await expect(put(template(one, '{{resolve:ssm-secure:/tie/region}}'))).rejects.toThrow(/the parameter is no SecureString/)
  await expect(put(template(one, '{{resolve:ssm:/tie/none}}'))).rejects.toThrow(/Read .*ParameterNotFound/)
  await expect(put(template(one, all, '  V: {Value: !Ref Version}'))).rejects.toThrow(
    'The parameter Version names /nowhere, which the Parameter Store does not have.',
  )
  await put('Resources: {T: {Type: AWS::SNS::Topic}}')
  await expect(ssm('GetParameter', { Name: '/tie/made' })).rejects.toThrow('Parameter /tie/made not found.')
}, 60_000)

test('roles are made with their policies, change in place, and go with their template', async () => {
  const path = join(mkdtempSync(join(directory, 'roles-')), 'template.yaml')
  const aws = openAws({ ...clients() })
  const iam = (action: string, input: JsonObject = {}) => aws.query(SERVICES.iam, action, { RoleName: 'tied', ...input })
  const template = (service: string, action: string, more = '') => `
Resources:
  Queue: {Type: AWS::SQS::Queue}
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: tied
      Path: /team/
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {Service: ${service}.amazonaws.com}, Action: sts:AssumeRole}]
      ManagedPolicyArns: [arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]
      Policies:
        - PolicyName: send
          PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: ${action}, Resource: !GetAtt Queue.Arn}]}
      ${more}
Outputs: {Arn: {Value: !GetAtt Role.Arn}, Id: {Value: !GetAtt Role.RoleId}, Name: {Value: !Ref Role}}
`
  const records = await openStackRecords(undefined)
  const put = async (text: string) => {
    writeFileSync(path, text)
    const [stack] = await deployApp([{ file: path }], { ...clients(), account: '000000000000', records })
    return { ...stack?.outputs, change: stack?.resources.find(({ id }) => id === 'Role')?.change }
  }
  const first = await put(template('lambda', 'sqs:SendMessage'))
  expect(first).toEqual({
    Arn: 'arn:aws:iam::000000000000:role/team/tied',
    Id: expect.stringMatching(/^AROA\w{17}$/),
    Name: 'tied',
    change: 'created',
  })
  expect(await iam('ListAttachedRolePolicies')).toMatchObject({
    AttachedPolicies: [{ PolicyName: 'AWSLambdaBasicExecutionRole' }],
  })
  expect(await put(template('lambda', 'sqs:SendMessage'))).toEqual({ ...first, change: 'unchanged' })
  const settings = 'Description: of a team\n      MaxSessionDuration: 7200'
  expect(await put(template('states', 'sqs:*', settings))).toEqual({ ...first, change: 'updated' })
  const { Role: role } = await iam('GetRole')
  expect(role).toMatchObject({ Description: 'of a team', MaxSessionDuration: expect.toSatisfy((one) => Number(one) === 7200) })
  expect(decodeURIComponent(String((role as JsonObject)['AssumeRolePolicyDocument']))).toContain('states.amazonaws.com')
  const { PolicyDocument: document } = await iam('GetRolePolicy', { PolicyName: 'send' })
  expect(decodeURIComponent(String(document))).toContain('"sqs:*"')
  await put('Resources: {T: {Type: AWS::SNS::Topic}}')
  await expect(iam('GetRole')).rejects.toThrow(/NoSuchEntity|cannot be found/)
}, 60_000)

test('managed policies and instance profiles change in place, and go with the role that holds them', async () => {
  const path = join(mkdtempSync(join(directory, 'policies-')), 'template.yaml')
  const aws = openAws({ ...clients() })
  const template = (action: string) => `
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: held
      AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]}
      ManagedPolicyArns: [!Ref Named]
  Named:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: named
      Path: /team/
      PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: ${action}, Resource: '*'}]}
  Attached:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: attached
      Roles: [!Ref Role]
      PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}
  Profile: {Type: AWS::IAM::InstanceProfile, Properties: {InstanceProfileName: profile, Roles: [!Ref Role]}}
Outputs: {Policy: {Value: !Ref Named}, Profile: {Value: !GetAtt Profile.Arn}}
`
  const records = await openStackRecords(undefined)
  const put = async (text: string) => {
    writeFileSync(path, text)
    const [stack] = await deployApp([{ file: path }], { ...clients(), account: '000000000000', records })
    return { ...stack?.outputs, ...Object.fromEntries(stack?.resources.map(({ id, change }) => [`${id} is`, change]) ?? []) }
  }
  const all = (change: string) => ({ 'Role is': change, 'Named is': change, 'Attached is': change, 'Profile is': change })
  const outputs = {
    Policy: 'arn:aws:iam::000000000000:policy/team/named',
    Profile: 'arn:aws:iam::000000000000:instance-profile/profile',
  }
  expect(await put(template('s3:GetObject'))).toEqual({ ...outputs, ...all('created') })
  expect(await put(template('s3:GetObject'))).toEqual({ ...outputs, ...all('unchanged') })
  const attached = await aws.query(SERVICES.iam, 'ListAttachedRolePolicies', { RoleName: 'held' })
  expect(attached['AttachedPolicies']).toHaveLength(2)
  // A policy has five versions at most.
  for (const action of ['s3:a', 's3:b', 's3:c', 's3:d', 's3:e', 's3:f'])
    expect(await put(template(action))).toEqual({ ...outputs, ...all('unchanged'), 'Named is': 'updated' })
  await put('Resources: {T: {Type: AWS::SNS::Topic}}')
  for (const [action, input] of [
    ['GetRole', { RoleName: 'held' }],
    ['GetPolicy', { PolicyArn: outputs.Policy }],
    ['GetInstanceProfile', { InstanceProfileName: 'profile' }],
  ] as const)
    await expect(aws.query(SERVICES.iam, action, input)).rejects.toMatchObject({ code: 'NoSuchEntity' })
}, 60_000)

test('alarms and repositories are made, become what the template says, and go with it', async () => {
  const path = join(mkdtempSync(join(directory, 'alarms-')), 'template.yaml')
  const aws = openAws({ ...clients() })
  const template = (alarm: string, images: string) => `
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: busy
      Namespace: App
      MetricName: load
      Dimensions: [{Name: Zone, Value: b}, {Name: App, Value: a}]
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 2
      ComparisonOperator: GreaterThanThreshold
      AlarmActions: [!Ref Topic]
      ${alarm}
  Math:
    Type: AWS::CloudWatch::Alarm
    Properties:
      EvaluationPeriods: 1
      ComparisonOperator: LessThanThreshold
      Threshold: 1
      Metrics:
        - {Id: m, ReturnData: false, MetricStat: {Metric: {Namespace: App, MetricName: load}, Period: 60, Stat: Sum}}
        - {Id: half, Expression: m / 2}
  Images:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryName: app/images
      Tags: [{Key: team, Value: a}]
      ${images}
Outputs: {Alarm: {Value: !GetAtt Alarm.Arn}, Images: {Value: !GetAtt Images.Arn}, Uri: {Value: !GetAtt Images.RepositoryUri}}
`
  const records = await openStackRecords(undefined)
  const put = async (text: string) => {
    writeFileSync(path, text)
    const [stack] = await deployApp([{ file: path }], { ...clients(), account: '000000000000', records })
    return { ...stack?.outputs, ...Object.fromEntries(stack?.resources.map(({ id, change }) => [`${id} is`, change]) ?? []) }
  }
  const describeAlarm = async () => {
    const { MetricAlarms } = await aws.json(SERVICES.cloudwatch, 'DescribeAlarms', { AlarmNames: ['busy'] })
    return MetricAlarms
  }
  const all = (change: string) => ({ 'Topic is': change, 'Alarm is': change, 'Math is': change, 'Images is': change })
  const full = template(
    'Threshold: 5\n      AlarmDescription: too much\n      TreatMissingData: breaching',
    `ImageScanningConfiguration: {ScanOnPush: true}
      LifecyclePolicy: {LifecyclePolicyText: '{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":3},"action":{"type":"expire"}}]}'}
      RepositoryPolicyText: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: '*', Action: ecr:BatchGetImage}]}`,
  )
  const first = await put(full)
  expect(first).toEqual({
    Alarm: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:busy',
    Images: 'arn:aws:ecr:us-east-1:000000000000:repository/app/images',
    Uri: expect.stringMatching(/app\/images$/),
    ...all('created'),
  })
  expect(await put(full)).toEqual({ ...first, ...all('unchanged') })
  expect(await describeAlarm()).toMatchObject([{ Threshold: 5, AlarmDescription: 'too much', TreatMissingData: 'breaching' }])
  const changed = await put(template('Threshold: 6', 'ImageTagMutability: IMMUTABLE'))
  expect(changed).toEqual({ ...first, ...all('unchanged'), 'Alarm is': 'updated', 'Images is': 'updated' })
  const alarms = await describeAlarm()
  expect(alarms).toMatchObject([{ Threshold: 6, TreatMissingData: 'missing' }])
  expect(JSON.stringify(alarms)).not.toContain('too much')
  const repositoryName = 'app/images'
  expect(await aws.json(SERVICES.ecr, 'DescribeRepositories', { repositoryNames: [repositoryName] })).toMatchObject({
    repositories: [{ imageTagMutability: 'IMMUTABLE', imageScanningConfiguration: { scanOnPush: false } }],
  })
  for (const action of ['GetLifecyclePolicy', 'GetRepositoryPolicy'])
    await expect(aws.json(SERVICES.ecr, action, { repositoryName })).rejects.toMatchObject({
      code: expect.stringContaining('PolicyNotFoundException'),
    })
  await put('Resources: {T: {Type: AWS::SNS::Topic}}')
  expect(await describeAlarm()).toEqual([])
  await expect(aws.json(SERVICES.ecr, 'GetRepositoryPolicy', { repositoryName })).rejects.toMatchObject({
    code: 'RepositoryNotFoundException',
  })
}, 60_000)

test('keys and their aliases are made once, change in place, and are to be deleted with their template', async () => {
  const path = join(mkdtempSync(join(directory, 'keys-')), 'template.yaml')
  const aws = openAws({ ...clients() })
  const template = (settings: string, target = 'Key') => `
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      Tags: [{Key: team, Value: a}]
      ${settings}
  Signs: {Type: AWS::KMS::Key, Properties: {KeySpec: ECC_NIST_P256, KeyUsage: SIGN_VERIFY}}
  Other: {Type: AWS::KMS::Key}
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/tied, TargetKeyId: !Ref ${target}}}
Outputs: {Key: {Value: !Ref Key}, Arn: {Value: !GetAtt Key.Arn}, Alias: {Value: !Ref Alias}}
`
  const records = await openStackRecords(undefined)
  const put = async (text: string) => {
    writeFileSync(path, text)
    const [stack] = await deployApp([{ file: path }], { ...clients(), account: '000000000000', records })
    return { ...stack?.outputs, ...Object.fromEntries(stack?.resources.map(({ id, change }) => [`${id} is`, change]) ?? []) }
  }
  const describeKey = async (KeyId: string) => (await aws.json(SERVICES.kms, 'DescribeKey', { KeyId }))['KeyMetadata']
  const policy = (action: string) =>
    `KeyPolicy: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {AWS: 'arn:aws:iam::000000000000:root'}, Action: '${action}', Resource: '*'}]}`
  const first = await put(template(`${policy('kms:*')}\n      EnableKeyRotation: true`))
  const keyId = String(first['Key'])
  expect(first).toEqual({
    Key: expect.stringMatching(/^[0-9a-f-]{36}$/),
    Arn: `arn:aws:kms:us-east-1:000000000000:key/${keyId}`,
    Alias: 'alias/tied',
    'Key is': 'created',
    'Signs is': 'created',
    'Other is': 'created',
    'Alias is': 'created',
  })
  const same = { ...first, 'Key is': 'unchanged', 'Signs is': 'unchanged', 'Other is': 'unchanged', 'Alias is': 'unchanged' }
  expect(await put(template(`${policy('kms:*')}\n      EnableKeyRotation: true`))).toEqual(same)
  expect(await aws.json(SERVICES.kms, 'GetKeyRotationStatus', { KeyId: keyId })).toMatchObject({ KeyRotationEnabled: true })
  const text = template(`${policy('kms:Put*')}\n      Description: of a team\n      Enabled: false`)
  expect(await put(text)).toEqual({ ...same, 'Key is': 'updated' })
  expect(await describeKey('alias/tied')).toMatchObject({ KeyId: keyId, Description: 'of a team', Enabled: false })
  expect(await aws.json(SERVICES.kms, 'GetKeyPolicy', { KeyId: keyId })).toMatchObject({
    Policy: expect.stringContaining('kms:Put*'),
  })
  expect(await put(template('EnableKeyRotation: true', 'Other'))).toEqual({ ...same, 'Key is': 'updated', 'Alias is': 'updated' })
  expect(await describeKey('alias/tied')).toMatchObject({ Description: '' })
  await put('Resources: {T: {Type: AWS::SNS::Topic}}')
  expect(await describeKey(keyId)).toMatchObject({ KeyState: 'PendingDeletion' })
  await expect(describeKey('alias/tied')).rejects.toMatchObject({ code: 'NotFoundException' })
  expect((await put(template('Enabled: true')))['Key']).not.toBe(keyId)
}, 60_000)

test('topics, subscriptions, versions, aliases and nested stacks are made once, and changed when they differ', async () => {
  const folder = mkdtempSync(join(directory, 'changes-'))
  const child = (name: string) => `
Parameters: {Topic: {Type: String}}
Resources:
  Inbox: {Type: AWS::SQS::Queue, Properties: {QueueName: changes-inbox}}
  Letters:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt Inbox.Arn${name}}
`
  const template = (name: string) => `
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: changes, DisplayName: ${name}}}
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {Topic: !Ref Topic}}}
  Fn:
    Type: AWS::Lambda::Function
    Properties: {FunctionName: changes, Role: r, Runtime: nodejs22.x, Handler: index.handler, Code: {ZipFile: "exports.handler = async () => '${name}'"}}
  Version: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Fn}}
  Alias: {Type: AWS::Lambda::Alias, Properties: {Name: live, FunctionName: !Ref Fn, FunctionVersion: !GetAtt Version.Version}}
`
  const put = async (name: string, policy = '') => {
    writeFileSync(join(folder, 'child.yaml'), child(policy))
    writeFileSync(join(folder, 'template.yaml'), template(name))
    const { resources } = await deploy(join(folder, 'template.yaml'), { ...clients(), account: '000000000000' })
    return Object.fromEntries(resources.map(({ id, change }) => [id, change]))
  }
  const all = ['Child/Inbox', 'Child/Letters', 'Topic', 'Child', 'Fn', 'Version', 'Alias']
  const each = (change: string) => Object.fromEntries(all.map((id) => [id, change]))
  const filtered = ', FilterPolicy: {kind: [letter]}'
  expect(await put('one', filtered)).toEqual(each('created'))
  expect(await put('one', filtered)).toEqual(each('unchanged'))
  expect(await put('two')).toEqual({ ...each('updated'), 'Child/Inbox': 'unchanged', Version: 'created' })
  expect(await put('two')).toEqual(each('unchanged'))
}, 60_000)

test('etl: the function reads the object and sorts its rows', async () => {
  await deployExample('etl')
  const Body = readFileSync(join(EXAMPLES, 'etl/data/sales.csv'))
  const s3 = new S3Client({ ...clients(), forcePathStyle: true })
  await s3.send(new PutObjectCommand({ Bucket: 'sales-raw', Key: '2025/sales.csv', Body }))
  const { payload } = await invoke('sales-transform', { bucket: 'sales-raw', key: '2025/sales.csv' })
  expect(payload['sales']).toHaveLength(3)
  expect(payload['rejected']).toHaveLength(3)
}, 60_000)

test('an example of the gallery that is there is changed only to restore it, what it was published as a version first', async () => {
  const options: DeployOptions = { ...clients(), account: '000000000000' }
  const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:SalesEtl'
  const machine = () => states.json(SERVICES.sfn, 'DescribeStateMachine', { stateMachineArn })
  await deployExample('etl')
  const { definition: original = '' } = await machine()
  const mine = '{"Comment":"mine"}'
  await states.json(SERVICES.sfn, 'UpdateStateMachine', { stateMachineArn, definition: mine })
  const lambda = new LambdaClient(clients())
  const edited = new UpdateFunctionCodeCommand({
    FunctionName: 'sales-transform',
    ZipFile: await zipEntries([{ name: 'index.mjs', data: Buffer.from('export const handler = () => "mine"') }]),
  })
  const { CodeSha256: mySha256 } = await lambda.send(edited)
  const codeNow = async (Qualifier = '$LATEST') =>
    (await lambda.send(new GetFunctionCommand({ FunctionName: 'sales-transform', Qualifier }))).Configuration?.CodeSha256

  expect((await listGallery(options)).find(({ name }) => name === 'etl')).toMatchObject({ stateMachineArn })
  expect(await deployFromGallery('etl', 'create', options)).toMatchObject({ status: 'exists', stateMachineArn })
  const copy = await deployFromGallery('etl', 'copy', options)
  expect(copy).toMatchObject({ status: 'deployed', stateMachineArn: `${stateMachineArn}-copy` })
  expect(await states.json(SERVICES.sfn, 'DescribeStateMachine', { stateMachineArn: `${stateMachineArn}-copy` })).toMatchObject({
    definition: original,
  })
  expect([await machine(), await codeNow()]).toMatchObject([{ definition: mine }, mySha256])

  states.calls.length = 0
  expect(await deployFromGallery('etl', 'restore', options)).toMatchObject({ status: 'deployed', stateMachineArn })
  const told = states.calls.filter((call) => call.endsWith('StateMachineVersion') || call === 'UpdateStateMachine')
  expect(told).toEqual(['PublishStateMachineVersion', 'UpdateStateMachine'])
  expect(await machine()).toMatchObject({ definition: original })
  expect([await codeNow('1'), (await codeNow()) === mySha256]).toEqual([mySha256, false])
}, 60_000)

describe('distributed-map-s3', () => {
  test('the batch functions read S3, the damaged file fails its batch, the reducer reads manifest and results', async () => {
    await deployExample('distributed-map-s3')
    const s3 = new S3Client({ ...clients(), forcePathStyle: true })
    const generator: string = join(EXAMPLES, 'distributed-map-s3/generate-data.mjs')
    const { stationFiles } = (await import(generator)) as {
      stationFiles(settings: { year: number; stations: number }): Iterable<{ key: string; body: string }>
    }
    const keys: string[] = []
    for (const { key, body } of stationFiles({ year: 2025, stations: 6 })) {
      await s3.send(new PutObjectCommand({ Bucket: 'noaa-gsod-input', Key: key, Body: body }))
      keys.push(key)
    }
    const batch = (Items: string[]) => ({
      BatchInput: { bucket: 'noaa-gsod-input', year: 2025 },
      Items: Items.map((Key) => ({ Key })),
    })
    const good = await invoke('hottest-days-of-stations', batch(keys.slice(0, 3)))
    expect(Object.keys(good.payload['hottest'] as JsonObject)).toHaveLength(12)
    const bad = await invoke('hottest-days-of-stations', batch(keys.slice(3)))
    expect(bad.payload['errorType']).toBe('CorruptStationFile')

    const put = async (name: string, value: unknown) => {
      const Body = JSON.stringify(value)
      await s3.send(new PutObjectCommand({ Bucket: 'noaa-gsod-results', Key: `results/u/${name}`, Body }))
      return { Key: `results/u/${name}`, Size: Body.length }
    }
    const failed = {
      Input: JSON.stringify(batch(keys.slice(3))),
      Error: 'CorruptStationFile',
      Cause: JSON.stringify(bad.payload),
    }
    const ResultFiles = {
      FAILED: [await put('FAILED_0.json', [failed])],
      PENDING: [],
      SUCCEEDED: [await put('SUCCEEDED_0.json', [{ Output: JSON.stringify(good.payload) }])],
    }
    const manifest = await put('manifest.json', { DestinationBucket: 'noaa-gsod-results', MapRunArn: 'arn', ResultFiles })
    const reduced = await invoke('hottest-days-reduce', {
      year: 2025,
      manifest: { Bucket: 'noaa-gsod-results', Key: manifest.Key },
      outputBucket: 'noaa-gsod-output',
    })
    expect(reduced.payload).toMatchObject({
      report: 's3://noaa-gsod-output/2025/hottest-days.json',
      stations: 3,
      failedBatches: 1,
    })
    const report = await s3.send(new GetObjectCommand({ Bucket: 'noaa-gsod-output', Key: '2025/hottest-days.json' }))
    const text = JSON.parse((await report.Body?.transformToString()) ?? '{}')
    expect(text.failures[0]).toMatchObject({ error: 'CorruptStationFile', objects: keys.slice(3) })
  }, 60_000)
})
