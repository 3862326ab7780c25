import type { IncomingMessage } from 'node:http'

import { describe, expect, it } from 'vitest'

import { absentServiceOf, isFormUpload, isPublic, serviceOf, serviceOfForm } from './router.ts'

const request = (method: string, url: string, headers: Record<string, string> = {}) =>
  ({ method, url, headers }) as unknown as IncomingMessage
const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKID/20261123/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
})
const FORM = 'application/x-www-form-urlencoded; charset=utf-8'

describe('a request goes to', () => {
  it.each([
    ['sqs', 'by target', request('POST', '/', { 'x-amz-target': 'AmazonSQS.SendMessage' })],
    ['events', 'by target', request('POST', '/', { 'x-amz-target': 'AWSEvents.PutEvents' })],
    ['scheduler', 'by scope', request('POST', '/schedules/s', signed('scheduler'))],
    ['logs', 'by target', request('POST', '/', { 'x-amz-target': 'Logs_20140328.PutLogEvents' })],
    ['dynamodb', 'by target', request('POST', '/', { 'x-amz-target': 'DynamoDB_20120810.PutItem' })],
    ['dynamodb', 'by the target of its streams', request('POST', '/', { 'x-amz-target': 'DynamoDBStreams_20120810.GetRecords' })],
    ['states', 'by target', request('POST', '/', { 'x-amz-target': 'AWSStepFunctions.StartExecution' })],
    ['states', 'by scope', request('POST', '/', signed('states'))],
    ['states', 'by host', request('POST', '/', { host: 'states.us-east-1.amazonaws.com' })],
    ['sns', 'by scope', request('POST', '/', { ...signed('sns'), 'content-type': FORM })],
    ['sqs', 'by scope', request('POST', '/', signed('sqs'))],
    ['s3', 'by scope', request('PUT', '/2015-03-31/functions', signed('s3'))],
    ['lambda', 'by scope', request('GET', '/2015-03-31/functions/', signed('lambda'))],
    ['sts', 'by scope', request('POST', '/', signed('sts'))],
    ['iam', 'by scope', request('POST', '/', signed('iam'))],
    ['tagging', 'by target', request('POST', '/', { 'x-amz-target': 'ResourceGroupsTaggingAPI_20170126.GetResources' })],
    [undefined, 'another service by scope', request('POST', '/', signed('ec2'))],
    ['s3', 'by presigned query', request('GET', '/b/k?X-Amz-Credential=A%2F20261123%2Fus-east-1%2Fs3%2Faws4_request')],
    ['sqs', 'by host', request('POST', '/', { host: 'sqs.localhost:8083' })],
    ['sns', 'by host', request('POST', '/', { host: 'sns.us-east-1.localhost' })],
    ['lambda', 'by host', request('GET', '/x', { host: 'lambda.eu-west-1.amazonaws.com' })],
    ['s3', 'by host', request('GET', '/k', { host: 'my.bucket.localhost:8083' })],
    ['s3', 'by host', request('GET', '/k', { host: 'bucket.s3.us-east-1.localhost' })],
    ['s3', 'by host, though the bucket is called like a service', request('GET', '/k', { host: 'sqs.s3.localhost' })],
    ['ssm', 'by target', request('POST', '/', { 'x-amz-target': 'AmazonSSM.GetParameter' })],
    ['kms', 'by target', request('POST', '/', { 'x-amz-target': 'TrentService.Encrypt' })],
    ['ecr', 'by target', request('POST', '/', { 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.ListImages' })],
    ['ecr', 'by the path of its registry', request('HEAD', '/v2/app/blobs/sha256:0')],
    ['s3', 'a bucket that is called nearly so', request('GET', '/v2x/app')],
    ['monitoring', 'by target', request('POST', '/', { 'x-amz-target': 'GraniteServiceVersion20100801.ListMetrics' })],
    ['monitoring', 'by path', request('POST', '/service/GraniteServiceVersion20100801/operation/ListMetrics')],
    ['monitoring', 'by scope', request('POST', '/', { ...signed('monitoring'), 'content-type': FORM })],
    ['lambda', 'by path', request('POST', '/2015-03-31/functions/f/invocations', { host: 'localhost' })],
    [
      'lambda',
      "by the host of a function's URL",
      request('POST', '/', { host: `${'a'.repeat(32)}.lambda-url.us-east-1.localhost:1` }),
    ],
    [
      'lambda',
      "by the path of a function's URL, whatever else it says",
      request('PUT', `/_regente/lambda-url/${'a'.repeat(32)}/x`, signed('s3')),
    ],
    ['apigateway', 'by scope', request('GET', '/restapis', signed('apigateway'))],
    ['apigateway', 'by the host of an API', request('POST', '/', { host: 'abcde12345.execute-api.localhost:1' })],
    [
      'apigateway',
      "by an API's host as on AWS",
      request('POST', '/', { host: 'abcde12345.execute-api.us-east-1.amazonaws.com' }),
    ],
    ['apigateway', 'by the path of an API', request('PUT', '/_aws/execute-api/abcde12345/live/x', signed('s3'))],
    ['apigateway', 'by its older path', request('GET', '/restapis/abcde12345/live/_user_request_/x')],
    ['s3', 'a bucket that is called like its management', request('GET', '/restapis/abcde12345')],
    ['sqs', 'by queue path', request('POST', '/123456789012/my-queue.fifo', { 'content-type': FORM })],
    ['sqs', 'by queue path', request('GET', '/123456789012/q?Action=ReceiveMessage')],
    ['s3', 'an object in a bucket called by digits', request('GET', '/123456789012/q')],
    ['sns', 'by the link in a mail', request('GET', '/?Action=ConfirmSubscription&TopicArn=a&Token=t')],
    ['sns', 'by the name of its signing key', request('GET', '/SimpleNotificationService-regente.pem')],
    ['sqs', 'by our own door', request('GET', '/_regente/sqs/messages?QueueUrl=q')],
    ['lambda', 'by our own door', request('GET', '/_regente/lambda/code?FunctionName=f')],
    [undefined, 'another of our own doors', request('GET', '/_regente/health')],
    ['form', 'by its form', request('POST', '/', { 'content-type': FORM })],
    [undefined, 'nobody', request('POST', '/')],
    ['s3', 'by default', request('PUT', '/bucket/key', { host: '127.0.0.1:1' })],
  ])('%s %s', (service, _, req) => expect(serviceOf(req)).toBe(service))

  it.each([
    ['ec2', request('POST', '/', signed('ec2'))],
    ['polly', request('POST', '/', { ...signed('polly'), 'x-amz-target': 'Parrot_v1.ListLexicons' })],
    ['Unheard_20120810', request('POST', '/', { ...signed('dynamodb'), 'x-amz-target': 'Unheard_20120810.A' })],
    ['AWSCognitoIdentityService', request('POST', '/', { 'x-amz-target': 'AWSCognitoIdentityService.GetId' })],
    [undefined, request('POST', '/', { 'x-amz-target': 'a\nb.GetId' })],
    [undefined, request('POST', '/')],
  ])('none, where none is here: %s', (name, req) => {
    expect(serviceOf(req)).toBeUndefined()
    expect(absentServiceOf(req)).toBe(name)
  })

  it('SNS, SQS, IAM or STS by the version in its form', () => {
    expect(serviceOfForm('Action=GetRole&Version=2010-05-08')).toBe('iam')
    expect(serviceOfForm('Action=AssumeRole&Version=2011-06-15')).toBe('sts')
    expect(serviceOfForm('Action=Publish&Version=2010-03-31')).toBe('sns')
    expect(serviceOfForm('Version=2012-11-05&Action=SendMessage')).toBe('sqs')
    expect(serviceOfForm('Action=Other')).toBeUndefined()
  })
})

it('is public where only a name that is drawn at random leads', () => {
  const all = (url: string, host = 'localhost') => isPublic(request('POST', url, { host, ...signed('s3') }))
  expect(all('/', 'abcde12345.execute-api.localhost')).toBe(true)
  expect(all('/', `${'a'.repeat(32)}.lambda-url.us-east-1.localhost`)).toBe(true)
  expect(all('/restapis/abcde12345/live/_user_request_/')).toBe(true)
  for (const url of [
    '/restapis/abcde12345/resources',
    '/_aws/execute-api/abc/live',
    '/restapis/abcde12345/live/x/_user_request_',
  ])
    expect(all(url), url).toBe(false)
  expect(all('/', 'abc.execute-api.localhost')).toBe(false)
})

it('tells a form that uploads to a bucket from forms for others', () => {
  const parts = { 'content-type': 'multipart/form-data; boundary=x' }
  const isUpload = (url: string, headers: Record<string, string> = parts, method = 'POST') =>
    isFormUpload(request(method, url, headers))
  expect(isUpload('/bucket')).toBe(true)
  expect(isUpload('/', { ...parts, host: 'bucket.s3.localhost:4566' })).toBe(true)
  for (const url of [
    '/',
    '/123456789012/q',
    '/2015-03-31/functions/f/invocations',
    '/_regente/x',
    '/bucket?delete',
    '/schedules/s',
  ])
    expect(isUpload(url), url).toBe(false)
  expect(isUpload('/bucket', { 'content-type': FORM })).toBe(false)
  expect(isUpload('/bucket', { ...parts, 'x-amz-target': 'AWSStepFunctions.StartExecution' })).toBe(false)
})
