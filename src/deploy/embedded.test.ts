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
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { JsonObject } from '../base/json.ts'
import { silentLog } from '../base/log.ts'

import { SERVICES } from '../aws/services.ts'
import { handlerFor } from '../services/kit/testing/services.ts'
import { type Services, startServices } from '../services/services.ts'

import { deployApp } from './app.ts'
import { deploy, type DeployOptions, type Progress } from './deploy.ts'
import { FakeAws } from './fake-aws.ts'
import { answerStates } from './fake-endpoint.ts'
import { deployFromGallery, listGallery } from './gallery.ts'
import { openStackRecords } from './stack-record.ts'
import { zipEntries } from './zip.ts'

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
    const [stack] = await deployApp([path], options)
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
  expect(steps.filter(({ kind }) => kind === 'warning')).toEqual([])
  expect(steps.flatMap((step) => (step.kind === 'removed' ? [step.id] : [])).sort()).toEqual(
    ['Bus', 'Dead', 'Drawn', 'Fn', 'FnJobs', 'FnOff', 'Group', 'Key', 'Login', 'Queue', 'Rule'].sort(),
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
  expect((await put()).resources.map(({ change }) => change)).toEqual(['unchanged', 'unchanged'])
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
    const [stack] = await deployApp([path], options)
    const lambda = new LambdaClient(clients())
    const named = { FunctionName: 'tried' }
    const { Concurrency } = await lambda.send(new GetFunctionCommand(named))
    const { FunctionEventInvokeConfigs: configs = [] } = await lambda.send(new ListFunctionEventInvokeConfigsCommand(named))
    return {
      changes: stack?.resources.map(({ change }) => change),
      stream: stack?.outputs['Stream'],
      reserved: Concurrency?.ReservedConcurrentExecutions,
      retries: configs[0]?.MaximumRetryAttempts,
    }
  }
  const full = ', ReservedConcurrentExecutions: 2, EventInvokeConfig: {MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60}'
  expect(await put(template(full, 'GlobalTable'))).toMatchObject({
    changes: ['created', 'created', 'created'],
    stream: expect.stringContaining(':table/worldwide/stream/'),
    reserved: 2,
    retries: 0,
  })
  expect(steps.flatMap((step) => (step.kind === 'warning' ? [step.message] : []))).toEqual([
    'Table: nothing is copied to eu-west-1 here.',
  ])
  const again = await put(template(full.replace('Attempts: 0', 'Attempts: 1'), 'GlobalTable'))
  expect(again).toMatchObject({ changes: ['unchanged', 'updated', 'unchanged'], reserved: 2, retries: 1 })
  const aliased = await put(template(`${full}, AutoPublishAlias: live`, 'GlobalTable'))
  expect(aliased).toMatchObject({ changes: ['unchanged', 'updated', 'unchanged'], retries: 0 })
  expect(steps.filter(({ kind }) => kind === 'removed')).toEqual([])
  expect(await put(template('', 'Table'))).toMatchObject({
    changes: ['updated', 'unchanged'],
    reserved: undefined,
    retries: undefined,
  })
  expect(steps.flatMap((step) => (step.kind === 'removed' ? [step.id] : []))).toEqual(['FnEventInvokeConfig'])
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
    Properties: {FunctionName: changes, Runtime: nodejs22.x, Handler: index.handler, Code: {ZipFile: "exports.handler = async () => '${name}'"}}
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
