/**
 * What stands for a resource that does nothing here, whether it only grants (IAM, policies) or has no counterpart: a name, an
 * ARN, and whatever attribute is asked for, of the shape that AWS gives it. Others can refer to it; nobody can use it.
 * Source: CloudFormation template reference, "Return values" of the types; service authorization reference, "Resource types".
 */
import { createHash } from 'node:crypto'

import { getOwn, isObject, type Json } from '../../base/json.ts'

import { type Declared, type DeployContext, type Deployed, physicalName, type ResourceType, textAt } from './resource.ts'

/** Their absence changes nothing here: nobody is asked for permission. */
const GRANTS: ReadonlySet<string> = new Set([
  'AWS::CDK::Metadata',
  'AWS::Events::EventBusPolicy',
  'AWS::Lambda::LayerVersionPermission',
  'AWS::Lambda::Permission',
  'AWS::Logs::ResourcePolicy',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
])

export const isGrant = (type: string): boolean => GRANTS.has(type) || type.startsWith('AWS::IAM::')

export const placeholder: ResourceType = {
  deploy: (resource, context) => Promise.resolve(standIn(resource, context)),
}

type StandInContext = Pick<DeployContext, 'region' | 'account' | 'partition' | 'stackName' | 'suffixOf'>

/** As ARNs name the service, where that is not the type's own word in small letters. */
const SERVICE: Readonly<Record<string, string>> = {
  ApiGatewayV2: 'apigateway',
  CertificateManager: 'acm',
  Cognito: 'cognito-idp',
  ElasticLoadBalancingV2: 'elasticloadbalancing',
  EFS: 'elasticfilesystem',
  Elasticsearch: 'es',
  KinesisFirehose: 'firehose',
  MSK: 'kafka',
  OpenSearchService: 'es',
  StepFunctions: 'states',
}

/** What stands before the name in an ARN, where that is not the type's last word in small letters and a slash. */
const KIND: Readonly<Record<string, string>> = {
  'AWS::CloudWatch::Alarm': 'alarm:',
  'AWS::ECS::TaskDefinition': 'task-definition/',
  'AWS::Events::EventBus': 'event-bus/',
  'AWS::IAM::InstanceProfile': 'instance-profile/',
  'AWS::IAM::ManagedPolicy': 'policy/',
  'AWS::IAM::ServerCertificate': 'server-certificate/',
  'AWS::Kinesis::Stream': 'stream/',
  'AWS::KinesisFirehose::DeliveryStream': 'deliverystream/',
  'AWS::Lambda::Function': 'function:',
  'AWS::Logs::LogGroup': 'log-group:',
  'AWS::RDS::DBCluster': 'cluster:',
  'AWS::RDS::DBInstance': 'db:',
  'AWS::S3::Bucket': '',
  'AWS::SecretsManager::Secret': 'secret:',
  'AWS::SNS::Topic': '',
  'AWS::SQS::Queue': '',
  'AWS::StepFunctions::Activity': 'activity:',
  'AWS::StepFunctions::StateMachine': 'stateMachine:',
}

/** `Ref` gives their ARN. */
const BY_ARN =
  /^AWS::(?:Batch|CertificateManager|ElasticLoadBalancingV2|StepFunctions|WAFv2)::|^AWS::(?:ECS::(?:TaskDefinition|Service)|IAM::ManagedPolicy|Lambda::(?:Alias|Version)|SecretsManager::Secret|SNS::Topic)$/

/** `Ref` gives an id: what it begins with, and how many hexadecimal digits follow. */
const IDS: Readonly<Record<string, readonly [prefix: string, digits: number]>> = {
  'AWS::ApiGateway::Resource': ['', 6],
  'AWS::ApiGateway::RestApi': ['', 10],
  'AWS::ApiGatewayV2::Api': ['', 10],
  'AWS::CloudFront::Distribution': ['E', 13],
  'AWS::Cognito::UserPoolClient': ['', 26],
  'AWS::EC2::InternetGateway': ['igw-', 17],
  'AWS::EC2::NatGateway': ['nat-', 17],
  'AWS::EC2::RouteTable': ['rtb-', 17],
  'AWS::EC2::SecurityGroup': ['sg-', 17],
  'AWS::EC2::Subnet': ['subnet-', 17],
  'AWS::EC2::VPC': ['vpc-', 17],
  'AWS::EFS::FileSystem': ['fs-', 17],
}

/** The same at once, without anyone being asked. `name`: of what the template does not name. */
export function standIn(
  resource: Declared,
  context: StandInContext,
  unnamed = () => physicalName(context, resource.id, 64),
): Deployed {
  const { type, properties } = resource
  const digest = createHash('sha256').update(`${context.stackName}\n${resource.id}`).digest('hex')
  const name = declaredName(resource) ?? unnamed()
  const id = idOf(type, digest, context)
  const arn = arnFor(resource, id ?? name, context)
  const ref = BY_ARN.test(type) ? arn : type === 'AWS::SQS::Queue' ? queueUrl(name, context) : (id ?? name)
  const host = `${id ?? name}.${serviceOf(type)}.${context.region}.amazonaws.com`.toLowerCase()
  const anyAttribute = (attribute: string): Json => {
    const declared = getOwn(properties, attribute)
    return typeof declared === 'string' ? declared : shaped(attribute, { arn, name, host, id: id ?? name })
  }
  return { ref, attributes: {}, anyAttribute, change: 'recorded' }
}

/** `RoleName` of a role, `Name` of many. */
function declaredName({ type, properties }: Declared): string | undefined {
  const word = type.split('::').at(-1) ?? ''
  return textAt(properties, `${word}Name`) ?? textAt(properties, 'Name')
}

function idOf(type: string, digest: string, { region }: StandInContext): string | undefined {
  if (type === 'AWS::Cognito::UserPool') return `${region}_${digest.slice(0, 9)}`
  const shape = IDS[type]
  return shape && `${shape[0]}${digest.slice(0, shape[1])}`
}

const serviceOf = (type: string): string => {
  const word = type.split('::')[1] ?? ''
  return SERVICE[word] ?? word.toLowerCase()
}

const queueUrl = (name: string, { region, account }: StandInContext): string =>
  `https://sqs.${region}.amazonaws.com/${account}/${name}`

function arnFor(resource: Declared, name: string, context: StandInContext): string {
  const { type, properties } = resource
  const { partition, region, account } = context
  const qualified = qualifiedArn(resource, name, context)
  if (qualified !== undefined) return qualified
  if (type === 'AWS::S3::Bucket') return `arn:${partition}:s3:::${name}`
  const isGlobal = type.startsWith('AWS::IAM::')
  const kind = KIND[type] ?? `${(type.split('::').at(-1) ?? 'resource').toLowerCase()}/`
  const path = isGlobal ? (textAt(properties, 'Path') ?? '').replaceAll(/^\/|\/$/g, '') : ''
  const part = `${kind}${path === '' ? '' : `${path}/`}${name}`
  return `arn:${partition}:${serviceOf(type)}:${isGlobal ? '' : region}:${account}:${part}`
}

/** Of a version or an alias: the ARN of what it is one of, and its own name. */
function qualifiedArn(
  { type, properties }: Declared,
  name: string,
  { partition, region, account }: StandInContext,
): string | undefined {
  const [, service, kind] = /^AWS::(Lambda|StepFunctions)::(?:StateMachine)?(Alias|Version)$/.exec(type) ?? []
  if (service === undefined) return undefined
  const qualifier = kind === 'Version' ? '1' : name
  if (service === 'Lambda') {
    const target = textAt(properties, 'FunctionName') ?? name
    const arn = target.startsWith('arn:') ? target : `arn:${partition}:lambda:${region}:${account}:function:${target}`
    return `${arn}:${qualifier}`
  }
  const preference = getOwn(properties, 'DeploymentPreference')
  const version = isObject(preference) ? textAt(preference, 'StateMachineVersionArn') : undefined
  const machine = textAt(properties, 'StateMachineArn') ?? version?.replace(/:\d+$/, '')
  return machine && `${machine}:${qualifier}`
}

interface Facts {
  readonly arn: string
  readonly name: string
  readonly host: string
  readonly id: string
}

/** By the attribute's last word: all types name theirs alike. */
function shaped(attribute: string, { arn, name, host, id }: Facts): Json {
  if (/Arn$/.test(attribute)) return arn
  if (/(?:Arns|NameServers|Entries|Ids|Blocks|Associations)$/.test(attribute)) return [name]
  if (/Port$/.test(attribute)) return '443'
  if (/(?:Url|URL|Uri|URI|ApiEndpoint)$/.test(attribute)) return `https://${host}`
  if (/(?:Domain|DomainName|Endpoint|Address|Host|DNSName)$/.test(attribute)) return host
  return /(?:Id|ID)$/.test(attribute) ? id : name
}
