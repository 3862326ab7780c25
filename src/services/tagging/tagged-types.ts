/**
 * What can have tags: of each type how all of its resources are found, how one is known by its ARN, and how its tags are read
 * and changed. Source: API reference of each service.
 */
import { createHash } from 'node:crypto'

import { isObject, type JsonObject } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'
import { child, childrenNamed, childText, element, xmlDocument } from '../../wire/xml.ts'
import { objectPath, queueUrl } from '../../aws/paths.ts'
import { type JsonService, SERVICES } from '../../aws/services.ts'

import { objectList, textList } from '../kit/input.ts'
import { type Tags, tagList, tagsObject } from '../kit/tags.ts'

import { type Asking, everyPage, tagMapIn, tagsIn, textOf } from './asking.ts'

export interface TaggedType {
  /** As a filter names it: `states:stateMachine`; `sqs` where a service has but one. */
  readonly name: string
  /** Whether it could be the ARN of one. */
  readonly arn: RegExp
  /** ARNs of all of them. */
  readonly list: (ask: Asking) => Promise<readonly string[]>
  readonly read: (ask: Asking, arn: string) => Promise<Tags>
  readonly tag: (ask: Asking, arn: string, tags: Tags) => Promise<unknown>
  readonly untag: (ask: Asking, arn: string, keys: readonly string[]) => Promise<unknown>
}

const arnOf = (service: string, resource: string) => new RegExp(`^arn:aws[\\w-]*:${service}:[\\w-]*:\\d*:${resource}$`)

/** Services of JSON whose three actions are named alike, with the resource's member and how they spell tags. */
function byJson(service: JsonService, member: string, list = 'Tags', key = 'Key', value = 'Value') {
  const keys = key === 'key' ? 'tagKeys' : 'TagKeys'
  return {
    read: async (ask: Asking, arn: string) =>
      tagsIn(await ask.json(service, 'ListTagsForResource', { [member]: arn }), list, key, value),
    tag: (ask: Asking, arn: string, tags: Tags) => {
      const given = [...tags].map(([name, text]) => ({ [key]: name, [value]: text }))
      return ask.json(service, 'TagResource', { [member]: arn, [list]: given })
    },
    untag: (ask: Asking, arn: string, gone: readonly string[]) =>
      ask.json(service, 'UntagResource', { [member]: arn, [keys]: [...gone] }),
  }
}

const pagesOf = (
  ask: Asking,
  service: JsonService,
  action: string,
  input: JsonObject,
  token: { readonly token: string; readonly next?: string },
) => everyPage((at) => ask.json(service, action, { ...input, ...(at !== undefined && { [token.token]: at }) }), token)

/** The texts of a member, of each object of a list in each page. */
const texts = (pages: readonly JsonObject[], list: string, member: string): readonly string[] =>
  pages.flatMap((page) => objectList(page, list).map((one) => textOf(one, member)))

const NEXT = { token: 'NextToken' }
const SMALL_NEXT = { token: 'nextToken' }
const {
  sfn,
  sqs,
  sns,
  dynamodb,
  lambda,
  s3,
  cloudwatchlogs,
  eventbridge,
  scheduler,
  secretsmanager,
  iam,
  ssm,
  kms,
  cloudwatch,
  ecr,
} = SERVICES

const inStates = byJson(sfn, 'resourceArn', 'tags', 'key', 'value')
const inEvents = byJson(eventbridge, 'ResourceARN')

const busNames = async (ask: Asking): Promise<readonly JsonObject[]> =>
  (await pagesOf(ask, eventbridge, 'ListEventBuses', {}, NEXT)).flatMap((page) => objectList(page, 'EventBuses'))

/** SQS takes a queue by its URL, of which it reads the path alone. */
const urlOf = (arn: string): string => queueUrl('http://localhost', arn)

const functionTags = (arn: string): string => `/2017-03-31/tags/${encodeURIComponent(arn)}`
const scheduleTags = (arn: string): string => `/tags/${encodeURIComponent(arn)}`
const keysQuery = (name: string, keys: readonly string[]): URLSearchParams =>
  new URLSearchParams(keys.map((key): [string, string] => [name, key]))

const TAGGING = new URLSearchParams({ tagging: '' })
const bucketOf = (arn: string): string => arn.split(':::')[1] ?? ''

async function bucketTags(ask: Asking, arn: string): Promise<Tags> {
  try {
    const root = await ask.xml(s3, { method: 'GET', path: objectPath(bucketOf(arn)), query: TAGGING })
    const set = root && child(root, 'TagSet')
    return new Map((set?.children ?? []).map((tag) => [childText(tag, 'Key') ?? '', childText(tag, 'Value') ?? '']))
  } catch (error) {
    if (error instanceof WireError && error.code === 'NoSuchTagSet') return new Map()
    throw error
  }
}

/** A bucket's tags are put as a whole. */
function putBucketTags(ask: Asking, arn: string, tags: Tags): Promise<unknown> {
  const path = objectPath(bucketOf(arn))
  if (tags.size === 0) return ask.xml(s3, { method: 'DELETE', path, query: TAGGING })
  const set = [...tags].map(([key, value]) => element('Tag', [element('Key', key), element('Value', value)]))
  const body = xmlDocument(element('Tagging', element('TagSet', set)))
  const headers = { 'content-type': 'application/xml', 'content-md5': createHash('md5').update(body).digest('base64') }
  return ask.xml(s3, { method: 'PUT', path, query: TAGGING, headers, body })
}

/** IAM has actions of its own for each kind. */
function byIam(noun: string, idOf: (arn: string) => JsonObject) {
  return {
    read: async (ask: Asking, arn: string) => tagsIn(await ask.query(iam, `List${noun}Tags`, { ...idOf(arn), MaxItems: 1000 })),
    tag: (ask: Asking, arn: string, tags: Tags) => ask.query(iam, `Tag${noun}`, { ...idOf(arn), Tags: tagList(tags) }),
    untag: (ask: Asking, arn: string, keys: readonly string[]) =>
      ask.query(iam, `Untag${noun}`, { ...idOf(arn), TagKeys: [...keys] }),
  }
}

/** Systems Manager takes a parameter by its name. */
const parameterOf = (arn: string) => {
  const name = arn.slice(arn.indexOf(':parameter/') + ':parameter/'.length)
  return { ResourceType: 'Parameter', ResourceId: name.includes('/') ? `/${name}` : name }
}

const lastOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1)

export const TAGGED_TYPES: readonly TaggedType[] = [
  {
    name: 'states:stateMachine',
    arn: arnOf('states', 'stateMachine:[^:/]+'),
    list: async (ask) => texts(await pagesOf(ask, sfn, 'ListStateMachines', {}, SMALL_NEXT), 'stateMachines', 'stateMachineArn'),
    ...inStates,
  },
  {
    name: 'states:activity',
    arn: arnOf('states', 'activity:[^:/]+'),
    list: async (ask) => texts(await pagesOf(ask, sfn, 'ListActivities', {}, SMALL_NEXT), 'activities', 'activityArn'),
    ...inStates,
  },
  {
    name: 'sqs',
    arn: arnOf('sqs', '[\\w-]+(?:\\.fifo)?'),
    list: async (ask) => {
      const pages = await pagesOf(ask, sqs, 'ListQueues', { MaxResults: 1000 }, NEXT)
      const urls = pages.flatMap((page) => textList(page, 'QueueUrls'))
      return Promise.all(
        urls.map(async (QueueUrl) => {
          const { Attributes } = await ask.json(sqs, 'GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] })
          return isObject(Attributes) ? textOf(Attributes, 'QueueArn') : ''
        }),
      )
    },
    read: async (ask, arn) => tagMapIn(await ask.json(sqs, 'ListQueueTags', { QueueUrl: urlOf(arn) }), 'Tags'),
    tag: (ask, arn, tags) => ask.json(sqs, 'TagQueue', { QueueUrl: urlOf(arn), Tags: tagsObject(tags) }),
    untag: (ask, arn, keys) => ask.json(sqs, 'UntagQueue', { QueueUrl: urlOf(arn), TagKeys: [...keys] }),
  },
  {
    name: 'sns',
    arn: arnOf('sns', '[\\w-]+(?:\\.fifo)?'),
    list: async (ask) => {
      const pages = await everyPage((at) => ask.query(sns, 'ListTopics', at === undefined ? {} : { NextToken: at }), NEXT)
      return texts(pages, 'Topics', 'TopicArn')
    },
    read: async (ask, arn) => tagsIn(await ask.query(sns, 'ListTagsForResource', { ResourceArn: arn })),
    tag: (ask, arn, tags) => ask.query(sns, 'TagResource', { ResourceArn: arn, Tags: tagList(tags) }),
    untag: (ask, arn, keys) => ask.query(sns, 'UntagResource', { ResourceArn: arn, TagKeys: [...keys] }),
  },
  {
    name: 'dynamodb:table',
    arn: arnOf('dynamodb', 'table/[^/]+'),
    list: async (ask) => {
      const token = { token: 'ExclusiveStartTableName', next: 'LastEvaluatedTableName' }
      const pages = await pagesOf(ask, dynamodb, 'ListTables', {}, token)
      const names = pages.flatMap((page) => textList(page, 'TableNames'))
      return Promise.all(
        names.map(async (TableName) => {
          const { Table } = await ask.json(dynamodb, 'DescribeTable', { TableName })
          return isObject(Table) ? textOf(Table, 'TableArn') : ''
        }),
      )
    },
    read: async (ask, arn) => {
      const pages = await pagesOf(ask, dynamodb, 'ListTagsOfResource', { ResourceArn: arn }, NEXT)
      return new Map(pages.flatMap((page) => [...tagsIn(page)]))
    },
    tag: (ask, arn, tags) => ask.json(dynamodb, 'TagResource', { ResourceArn: arn, Tags: tagList(tags) }),
    untag: (ask, arn, keys) => ask.json(dynamodb, 'UntagResource', { ResourceArn: arn, TagKeys: [...keys] }),
  },
  {
    name: 'lambda:function',
    arn: arnOf('lambda', 'function:[^:]+'),
    list: async (ask) => {
      const fetch = (at: string | undefined) =>
        ask.rest(lambda, 'GET', '/2015-03-31/functions/', at === undefined ? {} : { query: new URLSearchParams({ Marker: at }) })
      return texts(await everyPage(fetch, { token: 'Marker', next: 'NextMarker' }), 'Functions', 'FunctionArn')
    },
    read: async (ask, arn) => tagMapIn(await ask.rest(lambda, 'GET', functionTags(arn)), 'Tags'),
    tag: (ask, arn, tags) => ask.rest(lambda, 'POST', functionTags(arn), { input: { Tags: tagsObject(tags) } }),
    untag: (ask, arn, keys) => ask.rest(lambda, 'DELETE', functionTags(arn), { query: keysQuery('tagKeys', keys) }),
  },
  {
    name: 's3',
    arn: arnOf('s3', '[a-z0-9.-]+'),
    list: async (ask) => {
      const root = await ask.xml(s3, { method: 'GET', path: '/' })
      const buckets = root && child(root, 'Buckets')
      return (buckets ? childrenNamed(buckets, 'Bucket') : []).map((bucket) => `arn:aws:s3:::${childText(bucket, 'Name') ?? ''}`)
    },
    read: bucketTags,
    tag: async (ask, arn, tags) => putBucketTags(ask, arn, new Map([...(await bucketTags(ask, arn)), ...tags])),
    untag: async (ask, arn, keys) => {
      const kept = [...(await bucketTags(ask, arn))].filter(([key]) => !keys.includes(key))
      return putBucketTags(ask, arn, new Map(kept))
    },
  },
  {
    name: 'logs:log-group',
    arn: arnOf('logs', 'log-group:[^:*]+'),
    list: async (ask) => {
      const pages = await pagesOf(ask, cloudwatchlogs, 'DescribeLogGroups', {}, SMALL_NEXT)
      return texts(pages, 'logGroups', 'arn').map((arn) => arn.replace(/:\*$/, ''))
    },
    read: async (ask, arn) => tagMapIn(await ask.json(cloudwatchlogs, 'ListTagsForResource', { resourceArn: arn }), 'tags'),
    tag: (ask, arn, tags) => ask.json(cloudwatchlogs, 'TagResource', { resourceArn: arn, tags: tagsObject(tags) }),
    untag: (ask, arn, keys) => ask.json(cloudwatchlogs, 'UntagResource', { resourceArn: arn, tagKeys: [...keys] }),
  },
  {
    name: 'events:event-bus',
    arn: arnOf('events', 'event-bus/[^/]+'),
    list: async (ask) => (await busNames(ask)).map((bus) => textOf(bus, 'Arn')),
    ...inEvents,
  },
  {
    name: 'events:rule',
    arn: arnOf('events', 'rule/.+'),
    list: async (ask) => {
      const rules = await Promise.all(
        (await busNames(ask)).map((bus) => pagesOf(ask, eventbridge, 'ListRules', { EventBusName: textOf(bus, 'Name') }, NEXT)),
      )
      return texts(rules.flat(), 'Rules', 'Arn')
    },
    ...inEvents,
  },
  {
    name: 'scheduler:schedule-group',
    arn: arnOf('scheduler', 'schedule-group/[^/]+'),
    list: async (ask) => {
      const fetch = (at: string | undefined) =>
        ask.rest(scheduler, 'GET', '/schedule-groups', at === undefined ? {} : { query: new URLSearchParams({ NextToken: at }) })
      return texts(await everyPage(fetch, NEXT), 'ScheduleGroups', 'Arn')
    },
    read: async (ask, arn) => tagsIn(await ask.rest(scheduler, 'GET', scheduleTags(arn))),
    tag: (ask, arn, tags) => ask.rest(scheduler, 'POST', scheduleTags(arn), { input: { Tags: tagList(tags) } }),
    untag: (ask, arn, keys) => ask.rest(scheduler, 'DELETE', scheduleTags(arn), { query: keysQuery('TagKeys', keys) }),
  },
  {
    name: 'secretsmanager:secret',
    arn: arnOf('secretsmanager', 'secret:.+'),
    list: async (ask) => texts(await pagesOf(ask, secretsmanager, 'ListSecrets', {}, NEXT), 'SecretList', 'ARN'),
    read: async (ask, arn) => tagsIn(await ask.json(secretsmanager, 'DescribeSecret', { SecretId: arn })),
    tag: (ask, arn, tags) => ask.json(secretsmanager, 'TagResource', { SecretId: arn, Tags: tagList(tags) }),
    untag: (ask, arn, keys) => ask.json(secretsmanager, 'UntagResource', { SecretId: arn, TagKeys: [...keys] }),
  },
  {
    name: 'ssm:parameter',
    arn: arnOf('ssm', 'parameter/.+'),
    list: async (ask) => texts(await pagesOf(ask, ssm, 'DescribeParameters', { MaxResults: 50 }, NEXT), 'Parameters', 'ARN'),
    read: async (ask, arn) => tagsIn(await ask.json(ssm, 'ListTagsForResource', parameterOf(arn)), 'TagList'),
    tag: (ask, arn, tags) => ask.json(ssm, 'AddTagsToResource', { ...parameterOf(arn), Tags: tagList(tags) }),
    untag: (ask, arn, keys) => ask.json(ssm, 'RemoveTagsFromResource', { ...parameterOf(arn), TagKeys: [...keys] }),
  },
  {
    name: 'kms:key',
    arn: arnOf('kms', 'key/[\\w-]+'),
    list: async (ask) => {
      const token = { token: 'Marker', next: 'NextMarker' }
      return texts(await pagesOf(ask, kms, 'ListKeys', { Limit: 1000 }, token), 'Keys', 'KeyArn')
    },
    read: async (ask, arn) => tagsIn(await ask.json(kms, 'ListResourceTags', { KeyId: arn }), 'Tags', 'TagKey', 'TagValue'),
    tag: (ask, arn, tags) => {
      const given = [...tags].map(([TagKey, TagValue]) => ({ TagKey, TagValue }))
      return ask.json(kms, 'TagResource', { KeyId: arn, Tags: given })
    },
    untag: (ask, arn, keys) => ask.json(kms, 'UntagResource', { KeyId: arn, TagKeys: [...keys] }),
  },
  {
    name: 'cloudwatch:alarm',
    arn: arnOf('cloudwatch', 'alarm:.+'),
    list: async (ask) => {
      const AlarmTypes = ['MetricAlarm', 'CompositeAlarm']
      const pages = await pagesOf(ask, cloudwatch, 'DescribeAlarms', { AlarmTypes }, NEXT)
      return AlarmTypes.flatMap((type) => texts(pages, `${type}s`, 'AlarmArn'))
    },
    ...byJson(cloudwatch, 'ResourceARN'),
  },
  {
    name: 'ecr:repository',
    arn: arnOf('ecr', 'repository/.+'),
    list: async (ask) => texts(await pagesOf(ask, ecr, 'DescribeRepositories', {}, SMALL_NEXT), 'repositories', 'repositoryArn'),
    read: async (ask, arn) => tagsIn(await ask.json(ecr, 'ListTagsForResource', { resourceArn: arn }), 'tags'),
    tag: (ask, arn, tags) => ask.json(ecr, 'TagResource', { resourceArn: arn, tags: tagList(tags) }),
    untag: (ask, arn, keys) => ask.json(ecr, 'UntagResource', { resourceArn: arn, tagKeys: [...keys] }),
  },
  {
    name: 'iam:policy',
    arn: arnOf('iam', 'policy/.+'),
    list: async (ask) => iamArns(ask, 'ListPolicies', 'Policies', { Scope: 'Local' }),
    ...byIam('Policy', (arn) => ({ PolicyArn: arn })),
  },
  {
    name: 'iam:instance-profile',
    arn: arnOf('iam', 'instance-profile/.+'),
    list: async (ask) => iamArns(ask, 'ListInstanceProfiles', 'InstanceProfiles', {}),
    ...byIam('InstanceProfile', (arn) => ({ InstanceProfileName: lastOf(arn) })),
  },
]

async function iamArns(ask: Asking, action: string, list: string, input: JsonObject): Promise<readonly string[]> {
  const fetch = (at: string | undefined) => ask.query(iam, action, { ...input, ...(at !== undefined && { Marker: at }) })
  return texts(await everyPage(fetch, { token: 'Marker' }), list, 'Arn')
}
