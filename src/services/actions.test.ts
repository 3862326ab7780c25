import type { IncomingMessage } from 'node:http'

import { describe, expect, it } from 'vitest'

import { actionText } from '../wire/request-context.ts'

import { callFinder } from './actions.ts'

const FORM = 'application/x-www-form-urlencoded; charset=utf-8'
const place = { region: 'us-east-1', account: '123456789012', endpointHost: 'localhost' }

function call(method: string, url: string, headers: Record<string, string> = {}) {
  const req = { method, url, headers } as unknown as IncomingMessage
  const found = callFinder(() => place)(req)
  if (found === undefined) throw new Error('nobody answers this')
  return found
}
const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKID/20261123/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
})

const F = 'arn:aws:lambda:us-east-1:123456789012:function:f'

describe('a request asks for', () => {
  it.each([
    ['states:StartExecution', undefined, call('POST', '/', { 'x-amz-target': 'AWSStepFunctions.StartExecution' })],
    ['events:PutEvents', undefined, call('POST', '/', { 'x-amz-target': 'AWSEvents.PutEvents' })],
    ['dynamodb:PutItem', undefined, call('POST', '/', { 'x-amz-target': 'DynamoDB_20120810.PutItem' })],
    ['sqs:SendMessage', undefined, call('POST', '/', { 'x-amz-target': 'AmazonSQS.SendMessage' })],
    ['sqs', 'arn:aws:sqs:us-east-1:123456789012:q', call('POST', '/123456789012/q', { 'content-type': FORM })],
    ['sqs:ReceiveMessage', 'arn:aws:sqs:us-east-1:1:q', call('GET', '/queue/111111111111/q?Action=ReceiveMessage')],
    ['sns', undefined, call('POST', '/', { ...signed('sns'), 'content-type': FORM })],
    ['sts', undefined, call('POST', '/', { ...signed('sts'), 'content-type': FORM })],
    ['iam', undefined, call('POST', '/', { ...signed('iam'), 'content-type': FORM })],
    ['ssm:GetParameter', undefined, call('POST', '/', { ...signed('ssm'), 'x-amz-target': 'AmazonSSM.GetParameter' })],
    ['kms:Encrypt', undefined, call('POST', '/', { 'x-amz-target': 'TrentService.Encrypt' })],
    ['monitoring:ListMetrics', undefined, call('POST', '/', { 'x-amz-target': 'GraniteServiceVersion20100801.ListMetrics' })],
    ['monitoring:ListMetrics', undefined, call('POST', '/service/GraniteServiceVersion20100801/operation/ListMetrics')],
    ['monitoring', undefined, call('POST', '/', { ...signed('monitoring'), 'content-type': FORM })],
    ['ecr', undefined, call('GET', '/v2/')],
    ['sns:ConfirmSubscription', undefined, call('GET', '/?Action=ConfirmSubscription&Token=t')],
    ['lambda:InvokeFunction', F, call('POST', '/2015-03-31/functions/f/invocations')],
    ['lambda:InvokeFunction', F, call('POST', `/2015-03-31/functions/${encodeURIComponent(F)}/invocations`)],
    ['lambda:GetFunction', `${F}:live`, call('GET', '/2015-03-31/functions/123456789012:function:f:live')],
    ['lambda:ListFunctions', undefined, call('GET', '/2015-03-31/functions/')],
    ['lambda:PutFunctionConcurrency', F, call('PUT', '/2017-10-31/functions/f/concurrency')],
    [
      'lambda:GetEventSourceMapping',
      'arn:aws:lambda:us-east-1:123456789012:event-source-mapping:u',
      call('GET', '/2015-03-31/event-source-mappings/u'),
    ],
    ['lambda:CreateFunctionUrlConfig', F, call('POST', '/2021-10-31/functions/f/url')],
    ['lambda:InvokeFunctionUrl', undefined, call('GET', '/x', { host: `${'a'.repeat(32)}.lambda-url.us-east-1.localhost` })],
    ['lambda', undefined, call('POST', '/2015-03-31/functions/f/unheard-of')],
    ['s3:PutObject', 'arn:aws:s3:::b/a b/c', call('PUT', '/b/a%20b/c')],
    ['s3:GetObject', 'arn:aws:s3:::b/k', call('HEAD', '/k', { host: 'b.s3.localhost:4566' })],
    ['s3:AbortMultipartUpload', 'arn:aws:s3:::b/k', call('DELETE', '/b/k?uploadId=1')],
    ['s3:ListBucket', 'arn:aws:s3:::b', call('GET', '/b?list-type=2')],
    ['s3:ListAllMyBuckets', undefined, call('GET', '/')],
    ['s3:PutLifecycleConfiguration', 'arn:aws:s3:::b', call('DELETE', '/b?lifecycle')],
    ['s3:DeleteBucketPolicy', 'arn:aws:s3:::b', call('DELETE', '/b?policy')],
    ['s3:ListBucketVersions', 'arn:aws:s3:::b', call('GET', '/b?versions&prefix=a')],
    ['s3:GetObjectVersion', 'arn:aws:s3:::b/k', call('GET', '/b/k?versionId=null')],
    ['s3:PutObjectVersionTagging', 'arn:aws:s3:::b/k', call('PUT', '/b/k?tagging&versionId=null')],
    ['s3', undefined, call('GET', '/b/%zz')],
    [
      'scheduler:GetSchedule',
      'arn:aws:scheduler:us-east-1:123456789012:schedule/default/s',
      call('GET', '/schedules/s', signed('scheduler')),
    ],
    [
      'apigateway:PATCH',
      'arn:aws:apigateway:us-east-1::/restapis/abc/stages/v1',
      call('PATCH', '/restapis/abc/stages/v1', signed('apigateway')),
    ],
    ['apigateway:Invoke', undefined, call('GET', '/live/x', { host: 'abcde12345.execute-api.localhost' })],
    ['scheduler:CreateSchedule', undefined, call('POST', '/schedules/s', signed('scheduler'))],
  ])('%s of %s', (action, resource, asked) => {
    expect(actionText(asked)).toBe(action)
    expect(asked.resource).toBe(resource?.replace(':1:', ':111111111111:'))
  })

  it('what only its form tells, of a service that only its form tells', () => {
    expect(call('POST', '/', { 'content-type': FORM })).toEqual({
      service: undefined,
      action: { kind: 'inBody' },
      resource: undefined,
    })
  })
})
