/**
 * What a connector grants between resources of two types, by what it is asked for.
 * Source: AWS SAM developer guide, "AWS SAM connector reference", "AWS SAM policies for connectors".
 */

/** On what: of `S` and `D`, the source and the destination, what follows their ARN. */
export interface ConnectorStatement {
  readonly actions: string
  readonly resources: readonly string[]
}

export type Category = 'Read' | 'Write'

export type Profile =
  | { readonly kind: 'role'; readonly of: 'source' | 'destination'; readonly grants: Grants }
  | { readonly kind: 'permission'; readonly principal: string; readonly source: 'arn' | 'api' | 'bucket' }
  | { readonly kind: 'queue' | 'topic'; readonly principal: string }

type Grants = { readonly [C in Category]?: readonly ConnectorStatement[] }

const to = (actions: string, ...resources: string[]): ConnectorStatement => ({ actions, resources })
const byRole = (grants: Grants, of: 'source' | 'destination' = 'source'): Profile => ({ kind: 'role', of, grants })

const bucket = byRole({
  Read: [
    to(
      's3:GetObject s3:GetObjectAcl s3:GetObjectLegalHold s3:GetObjectRetention s3:GetObjectTorrent s3:GetObjectVersion ' +
        's3:GetObjectVersionAcl s3:GetObjectVersionForReplication s3:GetObjectVersionTorrent s3:ListBucket ' +
        's3:ListBucketMultipartUploads s3:ListBucketVersions s3:ListMultipartUploadParts',
      'D',
      'D/*',
    ),
  ],
  Write: [
    to(
      's3:AbortMultipartUpload s3:DeleteObject s3:DeleteObjectVersion s3:PutObject s3:PutObjectLegalHold ' +
        's3:PutObjectRetention s3:RestoreObject',
      'D',
      'D/*',
    ),
  ],
})
const table = byRole({
  Read: [
    to(
      'dynamodb:GetItem dynamodb:Query dynamodb:Scan dynamodb:BatchGetItem dynamodb:ConditionCheckItem dynamodb:PartiQLSelect',
      'D',
      'D/index/*',
    ),
  ],
  Write: [
    to(
      'dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem dynamodb:PartiQLDelete ' +
        'dynamodb:PartiQLInsert dynamodb:PartiQLUpdate',
      'D',
      'D/index/*',
    ),
  ],
})
const EXECUTIONS = 'arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:${DestinationName}:*'
const MANAGED_RULE =
  'arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule'
const invoke = byRole({ Write: [to('lambda:InvokeAsync lambda:InvokeFunction', 'D')] })
const publish = byRole({ Write: [to('sns:Publish', 'D')] })
const putEvents = byRole({ Write: [to('events:PutEvents', 'D')] })

const profiles: Readonly<Record<string, Readonly<Record<string, Profile>>>> = {
  'AWS::ApiGateway::RestApi': {
    'AWS::Lambda::Function': { kind: 'permission', principal: 'apigateway', source: 'api' },
  },
  'AWS::ApiGatewayV2::Api': {
    'AWS::Lambda::Function': { kind: 'permission', principal: 'apigateway', source: 'api' },
  },
  'AWS::DynamoDB::Table': {
    'AWS::Lambda::Function': byRole(
      {
        Read: [to('dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams', 'S/stream/*')],
      },
      'destination',
    ),
  },
  'AWS::Events::Rule': {
    'AWS::Events::EventBus': putEvents,
    'AWS::Lambda::Function': { kind: 'permission', principal: 'events', source: 'arn' },
    'AWS::SNS::Topic': { kind: 'topic', principal: 'events' },
    'AWS::SQS::Queue': { kind: 'queue', principal: 'events' },
    'AWS::StepFunctions::StateMachine': byRole({ Write: [to('states:StartExecution', 'D')] }),
  },
  'AWS::Lambda::Function': {
    'AWS::DynamoDB::Table': table,
    'AWS::Events::EventBus': putEvents,
    'AWS::Lambda::Function': invoke,
    'AWS::S3::Bucket': bucket,
    'AWS::SNS::Topic': publish,
    'AWS::SQS::Queue': byRole({
      Read: [to('sqs:ReceiveMessage sqs:GetQueueAttributes', 'D')],
      Write: [to('sqs:DeleteMessage sqs:SendMessage sqs:ChangeMessageVisibility sqs:PurgeQueue', 'D')],
    }),
    'AWS::StepFunctions::StateMachine': byRole({
      Read: [
        to('states:DescribeStateMachine states:ListExecutions', 'D'),
        to('states:DescribeExecution states:DescribeStateMachineForExecution states:GetExecutionHistory', EXECUTIONS),
      ],
      Write: [to('states:StartExecution states:StartSyncExecution', 'D'), to('states:StopExecution', EXECUTIONS)],
    }),
  },
  'AWS::S3::Bucket': {
    'AWS::Lambda::Function': { kind: 'permission', principal: 's3', source: 'bucket' },
  },
  'AWS::SNS::Topic': {
    'AWS::Lambda::Function': { kind: 'permission', principal: 'sns', source: 'arn' },
    'AWS::SQS::Queue': { kind: 'queue', principal: 'sns' },
  },
  'AWS::SQS::Queue': {
    'AWS::Lambda::Function': byRole(
      {
        Read: [to('sqs:ReceiveMessage sqs:GetQueueAttributes', 'S')],
        Write: [to('sqs:DeleteMessage', 'S')],
      },
      'destination',
    ),
  },
  'AWS::StepFunctions::StateMachine': {
    'AWS::DynamoDB::Table': table,
    'AWS::Events::EventBus': putEvents,
    'AWS::Lambda::Function': invoke,
    'AWS::S3::Bucket': bucket,
    'AWS::SNS::Topic': publish,
    'AWS::SQS::Queue': byRole({ Write: [to('sqs:SendMessage', 'D')] }),
    'AWS::StepFunctions::StateMachine': byRole({
      Read: [to('states:DescribeExecution', EXECUTIONS), to('events:DescribeRule', MANAGED_RULE)],
      Write: [
        to('states:StartExecution', 'D'),
        to('states:StopExecution', EXECUTIONS),
        to('events:PutTargets events:PutRule', MANAGED_RULE),
      ],
    }),
  },
}

/** By types of CloudFormation. */
export function profileOf(source: string, destination: string): Profile | undefined {
  const destinations = Object.hasOwn(profiles, source) ? profiles[source] : undefined
  return destinations && Object.hasOwn(destinations, destination) ? destinations[destination] : undefined
}
