/**
 * The error codes that AWS's SDKs have a class for, by service, without `Exception`. Step Functions shows all others as the
 * service's general class. Source: each service's API reference, "Errors".
 */
import type { AwsServiceId } from '../aws/services.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

export const MODELLED_ERRORS: Readonly<Record<AwsServiceId, ReadonlySet<string>>> = {
  cloudformation: new Set([
    ...['AlreadyExists', 'ChangeSetNotFound', 'CreatedButModified', 'InsufficientCapabilities', 'InvalidChangeSetStatus'],
    ...['InvalidOperation', 'LimitExceeded', 'NameAlreadyExists', 'StackNotFound', 'TokenAlreadyExists'],
  ]),
  cloudcontrol: words(`AlreadyExists ClientTokenConflict ConcurrentModification ConcurrentOperation GeneralService HandlerFailure
    HandlerInternalFailure InvalidCredentials InvalidRequest NetworkFailure NotStabilized NotUpdatable PrivateType
    RequestTokenNotFound ResourceConflict ResourceNotFound ServiceInternalError ServiceLimitExceeded Throttling TypeNotFound
    UnsupportedAction`),
  apigateway: words('BadRequest Conflict LimitExceeded NotFound ServiceUnavailable TooManyRequests Unauthorized'),
  apigatewayv2: words('AccessDenied BadRequest Conflict NotFound TooManyRequests'),
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
  iam: words(`AccountNotManagementOrDelegatedAdministrator CallerIsNotManagementAccount ConcurrentModification DeleteConflict
    DuplicateCertificate DuplicateSSHPublicKey EntityAlreadyExists EntityTemporarilyUnmodifiable FeatureDisabled
    FeatureEnabled InvalidAuthenticationCode InvalidCertificate InvalidInput InvalidPublicKey InvalidUserType KeyPairMismatch
    LimitExceeded MalformedCertificate MalformedPolicyDocument NoSuchEntity NotSupportedService OpenIdIdpCommunicationError
    OrganizationNotFound OrganizationNotInAllFeaturesMode PasswordPolicyViolation PolicyEvaluation PolicyNotAttachable
    ReportExpired ReportGenerationLimitExceeded ReportInProgress ReportNotPresent ServiceAccessNotEnabled ServiceFailure
    UnmodifiableEntity UnrecognizedPublicKeyEncoding`),
  resourcegroupstaggingapi: words(`ConcurrentModification ConstraintViolation InternalService InvalidParameter
    PaginationTokenExpired Throttled`),
  sts: words(`ExpiredToken ExpiredTradeInToken IDPCommunicationError IDPRejectedClaim InvalidAuthorizationMessage
    InvalidIdentityToken JWTPayloadSizeExceeded MalformedPolicyDocument OutboundWebIdentityFederationDisabled
    PackedPolicyTooLarge RegionDisabled SessionDurationEscalation`),
  dynamodb: words(`BackupInUse BackupNotFound ConditionalCheckFailed ContinuousBackupsUnavailable DuplicateItem
    ExportConflict ExportNotFound GlobalTableAlreadyExists GlobalTableNotFound IdempotentParameterMismatch ImportConflict
    ImportNotFound IndexNotFound InternalServerError InvalidExportTime InvalidRestoreTime ItemCollectionSizeLimitExceeded
    LimitExceeded PointInTimeRecoveryUnavailable PolicyNotFound ProvisionedThroughputExceeded ReplicaAlreadyExists
    ReplicaNotFound ReplicatedWriteConflict RequestLimitExceeded ResourceInUse ResourceNotFound TableAlreadyExists TableInUse
    TableNotFound Throttling TransactionCanceled TransactionConflict TransactionInProgress`),
  dynamodbstreams: words('ExpiredIterator InternalServerError LimitExceeded ResourceNotFound TrimmedDataAccess'),
  sfn: words(`ActivityAlreadyExists ActivityDoesNotExist ActivityLimitExceeded ActivityWorkerLimitExceeded Conflict
    ExecutionAlreadyExists ExecutionDoesNotExist ExecutionLimitExceeded ExecutionNotRedrivable InvalidArn InvalidDefinition
    InvalidEncryptionConfiguration InvalidExecutionInput InvalidLoggingConfiguration InvalidName InvalidOutput InvalidToken
    InvalidTracingConfiguration KmsAccessDenied KmsInvalidState KmsThrottling MissingRequiredParameter ResourceNotFound
    ServiceQuotaExceeded StateMachineAlreadyExists StateMachineDeleting StateMachineDoesNotExist StateMachineLimitExceeded
    StateMachineTypeNotSupported TaskDoesNotExist TaskTimedOut TooManyTags Validation`),
  eventbridge: words(`AccessDenied ConcurrentModification IllegalStatus Internal InvalidEventPattern InvalidState LimitExceeded
    ManagedRule OperationDisabled PolicyLengthExceeded ResourceAlreadyExists ResourceNotFound Throttling`),
  pipes: words(`Conflict Internal NotFound ServiceQuotaExceeded Throttling Validation`),
  scheduler: words(`Conflict InternalServer ResourceNotFound ServiceQuotaExceeded Throttling Validation`),
  secretsmanager: words(`DecryptionFailure EncryptionFailure InternalServiceError InvalidNextToken InvalidParameter InvalidRequest
    LimitExceeded MalformedPolicyDocument PreconditionNotMet PublicPolicy ResourceExists ResourceNotFound`),
  cloudwatchlogs: words(`AccessDenied Conflict DataAlreadyAccepted InvalidOperation InvalidParameter InvalidSequenceToken
    LimitExceeded MalformedQuery OperationAborted ResourceAlreadyExists ResourceNotFound ServiceQuotaExceeded
    ServiceUnavailable Throttling TooManyTags UnrecognizedClient Validation`),
  ssm: words(`AccessDenied AlreadyExists AssociatedInstances AssociationAlreadyExists AssociationDoesNotExist
    AssociationExecutionDoesNotExist AssociationLimitExceeded AssociationVersionLimitExceeded
    AutomationDefinitionNotApproved AutomationDefinitionNotFound AutomationDefinitionVersionNotFound
    AutomationExecutionLimitExceeded AutomationExecutionNotFound AutomationStepNotFound ComplianceTypeCountLimitExceeded
    CustomSchemaCountLimitExceeded DocumentAlreadyExists DocumentLimitExceeded DocumentPermissionLimit
    DocumentVersionLimitExceeded DoesNotExist DuplicateDocumentContent DuplicateDocumentVersionName DuplicateInstanceId
    FeatureNotAvailable HierarchyLevelLimitExceeded HierarchyTypeMismatch IdempotentParameterMismatch IncompatiblePolicy
    InternalServerError InvalidActivation InvalidActivationId InvalidAggregator InvalidAllowedPattern InvalidAssociation
    InvalidAssociationVersion InvalidAutomationExecutionParameters InvalidAutomationSignal InvalidAutomationStatusUpdate
    InvalidCommandId InvalidDeleteInventoryParameters InvalidDeletionId InvalidDocument InvalidDocumentContent
    InvalidDocumentOperation InvalidDocumentSchemaVersion InvalidDocumentType InvalidDocumentVersion InvalidFilter
    InvalidFilterKey InvalidFilterOption InvalidFilterValue InvalidInstanceId InvalidInstanceInformationFilterValue
    InvalidInstancePropertyFilterValue InvalidInventoryGroup InvalidInventoryItemContext InvalidInventoryRequest
    InvalidItemContent InvalidKeyId InvalidNextToken InvalidNotificationConfig InvalidOption InvalidOutputFolder
    InvalidOutputLocation InvalidParameters InvalidPermissionType InvalidPluginName InvalidPolicyAttribute
    InvalidPolicyType InvalidResourceId InvalidResourceType InvalidResultAttribute InvalidRole InvalidSchedule InvalidTag
    InvalidTarget InvalidTargetMaps InvalidTypeName InvalidUpdate InvocationDoesNotExist ItemContentMismatch
    ItemSizeLimitExceeded MalformedResourcePolicyDocument MaxDocumentSizeExceeded NoLongerSupported OpsItemAccessDenied
    OpsItemAlreadyExists OpsItemConflict OpsItemInvalidParameter OpsItemLimitExceeded OpsItemNotFound
    OpsItemRelatedItemAlreadyExists OpsItemRelatedItemAssociationNotFound OpsMetadataAlreadyExists
    OpsMetadataInvalidArgument OpsMetadataKeyLimitExceeded OpsMetadataLimitExceeded OpsMetadataNotFound
    OpsMetadataTooManyUpdates ParameterAlreadyExists ParameterLimitExceeded ParameterMaxVersionLimitExceeded
    ParameterNotFound ParameterPatternMismatch ParameterVersionLabelLimitExceeded ParameterVersionNotFound
    PoliciesLimitExceeded ResourceDataSyncAlreadyExists ResourceDataSyncConflict ResourceDataSyncCountExceeded
    ResourceDataSyncInvalidConfiguration ResourceDataSyncNotFound ResourceInUse ResourceLimitExceeded ResourceNotFound
    ResourcePolicyConflict ResourcePolicyInvalidParameter ResourcePolicyLimitExceeded ResourcePolicyNotFound
    ServiceQuotaExceeded ServiceSettingNotFound StatusUnchanged SubTypeCountLimitExceeded TargetInUse TargetNotConnected
    Throttling TooManyTagsError TooManyUpdates TotalSizeLimitExceeded UnsupportedCalendar UnsupportedFeatureRequired
    UnsupportedInventoryItemContext UnsupportedInventorySchemaVersion UnsupportedOperatingSystem UnsupportedOperation
    UnsupportedParameterType UnsupportedPlatformType Validation`),
  kms: words(`AlreadyExists CloudHsmClusterInUse CloudHsmClusterInvalidConfiguration CloudHsmClusterNotActive
    CloudHsmClusterNotFound CloudHsmClusterNotRelated Conflict CustomKeyStoreHasCMKs CustomKeyStoreInvalidState
    CustomKeyStoreNameInUse CustomKeyStoreNotFound DependencyTimeout Disabled DryRunOperation ExpiredImportToken
    IncorrectKey IncorrectKeyMaterial IncorrectTrustAnchor InvalidAliasName InvalidArn InvalidCiphertext InvalidGrantId
    InvalidGrantToken InvalidImportToken InvalidKeyUsage InvalidMarker KMSInternal KMSInvalidMac KMSInvalidSignature
    KMSInvalidState KeyUnavailable LimitExceeded MalformedPolicyDocument NotFound Tag UnsupportedOperation
    XksKeyAlreadyInUse XksKeyInvalidConfiguration XksKeyNotFound XksProxyIncorrectAuthenticationCredential
    XksProxyInvalidConfiguration XksProxyInvalidResponse XksProxyUriEndpointInUse XksProxyUriInUse XksProxyUriUnreachable
    XksProxyVpcEndpointServiceInUse XksProxyVpcEndpointServiceInvalidConfiguration XksProxyVpcEndpointServiceNotFound`),
  cloudwatch: words(`ConcurrentModification Conflict DashboardInvalidInputError DashboardNotFoundError InternalServiceFault
    InvalidFormatFault InvalidNextToken InvalidParameterCombination InvalidParameterValue LimitExceeded LimitExceededFault
    MissingRequiredParameter ResourceNotFound`),
  ecr: words(`BlockedByOrganizationPolicy EmptyUpload ExclusionAlreadyExists ExclusionNotFound ImageAlreadyExists ImageArchived
    ImageDigestDoesNotMatch ImageNotFound ImageStorageClassUpdateNotSupported ImageTagAlreadyExists InvalidLayer
    InvalidLayerPart InvalidParameter InvalidTagParameter Kms LayerAlreadyExists LayerInaccessible LayerPartTooSmall
    LayersNotFound LifecyclePolicyNotFound LifecyclePolicyPreviewInProgress LifecyclePolicyPreviewNotFound LimitExceeded
    PullThroughCacheRuleAlreadyExists PullThroughCacheRuleNotFound ReferencedImagesNotFound RegistryPolicyNotFound
    RepositoryAlreadyExists RepositoryNotEmpty RepositoryNotFound RepositoryPolicyNotFound ScanNotFound SecretNotFound
    Server SigningConfigurationNotFound TemplateAlreadyExists TemplateNotFound TooManyTags UnableToAccessSecret
    UnableToDecryptSecretValue UnableToGetUpstreamImage UnableToGetUpstreamLayer UnableToListUpstreamImageReferrers
    UnsupportedImageType UnsupportedUpstreamRegistry UploadNotFound Validation`),
  s3: words(`AccessDenied BucketAlreadyExists BucketAlreadyOwnedByYou EncryptionTypeMismatch IdempotencyParameterMismatch
    InvalidObjectState InvalidRequest InvalidWriteOffset NoSuchBucket NoSuchKey NoSuchUpload ObjectAlreadyInActiveTier
    ObjectNotInActiveTier TooManyParts`),
}
