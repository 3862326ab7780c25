import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { parseJsonExactly } from '../base/json-bounds.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { printInOrder } from '../base/member-order.ts'

import { createEndpoints, endpointVariables } from '../aws/endpoints.ts'
import { zipOf } from '../services/lambda/testing/zip.ts'

import { OwnOutage, type TaskOutcome } from './connector.ts'
import { createConnectors } from './registry.ts'
import { startTestWorld, type TestWorld } from './test-world.ts'

let world: TestWorld

beforeAll(async () => {
  world = await startTestWorld()
})
afterAll(() => world.close())

function outputOf(outcome: TaskOutcome): Record<string, unknown> {
  if (outcome.kind !== 'succeeded' && outcome.kind !== 'submitted') throw new Error(JSON.stringify(outcome))
  return outcome.output as Record<string, unknown>
}

const failureOf = (outcome: TaskOutcome) => (outcome.kind === 'failed' ? outcome.failure : undefined)

async function newFunction(name: string, body: string): Promise<void> {
  const ZipFile = zipOf({ 'index.mjs': `export const handler = async (event) => { ${body} }` }).toString('base64')
  const Role = 'arn:aws:iam::000000000000:role/r'
  const made = await world.sdk('lambda', 'createFunction', {
    FunctionName: name,
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role,
    Code: { ZipFile },
  })
  expect(made.kind).toBe('succeeded')
}

describe('lambda', () => {
  it('answers with the whole result when invoked, and with the payload alone by its ARN', async () => {
    await newFunction('echo', 'return { got: event }')
    const output = outputOf(await world.run('lambda', 'invoke', { FunctionName: 'echo', Payload: { a: 1 } }))
    expect(Object.keys(output)).toEqual(['ExecutedVersion', 'Payload', 'SdkHttpMetadata', 'SdkResponseMetadata', 'StatusCode'])
    expect(output).toMatchObject({ ExecutedVersion: '$LATEST', Payload: { got: { a: 1 } }, StatusCode: 200 })
    expect(output['SdkHttpMetadata']).toMatchObject({
      HttpStatusCode: 200,
      AllHttpHeaders: { 'X-Amz-Executed-Version': ['$LATEST'] },
    })
    const legacyLambdaArn = 'arn:aws:lambda:us-east-1:000000000000:function:echo'
    const plain = await world.run('lambda', 'invoke', [1, 2], { legacyLambdaArn })
    expect(plain).toEqual({ kind: 'succeeded', output: { text: '{"got":[1,2]}' } })
  })

  it('answers null for a function that gives nothing back', async () => {
    await newFunction('silent', 'return null')
    expect(outputOf(await world.run('lambda', 'invoke', { FunctionName: 'silent' }))['Payload']).toBeNull()
  })

  it('answers with numbers as the function spelled them', async () => {
    await newFunction('length', 'return [JSON.rawJSON("1.0"), event]')
    const parameters = parseJsonExactly('{"FunctionName":"length","Payload":[9007199254740993,"a"]}')
    const answered = await world.run('lambda', 'invoke', parameters)
    // The function itself computes as JavaScript does.
    expect(printInOrder(outputOf(answered)['Payload'])).toBe('[1.0,[9007199254740992,"a"]]')
  })

  it('fails under the error type that the function threw', async () => {
    await newFunction('thrower', 'class Custom extends Error { name = "CustomError" }; throw new Custom("no")')
    const outcome = await world.run('lambda', 'invoke', { FunctionName: 'thrower' })
    expect(failureOf(outcome)?.error).toBe('CustomError')
    expect(JSON.parse(failureOf(outcome)?.cause ?? '')).toMatchObject({ errorType: 'CustomError', errorMessage: 'no' })
  })

  it('names a function that is not there', async () => {
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:nobody'
    const outcome = await world.run('lambda', 'invoke', { FunctionName: arn, Payload: {} })
    expect(failureOf(outcome)).toMatchObject({ error: 'Lambda.ResourceNotFoundException' })
    expect(failureOf(outcome)?.cause).toMatch(
      /^Function not found: .*:function:nobody:\$LATEST \(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: [\w-]+; Proxy: null\)$/,
    )
  })
})

describe('sqs and sns', () => {
  it('send JSON as text and answer with ids and metadata', async () => {
    const made = outputOf(await world.sdk('sqs', 'createQueue', { QueueName: 'jobs' }))
    const sent = await world.run('sqs', 'sendMessage', { QueueUrl: made['QueueUrl'] as string, MessageBody: { a: [1] } })
    expect(Object.keys(outputOf(sent))).toEqual(['MD5OfMessageBody', 'MessageId', 'SdkHttpMetadata', 'SdkResponseMetadata'])
    const received = outputOf(await world.sdk('sqs', 'receiveMessage', { QueueUrl: made['QueueUrl'] as string }))
    expect(received).toMatchObject({ Messages: [{ Body: '{"a":[1]}' }] })
    const topic = outputOf(await world.sdk('sns', 'createTopic', { Name: 'news', Tags: [{ Key: 'k', Value: 'v' }] }))
    const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:jobs'
    const Attributes = { RawMessageDelivery: 'true' }
    outputOf(
      await world.sdk('sns', 'subscribe', { TopicArn: topic['TopicArn'] as string, Protocol: 'sqs', Endpoint, Attributes }),
    )
    const MessageAttributes = { n: { DataType: 'Number', StringValue: '1' } }
    const published = await world.run('sns', 'publish', {
      TopicArn: topic['TopicArn'] as string,
      Message: { b: 2 },
      MessageAttributes,
    })
    expect(Object.keys(outputOf(published))).toEqual(['MessageId', 'SdkHttpMetadata', 'SdkResponseMetadata'])
    const through = outputOf(
      await world.sdk('sqs', 'receiveMessage', { QueueUrl: 'jobs', WaitTimeSeconds: 3, MessageAttributeNames: ['All'] }),
    )
    expect(through).toMatchObject({ Messages: [{ Body: '{"b":2}', MessageAttributes: { n: { StringValue: '1' } } }] })
    const listed = outputOf(await world.sdk('sns', 'listSubscriptions', {}))
    expect(listed).toMatchObject({ Subscriptions: [{ Protocol: 'sqs', Endpoint }] })
  })

  it('take the URL of a queue on AWS for the queue of that name', async () => {
    outputOf(await world.sdk('sqs', 'createQueue', { QueueName: 'moved' }))
    const QueueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/moved'
    const sent = await world.run('sqs', 'sendMessage', { QueueUrl, MessageBody: 'x' }, { pattern: 'waitForTaskToken' })
    expect(sent.kind).toBe('submitted')
  })

  it('fail in the words of AWS', async () => {
    const { QueueUrl } = outputOf(await world.sdk('sqs', 'createQueue', { QueueName: 'errors' })) as { QueueUrl: string }
    const empty = failureOf(await world.run('sqs', 'sendMessage', { QueueUrl, MessageBody: '' }))
    expect(empty?.error).toBe('SQS.AmazonSQSException')
    expect(empty?.cause).toMatch(
      /^The request must contain the parameter MessageBody\. \(Service: AmazonSQS; Status Code: 400; Error Code: MissingParameter; Request ID: [\w-]+; Proxy: null\)$/,
    )
    const missing = await world.run('sqs', 'sendMessage', { QueueUrl: `${world.url()}/000000000000/none`, MessageBody: 'x' })
    expect(failureOf(missing)?.error).toBe('SQS.QueueDoesNotExistException')
    const TopicArn = 'arn:aws:sns:us-east-1:000000000000:none'
    const unknown = await world.run('sns', 'publish', { TopicArn, Message: 'x' }, { pattern: 'waitForTaskToken' })
    expect(unknown).toMatchObject({ kind: 'failed', phase: 'submit', failure: { error: 'SNS.NotFoundException' } })
    expect(failureOf(unknown)?.cause).toMatch(
      /^Topic does not exist \(Service: AmazonSNS; Status Code: 404; Error Code: NotFound; /,
    )
    const host = failureOf(await world.run('sqs', 'sendMessage', { QueueUrl: 'http://no-such-queue.invalid', MessageBody: 'x' }))
    expect(host).toEqual({
      error: 'SQS.SdkClientException',
      cause: 'Unable to execute HTTP request: no-such-queue.invalid: Name or service not known',
    })
  })
})

describe('dynamodb', () => {
  it('speaks attribute values, and tells both styles of error', async () => {
    const KeySchema = [{ AttributeName: 'id', KeyType: 'HASH' }]
    const AttributeDefinitions = [{ AttributeName: 'id', AttributeType: 'S' }]
    const table = { TableName: 'things', KeySchema, AttributeDefinitions, BillingMode: 'PAY_PER_REQUEST' }
    const made = outputOf(await world.sdk('dynamodb', 'createTable', table)) as { TableDescription: { CreationDateTime: string } }
    expect(made.TableDescription.CreationDateTime).toMatch(/^\d{4}-\d\d-\d\dT/)
    for (;;) {
      const described = outputOf(await world.sdk('dynamodb', 'describeTable', { TableName: 'things' }))
      if ((described['Table'] as { TableStatus: string }).TableStatus === 'ACTIVE') break
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const Item = { id: { S: 'a' }, Definition: { S: 'text' } }
    const put = outputOf(await world.run('dynamodb', 'putItem', { TableName: 'things', Item }))
    expect(Object.keys(put)).toEqual(['SdkHttpMetadata', 'SdkResponseMetadata'])
    expect(outputOf(await world.run('dynamodb', 'getItem', { TableName: 'things', Key: { id: { S: 'a' } } }))).toMatchObject({
      Item,
    })
    expect(outputOf(await world.sdk('dynamodb', 'getItem', { TableName: 'things', Key: { id: { S: 'a' } } }))).toEqual({ Item })
    const missing = failureOf(await world.run('dynamodb', 'putItem', { TableName: 'nothings', Item }))
    expect(missing?.error).toBe('DynamoDB.ResourceNotFoundException')
    expect(missing?.cause).toMatch(
      /^Requested resource not found \(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ResourceNotFoundException; Request ID: .*; Proxy: null\)$/,
    )
    expect(failureOf(await world.run('dynamodb', 'putItem', { TableName: '/x', Item }))?.error).toBe(
      'DynamoDB.AmazonDynamoDBException',
    )
    expect(failureOf(await world.sdk('dynamodb', 'putItem', { TableName: 'nothings', Item }))).toMatchObject({
      error: 'DynamoDb.ResourceNotFoundException',
      cause: expect.stringMatching(/^Requested resource not found \(Service: DynamoDb, Status Code: 400, Request ID: [\w-]+\)$/),
    })
  })
})

describe('aws-sdk:dynamodbstreams', () => {
  it('reads the records of a table as it reads items, without an SDK', async () => {
    await world.sdk('dynamodb', 'createTable', {
      TableName: 'streamed',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    })
    const Item = { id: { S: 'a' }, flags: { M: { isOn: { Bool: true } } } }
    await world.sdk('dynamodb', 'putItem', { TableName: 'streamed', Item })
    const stream = (action: string, input: JsonObject) => world.sdk('dynamodbstreams', action, input)
    const { Streams } = outputOf(await stream('listStreams', { TableName: 'streamed' }))
    const { StreamArn = '' } = (Streams as { StreamArn?: string }[])[0] ?? {}
    const { StreamDescription } = outputOf(await stream('describeStream', { StreamArn }))
    const described = StreamDescription as { CreationRequestDateTime: string; Shards: { ShardId: string }[] }
    expect(described.CreationRequestDateTime).toMatch(/^\d{4}-.*Z$/)
    const { ShardId = '' } = described.Shards[0] ?? {}
    const place = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }
    const ShardIterator = String(outputOf(await stream('getShardIterator', place))['ShardIterator'])
    expect(outputOf(await stream('getRecords', { ShardIterator }))['Records']).toEqual([
      {
        AwsRegion: 'us-east-1',
        Dynamodb: expect.objectContaining({
          ApproximateCreationDateTime: expect.stringMatching(/^\d{4}-.*Z$/),
          Keys: { id: { S: 'a' } },
          NewImage: Item,
        }),
        EventID: expect.any(String),
        EventName: 'INSERT',
        EventSource: 'aws:dynamodb',
        EventVersion: expect.any(String),
      },
    ])
    expect(failureOf(await stream('describeStream', { StreamArn: `${StreamArn}9` }))).toMatchObject({
      error: 'DynamoDbStreams.ResourceNotFoundException',
      cause: expect.stringContaining('(Service: DynamoDbStreams, Status Code: 400'),
    })
  })
})

describe('aws-sdk:s3', () => {
  it('puts any JSON and gets text back', async () => {
    outputOf(await world.sdk('s3', 'createBucket', { Bucket: 'things' }))
    const put = outputOf(
      await world.sdk('s3', 'putObject', { Bucket: 'things', Key: 'a b/ü', Body: { Dict: 'Value' }, Metadata: { k: 'v' } }),
    )
    expect(put).toMatchObject({ ETag: '"49e31cee5aec8faf3345893addb14346"', ChecksumCRC32: 'hnEfWw==' })
    const got = outputOf(await world.sdk('s3', 'getObject', { Bucket: 'things', Key: 'a b/ü' }))
    expect(got).toMatchObject({ AcceptRanges: 'bytes', Body: '{"Dict":"Value"}', ContentLength: 16, Metadata: { k: 'v' } })
    expect(got['LastModified']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    const listed = outputOf(await world.sdk('s3', 'listObjectsV2', { Bucket: 'things', MaxKeys: 10 }))
    expect(listed).toMatchObject({ IsTruncated: false, KeyCount: 1, Contents: [{ Key: 'a b/ü', Size: 16 }] })
    const copied = outputOf(
      await world.sdk('s3', 'copyObject', { Bucket: 'things', Key: 'c', CopySource: 'things/a%20b/%C3%BC' }),
    )
    expect(copied).toMatchObject({ CopyObjectResult: { ETag: '"49e31cee5aec8faf3345893addb14346"' } })
    const deleted = await world.sdk('s3', 'deleteObjects', {
      Bucket: 'things',
      Delete: { Objects: [{ Key: 'c' }, { Key: 'a b/ü' }] },
    })
    expect(outputOf(deleted)).toMatchObject({ Deleted: [{ Key: 'c' }, { Key: 'a b/ü' }] })
    expect(outputOf(await world.sdk('s3', 'listBuckets', {}))).toMatchObject({
      Buckets: [{ Name: 'cdk-hnb659fds-assets-000000000000-us-east-1' }, { Name: 'things' }],
    })
  })

  it('fails in the words of AWS', async () => {
    const key = failureOf(await world.sdk('s3', 'getObject', { Bucket: 'things', Key: 'none' }))
    expect(key?.error).toBe('S3.NoSuchKeyException')
    expect(key?.cause).toMatch(
      /^The specified key does not exist\. \(Service: S3, Status Code: 404, Request ID: \w+, Extended Request ID: .+\)$/,
    )
    const bucket = failureOf(await world.sdk('s3', 'listObjects', { Bucket: 'no-such-bucket' }))
    expect(bucket?.error).toBe('S3.NoSuchBucketException')
    expect(failureOf(await world.sdk('s3', 'headObject', { Bucket: 'things', Key: 'none' }))?.error).toBe('S3.NoSuchKeyException')
  })
})

describe('what aws-sdk tasks write and read', () => {
  it('is JSON in S3, so that a text has its quotes', async () => {
    await world.sdk('s3', 'createBucket', { Bucket: 'texts' })
    const bodyOf = async (Body: Json) => {
      await world.sdk('s3', 'putObject', { Bucket: 'texts', Key: 'k', Body })
      return outputOf(await world.sdk('s3', 'getObject', { Bucket: 'texts', Key: 'k' }))['Body']
    }
    expect(await bodyOf('x')).toBe('"x"')
    expect(await bodyOf({ a: 'x' })).toBe('{"a":"x"}')
    expect(await bodyOf(false)).toBe('false')
    expect(await bodyOf(null)).toBe('')
  })

  it('keeps numbers and the order of members where it is text', async () => {
    const text = '{"a":1.0,"b":1e3,"c":9007199254740993,"10":1,"2":2}'
    await world.sdk('s3', 'createBucket', { Bucket: 'spelled' })
    await world.sdk('s3', 'putObject', parseJsonExactly(`{"Bucket":"spelled","Key":"k","Body":${text}}`))
    const got = await world.sdk('s3', 'getObject', { Bucket: 'spelled', Key: 'k' })
    expect(outputOf(got)['Body']).toBe(text)

    const { QueueUrl } = outputOf(await world.sdk('sqs', 'createQueue', { QueueName: 'spelled' })) as { QueueUrl: string }
    // What is no text is a number, however it is spelled.
    const message = `{"QueueUrl":${JSON.stringify(QueueUrl)},"MessageBody":${text},"DelaySeconds":0.0}`
    await world.sdk('sqs', 'sendMessage', parseJsonExactly(message))
    const received = outputOf(
      await world.sdk(
        'sqs',
        'receiveMessage',
        parseJsonExactly(`{"QueueUrl":${JSON.stringify(QueueUrl)},"MaxNumberOfMessages":1e0}`),
      ),
    )
    expect(received).toMatchObject({ Messages: [{ Body: text }] })

    await newFunction('spelled', 'return JSON.rawJSON("9007199254740993")')
    const invoked = await world.sdk('lambda', 'invoke', parseJsonExactly(`{"FunctionName":"spelled","Payload":${text}}`))
    expect(outputOf(invoked)['Payload']).toBe('9007199254740993')

    const { callSdkClient } = await import('./sdk/client-call.ts')
    const bodies: string[] = []
    world.setFake((_, body) => {
      bodies.push(body)
      return { headers: { 'content-type': 'application/x-amz-json-1.0' }, body: '{}' }
    })
    const listed = parseJsonExactly(`{"StateMachineArn":"arn","MaxResults":1e1}`) as JsonObject
    await callSdkClient(world.endpoints, 'sfn', 'listExecutions', listed, AbortSignal.timeout(20_000))
    const started = parseJsonExactly(`{"StateMachineArn":"arn","Input":${text}}`) as JsonObject
    await callSdkClient(world.endpoints, 'sfn', 'startExecution', started, AbortSignal.timeout(20_000))
    expect(bodies.map((body) => JSON.parse(body))).toEqual([
      { stateMachineArn: 'arn', maxResults: 10 },
      { stateMachineArn: 'arn', input: text },
    ])
  })

  it('names attribute values within others as the Java SDK does, and takes both spellings', async () => {
    await world.sdk('dynamodb', 'createTable', {
      TableName: 'nested',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    })
    await expect
      .poll(async () => outputOf(await world.sdk('dynamodb', 'describeTable', { TableName: 'nested' }))['Table'])
      .toMatchObject({ TableStatus: 'ACTIVE' })
    const Key = { id: { S: '1' } }
    const Item = {
      ...Key,
      b: { BOOL: true },
      n: { Nul: true },
      M: { M: { b: { Bool: false }, l: { L: [{ NULL: true }, { SS: ['a'] }] } } },
    }
    expect((await world.sdk('dynamodb', 'putItem', { TableName: 'nested', Item })).kind).toBe('succeeded')
    const got = outputOf(await world.sdk('dynamodb', 'getItem', { TableName: 'nested', Key }))
    expect(got['Item']).toEqual({
      ...Key,
      b: { BOOL: true },
      n: { NULL: true },
      M: { M: { b: { Bool: false }, l: { L: [{ Nul: true }, { Ss: ['a'] }] } } },
    })
    const back = await world.run('dynamodb', 'putItem', { TableName: 'nested', Item: got['Item'] as Json })
    expect(back.kind).toBe('succeeded')
  })

  it('tells whose keys it has', async () => {
    expect(outputOf(await world.sdk('sts', 'getCallerIdentity', {}))).toEqual({
      Account: '000000000000',
      Arn: 'arn:aws:iam::000000000000:root',
      UserId: '000000000000',
    })
    expect(failureOf(await world.sdk('sts', 'getSessionToken', { DurationSeconds: 1 }))?.error).toBe('Sts.StsException')
  })

  it('reaches roles, policies, and the tags of all that is here', async () => {
    const statement = { Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' }
    const trust = { Version: '2012-10-17', Statement: [statement] }
    const role = { RoleName: 'worker', AssumeRolePolicyDocument: trust, Tags: [{ Key: 'team', Value: 'a' }] }
    expect(outputOf(await world.sdk('iam', 'createRole', role))['Role']).toMatchObject({
      Arn: 'arn:aws:iam::000000000000:role/worker',
      AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(trust)),
      Tags: [{ Key: 'team', Value: 'a' }],
    })
    expect(outputOf(await world.sdk('iam', 'getRole', { RoleName: 'worker' }))['Role']).toMatchObject({
      MaxSessionDuration: 3600,
    })
    expect(outputOf(await world.sdk('iam', 'listRoles', {}))).toMatchObject({
      Roles: [{ RoleName: 'worker' }],
      IsTruncated: false,
    })
    expect(failureOf(await world.sdk('iam', 'getRole', { RoleName: 'none' }))).toMatchObject({
      error: 'Iam.NoSuchEntityException',
      cause: expect.stringContaining('The role with name none cannot be found. (Service: Iam, Status Code: 404'),
    })
    await world.sdk('sqs', 'createQueue', { QueueName: 'tagged', Tags: { team: 'b' } })
    const filter = { ResourceTypeFilters: ['sqs'], TagFilters: [{ Key: 'team' }] }
    expect(outputOf(await world.sdk('resourcegroupstaggingapi', 'getResources', filter))['ResourceTagMappingList']).toEqual([
      { ResourceARN: 'arn:aws:sqs:us-east-1:000000000000:tagged', Tags: [{ Key: 'team', Value: 'b' }] },
    ])
  })

  it('reaches the APIs that are here', async () => {
    const {
      Id = '',
      CreatedDate,
      RootResourceId = '',
    } = outputOf(await world.sdk('apigateway', 'createRestApi', { Name: 'api', Tags: { Team: 'a' } }))
    expect(CreatedDate).toMatch(/^\d{4}-\d\d-\d\dT/)
    const place = { RestApiId: String(Id), ResourceId: String(RootResourceId), HttpMethod: 'GET' }
    expect((await world.sdk('apigateway', 'putMethod', { ...place, AuthorizationType: 'NONE' })).kind).toBe('succeeded')
    const RequestTemplates = { 'application/json': '{"statusCode": 200}' }
    const integration = { ...place, Type: 'HTTP', IntegrationHttpMethod: 'POST', Uri: 'http://127.0.0.1:1', RequestTemplates }
    expect(outputOf(await world.sdk('apigateway', 'putIntegration', integration))).toMatchObject({
      HttpMethod: 'POST',
      RequestTemplates,
    })
    const { Items } = outputOf(await world.sdk('apigateway', 'getResources', { RestApiId: String(Id), Embed: ['methods'] }))
    expect(Items).toMatchObject([{ ResourceMethods: { GET: { MethodIntegration: { Type: 'HTTP' } } } }])
    expect(failureOf(await world.sdk('apigateway', 'getRestApi', { RestApiId: 'none' }))?.error).toBe(
      'ApiGateway.NotFoundException',
    )
    const { ApiId = '' } = outputOf(await world.sdk('apigatewayv2', 'createApi', { Name: 'http', ProtocolType: 'HTTP' }))
    expect(outputOf(await world.sdk('apigatewayv2', 'getApis', {}))).toMatchObject({ Items: [{ ApiId, Name: 'http', Tags: {} }] })
  })

  it('reaches the schedules and the secrets that are here', async () => {
    const schedule = {
      Name: 'later',
      ScheduleExpression: 'at(2030-01-01T00:00:00)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      EndDate: '2031-01-01T00:00:00Z',
      Target: { Arn: 'arn:aws:sqs:us-east-1:000000000000:q', RoleArn: 'arn:aws:iam::000000000000:role/r', Input: { a: 1 } },
    }
    const made = outputOf(await world.sdk('scheduler', 'createSchedule', schedule))
    expect(made['ScheduleArn']).toBe('arn:aws:scheduler:us-east-1:000000000000:schedule/default/later')
    const got = outputOf(await world.sdk('scheduler', 'getSchedule', { Name: 'later' }))
    expect(got).toMatchObject({ Target: { Input: '{"a":1}' }, EndDate: '2031-01-01T00:00:00Z' })
    expect(outputOf(await world.sdk('scheduler', 'listSchedules', { NamePrefix: 'la' }))['Schedules']).toHaveLength(1)
    expect((await world.sdk('scheduler', 'deleteSchedule', { Name: 'later' })).kind).toBe('succeeded')
    expect(failureOf(await world.sdk('scheduler', 'getSchedule', { Name: 'later' }))?.error).toBe(
      'Scheduler.ResourceNotFoundException',
    )
    await world.sdk('secretsmanager', 'createSecret', { Name: 'key', SecretString: { user: 'u' } })
    expect(outputOf(await world.sdk('secretsmanager', 'getSecretValue', { SecretId: 'key' }))).toMatchObject({
      Name: 'key',
      SecretString: '{"user":"u"}',
      CreatedDate: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    expect(failureOf(await world.sdk('secretsmanager', 'getSecretValue', { SecretId: 'none' }))).toMatchObject({
      error: 'SecretsManager.ResourceNotFoundException',
      cause: expect.stringContaining(
        "Secrets Manager can't find the specified secret. (Service: SecretsManager, Status Code: 400",
      ),
    })
  })

  it('reach parameters, keys, metrics and repositories without an SDK', async () => {
    const parameter = { Name: '/app/a', Value: { a: 1 }, Type: 'SecureString' }
    expect(outputOf(await world.sdk('ssm', 'putParameter', parameter))).toEqual({ Tier: 'Standard', Version: 1 })
    expect(outputOf(await world.sdk('ssm', 'getParameter', { Name: '/app/a', WithDecryption: true }))).toMatchObject({
      Parameter: { Value: '{"a":1}', LastModifiedDate: expect.stringMatching(/^\d{4}-.*Z$/) },
    })
    expect(failureOf(await world.sdk('ssm', 'getParameter', { Name: 'none' }))).toMatchObject({
      error: 'Ssm.ParameterNotFoundException',
      cause: expect.stringContaining('Parameter none not found. (Service: Ssm, Status Code: 400'),
    })

    const { KeyMetadata } = outputOf(await world.sdk('kms', 'createKey', {})) as { KeyMetadata: { KeyId: string } }
    const { KeyId } = KeyMetadata
    const closed = outputOf(await world.sdk('kms', 'encrypt', { KeyId, Plaintext: 'grüß', EncryptionContext: { a: 'b' } }))
    const CiphertextBlob = String(closed['CiphertextBlob'])
    expect(CiphertextBlob).toMatch(/^[\w+/]+=*$/)
    const opened = await world.sdk('kms', 'decrypt', { CiphertextBlob, EncryptionContext: { a: 'b' } })
    expect(outputOf(opened)).toMatchObject({ Plaintext: 'grüß' })
    expect(failureOf(await world.sdk('kms', 'decrypt', { CiphertextBlob }))?.error).toBe('Kms.InvalidCiphertextException')

    const at = new Date(Date.now() - 60_000).toISOString()
    const MetricData = [{ MetricName: 'm', Value: 2, Timestamp: at }]
    expect((await world.sdk('cloudwatch', 'putMetricData', { Namespace: 'n', MetricData })).kind).toBe('succeeded')
    const MetricStat = { Metric: { Namespace: 'n', MetricName: 'm' }, Period: 60, Stat: 'Sum' }
    const span = { StartTime: new Date(Date.now() - 600_000).toISOString(), EndTime: new Date(Date.now() + 60_000).toISOString() }
    const read = await world.sdk('cloudwatch', 'getMetricData', { ...span, MetricDataQueries: [{ Id: 'a', MetricStat }] })
    expect(outputOf(read)).toMatchObject({
      MetricDataResults: [{ Values: [2], Timestamps: [expect.stringMatching(/^\d{4}-.*:00Z$/)] }],
    })

    const tags = { Tags: [{ Key: 'a', Value: 'b' }] }
    const made = outputOf(await world.sdk('ecr', 'createRepository', { RepositoryName: 'app', ...tags }))
    const { Repository } = made as { Repository: { RepositoryArn: string } }
    expect(Repository).toMatchObject({ RepositoryName: 'app', CreatedAt: expect.stringMatching(/^\d{4}-.*Z$/) })
    const listed = await world.sdk('ecr', 'listTagsForResource', { ResourceArn: Repository.RepositoryArn })
    expect(outputOf(listed)).toMatchObject(tags)
  })
})

describe('states', () => {
  const StateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:child'
  const executionArn = 'arn:aws:states:us-east-1:000000000000:execution:child:x'

  it('starts an execution under a name that follows from the attempt', async () => {
    const names: string[] = []
    world.setFake((target, body) => {
      expect(target).toBe('AWSStepFunctions.StartExecution')
      const input = JSON.parse(body) as { name: string; input: string }
      names.push(input.name)
      expect(input.input).toBe('{"a":1}')
      return { body: JSON.stringify({ executionArn, startDate: 1700000000.5 }) }
    })
    const start = () => world.run('states', 'startExecution', { StateMachineArn, Input: { a: 1 } })
    expect(outputOf(await start())).toMatchObject({
      ExecutionArn: executionArn,
      StartDate: 1700000000500,
      SdkHttpMetadata: { HttpStatusCode: 200 },
    })
    await start()
    expect(names[0]).toMatch(/^[0-9a-f]{8}-/)
    expect(names[1]).toBe(names[0])
  })

  it('polls a child until it has ended, and passes its failure on as JSON', async () => {
    let status = 'RUNNING'
    const base = {
      executionArn,
      name: 'x',
      stateMachineArn: StateMachineArn,
      startDate: 1,
      input: '{}',
      inputDetails: { included: true },
    }
    world.setFake((target) => {
      if (target.endsWith('StartExecution')) return { body: JSON.stringify({ executionArn, startDate: 1 }) }
      const end = status === 'SUCCEEDED' ? { output: '{"b":2}', outputDetails: { included: true } } : { error: 'E', cause: 'C' }
      return { body: JSON.stringify({ ...base, status, stopDate: 2, ...(status !== 'RUNNING' && end) }) }
    })
    const one = world.request({ service: 'states', action: 'startExecution', pattern: 'sync2' }, { StateMachineArn })
    const connector = world.connectorOf(one)
    const submitted = outputOf(await connector.start(one)) as { ExecutionArn: string }
    expect(await connector.poll?.(one, submitted)).toEqual({ kind: 'pending' })
    status = 'SUCCEEDED'
    const shared = {
      ExecutionArn: executionArn,
      InputDetails: { Included: true },
      Name: 'x',
      StateMachineArn,
      StartDate: 1000,
      StopDate: 2000,
    }
    expect(await connector.poll?.(one, submitted)).toEqual({
      kind: 'succeeded',
      output: { ...shared, Input: {}, Output: { b: 2 }, OutputDetails: { Included: true }, Status: 'SUCCEEDED' },
    })
    status = 'FAILED'
    const plain = world.request({ service: 'states', action: 'startExecution', pattern: 'sync' }, { StateMachineArn })
    const failed = (await connector.poll?.(plain, submitted)) as TaskOutcome
    expect(failureOf(failed)?.error).toBe('States.TaskFailed')
    expect(JSON.parse(failureOf(failed)?.cause ?? '')).toEqual({
      ...shared,
      Cause: 'C',
      Error: 'E',
      Input: '{}',
      Status: 'FAILED',
    })
  })

  it('tells both styles of error', async () => {
    world.setFake(() => ({
      status: 400,
      body: JSON.stringify({ __type: 'StateMachineDoesNotExist', message: `State Machine Does Not Exist: '${StateMachineArn}'` }),
    }))
    expect(failureOf(await world.run('states', 'startExecution', { StateMachineArn }))).toEqual({
      error: 'StepFunctions.StateMachineDoesNotExistException',
      cause: `State Machine Does Not Exist: '${StateMachineArn}' (Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; Request ID: r-1; Proxy: null)`,
    })
    world.setFake((target, body) => {
      expect([target, JSON.parse(body)]).toEqual(['AWSStepFunctions.SendTaskSuccess', { taskToken: 't', output: '{"a":1}' }])
      return { status: 400, body: JSON.stringify({ __type: 'InvalidToken', message: "Invalid Token: 'Invalid token'" }) }
    })
    expect(failureOf(await world.sdk('sfn', 'sendTaskSuccess', { TaskToken: 't', Output: { a: 1 } }))).toEqual({
      error: 'Sfn.InvalidTokenException',
      cause: "Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: r-1) (SDK Attempt Count: 1)",
    })
  })

  it('takes for no failure that our own store is away, and for one that another’s is', async () => {
    const body = JSON.stringify({ __type: 'ServiceUnavailable', message: 'Please try again.' })
    world.setFake(() => ({ status: 503, body }))
    await expect(world.run('states', 'startExecution', { StateMachineArn })).rejects.toThrow(OwnOutage)
    await expect(world.sdk('sfn', 'startExecution', { StateMachineArn })).rejects.toThrow(OwnOutage)
    const elsewhere = createEndpoints({ ownUrl: world.url, region: 'us-east-1', env: { AWS_ENDPOINT_URL_SFN: world.url() } })
    const one = world.request({ service: 'states', action: 'startExecution' }, { StateMachineArn })
    const told = await createConnectors(elsewhere).connectorFor(one.resource)?.start(one)
    expect(told && failureOf(told)?.error).toBe('StepFunctions.AWSStepFunctionsException')
  })

  it('shows dates of aws-sdk results as ISO 8601 in PascalCase', async () => {
    world.setFake(() => ({ body: JSON.stringify({ executions: [{ executionArn, startDate: 1700000000 }] }) }))
    expect(outputOf(await world.sdk('sfn', 'listExecutions', {}))).toEqual({
      Executions: [{ ExecutionArn: executionArn, StartDate: '2023-11-14T22:13:20Z' }],
    })
  })
})

describe('events', () => {
  it('adds the machine and its execution to each entry, which rules send on', async () => {
    const { QueueUrl } = outputOf(await world.sdk('sqs', 'createQueue', { QueueName: 'events' })) as { QueueUrl: string }
    await world.sdk('eventbridge', 'putRule', { Name: 'r', EventPattern: '{"source":["s"]}' })
    const Targets = [{ Id: 'q', Arn: 'arn:aws:sqs:us-east-1:000000000000:events' }]
    await world.sdk('eventbridge', 'putTargets', { Rule: 'r', Targets })
    const Entries = [{ Detail: { a: 1 }, DetailType: 't', Source: 's', Resources: ['mine'] }]
    expect(outputOf(await world.run('events', 'putEvents', { Entries }))).toMatchObject({ FailedEntryCount: 0 })
    const received = outputOf(await world.sdk('sqs', 'receiveMessage', { QueueUrl, WaitTimeSeconds: 5 }))
    const [message] = received['Messages'] as { Body: string }[]
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({
      detail: { a: 1 },
      resources: ['mine', expect.stringContaining(':stateMachine:'), expect.stringContaining(':execution:')],
    })
  })

  it('fails when one entry fails', async () => {
    const Entries = [{ Detail: 'no JSON', DetailType: 't', Source: 's' }]
    expect(failureOf(await world.run('events', 'putEvents', { Entries }))).toEqual({
      error: 'EventBridge.FailedEntry',
      cause: '{"Entries":[{"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."}],"FailedEntryCount":1}',
    })
  })
})

describe('http and apigateway', () => {
  const Headers = { 'X-Test-Fake': ['1'] }

  it('answer with the parsed body, headers and status', async () => {
    world.setFake((target, body) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify({ target, body }) }))
    const gateway = outputOf(
      await world.run('apigateway', 'invoke', {
        ApiEndpoint: world.url(),
        Method: 'POST',
        Stage: 'dev',
        Path: '/a/b',
        Headers,
        RequestBody: { x: 1 },
        QueryParameters: { q: ['1', '2'] },
      }),
    )
    expect(gateway).toMatchObject({
      Headers: { 'Content-Type': ['application/json'] },
      ResponseBody: { target: 'POST /dev/a/b?q=1&q=2', body: '{"x":1}' },
      StatusCode: 200,
      StatusText: 'OK',
    })
    const form = { Transform: { RequestBodyEncoding: 'URL_ENCODED' }, RequestBody: { a: [1, 2], b: { c: 'd' } } }
    const http = outputOf(
      await world.run('http', 'invoke', {
        ApiEndpoint: `${world.url()}/x`,
        Method: 'PUT',
        Headers: { 'X-Test-Fake': '1' },
        ...form,
      }),
    )
    expect(decodeURIComponent((http['ResponseBody'] as { body: string }).body)).toBe('a[0]=1&a[1]=2&b[c]=d')
  })

  it('fail under the status of the answer', async () => {
    world.setFake(() => ({ status: 403, body: '{"message":"Missing Authentication Token"}' }))
    const outcome = await world.run('apigateway', 'invoke', { ApiEndpoint: world.url(), Method: 'GET', Headers })
    expect(failureOf(outcome)).toEqual({ error: 'ApiGateway.403', cause: '{"message":"Missing Authentication Token"}' })
    const http = await world.run('http', 'invoke', { ApiEndpoint: world.url(), Method: 'GET', Headers: { 'X-Test-Fake': '1' } })
    expect(failureOf(http)?.error).toBe('States.Http.StatusCode.403')
    const denied = await world.run('http', 'invoke', { ApiEndpoint: world.url(), Method: 'GET', Headers: { Authorization: 'x' } })
    expect(failureOf(denied)?.error).toBe('States.Runtime')
    const text = await world.run('apigateway', 'invoke', { ApiEndpoint: world.url(), Method: 'GET', Headers: { a: 'b' } })
    expect(failureOf(text)?.cause).toBe("The value of the field 'Headers' has an invalid format")
  })
})

describe('an http task with a connection', () => {
  const connect = async (Name: string, AuthorizationType: string, AuthParameters: Json) => {
    const made = await world.sdk('eventbridge', 'createConnection', { Name, AuthorizationType, AuthParameters })
    return String(outputOf(made)['ConnectionArn'])
  }
  const echo = (target: string, body: string, authorization: string) => ({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ target, body, authorization }),
  })

  it('sends what the connection adds, which goes before what the task gives', async () => {
    world.setFake((target, body, headers) => echo(target, body, String(headers['authorization'])))
    const ConnectionArn = await connect('basic', 'BASIC', {
      BasicAuthParameters: { Username: 'me', Password: 'secret' },
      InvocationHttpParameters: {
        HeaderParameters: [{ Key: 'X-Test-Fake', Value: '1' }],
        QueryStringParameters: [{ Key: 'q', Value: 'connection' }],
        BodyParameters: [{ Key: 'tenant', Value: 't' }],
      },
    })
    const call = { ApiEndpoint: `${world.url()}/api`, Method: 'POST', QueryParameters: { q: 'task', r: '1' } }
    const parameters = { ...call, RequestBody: { a: 1, tenant: 'x' }, InvocationConfig: { ConnectionArn } }
    expect(outputOf(await world.run('http', 'invoke', parameters))['ResponseBody']).toEqual({
      target: 'POST /api?q=connection&r=1',
      body: '{"a":1,"tenant":"t"}',
      authorization: `Basic ${Buffer.from('me:secret').toString('base64')}`,
    })
    expect(failureOf(await world.run('http', 'invoke', { ...parameters, RequestBody: 'text' }))?.error).toBe('States.Runtime')
  })

  it('gets its token from the OAuth server once, and says when there is none', async () => {
    const asked: string[] = []
    world.setFake((target, body, headers) => {
      if (!target.includes('/token')) return echo(target, body, String(headers['authorization']))
      asked.push(body)
      return { body: '{"access_token":"T","expires_in":3600}' }
    })
    const OAuthHttpParameters = { HeaderParameters: [{ Key: 'X-Test-Fake', Value: '1' }] }
    const oauth = {
      AuthorizationEndpoint: `${world.url()}/token`,
      HttpMethod: 'POST',
      OAuthHttpParameters,
      ClientParameters: { ClientID: 'id', ClientSecret: 'secret' },
    }
    const InvocationHttpParameters = { HeaderParameters: [{ Key: 'X-Test-Fake', Value: '1' }] }
    const parameters = { OAuthParameters: oauth, InvocationHttpParameters }
    const ConnectionArn = await connect('oauth', 'OAUTH_CLIENT_CREDENTIALS', parameters)
    const call = { ApiEndpoint: `${world.url()}/api`, Method: 'GET', Authentication: { ConnectionArn } }
    for (const _ of [1, 2]) {
      const answer = outputOf(await world.run('http', 'invoke', call))
      expect(answer['ResponseBody']).toMatchObject({ authorization: 'Bearer T' })
    }
    expect(asked).toEqual(['grant_type=client_credentials&client_id=id&client_secret=secret'])
    const missing = { ConnectionArn: 'arn:aws:events:us-east-1:000000000000:connection/none/x' }
    expect(failureOf(await world.run('http', 'invoke', { ...call, Authentication: missing }))?.error).toBe(
      'Events.ConnectionResource.ResourceNotFound',
    )
  })
})

describe('services without a service', () => {
  it('say which package to install', async () => {
    expect(failureOf(await world.sdk('polly', 'listLexicons', {}))?.cause).toContain('npm install @aws-sdk/client-polly')
  })

  it('are called by no other spelling, which would miss what is embedded', async () => {
    for (const [service, action] of [
      ['S3', 'listBuckets'],
      ['SQS', 'listQueues'],
      ['Sfn', 'listStateMachines'],
      ['s3', 'ListBuckets'],
    ] as const) {
      expect(failureOf(await world.sdk(service, action, {}))).toMatchObject({
        error: 'States.Runtime',
        cause: expect.stringContaining(`arn:aws:states:::aws-sdk:${service}:${action} is not recognized.`),
      })
    }
  })

  it('use an installed SDK client, with its names and dates turned round', async () => {
    const { callSdkClient } = await import('./sdk/client-call.ts')
    world.setFake((target, body) => {
      expect([target, JSON.parse(body)]).toEqual([
        'AWSStepFunctions.StartExecution',
        { stateMachineArn: 'arn', input: '{"a":1}' },
      ])
      return {
        headers: { 'content-type': 'application/x-amz-json-1.0' },
        body: JSON.stringify({ executionArn: 'e', startDate: 1700000000 }),
      }
    })
    const parameters = { StateMachineArn: 'arn', Input: { a: 1 } }
    const signal = AbortSignal.timeout(20_000)
    expect(await callSdkClient(world.endpoints, 'sfn', 'startExecution', parameters, signal)).toEqual({
      ok: true,
      value: { ExecutionArn: 'e', StartDate: '2023-11-14T22:13:20Z' },
    })
    world.setFake(() => ({ status: 400, body: JSON.stringify({ __type: 'InvalidArn', message: 'bad' }) }))
    expect(await callSdkClient(world.endpoints, 'sfn', 'startExecution', parameters, signal)).toMatchObject({
      ok: false,
      error: {
        error: 'Sfn.InvalidArnException',
        cause: 'bad (Service: Sfn, Status Code: 400, Request ID: r-1) (SDK Attempt Count: 1)',
      },
    })
  }, 30_000)
})

describe('endpoints', () => {
  it('are those of the service, then the setting for all others, then our own', () => {
    const env = { AWS_ENDPOINT_URL_SQS: 'http://elasticmq:9324', AWS_ENDPOINT_URL_SFN: 'aws' }
    const endpoints = createEndpoints({ ownUrl: () => 'http://own', region: 'eu-west-1', env })
    expect(endpoints.endpointFor('sqs')).toMatchObject({ url: 'http://elasticmq:9324', isAws: false })
    expect(endpoints.endpointFor('sfn')).toMatchObject({ url: 'https://states.eu-west-1.amazonaws.com', isAws: true })
    expect(endpoints.endpointFor('s3').url).toBe('http://own')
    const withOthers = createEndpoints({ ownUrl: () => 'http://own', region: 'eu-west-1', env, others: 'http://all' })
    expect(withOthers.endpointFor('s3').url).toBe('http://all')
    expect(withOthers.endpointFor('sqs').url).toBe('http://elasticmq:9324')
  })

  it('are not those of the shell that a server was started in', () => {
    const env = { AWS_ENDPOINT_URL: 'http://another' }
    const endpoints = createEndpoints({ ownUrl: () => 'http://own', region: 'eu-west-1', env })
    expect(['s3', 'sfn', 'cloudwatchlogs'].map((service) => endpoints.endpointFor(service).url)).toEqual(
      Array(3).fill('http://own'),
    )
    expect(endpoints.endpointFor('kinesis')).toMatchObject({ url: 'https://kinesis.eu-west-1.amazonaws.com', isAws: true })
  })

  it('that variables name are told by the variable', () => {
    const env = {
      AWS_ENDPOINT_URL: 'http://all',
      AWS_ENDPOINT_URL_SQS: 'http://q',
      AWS_ENDPOINT_URL_S3: 'aws',
      AWS_ENDPOINT_URL_SNS: '',
    }
    expect(endpointVariables(env)).toEqual([
      ['AWS_ENDPOINT_URL_S3', 'aws'],
      ['AWS_ENDPOINT_URL_SQS', 'http://q'],
    ])
  })

  it('take the keys that were taken out of the environment, unless a profile is named', async () => {
    const awsCredentials = { accessKeyId: 'taken', secretAccessKey: 'b' }
    const settings = { ownUrl: () => 'http://own', region: 'eu-west-1', awsCredentials }
    const plain = createEndpoints({ ...settings, env: { AWS_ENDPOINT_URL_SQS: 'aws' } }).endpointFor('sqs')
    expect(await plain.credentials()).toEqual(awsCredentials)
    const elsewhere = createEndpoints({ ...settings, env: {}, others: 'http://all' }).endpointFor('sqs')
    expect(await elsewhere.credentials()).toEqual(awsCredentials)
    const env = { AWS_PROFILE: 'other' }
    expect(
      await createEndpoints({ ...settings, env, others: 'http://all' })
        .endpointFor('sqs')
        .credentials(),
    ).not.toEqual(awsCredentials)
  })

  it('that refuse the connection fail as the SDK would say it', async () => {
    const endpoints = createEndpoints({ ownUrl: () => 'http://127.0.0.1:9', region: 'us-east-1', env: {} })
    const one = world.request({ service: 'sns', action: 'publish' }, { TopicArn: 't', Message: 'm' })
    const outcome = await createConnectors(endpoints).connectorFor(one.resource)?.start(one)
    expect(outcome).toMatchObject({
      failure: {
        error: 'SNS.SdkClientException',
        cause:
          'Unable to execute HTTP request: Connect to 127.0.0.1:9 [127.0.0.1] failed: Connection refused (Connection refused)',
      },
    })
  })
})
