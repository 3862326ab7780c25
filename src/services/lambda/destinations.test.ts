import {
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionEventInvokeConfigCommand,
  InvokeAsyncCommand,
  InvokeCommand,
  ListFunctionEventInvokeConfigsCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionConfigurationCommand,
  UpdateFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda'
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startServed } from './testing/served.ts'

let served: Awaited<ReturnType<typeof startServed>>
beforeAll(async () => {
  served = await startServed()
  await served.makeFunction(
    'half',
    'export const handler = async (event) => { if (event.bad) throw new Error("no"); return { done: event } }',
  )
})
afterAll(() => served.close())

const HALF = 'arn:aws:lambda:us-east-1:000000000000:function:half'
const start = (event: unknown, FunctionName = 'half') =>
  served.lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: Buffer.from(JSON.stringify(event)) }))

test('what came of a call is told to whoever is named for it', async () => {
  const [good, bad] = [await served.makeQueue('good'), await served.makeQueue('bad')]
  const config = await served.lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: 'half',
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnSuccess: { Destination: good.arn }, OnFailure: { Destination: bad.arn } },
    }),
  )
  expect(config).toMatchObject({
    FunctionArn: `${HALF}:$LATEST`,
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnSuccess: { Destination: good.arn }, OnFailure: { Destination: bad.arn } },
  })
  expect(config.MaximumEventAgeInSeconds).toBeUndefined()
  await start({ n: 1 })
  const [told] = await good.receive(1)
  expect(JSON.parse(told?.Body ?? '')).toMatchObject({
    version: '1.0',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    requestContext: {
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      functionArn: `${HALF}:$LATEST`,
      condition: 'Success',
      approximateInvokeCount: 1,
    },
    requestPayload: { n: 1 },
    responseContext: { statusCode: 200, executedVersion: '$LATEST' },
    responsePayload: { done: { n: 1 } },
  })
  await served.lambda.send(new InvokeAsyncCommand({ FunctionName: 'half', InvokeArgs: Buffer.from('{"bad":true}') }))
  const [failed] = await bad.receive(1)
  expect(JSON.parse(failed?.Body ?? '')).toMatchObject({
    requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 1 },
    requestPayload: { bad: true },
    responseContext: { functionError: 'Unhandled' },
    responsePayload: { errorType: 'Error', errorMessage: 'no' },
  })
}, 30_000)

test('an update keeps what it does not name; a function that takes nothing fails at once', async () => {
  const shut = await served.makeQueue('shut')
  const update = new UpdateFunctionEventInvokeConfigCommand({
    FunctionName: 'half',
    DestinationConfig: { OnFailure: { Destination: shut.arn } },
  })
  const updated = await served.lambda.send(update)
  expect(updated.MaximumRetryAttempts).toBe(0)
  expect(updated.DestinationConfig).toEqual({ OnSuccess: {}, OnFailure: { Destination: shut.arn } })
  const concurrency = { FunctionName: 'half', ReservedConcurrentExecutions: 0 }
  await served.lambda.send(new PutFunctionConcurrencyCommand(concurrency))
  await start({ n: 2 })
  const [told] = await shut.receive(1)
  expect(JSON.parse(told?.Body ?? '').requestContext).toMatchObject({ condition: 'ZeroReservedConcurrency' })
  await served.lambda.send(new PutFunctionConcurrencyCommand({ ...concurrency, ReservedConcurrentExecutions: 10 }))
}, 30_000)

test('a dead-letter queue or topic is sent the event itself, and why it was given up', async () => {
  const [dead, heard] = [await served.makeQueue('dead'), await served.makeQueue('heard')]
  const sns = new SNSClient(served.config)
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'dead' }))
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: heard.arn }))
  for (const TargetArn of [dead.arn, TopicArn]) {
    const configure = new UpdateFunctionConfigurationCommand({ FunctionName: 'half', DeadLetterConfig: { TargetArn } })
    expect((await served.lambda.send(configure)).DeadLetterConfig).toEqual({ TargetArn })
    await start({ bad: 'dead' })
    const [message] = await (TargetArn === dead.arn ? dead : heard).receive(1)
    const body = JSON.parse(message?.Body ?? '')
    expect(TargetArn === dead.arn ? body : JSON.parse(body.Message)).toEqual({ bad: 'dead' })
    const attributes = TargetArn === dead.arn ? message?.MessageAttributes : body.MessageAttributes
    expect(attributes).toMatchObject({ RequestID: {}, ErrorCode: {}, ErrorMessage: {} })
  }
  sns.destroy()
}, 30_000)

test('a bus is told in an event, a function in its payload', async () => {
  const { service: events } = served.services.events
  const [seen, echoed] = [await served.makeQueue('seen'), await served.makeQueue('echoed')]
  events.putRule({ Name: 'results', EventPattern: '{"source":["lambda"]}' })
  events.putTargets({ Rule: 'results', Targets: [{ Id: '1', Arn: seen.arn }] })
  await served.makeFunction('listener', 'export const handler = async (event) => event.requestContext.condition')
  const arn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`
  const bus = 'arn:aws:events:us-east-1:000000000000:event-bus/default'
  const put = (FunctionName: string, Destination: string, MaximumRetryAttempts = 0) =>
    served.lambda.send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName,
        MaximumRetryAttempts,
        DestinationConfig: { OnSuccess: { Destination } },
      }),
    )
  await put('half', bus)
  await put('listener', echoed.arn)
  await start({ n: 3 })
  const [event] = await seen.receive(1)
  expect(JSON.parse(event?.Body ?? '')).toMatchObject({
    'detail-type': 'Lambda Function Invocation Result - Success',
    source: 'lambda',
    resources: [`${HALF}:$LATEST`, bus],
    detail: { requestPayload: { n: 3 } },
  })
  await put('half', arn('listener'))
  await start({ n: 4 })
  const [echo] = await echoed.receive(1)
  expect(JSON.parse(echo?.Body ?? '')).toMatchObject({ requestPayload: { requestPayload: { n: 4 } }, responsePayload: 'Success' })
}, 30_000)

test('a configuration is one of a function or of an alias; none is no configuration', async () => {
  await served.lambda.send(new CreateAliasCommand({ FunctionName: 'half', Name: 'live', FunctionVersion: '$LATEST' }))
  const of = { FunctionName: 'half', Qualifier: 'live' }
  const get = () => served.lambda.send(new GetFunctionEventInvokeConfigCommand(of))
  await expect(get()).rejects.toThrow(`The function ${HALF}:live doesn't have an EventInvokeConfig`)
  await served.lambda.send(new PutFunctionEventInvokeConfigCommand({ ...of, MaximumEventAgeInSeconds: 60 }))
  expect(await get()).toMatchObject({ FunctionArn: `${HALF}:live`, MaximumEventAgeInSeconds: 60 })
  const list = new ListFunctionEventInvokeConfigsCommand({ FunctionName: 'half' })
  const { FunctionEventInvokeConfigs = [] } = await served.lambda.send(list)
  expect(FunctionEventInvokeConfigs.map(({ FunctionArn }) => FunctionArn)).toEqual([`${HALF}:$LATEST`, `${HALF}:live`])
  await served.lambda.send(new DeleteFunctionEventInvokeConfigCommand(of))
  await expect(get()).rejects.toThrow("doesn't have an EventInvokeConfig")
})

test.each([
  [{}, 'You must specify at least one of error handling or destination setting.'],
  [{ MaximumRetryAttempts: 3 }, 'Member must have value less than or equal to 2'],
  [{ DestinationConfig: { OnSuccess: { Destination: 'arn:aws:ec2:us-east-1:000000000000:x' } } }, 'Member must be an ARN of'],
  [{ DestinationConfig: { OnFailure: { Destination: `${HALF}` } } }, 'as a destination for itself'],
  [{ DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:000000000000:q.fifo' } } }, 'A FIFO queue'],
])('%j is refused', async (input, message) => {
  const put = new PutFunctionEventInvokeConfigCommand({ FunctionName: 'half', ...input })
  await expect(served.lambda.send(put)).rejects.toThrow(message)
})

test('a function made of an image is refused in a sentence', async () => {
  const create = new CreateFunctionCommand({
    FunctionName: 'image',
    PackageType: 'Image',
    Role: 'arn:aws:iam::000000000000:role/r',
    Code: { ImageUri: '000000000000.dkr.ecr.us-east-1.amazonaws.com/x:latest' },
  })
  await expect(served.lambda.send(create)).rejects.toThrow('PackageType Image is not supported. Use a zip.')
})
