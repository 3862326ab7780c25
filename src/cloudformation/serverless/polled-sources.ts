/**
 * Sources that Lambda polls for a function: the mapping, and what its role has to be allowed to read.
 * Source: AWS SAM developer guide, "SQS", "DynamoDB", "Kinesis", "MSK", "MQ", "DocumentDB", "SelfManagedKafka" of EventSource.
 */
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'

import { only } from './draft.ts'
import { type EventSource, refuseEvent } from './event-source.ts'
import type { Target } from './function-target.ts'
import { managedPolicyArn } from './managed-policies.ts'
import { type Allowed, policyFor } from './role.ts'

const NO_SOURCE =
  'No Queue (for SQS) or Stream (for Kinesis, DynamoDB or MSK) or Broker (for Amazon MQ) or Cluster (for DocumentDB) provided.'

/** By the property that names the source, and the managed policy that reading it takes. */
const POLLED: Readonly<Record<string, { readonly source: string; readonly policy?: string }>> = {
  SQS: { source: 'Queue', policy: 'AWSLambdaSQSQueueExecutionRole' },
  DynamoDB: { source: 'Stream', policy: 'AWSLambdaDynamoDBExecutionRole' },
  Kinesis: { source: 'Stream', policy: 'AWSLambdaKinesisExecutionRole' },
  MSK: { source: 'Stream', policy: 'AWSLambdaMSKExecutionRole' },
  MQ: { source: 'Broker', policy: 'AWSLambdaAMQExecutionRole' },
  DocumentDB: { source: 'Cluster' },
  SelfManagedKafka: { source: 'SelfManagedEventSource' },
}

const MAPPING = [
  ...['AmazonManagedKafkaEventSourceConfig', 'BatchSize', 'BisectBatchOnFunctionError', 'DocumentDBEventSourceConfig', 'Enabled'],
  ...['FilterCriteria', 'FunctionResponseTypes', 'KmsKeyArn', 'LoggingConfig', 'MaximumBatchingWindowInSeconds'],
  ...['MaximumRecordAgeInSeconds', 'MaximumRetryAttempts', 'MetricsConfig', 'ParallelizationFactor', 'ProvisionedPollerConfig'],
  ...['Queues', 'ScalingConfig', 'SelfManagedKafkaEventSourceConfig', 'SourceAccessConfigurations', 'StartingPosition'],
  ...['StartingPositionTimestamp', 'Topics', 'TumblingWindowInSeconds'],
]

export const isPolled = ({ type }: EventSource): boolean => Object.hasOwn(POLLED, type)

export function makeMapping(event: EventSource, target: Target, id: string, properties: JsonObject): Allowed {
  const { resource, path, type } = event
  const { source, policy } = POLLED[type] ?? { source: 'Queue', policy: 'AWSLambdaSQSQueueExecutionRole' }
  const isKafka = type === 'SelfManagedKafka'
  const EventSourceArn = isKafka ? undefined : getOwn(properties, source)
  if (!isKafka && EventSourceArn === undefined) refuseEvent(event, NO_SOURCE)
  const failure = failureOf(properties)
  resource.make(
    id,
    'AWS::Lambda::EventSourceMapping',
    {
      FunctionName: target.name,
      EventSourceArn,
      ...only(properties, MAPPING),
      SelfManagedEventSource: isKafka
        ? { Endpoints: { KafkaBootstrapServers: getOwn(properties, 'KafkaBootstrapServers') ?? null } }
        : undefined,
      DestinationConfig: failure && { OnFailure: { Destination: failure.arn } },
    },
    { path },
  )
  return {
    managed: policy === undefined ? [] : [managedPolicyArn(policy, resource.draft.options.partition)],
    policies: failure?.action === undefined ? [] : [policyFor(`${id}${failure.kind}Policy`, failure.action, failure.arn)],
  }
}

/** Where batches go that could not be worked on. */
function failureOf(properties: JsonObject) {
  const config = getOwn(properties, 'DestinationConfig')
  const failure = isObject(config) ? getOwn(config, 'OnFailure') : undefined
  if (!isObject(failure)) return undefined
  const kind = getOwn(failure, 'Type')
  const action = kind === 'SQS' ? 'sqs:SendMessage' : kind === 'SNS' ? 'sns:Publish' : undefined
  return { arn: getOwn(failure, 'Destination') ?? null, kind: String(kind), action }
}
