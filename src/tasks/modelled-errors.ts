/**
 * The error codes that AWS's SDKs have a class for, by service, without `Exception`. Step Functions shows all others as the
 * service's general class. Source: each service's API reference, "Errors".
 */
import type { AwsServiceId } from '../aws/services.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

export const MODELLED_ERRORS: Readonly<Record<AwsServiceId, ReadonlySet<string>>> = {
  lambda: words(`CodeSigningConfigNotFound CodeStorageExceeded CodeVerificationFailed EC2AccessDenied EC2Throttled
    EC2Unexpected EFSIO EFSMountConnectivity EFSMountFailure EFSMountTimeout ENILimitReached InvalidCodeSignature
    InvalidParameterValue InvalidRequestContent InvalidRuntime InvalidSecurityGroupID InvalidSubnetID InvalidZipFile
    KMSAccessDenied KMSDisabled KMSInvalidState KMSNotFound PolicyLengthExceeded PreconditionFailed
    ProvisionedConcurrencyConfigNotFound RecursiveInvocation RequestTooLarge ResourceConflict ResourceInUse ResourceNotFound
    ResourceNotReady Service SnapStart SnapStartNotReady SnapStartTimeout SubnetIPAddressLimitReached TooManyRequests
    UnsupportedMediaType`),
  sns: words(`AuthorizationError BatchEntryIdsNotDistinct BatchRequestTooLong ConcurrentAccess EmptyBatchRequest
    EndpointDisabled FilterPolicyLimitExceeded InternalError InvalidBatchEntryId InvalidParameter InvalidParameterValue
    InvalidSecurity InvalidState KMSAccessDenied KMSDisabled KMSInvalidState KMSNotFound KMSOptInRequired KMSThrottling
    NotFound OptedOut PlatformApplicationDisabled ReplayLimitExceeded ResourceNotFound StaleTag SubscriptionLimitExceeded
    TagLimitExceeded TagPolicy Throttled TooManyEntriesInBatchRequest TopicLimitExceeded UserError Validation Verification`),
  sqs: words(`BatchEntryIdsNotDistinct BatchRequestTooLong EmptyBatchRequest InvalidAddress InvalidAttributeName
    InvalidAttributeValue InvalidBatchEntryId InvalidIdFormat InvalidMessageContents InvalidSecurity KmsAccessDenied KmsDisabled
    KmsInvalidKeyUsage KmsInvalidState KmsNotFound KmsOptInRequired KmsThrottled MessageNotInflight OverLimit
    PurgeQueueInProgress QueueDeletedRecently QueueDoesNotExist QueueNameExists ReceiptHandleIsInvalid RequestThrottled
    ResourceNotFound TooManyEntriesInBatchRequest UnsupportedOperation`),
  sts: words(`ExpiredToken ExpiredTradeInToken IDPCommunicationError IDPRejectedClaim InvalidAuthorizationMessage
    InvalidIdentityToken JWTPayloadSizeExceeded MalformedPolicyDocument OutboundWebIdentityFederationDisabled
    PackedPolicyTooLarge RegionDisabled SessionDurationEscalation`),
  dynamodb: words(`BackupInUse BackupNotFound ConditionalCheckFailed ContinuousBackupsUnavailable DuplicateItem
    ExportConflict ExportNotFound GlobalTableAlreadyExists GlobalTableNotFound IdempotentParameterMismatch ImportConflict
    ImportNotFound IndexNotFound InternalServerError InvalidExportTime InvalidRestoreTime ItemCollectionSizeLimitExceeded
    LimitExceeded PointInTimeRecoveryUnavailable PolicyNotFound ProvisionedThroughputExceeded ReplicaAlreadyExists
    ReplicaNotFound ReplicatedWriteConflict RequestLimitExceeded ResourceInUse ResourceNotFound TableAlreadyExists TableInUse
    TableNotFound Throttling TransactionCanceled TransactionConflict TransactionInProgress`),
  sfn: words(`ActivityAlreadyExists ActivityDoesNotExist ActivityLimitExceeded ActivityWorkerLimitExceeded Conflict
    ExecutionAlreadyExists ExecutionDoesNotExist ExecutionLimitExceeded ExecutionNotRedrivable InvalidArn InvalidDefinition
    InvalidEncryptionConfiguration InvalidExecutionInput InvalidLoggingConfiguration InvalidName InvalidOutput InvalidToken
    InvalidTracingConfiguration KmsAccessDenied KmsInvalidState KmsThrottling MissingRequiredParameter ResourceNotFound
    ServiceQuotaExceeded StateMachineAlreadyExists StateMachineDeleting StateMachineDoesNotExist StateMachineLimitExceeded
    StateMachineTypeNotSupported TaskDoesNotExist TaskTimedOut TooManyTags Validation`),
  eventbridge: words(`AccessDenied ConcurrentModification IllegalStatus Internal InvalidEventPattern InvalidState LimitExceeded
    ManagedRule OperationDisabled PolicyLengthExceeded ResourceAlreadyExists ResourceNotFound Throttling`),
  scheduler: words(`Conflict InternalServer ResourceNotFound ServiceQuotaExceeded Throttling Validation`),
  secretsmanager: words(`DecryptionFailure EncryptionFailure InternalServiceError InvalidNextToken InvalidParameter InvalidRequest
    LimitExceeded MalformedPolicyDocument PreconditionNotMet PublicPolicy ResourceExists ResourceNotFound`),
  cloudwatchlogs: words(`AccessDenied Conflict DataAlreadyAccepted InvalidOperation InvalidParameter InvalidSequenceToken
    LimitExceeded MalformedQuery OperationAborted ResourceAlreadyExists ResourceNotFound ServiceQuotaExceeded
    ServiceUnavailable Throttling TooManyTags UnrecognizedClient Validation`),
  s3: words(`AccessDenied BucketAlreadyExists BucketAlreadyOwnedByYou EncryptionTypeMismatch IdempotencyParameterMismatch
    InvalidObjectState InvalidRequest InvalidWriteOffset NoSuchBucket NoSuchKey NoSuchUpload ObjectAlreadyInActiveTier
    ObjectNotInActiveTier TooManyParts`),
}
