/** What the usual integrations are asked with, and which of it names something that is here. Not all of AWS's: what people write. */
import type { Json } from '../../../src/base/json.ts'
import type { Key } from '../../../src/source/tree.ts'

const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  'lambda:invoke': ['FunctionName', 'Payload', 'InvocationType', 'Qualifier', 'ClientContext'],
  'sns:publish': ['TopicArn', 'Message', 'Subject', 'MessageAttributes', 'MessageGroupId', 'MessageDeduplicationId', 'TargetArn'],
  'sqs:sendMessage': ['QueueUrl', 'MessageBody', 'DelaySeconds', 'MessageAttributes', 'MessageGroupId', 'MessageDeduplicationId'],
  'dynamodb:getItem': ['TableName', 'Key', 'ConsistentRead', 'ProjectionExpression', 'ExpressionAttributeNames'],
  'dynamodb:putItem': ['TableName', 'Item', 'ConditionExpression', 'ExpressionAttributeNames', 'ExpressionAttributeValues'],
  'dynamodb:deleteItem': ['TableName', 'Key', 'ConditionExpression', 'ExpressionAttributeNames', 'ExpressionAttributeValues'],
  'dynamodb:updateItem': [
    ...['TableName', 'Key', 'UpdateExpression', 'ConditionExpression', 'ExpressionAttributeNames'],
    ...['ExpressionAttributeValues', 'ReturnValues'],
  ],
  'states:startExecution': ['StateMachineArn', 'Input', 'Name'],
  'events:putEvents': ['Entries'],
  'http:invoke': ['ApiEndpoint', 'Method', 'Authentication', 'Headers', 'QueryParameters', 'RequestBody', 'Transform'],
  's3:getObject': ['Bucket', 'Key', 'VersionId'],
  's3:putObject': ['Bucket', 'Key', 'Body', 'ContentType'],
  's3:listObjectsV2': ['Bucket', 'Prefix', 'MaxKeys', 'ContinuationToken'],
}

/** Names of the members of Arguments, or of Parameters; none where the integration is not a usual one. */
export function argumentsOf(resource: Json | undefined): readonly string[] {
  const call = /^arn:[\w-]+:states:::(?:aws-sdk:)?(\w+:\w+)/.exec(String(resource))?.[1] ?? ''
  return Object.hasOwn(ARGUMENTS, call) ? (ARGUMENTS[call] ?? []) : []
}

/** What is listed on this server. */
export type LocalKind = 'functions' | 'queues' | 'topics' | 'tables' | 'buckets' | 'machines' | 'resources'

const NAMES: Readonly<Record<string, LocalKind>> = {
  FunctionName: 'functions',
  QueueUrl: 'queues',
  TopicArn: 'topics',
  TargetArn: 'topics',
  TableName: 'tables',
  Bucket: 'buckets',
  StateMachineArn: 'machines',
  Resource: 'resources',
}

/** By the name of the member whose value stands at the path. */
export function localKindOf(path: readonly Key[]): LocalKind | undefined {
  const name = String(path.at(-1)).replace(/\.\$$/, '')
  return Object.hasOwn(NAMES, name) ? NAMES[name] : undefined
}
