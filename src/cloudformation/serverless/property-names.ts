/**
 * The properties that SAM's types have; any other is refused.
 * Source: AWS SAM developer guide, the properties of each resource type.
 */
const NAMES: Readonly<Record<string, string>> = {
  Api:
    'AccessLogSetting AlwaysDeploy ApiKeySourceType Auth BinaryMediaTypes CacheClusterEnabled CacheClusterSize CanarySetting ' +
    'Cors DefinitionBody DefinitionUri Description DisableExecuteApiEndpoint Domain EndpointConfiguration FailOnWarnings ' +
    'GatewayResponses MergeDefinitions MethodSettings MinimumCompressionSize Mode Models Name OpenApiVersion Policy ' +
    'PropagateTags SecurityPolicy StageName Tags TracingEnabled Variables',
  Application: 'Location NotificationARNs Parameters Tags TimeoutInMinutes',
  Connector: 'Destination Permissions Source',
  Function:
    'Architectures AssumeRolePolicyDocument AutoPublishAlias AutoPublishAliasAllProperties AutoPublishCodeSha256 ' +
    'CapacityProviderConfig CodeSigningConfigArn CodeUri DeadLetterQueue DeploymentPreference Description DurableConfig ' +
    'Environment EphemeralStorage EventInvokeConfig Events FileSystemConfigs FunctionName FunctionScalingConfig ' +
    'FunctionUrlConfig Handler ImageConfig ImageUri InlineCode KmsKeyArn Layers LoggingConfig MemorySize PackageType ' +
    'PermissionsBoundary Policies PropagateTags ProvisionedConcurrencyConfig PublishToLatestPublished RecursiveLoop ' +
    'ReservedConcurrentExecutions Role RolePath Runtime RuntimeManagementConfig SnapStart SourceKMSKeyArn Tags TenancyConfig ' +
    'Timeout Tracing VersionDeletionPolicy VersionDescription VpcConfig',
  HttpApi:
    'AccessLogSettings Auth CorsConfiguration DefaultRouteSettings DefinitionBody DefinitionUri Description ' +
    'DisableExecuteApiEndpoint Domain FailOnWarnings Name PropagateTags RouteSettings StageName StageVariables Tags',
  LayerVersion:
    'CompatibleArchitectures CompatibleRuntimes ContentUri Description LayerName LicenseInfo PublishLambdaVersion ' +
    'RetentionPolicy',
  SimpleTable: 'PointInTimeRecoverySpecification PrimaryKey ProvisionedThroughput SSESpecification TableName Tags',
  StateMachine:
    'AutoPublishAlias Definition DefinitionSubstitutions DefinitionUri DeploymentPreference Events Logging Name ' +
    'PermissionsBoundary Policies PropagateTags Role RolePath Tags Tracing Type UseAliasAsEventTarget',
}

/** Those of `given` that a resource of the kind does not have. */
export function unknownProperties(kind: string, given: Iterable<string>): readonly string[] {
  const known = new Set(NAMES[kind]?.split(' '))
  return [...given].filter((name) => !known.has(name))
}
