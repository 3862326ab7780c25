/**
 * The services that Regente speaks to itself, without an SDK: how each is addressed, signed and spoken to, which of its
 * refusals pass, and under which names Step Functions shows its errors. Data alone, so that the console calls by it too.
 * Source: AWS service endpoints and quotas; each service's API reference; error names as recorded (conformance families
 * services, error_handling).
 */
export type AwsServiceId =
  | 'cloudformation'
  | 'apigateway'
  | 'apigatewayv2'
  | 'cloudcontrol'
  | 'cloudwatch'
  | 'cloudwatchlogs'
  | 'dynamodb'
  | 'dynamodbstreams'
  | 'ecr'
  | 'eventbridge'
  | 'iam'
  | 'kms'
  | 'lambda'
  | 'pipes'
  | 'resourcegroupstaggingapi'
  | 's3'
  | 'scheduler'
  | 'secretsmanager'
  | 'sfn'
  | 'sns'
  | 'sqs'
  | 'ssm'
  | 'sts'

interface ServiceFacts {
  /** As aws-sdk ARNs name it. */
  readonly id: AwsServiceId
  /** In the credential scope. */
  readonly signingName: string
  /** `HOST.REGION.amazonaws.com`. */
  readonly host: string
  /** One for all regions: `HOST.amazonaws.com`, signed for us-east-1. */
  readonly isGlobal?: true
  /** Codes that come with a 4xx and yet are gone at the next attempt, besides throttling. Without `Exception`. */
  readonly transientCodes?: ReadonlySet<string>
  /** As optimized integrations tell errors: `SQS.AmazonSQSException`, `(Service: AmazonSQS; …)`. */
  readonly optimized?: { readonly prefix: string; readonly service: string; readonly unmodelled: string }
  /** As aws-sdk integrations tell errors: `Sqs.SqsException`, `(Service: Sqs, …)`. */
  readonly sdk: string
}

export interface JsonService extends ServiceFacts {
  readonly protocol: 'json'
  /** What stands before the action in the target. */
  readonly target: string
  readonly version: '1.0' | '1.1'
  readonly members: 'pascal' | 'camel'
}

export interface QueryService extends ServiceFacts {
  readonly protocol: 'query'
  readonly version: string
}

export interface RestService extends ServiceFacts {
  readonly protocol: 'restJson' | 'restXml'
}

export type AwsService = JsonService | QueryService | RestService

export const SERVICES = {
  apigateway: {
    id: 'apigateway',
    signingName: 'apigateway',
    host: 'apigateway',
    protocol: 'restJson',
    sdk: 'ApiGateway',
  },
  apigatewayv2: {
    id: 'apigatewayv2',
    signingName: 'apigateway',
    host: 'apigateway',
    protocol: 'restJson',
    sdk: 'ApiGatewayV2',
  },
  cloudcontrol: {
    id: 'cloudcontrol',
    signingName: 'cloudcontrolapi',
    host: 'cloudcontrolapi',
    protocol: 'json',
    target: 'CloudApiService',
    version: '1.0',
    members: 'pascal',
    sdk: 'CloudControl',
  },
  lambda: {
    id: 'lambda',
    signingName: 'lambda',
    host: 'lambda',
    protocol: 'restJson',
    optimized: { prefix: 'Lambda', service: 'AWSLambda', unmodelled: 'AWSLambdaException' },
    sdk: 'Lambda',
  },
  sns: {
    id: 'sns',
    signingName: 'sns',
    host: 'sns',
    protocol: 'query',
    version: '2010-03-31',
    optimized: { prefix: 'SNS', service: 'AmazonSNS', unmodelled: 'AmazonSNSException' },
    sdk: 'Sns',
  },
  cloudformation: {
    id: 'cloudformation',
    signingName: 'cloudformation',
    host: 'cloudformation',
    protocol: 'query',
    version: '2010-05-15',
    sdk: 'CloudFormation',
  },
  iam: {
    id: 'iam',
    signingName: 'iam',
    host: 'iam',
    isGlobal: true,
    protocol: 'query',
    version: '2010-05-08',
    sdk: 'Iam',
  },
  resourcegroupstaggingapi: {
    id: 'resourcegroupstaggingapi',
    signingName: 'tagging',
    host: 'tagging',
    protocol: 'json',
    target: 'ResourceGroupsTaggingAPI_20170126',
    version: '1.1',
    members: 'pascal',
    sdk: 'ResourceGroupsTaggingApi',
  },
  sts: {
    id: 'sts',
    signingName: 'sts',
    host: 'sts',
    protocol: 'query',
    version: '2011-06-15',
    sdk: 'Sts',
  },
  sqs: {
    id: 'sqs',
    signingName: 'sqs',
    host: 'sqs',
    protocol: 'json',
    target: 'AmazonSQS',
    version: '1.0',
    members: 'pascal',
    optimized: { prefix: 'SQS', service: 'AmazonSQS', unmodelled: 'AmazonSQSException' },
    sdk: 'Sqs',
  },
  dynamodb: {
    id: 'dynamodb',
    signingName: 'dynamodb',
    host: 'dynamodb',
    protocol: 'json',
    target: 'DynamoDB_20120810',
    version: '1.0',
    members: 'pascal',
    optimized: { prefix: 'DynamoDB', service: 'AmazonDynamoDBv2', unmodelled: 'AmazonDynamoDBException' },
    sdk: 'DynamoDb',
  },
  dynamodbstreams: {
    id: 'dynamodbstreams',
    signingName: 'dynamodb',
    host: 'streams.dynamodb',
    protocol: 'json',
    target: 'DynamoDBStreams_20120810',
    version: '1.0',
    members: 'pascal',
    sdk: 'DynamoDbStreams',
  },
  sfn: {
    id: 'sfn',
    signingName: 'states',
    host: 'states',
    protocol: 'json',
    target: 'AWSStepFunctions',
    version: '1.0',
    members: 'camel',
    optimized: { prefix: 'StepFunctions', service: 'AWSStepFunctions', unmodelled: 'AWSStepFunctionsException' },
    sdk: 'Sfn',
  },
  eventbridge: {
    id: 'eventbridge',
    signingName: 'events',
    host: 'events',
    protocol: 'json',
    target: 'AWSEvents',
    version: '1.1',
    members: 'pascal',
    optimized: { prefix: 'EventBridge', service: 'AmazonEventBridge', unmodelled: 'AmazonEventBridgeException' },
    sdk: 'EventBridge',
  },
  scheduler: {
    id: 'scheduler',
    signingName: 'scheduler',
    host: 'scheduler',
    protocol: 'restJson',
    sdk: 'Scheduler',
  },
  pipes: {
    id: 'pipes',
    signingName: 'pipes',
    host: 'pipes',
    protocol: 'restJson',
    sdk: 'Pipes',
  },
  secretsmanager: {
    id: 'secretsmanager',
    signingName: 'secretsmanager',
    host: 'secretsmanager',
    protocol: 'json',
    target: 'secretsmanager',
    version: '1.1',
    members: 'pascal',
    sdk: 'SecretsManager',
  },
  ssm: {
    id: 'ssm',
    signingName: 'ssm',
    host: 'ssm',
    protocol: 'json',
    target: 'AmazonSSM',
    version: '1.1',
    members: 'pascal',
    sdk: 'Ssm',
  },
  kms: {
    id: 'kms',
    signingName: 'kms',
    host: 'kms',
    protocol: 'json',
    target: 'TrentService',
    version: '1.1',
    members: 'pascal',
    transientCodes: new Set(['DependencyTimeout', 'KeyUnavailable']),
    sdk: 'Kms',
  },
  ecr: {
    id: 'ecr',
    signingName: 'ecr',
    host: 'api.ecr',
    protocol: 'json',
    target: 'AmazonEC2ContainerRegistry_V20150921',
    version: '1.1',
    members: 'camel',
    sdk: 'Ecr',
  },
  cloudwatch: {
    id: 'cloudwatch',
    signingName: 'monitoring',
    host: 'monitoring',
    protocol: 'json',
    target: 'GraniteServiceVersion20100801',
    version: '1.0',
    members: 'pascal',
    sdk: 'CloudWatch',
  },
  cloudwatchlogs: {
    id: 'cloudwatchlogs',
    signingName: 'logs',
    host: 'logs',
    protocol: 'json',
    target: 'Logs_20140328',
    version: '1.1',
    members: 'camel',
    transientCodes: new Set(['ServiceUnavailable']),
    sdk: 'CloudWatchLogs',
  },
  s3: {
    id: 's3',
    signingName: 's3',
    host: 's3',
    protocol: 'restXml',
    sdk: 'S3',
  },
} as const satisfies { readonly [I in AwsServiceId]: AwsService & { readonly id: I } }

/** By the name in an aws-sdk ARN. Undefined for all services that need their SDK. */
export function serviceNamed(sdkService: string): AwsService | undefined {
  return Object.hasOwn(SERVICES, sdkService) ? SERVICES[sdkService as AwsServiceId] : undefined
}

/** What tells an AWS JSON service which of its actions is called. */
export function jsonHeaders({ target, version }: JsonService, action: string): Record<string, string> {
  return { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': `${target}.${action}` }
}
