/**
 * SAM's policy templates: what each allows, on what, with the parameters that it takes. `${Name}` in a resource is a parameter.
 * Source: AWS SAM developer guide, "Policy template list".
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

export interface Grant {
  readonly service: string
  /** Without the service, apart by spaces. */
  readonly actions: string
  /** `@x` is the ARN of x of the service, in the stack's account and region. */
  readonly resources: readonly string[]
  /** Keys that have to be equal. */
  readonly condition?: Readonly<Record<string, string>>
}

const grant = (service: string, actions: string, ...resources: string[]): Grant => ({
  service,
  actions,
  resources: resources.length > 0 ? resources : ['*'],
})

const BUCKET = 'arn:${AWS::Partition}:s3:::${BucketName}'
const OBJECTS = `${BUCKET}/*`
const TABLE = '@table/${TableName}'
const INDEXES = `${TABLE}/index/*`
const BACKUPS = `${TABLE}/backup/*`
const CLUSTER = '@cluster/${ClusterId}'
const COLLECTION = '@collection/${CollectionId}'
const IDENTITY = '@identity/${IdentityName}'
const DELIVERY_STREAM = '@deliverystream/${DeliveryStreamName}'
const MACHINE = '@stateMachine:${StateMachineName}'
const READ_CODE =
  'GitPull GetBranch ListBranches BatchDescribeMergeConflicts DescribeMergeConflicts GetMergeCommit GetMergeOptions ' +
  'BatchGetPullRequests DescribePullRequestEvents GetCommentsForPullRequest GetCommitsFromMergeBase GetMergeConflicts ' +
  'GetPullRequest ListPullRequests GetBlob GetFile GetFolder GetComment GetCommentsForComparedCommit BatchGetCommits GetCommit ' +
  'GetCommitHistory GetDifferences GetObjectIdentifier GetReferences GetTree GetRepository ListTagsForResource ' +
  'GetRepositoryTriggers TestRepositoryTriggers GetUploadArchiveStatus'
const WRITE_CODE =
  'GitPush CreateBranch DeleteBranch MergeBranchesByFastForward MergeBranchesBySquash MergeBranchesByThreeWay ' +
  'CreateUnreferencedMergeCommit CreatePullRequest MergePullRequestByFastForward MergePullRequestBySquash ' +
  'MergePullRequestByThreeWay PostCommentForPullRequest UpdatePullRequestDescription UpdatePullRequestStatus ' +
  'UpdatePullRequestTitle DeleteFile PutFile DeleteCommentContent PostCommentForComparedCommit PostCommentReply UpdateComment ' +
  'CreateCommit UpdateRepositoryDescription TagResource UntagResource PutRepositoryTriggers UploadArchive CancelUploadArchive'

const templates: Readonly<Record<string, readonly Grant[]>> = {
  AMIDescribePolicy: [grant('ec2', 'DescribeImages', '@image/*')],
  AWSSecretsManagerGetSecretValuePolicy: [grant('secretsmanager', 'GetSecretValue', '${SecretArn}')],
  AWSSecretsManagerRotationPolicy: [
    {
      ...grant('secretsmanager', 'DescribeSecret GetSecretValue PutSecretValue UpdateSecretVersionStage', '@secret:*'),
      condition: {
        'secretsmanager:resource/AllowRotationLambdaArn':
          'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${FunctionName}',
      },
    },
    grant('secretsmanager', 'GetRandomPassword'),
  ],
  AcmGetCertificatePolicy: [grant('acm', 'GetCertificate', '${CertificateArn}')],
  AthenaQueryPolicy: [
    grant(
      'athena',
      'ListWorkGroups GetExecutionEngine GetExecutionEngines GetNamespace GetCatalogs GetNamespaces GetTables GetTable',
    ),
    grant(
      'athena',
      'StartQueryExecution GetQueryResults DeleteNamedQuery GetNamedQuery ListQueryExecutions StopQueryExecution ' +
        'GetQueryResultsStream ListNamedQueries CreateNamedQuery GetQueryExecution BatchGetNamedQuery BatchGetQueryExecution ' +
        'GetWorkGroup',
      '@workgroup/${WorkGroupName}',
    ),
  ],
  CloudFormationDescribeStacksPolicy: [grant('cloudformation', 'DescribeStacks', '@stack/*')],
  CloudWatchDashboardPolicy: [grant('cloudwatch', 'GetDashboard ListDashboards PutDashboard ListMetrics')],
  CloudWatchDescribeAlarmHistoryPolicy: [grant('cloudwatch', 'DescribeAlarmHistory')],
  CloudWatchPutMetricPolicy: [grant('cloudwatch', 'PutMetricData')],
  CodeCommitCrudPolicy: [grant('codecommit', `${READ_CODE} ${WRITE_CODE}`, '@${RepositoryName}')],
  CodeCommitReadPolicy: [grant('codecommit', READ_CODE, '@${RepositoryName}')],
  CodePipelineLambdaExecutionPolicy: [grant('codepipeline', 'PutJobSuccessResult PutJobFailureResult')],
  CodePipelineReadOnlyPolicy: [grant('codepipeline', 'ListPipelineExecutions', '@${PipelineName}')],
  ComprehendBasicAccessPolicy: [
    grant(
      'comprehend',
      'BatchDetectKeyPhrases DetectDominantLanguage DetectEntities BatchDetectEntities DetectKeyPhrases DetectSentiment ' +
        'BatchDetectDominantLanguage BatchDetectSentiment',
    ),
  ],
  CostExplorerReadOnlyPolicy: [
    grant(
      'ce',
      'GetCostAndUsage GetDimensionValues GetReservationCoverage GetReservationPurchaseRecommendation ' +
        'GetReservationUtilization GetTags',
    ),
  ],
  DynamoDBBackupFullAccessPolicy: [
    grant('dynamodb', 'CreateBackup DescribeContinuousBackups', TABLE),
    grant('dynamodb', 'DeleteBackup DescribeBackup ListBackups', BACKUPS),
  ],
  DynamoDBCrudPolicy: [
    grant(
      'dynamodb',
      'GetItem DeleteItem PutItem Scan Query UpdateItem BatchWriteItem BatchGetItem DescribeTable ConditionCheckItem',
      TABLE,
      INDEXES,
    ),
  ],
  DynamoDBReadPolicy: [grant('dynamodb', 'GetItem Scan Query BatchGetItem DescribeTable', TABLE, INDEXES)],
  DynamoDBReconfigurePolicy: [grant('dynamodb', 'UpdateTable', TABLE)],
  DynamoDBRestoreFromBackupPolicy: [
    grant('dynamodb', 'RestoreTableFromBackup', BACKUPS),
    grant('dynamodb', 'PutItem UpdateItem DeleteItem GetItem Query Scan BatchWriteItem', TABLE),
  ],
  DynamoDBStreamReadPolicy: [
    grant('dynamodb', 'DescribeStream GetRecords GetShardIterator', `${TABLE}/stream/\${StreamName}`),
    grant('dynamodb', 'ListStreams', `${TABLE}/stream/*`),
  ],
  DynamoDBWritePolicy: [grant('dynamodb', 'PutItem UpdateItem BatchWriteItem', TABLE, INDEXES)],
  EC2CopyImagePolicy: [grant('ec2', 'CopyImage', '@image/${ImageId}')],
  EC2DescribePolicy: [grant('ec2', 'DescribeRegions DescribeInstances')],
  EFSWriteAccessPolicy: [
    {
      ...grant('elasticfilesystem', 'ClientMount ClientWrite', '@file-system/${FileSystem}'),
      condition: {
        'elasticfilesystem:AccessPointArn':
          'arn:${AWS::Partition}:elasticfilesystem:${AWS::Region}:${AWS::AccountId}:access-point/${AccessPoint}',
      },
    },
  ],
  EKSDescribePolicy: [grant('eks', 'DescribeCluster ListClusters')],
  EcsRunTaskPolicy: [grant('ecs', 'RunTask', '@task-definition/${TaskDefinition}')],
  ElasticMapReduceAddJobFlowStepsPolicy: [grant('elasticmapreduce', 'AddJobFlowSteps', CLUSTER)],
  ElasticMapReduceCancelStepsPolicy: [grant('elasticmapreduce', 'CancelSteps', CLUSTER)],
  ElasticMapReduceModifyInstanceFleetPolicy: [grant('elasticmapreduce', 'ModifyInstanceFleet ListInstanceFleets', CLUSTER)],
  ElasticMapReduceModifyInstanceGroupsPolicy: [grant('elasticmapreduce', 'ModifyInstanceGroups ListInstanceGroups', CLUSTER)],
  ElasticMapReduceSetTerminationProtectionPolicy: [grant('elasticmapreduce', 'SetTerminationProtection', CLUSTER)],
  ElasticMapReduceTerminateJobFlowsPolicy: [grant('elasticmapreduce', 'TerminateJobFlows', CLUSTER)],
  ElasticsearchHttpPostPolicy: [grant('es', 'ESHttpPost ESHttpPut', '@domain/${DomainName}/*')],
  EventBridgePutEventsPolicy: [grant('events', 'PutEvents', '@event-bus/${EventBusName}')],
  FilterLogEventsPolicy: [grant('logs', 'FilterLogEvents', '@log-group:${LogGroupName}:log-stream:*')],
  FirehoseCrudPolicy: [
    grant(
      'firehose',
      'CreateDeliveryStream DeleteDeliveryStream DescribeDeliveryStream PutRecord PutRecordBatch UpdateDestination',
      DELIVERY_STREAM,
    ),
  ],
  FirehoseWritePolicy: [grant('firehose', 'PutRecord PutRecordBatch', DELIVERY_STREAM)],
  KMSDecryptPolicy: [grant('kms', 'Decrypt', '@key/${KeyId}')],
  KMSEncryptPolicy: [grant('kms', 'Encrypt', '@key/${KeyId}')],
  KinesisCrudPolicy: [
    grant(
      'kinesis',
      'AddTagsToStream CreateStream DecreaseStreamRetentionPeriod DeleteStream DescribeStream DescribeStreamSummary ' +
        'GetShardIterator IncreaseStreamRetentionPeriod ListTagsForStream MergeShards PutRecord PutRecords SplitShard ' +
        'RemoveTagsFromStream',
      '@stream/${StreamName}',
    ),
  ],
  KinesisStreamReadPolicy: [
    grant('kinesis', 'ListStreams DescribeLimits', '@stream/*'),
    grant('kinesis', 'DescribeStream DescribeStreamSummary GetRecords GetShardIterator', '@stream/${StreamName}'),
  ],
  LambdaInvokePolicy: [grant('lambda', 'InvokeFunction', '@function:${FunctionName}*')],
  MobileAnalyticsWriteOnlyAccessPolicy: [grant('mobileanalytics', 'PutEvents')],
  OrganizationsListAccountsPolicy: [grant('organizations', 'ListAccounts')],
  PinpointEndpointAccessPolicy: [
    grant('mobiletargeting', 'GetEndpoint UpdateEndpoint UpdateEndpointsBatch', '@apps/${PinpointApplicationId}/endpoints/*'),
  ],
  PollyFullAccessPolicy: [
    grant('polly', 'GetLexicon DeleteLexicon', '@lexicon/${LexiconName}'),
    grant('polly', 'DescribeVoices ListLexicons PutLexicon SynthesizeSpeech', '@lexicon/*'),
  ],
  RekognitionDetectOnlyPolicy: [grant('rekognition', 'DetectFaces DetectLabels DetectModerationLabels DetectText')],
  RekognitionFacesManagementPolicy: [
    grant('rekognition', 'IndexFaces DeleteFaces SearchFaces SearchFacesByImage ListFaces', COLLECTION),
  ],
  RekognitionFacesPolicy: [grant('rekognition', 'CompareFaces DetectFaces')],
  RekognitionLabelsPolicy: [grant('rekognition', 'DetectLabels DetectModerationLabels')],
  RekognitionNoDataAccessPolicy: [
    grant('rekognition', 'CompareFaces DetectFaces DetectLabels DetectModerationLabels', COLLECTION),
  ],
  RekognitionReadPolicy: [grant('rekognition', 'ListCollections ListFaces SearchFaces SearchFacesByImage', COLLECTION)],
  RekognitionWriteOnlyAccessPolicy: [grant('rekognition', 'CreateCollection IndexFaces', COLLECTION)],
  Route53ChangeResourceRecordSetsPolicy: [
    grant('route53', 'ChangeResourceRecordSets', 'arn:${AWS::Partition}:route53:::hostedzone/${HostedZoneId}'),
  ],
  S3CrudPolicy: [
    grant(
      's3',
      'GetObject ListBucket GetBucketLocation GetObjectVersion PutObject PutObjectAcl GetLifecycleConfiguration ' +
        'PutLifecycleConfiguration DeleteObject',
      BUCKET,
      OBJECTS,
    ),
  ],
  S3FullAccessPolicy: [
    grant(
      's3',
      'GetObject GetObjectAcl GetObjectVersion PutObject PutObjectAcl DeleteObject DeleteObjectTagging ' +
        'DeleteObjectVersionTagging GetObjectTagging GetObjectVersionTagging PutObjectTagging PutObjectVersionTagging',
      OBJECTS,
    ),
    grant('s3', 'ListBucket GetBucketLocation GetLifecycleConfiguration PutLifecycleConfiguration', BUCKET),
  ],
  S3ReadPolicy: [
    grant('s3', 'GetObject ListBucket GetBucketLocation GetObjectVersion GetLifecycleConfiguration', BUCKET, OBJECTS),
  ],
  S3WritePolicy: [grant('s3', 'PutObject PutObjectAcl PutLifecycleConfiguration', BUCKET, OBJECTS)],
  SESBulkTemplatedCrudPolicy: [
    grant(
      'ses',
      'GetIdentityVerificationAttributes SendEmail SendRawEmail SendTemplatedEmail SendBulkTemplatedEmail VerifyEmailIdentity',
      IDENTITY,
    ),
  ],
  SESBulkTemplatedCrudPolicy_v2: [
    grant('ses', 'SendEmail SendRawEmail SendTemplatedEmail SendBulkTemplatedEmail', IDENTITY, '@template/${TemplateName}'),
    grant('ses', 'GetIdentityVerificationAttributes VerifyEmailIdentity'),
  ],
  SESCrudPolicy: [grant('ses', 'GetIdentityVerificationAttributes SendEmail SendRawEmail VerifyEmailIdentity', IDENTITY)],
  SESEmailTemplateCrudPolicy: [
    grant('ses', 'CreateTemplate GetTemplate ListTemplates UpdateTemplate DeleteTemplate TestRenderTemplate'),
  ],
  SESSendBouncePolicy: [grant('ses', 'SendBounce', IDENTITY)],
  SNSCrudPolicy: [grant('sns', 'ListSubscriptionsByTopic CreateTopic SetTopicAttributes Subscribe Publish', '@${TopicName}*')],
  SNSPublishMessagePolicy: [grant('sns', 'Publish', '@${TopicName}')],
  SQSPollerPolicy: [
    grant(
      'sqs',
      'ChangeMessageVisibility ChangeMessageVisibilityBatch DeleteMessage DeleteMessageBatch GetQueueAttributes ReceiveMessage',
      '@${QueueName}',
    ),
  ],
  SQSSendMessagePolicy: [grant('sqs', 'SendMessage*', '@${QueueName}')],
  SSMParameterReadPolicy: [
    grant('ssm', 'DescribeParameters'),
    grant('ssm', 'GetParameters GetParameter GetParametersByPath', '@parameter/${ParameterName}'),
  ],
  SSMParameterWithSlashPrefixReadPolicy: [
    grant('ssm', 'DescribeParameters'),
    grant('ssm', 'GetParameters GetParameter GetParametersByPath', '@parameter${ParameterName}'),
  ],
  SageMakerCreateEndpointConfigPolicy: [grant('sagemaker', 'CreateEndpointConfig', '@endpoint-config/${EndpointConfigName}')],
  SageMakerCreateEndpointPolicy: [grant('sagemaker', 'CreateEndpoint', '@endpoint/${EndpointName}')],
  ServerlessRepoReadWriteAccessPolicy: [
    grant(
      'serverlessrepo',
      'CreateApplication CreateApplicationVersion UpdateApplication GetApplication ListApplications ' +
        'ListApplicationVersions ListApplicationDependencies',
      '@applications/*',
    ),
  ],
  StepFunctionsCallbackPolicy: [grant('states', 'SendTaskFailure SendTaskHeartbeat SendTaskSuccess', MACHINE)],
  StepFunctionsExecutionPolicy: [grant('states', 'StartExecution', MACHINE)],
  TextractDetectAnalyzePolicy: [
    grant('textract', 'DetectDocumentText StartDocumentTextDetection StartDocumentAnalysis AnalyzeDocument'),
  ],
  TextractGetResultPolicy: [grant('textract', 'GetDocumentTextDetection GetDocumentAnalysis')],
  TextractPolicy: [grant('textract', '*')],
  VPCAccessPolicy: [
    grant('ec2', 'CreateNetworkInterface DeleteNetworkInterface DescribeNetworkInterfaces DetachNetworkInterface'),
  ],
}

export const isPolicyTemplate = (name: string): boolean => Object.hasOwn(templates, name)

/** The parameters that `given` lacks; the document where it has them all. */
export function policyOfTemplate(
  name: string,
  given: JsonObject,
): { readonly document: JsonObject } | { readonly missing: readonly string[] } {
  const grants = templates[name] ?? []
  const missing = [...new Set(grants.flatMap(parametersIn))].filter((parameter) => !Object.hasOwn(given, parameter))
  if (missing.length > 0) return { missing }
  return { document: { Statement: grants.map((one) => statementOf(one, given)) } }
}

const PARAMETER = /\$\{(\w+)\}/g

const parametersIn = ({ resources, condition = {} }: Grant): string[] =>
  [...resources, ...Object.values(condition)].flatMap((text) => [...text.matchAll(PARAMETER)].map(([, name = '']) => name))

function statementOf({ service, actions, resources, condition }: Grant, given: JsonObject): JsonObject {
  const arns = resources.map((resource) => filledIn(arnIn(resource, service), given))
  return {
    Effect: 'Allow',
    Action: actions.split(' ').map((action) => `${service}:${action}`),
    Resource: arns.length === 1 ? (arns[0] ?? '*') : arns,
    ...(condition && {
      Condition: {
        StringEquals: Object.fromEntries(Object.entries(condition).map(([key, text]) => [key, filledIn(text, given)])),
      },
    }),
  }
}

const arnIn = (resource: string, service: string): string =>
  resource.startsWith('@')
    ? `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource.slice(1)}`
    : resource

/** As AWS writes it: the variables in small letters at their beginning, their values beside the text. */
function filledIn(text: string, given: JsonObject): Json {
  if (!text.includes('${')) return text
  const values: Record<string, Json> = {}
  const written = text.replaceAll(PARAMETER, (_, name: string) => {
    const variable = name.charAt(0).toLowerCase() + name.slice(1)
    values[variable] = getOwn(given, name) ?? null
    return `\${${variable}}`
  })
  return { 'Fn::Sub': Object.keys(values).length === 0 ? written : [written, values] }
}

/** `{ TemplateName: { Parameter: value } }` of a list of policies; undefined where it is something else. */
export function templateIn(policy: Json): { readonly name: string; readonly given: JsonObject } | undefined {
  if (!isObject(policy) || isArray(policy)) return undefined
  const [name, ...others] = Object.keys(policy)
  const given = name === undefined ? undefined : policy[name]
  if (name === undefined || others.length > 0 || !/Policy(?:_v\d)?$/.test(name)) return undefined
  return { name, given: isObject(given ?? null) ? (given as JsonObject) : {} }
}
