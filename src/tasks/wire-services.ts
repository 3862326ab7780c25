/**
 * The services that Regente speaks to itself, without an SDK: how each is addressed, signed and spoken to, and under which
 * names Step Functions shows its errors. All facts about a service that connectors share stand in this table.
 * Source: AWS service endpoints and quotas; error names and texts as recorded (conformance families services, error_handling).
 */
export type WireServiceId = 'cloudwatchlogs' | 'dynamodb' | 'eventbridge' | 'lambda' | 's3' | 'sfn' | 'sns' | 'sqs'

export interface WireService {
  readonly id: WireServiceId
  /** In the credential scope. */
  readonly signingName: string
  /** `HOST.REGION.amazonaws.com`. */
  readonly host: string
  /** For AWS JSON: what stands before the action in the target, and the version. */
  readonly json?: { readonly target: string; readonly version: '1.0' | '1.1'; readonly members: 'pascal' | 'camel' }
  /** As optimized integrations tell errors: `SQS.AmazonSQSException`, `(Service: AmazonSQS; …)`. */
  readonly optimized?: { readonly prefix: string; readonly service: string; readonly unmodelled: string }
  /** As aws-sdk integrations tell errors: `Sqs.SqsException`, `(Service: Sqs, …)`. */
  readonly sdk: string
  /** Error codes that the SDKs have a class for, without `Exception`. Others appear as the service's general class. */
  readonly modelled: ReadonlySet<string>
}

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

const SERVICES: Readonly<Record<WireServiceId, WireService>> = {
  lambda: {
    id: 'lambda',
    signingName: 'lambda',
    host: 'lambda',
    optimized: { prefix: 'Lambda', service: 'AWSLambda', unmodelled: 'AWSLambdaException' },
    sdk: 'Lambda',
    modelled: words(`CodeSigningConfigNotFound CodeStorageExceeded CodeVerificationFailed EC2AccessDenied EC2Throttled
      EC2Unexpected EFSIO EFSMountConnectivity EFSMountFailure EFSMountTimeout ENILimitReached InvalidCodeSignature
      InvalidParameterValue InvalidRequestContent InvalidRuntime InvalidSecurityGroupID InvalidSubnetID InvalidZipFile
      KMSAccessDenied KMSDisabled KMSInvalidState KMSNotFound PolicyLengthExceeded PreconditionFailed
      ProvisionedConcurrencyConfigNotFound RecursiveInvocation RequestTooLarge ResourceConflict ResourceInUse ResourceNotFound
      ResourceNotReady Service SnapStart SnapStartNotReady SnapStartTimeout SubnetIPAddressLimitReached TooManyRequests
      UnsupportedMediaType`),
  },
  sns: {
    id: 'sns',
    signingName: 'sns',
    host: 'sns',
    optimized: { prefix: 'SNS', service: 'AmazonSNS', unmodelled: 'AmazonSNSException' },
    sdk: 'Sns',
    modelled: words(`AuthorizationError BatchEntryIdsNotDistinct BatchRequestTooLong ConcurrentAccess EmptyBatchRequest
      EndpointDisabled FilterPolicyLimitExceeded InternalError InvalidBatchEntryId InvalidParameter InvalidParameterValue
      InvalidSecurity InvalidState KMSAccessDenied KMSDisabled KMSInvalidState KMSNotFound KMSOptInRequired KMSThrottling
      NotFound OptedOut PlatformApplicationDisabled ReplayLimitExceeded ResourceNotFound StaleTag SubscriptionLimitExceeded
      TagLimitExceeded TagPolicy Throttled TooManyEntriesInBatchRequest TopicLimitExceeded UserError Validation Verification`),
  },
  sqs: {
    id: 'sqs',
    signingName: 'sqs',
    host: 'sqs',
    json: { target: 'AmazonSQS', version: '1.0', members: 'pascal' },
    optimized: { prefix: 'SQS', service: 'AmazonSQS', unmodelled: 'AmazonSQSException' },
    sdk: 'Sqs',
    modelled: words(`BatchEntryIdsNotDistinct BatchRequestTooLong EmptyBatchRequest InvalidAddress InvalidAttributeName
      InvalidAttributeValue InvalidBatchEntryId InvalidIdFormat InvalidMessageContents InvalidSecurity KmsAccessDenied KmsDisabled
      KmsInvalidKeyUsage KmsInvalidState KmsNotFound KmsOptInRequired KmsThrottled MessageNotInflight OverLimit
      PurgeQueueInProgress QueueDeletedRecently QueueDoesNotExist QueueNameExists ReceiptHandleIsInvalid RequestThrottled
      ResourceNotFound TooManyEntriesInBatchRequest UnsupportedOperation`),
  },
  dynamodb: {
    id: 'dynamodb',
    signingName: 'dynamodb',
    host: 'dynamodb',
    json: { target: 'DynamoDB_20120810', version: '1.0', members: 'pascal' },
    optimized: { prefix: 'DynamoDB', service: 'AmazonDynamoDBv2', unmodelled: 'AmazonDynamoDBException' },
    sdk: 'DynamoDb',
    modelled: words(`BackupInUse BackupNotFound ConditionalCheckFailed ContinuousBackupsUnavailable DuplicateItem
      ExportConflict ExportNotFound GlobalTableAlreadyExists GlobalTableNotFound IdempotentParameterMismatch ImportConflict
      ImportNotFound IndexNotFound InternalServerError InvalidExportTime InvalidRestoreTime ItemCollectionSizeLimitExceeded
      LimitExceeded PointInTimeRecoveryUnavailable PolicyNotFound ProvisionedThroughputExceeded ReplicaAlreadyExists
      ReplicaNotFound ReplicatedWriteConflict RequestLimitExceeded ResourceInUse ResourceNotFound TableAlreadyExists TableInUse
      TableNotFound Throttling TransactionCanceled TransactionConflict TransactionInProgress`),
  },
  sfn: {
    id: 'sfn',
    signingName: 'states',
    host: 'states',
    json: { target: 'AWSStepFunctions', version: '1.0', members: 'camel' },
    optimized: { prefix: 'StepFunctions', service: 'AWSStepFunctions', unmodelled: 'AWSStepFunctionsException' },
    sdk: 'Sfn',
    modelled: words(`ActivityAlreadyExists ActivityDoesNotExist ActivityLimitExceeded ActivityWorkerLimitExceeded Conflict
      ExecutionAlreadyExists ExecutionDoesNotExist ExecutionLimitExceeded ExecutionNotRedrivable InvalidArn InvalidDefinition
      InvalidEncryptionConfiguration InvalidExecutionInput InvalidLoggingConfiguration InvalidName InvalidOutput InvalidToken
      InvalidTracingConfiguration KmsAccessDenied KmsInvalidState KmsThrottling MissingRequiredParameter ResourceNotFound
      ServiceQuotaExceeded StateMachineAlreadyExists StateMachineDeleting StateMachineDoesNotExist StateMachineLimitExceeded
      StateMachineTypeNotSupported TaskDoesNotExist TaskTimedOut TooManyTags Validation`),
  },
  eventbridge: {
    id: 'eventbridge',
    signingName: 'events',
    host: 'events',
    json: { target: 'AWSEvents', version: '1.1', members: 'pascal' },
    optimized: { prefix: 'EventBridge', service: 'AmazonEventBridge', unmodelled: 'AmazonEventBridgeException' },
    sdk: 'EventBridge',
    modelled: words(`AccessDenied ConcurrentModification IllegalStatus Internal InvalidEventPattern InvalidState LimitExceeded
      ManagedRule OperationDisabled PolicyLengthExceeded ResourceAlreadyExists ResourceNotFound Throttling`),
  },
  cloudwatchlogs: {
    id: 'cloudwatchlogs',
    signingName: 'logs',
    host: 'logs',
    json: { target: 'Logs_20140328', version: '1.1', members: 'camel' },
    sdk: 'CloudWatchLogs',
    modelled: words(`AccessDenied Conflict DataAlreadyAccepted InvalidOperation InvalidParameter InvalidSequenceToken
      LimitExceeded MalformedQuery OperationAborted ResourceAlreadyExists ResourceNotFound ServiceQuotaExceeded
      ServiceUnavailable Throttling TooManyTags UnrecognizedClient Validation`),
  },
  s3: {
    id: 's3',
    signingName: 's3',
    host: 's3',
    sdk: 'S3',
    modelled: words(`AccessDenied BucketAlreadyExists BucketAlreadyOwnedByYou EncryptionTypeMismatch IdempotencyParameterMismatch
      InvalidObjectState InvalidRequest InvalidWriteOffset NoSuchBucket NoSuchKey NoSuchUpload ObjectAlreadyInActiveTier
      ObjectNotInActiveTier TooManyParts`),
  },
}

/** By the name in an aws-sdk ARN. Undefined for all services that need their SDK. */
export function wireServiceOf(sdkService: string): WireService | undefined {
  return Object.hasOwn(SERVICES, sdkService) ? SERVICES[sdkService as WireServiceId] : undefined
}

export const wireService = (id: WireServiceId): WireService => SERVICES[id]
