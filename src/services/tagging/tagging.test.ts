import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { silentLog } from '../../base/log.ts'

import { callJson, callQuery } from '../../aws/call.ts'
import { type Endpoints, endpointsAt } from '../../aws/endpoints.ts'
import { orThrow } from '../../aws/failure.ts'
import { SERVICES } from '../../aws/services.ts'

import { handlerFor } from '../kit/testing/services.ts'
import { type Services, startServices } from '../services.ts'

const PLACE = { region: 'us-east-1', account: '123456789012' }
const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:q'
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:t'
const GROUP = 'arn:aws:logs:us-east-1:123456789012:log-group:g'
const BUCKET = 'arn:aws:s3:::bucket'
const SECRET = /^arn:aws:secretsmanager:us-east-1:123456789012:secret:s-/

let services: Services
let server: Server
let endpoints: Endpoints

beforeAll(async () => {
  let endpoint = ''
  services = startServices({ ...PLACE, endpoint: () => endpoint, log: silentLog })
  server = createServer((req, res) => {
    const handler = handlerFor(services, req)
    if (handler) return void handler(req, res)
    // Step Functions, which is in other rooms.
    const isMachines = String(req.headers['x-amz-target']).endsWith('ListStateMachines')
    res.end(JSON.stringify(isMachines ? { stateMachines: [] } : { activities: [] }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  endpoints = endpointsAt(() => ({ endpoint, region: PLACE.region }))

  await ask('sqs', 'CreateQueue', { QueueName: 'q', tags: { team: 'a' } })
  await ask('sqs', 'CreateQueue', { QueueName: 'untagged' })
  await callQuery(endpoints, SERVICES.sns, 'CreateTopic', { Name: 't', Tags: [{ Key: 'team', Value: 'b' }] })
  await ask('cloudwatchlogs', 'CreateLogGroup', { logGroupName: 'g' })
  await ask('secretsmanager', 'CreateSecret', { Name: 's', SecretString: 'x', Tags: [{ Key: 'stage', Value: 'prod' }] })
  await fetch(`${endpoint}/bucket`, { method: 'PUT' })
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await services.close()
})

type Asked = 'sqs' | 'cloudwatch' | 'cloudwatchlogs' | 'ecr' | 'kms' | 'secretsmanager' | 'ssm'
async function ask(service: Asked, action: string, input: object) {
  return orThrow(await callJson(endpoints, SERVICES[service], action, input)).body
}
const tagging = async (action: string, input: object = {}) =>
  orThrow(await callJson(endpoints, SERVICES.resourcegroupstaggingapi, action, input)).body
async function found(input: object) {
  const { ResourceTagMappingList } = await tagging('GetResources', input)
  return (ResourceTagMappingList as { ResourceARN: string }[]).map(({ ResourceARN }) => ResourceARN)
}

it('finds what has tags, by tag, by type and by ARN', async () => {
  expect(await tagging('GetResources')).toEqual({
    PaginationToken: '',
    ResourceTagMappingList: [
      { ResourceARN: expect.stringMatching(SECRET), Tags: [{ Key: 'stage', Value: 'prod' }] },
      { ResourceARN: TOPIC, Tags: [{ Key: 'team', Value: 'b' }] },
      { ResourceARN: QUEUE, Tags: [{ Key: 'team', Value: 'a' }] },
    ],
  })
  expect(await found({ TagFilters: [{ Key: 'team' }] })).toEqual([TOPIC, QUEUE])
  expect(await found({ TagFilters: [{ Key: 'team', Values: ['a', 'c'] }] })).toEqual([QUEUE])
  expect(await found({ ResourceTypeFilters: ['sns', 'secretsmanager:secret'] })).toEqual([expect.stringMatching(SECRET), TOPIC])
  expect(await found({ ResourceARNList: [QUEUE] })).toEqual([QUEUE])
})

it('gives pages', async () => {
  const first = await tagging('GetResources', { ResourcesPerPage: 2 })
  expect(first['ResourceTagMappingList']).toHaveLength(2)
  expect(await found({ ResourcesPerPage: 2, PaginationToken: first['PaginationToken'] })).toEqual([QUEUE])
})

it('tags resources of all services, and tells which it could not', async () => {
  const gone = `${QUEUE}-gone`
  const ResourceARNList = [QUEUE, TOPIC, GROUP, BUCKET, gone, 'arn:aws:ec2:us-east-1:123456789012:instance/i']
  const { FailedResourcesMap } = await tagging('TagResources', { ResourceARNList, Tags: { owner: 'me' } })
  expect(FailedResourcesMap).toEqual({
    [gone]: expect.objectContaining({ StatusCode: 400, ErrorCode: 'AWS.SimpleQueueService.NonExistentQueue' }),
    'arn:aws:ec2:us-east-1:123456789012:instance/i': expect.objectContaining({ ErrorCode: 'InvalidParameterException' }),
  })
  expect(await found({ TagFilters: [{ Key: 'owner' }] })).toEqual([GROUP, BUCKET, TOPIC, QUEUE])
  expect(await tagging('GetTagKeys')).toEqual({ PaginationToken: '', TagKeys: ['owner', 'stage', 'team'] })
  expect(await tagging('GetTagValues', { Key: 'team' })).toEqual({ PaginationToken: '', TagValues: ['a', 'b'] })
  await tagging('UntagResources', { ResourceARNList: [QUEUE, TOPIC, GROUP, BUCKET], TagKeys: ['owner'] })
  expect(await found({ TagFilters: [{ Key: 'owner' }] })).toEqual([])
})

it('tags parameters, keys, alarms and repositories', async () => {
  const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:123456789012:${resource}`
  for (const Name of ['/app/a', 'b']) await ask('ssm', 'PutParameter', { Name, Value: 'v', Type: 'String' })
  const { KeyMetadata } = await ask('kms', 'CreateKey', {})
  const key = String((KeyMetadata as { Arn: string }).Arn)
  await ask('cloudwatch', 'PutCompositeAlarm', { AlarmName: 'c', AlarmRule: 'TRUE' })
  await ask('ecr', 'CreateRepository', { repositoryName: 'team/app' })
  const all = [
    arn('cloudwatch', 'alarm:c'),
    arn('ecr', 'repository/team/app'),
    key,
    arn('ssm', 'parameter/app/a'),
    arn('ssm', 'parameter/b'),
  ]
  expect(await tagging('TagResources', { ResourceARNList: all, Tags: { kind: 'new' } })).toEqual({ FailedResourcesMap: {} })
  expect(await found({ TagFilters: [{ Key: 'kind', Values: ['new'] }] })).toEqual(all)
  await tagging('UntagResources', { ResourceARNList: all, TagKeys: ['kind'] })
  expect(await found({ TagFilters: [{ Key: 'kind' }] })).toEqual([])
})

it.each([
  ['TagResources', { ResourceARNList: [QUEUE], Tags: { 'aws:x': 'y' } }],
  ['TagResources', { ResourceARNList: [QUEUE] }],
  ['UntagResources', { TagKeys: ['a'] }],
  ['GetTagValues', {}],
  ['GetResources', { ResourceARNList: [QUEUE], ResourceTypeFilters: ['sqs'] }],
  ['GetResources', { PaginationToken: 'x' }],
])('%s of %j is refused', async (action, input) => {
  await expect(tagging(action, input)).rejects.toMatchObject({ code: 'InvalidParameterException', status: 400 })
})
