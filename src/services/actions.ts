/**
 * What a request asks of its service, as IAM names it, and of which resource, as far as line and headers tell. Nothing here
 * answers: a request whose action is not found is refused by its service.
 * Source: service authorization reference, "Actions, resources, and condition keys" of each service.
 */
import type { IncomingMessage } from 'node:http'

import { jsonTargetOf } from '../wire/aws-json.ts'
import { decodeSegment, type RequestTarget, targetOf } from '../wire/http.ts'
import type { Action, ServiceCall } from '../wire/request-context.ts'

import { absentServiceOf, isApiCall, isFunctionUrl, METRICS_PATH, type ServiceName, serviceOf } from './router.ts'
import { addressOf } from './s3/address.ts'
import { requestNameOf } from './s3/request-name.ts'

/** Where ARNs are made that a path names in short. */
export interface Place {
  readonly region: string
  readonly account: string
  /** The host in our own URL, before which names of buckets stand. */
  readonly endpointHost: string
}

type Asked = Pick<ServiceCall, 'action' | 'resource'>
type Read = (req: IncomingMessage, place: Place) => Asked

const UNKNOWN: Asked = { action: { kind: 'unknown' }, resource: undefined }
const IN_BODY: Asked = { action: { kind: 'inBody' }, resource: undefined }
const named = (name: string, resource?: string): Asked => ({ action: { kind: 'named', name }, resource })

/** The second half of the target. The resource stands in the body. */
const ofJson: Read = (req) => {
  const operation = jsonTargetOf(req)?.operation
  return operation === undefined || operation === '' ? UNKNOWN : named(operation)
}

/** `Action` in the query string of a link; else in the form. */
function ofQuery(req: IncomingMessage): Asked {
  const action = targetOf(req).query.get('Action')
  return action === null ? (req.method === 'POST' ? IN_BODY : UNKNOWN) : named(action)
}

/** CloudWatch speaks all of them: CBOR names the action in the path. */
const ofMonitoring: Read = (req, place) => {
  const [, operation] = METRICS_PATH.exec(targetOf(req).path) ?? []
  if (operation !== undefined) return named(operation)
  return jsonTargetOf(req) === undefined ? ofQuery(req) : ofJson(req, place)
}

const QUEUE = /^\/(?:queue\/)?(\d{12})\/([\w-]{1,80}(?:\.fifo)?)\/?$/

/** SDKs of today name the action in the target, older ones post a form to the queue's URL. */
const ofSqs: Read = (req, { region }) => {
  if (jsonTargetOf(req) !== undefined) return ofJson(req, PLACELESS)
  const [, account, queue] = QUEUE.exec(targetOf(req).path) ?? []
  return { ...ofQuery(req), resource: queue === undefined ? undefined : `arn:aws:sqs:${region}:${account}:${queue}` }
}
const PLACELESS: Place = { region: '', account: '', endpointHost: '' }

interface PathAction {
  readonly method: string
  readonly path: RegExp
  readonly name: string
}

const at = (line: string, name: string): PathAction => {
  const [method = '', path = ''] = line.split(' ')
  return { method, path: new RegExp(`^/20\\d\\d-\\d\\d-\\d\\d${path.replaceAll('*', '([^/]+)')}/?$`), name }
}

const LAMBDA: readonly PathAction[] = [
  at('POST /functions/*/invocations', 'InvokeFunction'),
  at('POST /functions/*/response-streaming-invocations', 'InvokeFunction'),
  at('POST /functions/*/invoke-async', 'InvokeAsync'),
  at('POST /functions', 'CreateFunction'),
  at('GET /functions', 'ListFunctions'),
  at('GET /functions/*', 'GetFunction'),
  at('DELETE /functions/*', 'DeleteFunction'),
  at('GET /functions/*/configuration', 'GetFunctionConfiguration'),
  at('PUT /functions/*/configuration', 'UpdateFunctionConfiguration'),
  at('PUT /functions/*/code', 'UpdateFunctionCode'),
  at('POST /functions/*/versions', 'PublishVersion'),
  at('GET /functions/*/versions', 'ListVersionsByFunction'),
  at('POST /functions/*/aliases', 'CreateAlias'),
  at('GET /functions/*/aliases', 'ListAliases'),
  at('GET /functions/*/aliases/*', 'GetAlias'),
  at('PUT /functions/*/aliases/*', 'UpdateAlias'),
  at('DELETE /functions/*/aliases/*', 'DeleteAlias'),
  at('POST /functions/*/policy', 'AddPermission'),
  at('GET /functions/*/policy', 'GetPolicy'),
  at('DELETE /functions/*/policy/*', 'RemovePermission'),
  at('PUT /functions/*/concurrency', 'PutFunctionConcurrency'),
  at('DELETE /functions/*/concurrency', 'DeleteFunctionConcurrency'),
  at('GET /functions/*/concurrency', 'GetFunctionConcurrency'),
  at('PUT /functions/*/provisioned-concurrency', 'PutProvisionedConcurrencyConfig'),
  at('GET /functions/*/provisioned-concurrency', 'GetProvisionedConcurrencyConfig'),
  at('DELETE /functions/*/provisioned-concurrency', 'DeleteProvisionedConcurrencyConfig'),
  at('PUT /functions/*/runtime-management-config', 'PutRuntimeManagementConfig'),
  at('GET /functions/*/runtime-management-config', 'GetRuntimeManagementConfig'),
  at('PUT /functions/*/recursion-config', 'PutFunctionRecursionConfig'),
  at('GET /functions/*/recursion-config', 'GetFunctionRecursionConfig'),
  at('PUT /functions/*/event-invoke-config', 'PutFunctionEventInvokeConfig'),
  at('POST /functions/*/event-invoke-config', 'UpdateFunctionEventInvokeConfig'),
  at('GET /functions/*/event-invoke-config', 'GetFunctionEventInvokeConfig'),
  at('DELETE /functions/*/event-invoke-config', 'DeleteFunctionEventInvokeConfig'),
  at('GET /functions/*/event-invoke-config/list', 'ListFunctionEventInvokeConfigs'),
  at('GET /functions/*/code-signing-config', 'GetFunctionCodeSigningConfig'),
  at('PUT /functions/*/code-signing-config', 'PutFunctionCodeSigningConfig'),
  at('DELETE /functions/*/code-signing-config', 'DeleteFunctionCodeSigningConfig'),
  at('POST /code-signing-configs', 'CreateCodeSigningConfig'),
  at('GET /code-signing-configs', 'ListCodeSigningConfigs'),
  at('GET /code-signing-configs/*', 'GetCodeSigningConfig'),
  at('PUT /code-signing-configs/*', 'UpdateCodeSigningConfig'),
  at('DELETE /code-signing-configs/*', 'DeleteCodeSigningConfig'),
  at('GET /code-signing-configs/*/functions', 'ListFunctionsByCodeSigningConfig'),
  at('POST /functions/*/url', 'CreateFunctionUrlConfig'),
  at('GET /functions/*/url', 'GetFunctionUrlConfig'),
  at('PUT /functions/*/url', 'UpdateFunctionUrlConfig'),
  at('DELETE /functions/*/url', 'DeleteFunctionUrlConfig'),
  at('GET /functions/*/urls', 'ListFunctionUrlConfigs'),
  at('GET /account-settings', 'GetAccountSettings'),
  at('POST /layers/*/versions', 'PublishLayerVersion'),
  at('GET /layers', 'ListLayers'),
  at('GET /layers/*/versions', 'ListLayerVersions'),
  at('GET /layers/*/versions/*', 'GetLayerVersion'),
  at('DELETE /layers/*/versions/*', 'DeleteLayerVersion'),
  at('POST /layers/*/versions/*/policy', 'AddLayerVersionPermission'),
  at('GET /layers/*/versions/*/policy', 'GetLayerVersionPolicy'),
  at('DELETE /layers/*/versions/*/policy/*', 'RemoveLayerVersionPermission'),
  at('POST /event-source-mappings', 'CreateEventSourceMapping'),
  at('GET /event-source-mappings', 'ListEventSourceMappings'),
  at('GET /event-source-mappings/*', 'GetEventSourceMapping'),
  at('PUT /event-source-mappings/*', 'UpdateEventSourceMapping'),
  at('DELETE /event-source-mappings/*', 'DeleteEventSourceMapping'),
  at('GET /tags/*', 'ListTags'),
  at('POST /tags/*', 'TagResource'),
  at('DELETE /tags/*', 'UntagResource'),
]

const ofLambda: Read = (req, place) => {
  if (isFunctionUrl(req)) return named('InvokeFunctionUrl')
  const { path } = targetOf(req)
  for (const { method, path: pattern, name } of LAMBDA) {
    const match = method === req.method ? pattern.exec(path) : null
    if (match) return named(name, match[1] === undefined ? undefined : lambdaArn(name, match[1], place))
  }
  return UNKNOWN
}

function lambdaArn(name: string, segment: string, place: Place): string | undefined {
  if (name.endsWith('CodeSigningConfig') && segment.includes('code-signing-config')) return decodeSegment(segment)
  const kind = name.endsWith('EventSourceMapping') ? 'event-source-mapping' : name.includes('Layer') ? 'layer' : undefined
  return kind === undefined
    ? functionArn(segment, place)
    : `arn:aws:lambda:${place.region}:${place.account}:${kind}:${decodeSegment(segment)}`
}

/** A path names a function by its name, its ARN, or half of it: `123456789012:function:f`, `f:alias`. */
function functionArn(segment: string, { region, account }: Place): string | undefined {
  const text = decodeSegment(segment)
  if (text === undefined || text.startsWith('arn:')) return text
  const [, owner = account, name = text] = /^(?:(\d{12}):)?(?:function:)?(.+)$/.exec(text) ?? []
  return `arn:aws:lambda:${region}:${owner}:function:${name}`
}

/** By what tells S3's operations apart. Several share one permission. */
const BUCKET_ACTIONS: ReadonlyMap<string, string> = new Map([
  ['GET', 'ListBucket'],
  ['GET list-type', 'ListBucket'],
  ['GET location', 'GetBucketLocation'],
  ['GET tagging', 'GetBucketTagging'],
  ['GET uploads', 'ListBucketMultipartUploads'],
  ['PUT', 'CreateBucket'],
  ['PUT tagging', 'PutBucketTagging'],
  ['HEAD', 'ListBucket'],
  ['DELETE', 'DeleteBucket'],
  ['DELETE tagging', 'PutBucketTagging'],
  ['POST', 'PutObject'],
  ['POST delete', 'DeleteObject'],
  ['GET versions', 'ListBucketVersions'],
  ['GET policyStatus', 'GetBucketPolicyStatus'],
  ['DELETE policy', 'DeleteBucketPolicy'],
  ['DELETE website', 'DeleteBucketWebsite'],
  ...settingActions([
    ['accelerate', 'AccelerateConfiguration'],
    ['acl', 'BucketAcl'],
    ['analytics', 'AnalyticsConfiguration'],
    ['cors', 'BucketCORS'],
    ['encryption', 'EncryptionConfiguration'],
    ['intelligent-tiering', 'IntelligentTieringConfiguration'],
    ['inventory', 'InventoryConfiguration'],
    ['lifecycle', 'LifecycleConfiguration'],
    ['logging', 'BucketLogging'],
    ['metrics', 'MetricsConfiguration'],
    ['notification', 'BucketNotification'],
    ['object-lock', 'BucketObjectLockConfiguration'],
    ['ownershipControls', 'BucketOwnershipControls'],
    ['policy', 'BucketPolicy'],
    ['publicAccessBlock', 'BucketPublicAccessBlock'],
    ['replication', 'ReplicationConfiguration'],
    ['requestPayment', 'BucketRequestPayment'],
    ['versioning', 'BucketVersioning'],
    ['website', 'BucketWebsite'],
  ]),
])

/** Who may set a thing may take it away, but for a few that are above. */
function settingActions(settings: readonly (readonly [name: string, noun: string])[]): (readonly [string, string])[] {
  return settings.flatMap(([name, noun]): (readonly [string, string])[] => [
    [`GET ${name}`, `Get${noun}`],
    [`PUT ${name}`, `Put${noun}`],
    ...(['policy', 'website'].includes(name) ? [] : [[`DELETE ${name}`, `Put${noun}`] as const]),
  ])
}
const OBJECT_ACTIONS: ReadonlyMap<string, string> = new Map([
  ['GET', 'GetObject'],
  ['GET acl', 'GetObjectAcl'],
  ['GET attributes', 'GetObjectAttributes'],
  ['GET legal-hold', 'GetObjectLegalHold'],
  ['GET retention', 'GetObjectRetention'],
  ['GET tagging', 'GetObjectTagging'],
  ['GET uploadId', 'ListMultipartUploadParts'],
  ['HEAD', 'GetObject'],
  ['PUT', 'PutObject'],
  ['PUT acl', 'PutObjectAcl'],
  ['PUT copy', 'PutObject'],
  ['PUT legal-hold', 'PutObjectLegalHold'],
  ['PUT retention', 'PutObjectRetention'],
  ['PUT tagging', 'PutObjectTagging'],
  ['PUT uploadId', 'PutObject'],
  ['PUT uploadId copy', 'PutObject'],
  ['DELETE', 'DeleteObject'],
  ['DELETE tagging', 'DeleteObjectTagging'],
  ['DELETE uploadId', 'AbortMultipartUpload'],
  ['POST uploads', 'PutObject'],
  ['POST uploadId', 'PutObject'],
])
/** Of a named version other permissions are asked. */
const VERSION_ACTION = /^(Get|Put|Delete)Object(?=$|Acl$|Attributes$|Tagging$)/

const ofS3: Read = (req, { endpointHost }) => {
  const address = s3AddressOf(req, endpointHost)
  if (address === undefined) return UNKNOWN
  const { bucket, key = '', query } = address
  if (bucket === undefined) return req.method === 'GET' ? named('ListAllMyBuckets') : UNKNOWN
  const found = (key === '' ? BUCKET_ACTIONS : OBJECT_ACTIONS).get(requestNameOf(req, key, query))
  const name = query.has('versionId') ? found?.replace(VERSION_ACTION, '$1ObjectVersion') : found
  const action: Action = name === undefined ? UNKNOWN.action : { kind: 'named', name }
  return { action, resource: `arn:aws:s3:::${bucket}${key === '' ? '' : `/${key}`}` }
}

function s3AddressOf(req: IncomingMessage, endpointHost: string) {
  try {
    return addressOf(req, endpointHost)
  } catch {
    return undefined
  }
}

const SCHEDULER: ReadonlyMap<string, string> = new Map([
  ['POST schedules', 'CreateSchedule'],
  ['PUT schedules', 'UpdateSchedule'],
  ['GET schedules', 'GetSchedule'],
  ['DELETE schedules', 'DeleteSchedule'],
  ['LIST schedules', 'ListSchedules'],
  ['POST schedule-groups', 'CreateScheduleGroup'],
  ['GET schedule-groups', 'GetScheduleGroup'],
  ['DELETE schedule-groups', 'DeleteScheduleGroup'],
  ['LIST schedule-groups', 'ListScheduleGroups'],
  ['GET tags', 'ListTagsForResource'],
  ['POST tags', 'TagResource'],
  ['DELETE tags', 'UntagResource'],
])

const ofScheduler: Read = (req, { region, account }) => {
  const { path, query }: RequestTarget = targetOf(req)
  const [, kind = '', segment = ''] = /^\/(schedules|schedule-groups|tags)(?:\/([^/]+))?\/?$/.exec(path) ?? []
  const name = SCHEDULER.get(`${segment === '' ? 'LIST' : req.method} ${kind}`)
  if (name === undefined) return UNKNOWN
  const title = decodeSegment(segment)
  if (title === undefined || title === '') return named(name)
  if (kind === 'tags') return named(name, title)
  const arn = `arn:aws:scheduler:${region}:${account}:`
  if (kind === 'schedule-groups') return named(name, `${arn}schedule-group/${title}`)
  // Where a schedule is made or changed, its group stands in the body.
  const isRead = req.method === 'GET' || req.method === 'DELETE'
  return named(name, isRead ? `${arn}schedule/${query.get('groupName') ?? 'default'}/${title}` : undefined)
}

const PIPES: ReadonlyMap<string, string> = new Map([
  ['POST v1/pipes', 'CreatePipe'],
  ['PUT v1/pipes', 'UpdatePipe'],
  ['GET v1/pipes', 'DescribePipe'],
  ['DELETE v1/pipes', 'DeletePipe'],
  ['LIST v1/pipes', 'ListPipes'],
  ['POST v1/pipes start', 'StartPipe'],
  ['POST v1/pipes stop', 'StopPipe'],
  ['GET tags', 'ListTagsForResource'],
  ['POST tags', 'TagResource'],
  ['DELETE tags', 'UntagResource'],
])

const ofPipes: Read = (req, { region, account }) => {
  const { path } = targetOf(req)
  const [, kind = '', segment = '', verb] = /^\/(v1\/pipes|tags)(?:\/([^/]+))?(?:\/(start|stop))?\/?$/.exec(path) ?? []
  const name = PIPES.get(`${segment === '' ? 'LIST' : req.method} ${kind}${verb === undefined ? '' : ` ${verb}`}`)
  if (name === undefined) return UNKNOWN
  const title = decodeSegment(segment)
  if (title === undefined || title === '') return named(name)
  return named(name, kind === 'tags' ? title : `arn:aws:pipes:${region}:${account}:pipe/${title}`)
}

/** Its actions are HTTP's methods, upon what the path names; of an API itself the one. */
const ofApiGateway: Read = (req, { region }) =>
  isApiCall(req) ? named('Invoke') : named(req.method ?? 'GET', `arn:aws:apigateway:${region}::${targetOf(req).path}`)

const READ = {
  apigateway: ofApiGateway,
  states: ofJson,
  events: ofJson,
  logs: ofJson,
  dynamodb: ofJson,
  secretsmanager: ofJson,
  tagging: ofJson,
  ssm: ofJson,
  kms: ofJson,
  ecr: ofJson,
  monitoring: ofMonitoring,
  sqs: ofSqs,
  sns: ofQuery,
  cloudcontrolapi: ofJson,
  cloudformation: ofQuery,
  iam: ofQuery,
  sts: ofQuery,
  lambda: ofLambda,
  scheduler: ofScheduler,
  pipes: ofPipes,
  s3: ofS3,
} satisfies Record<ServiceName, Read>

/** Finds what a request asks of which service, were it one that is not here; undefined where it is for none. */
export function callFinder(place: () => Place): (req: IncomingMessage) => ServiceCall | undefined {
  return (req) => {
    const here = place()
    const route = serviceOf(req, here.endpointHost)
    if (route === undefined) return absentCall(req, here)
    return route === 'form' ? { service: undefined, ...IN_BODY } : { service: route, ...READ[route](req, here) }
  }
}

function absentCall(req: IncomingMessage, place: Place): ServiceCall | undefined {
  const service = absentServiceOf(req)
  if (service === undefined) return undefined
  return { service, ...(jsonTargetOf(req) === undefined ? ofQuery(req) : ofJson(req, place)) }
}
