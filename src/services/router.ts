/**
 * Tells which service a request is for, as AWS's separate endpoints would: by the target of JSON protocols, by the
 * credential scope of the signature, by the host name, and for unsigned callers by path and form. What remains is S3.
 * Step Functions is told apart like all others, though it lives in other rooms.
 */
import type { IncomingMessage } from 'node:http'

import { jsonTargetOf } from '../wire/aws-json.ts'
import { formPairs } from '../wire/form.ts'
import { headerOf, isForm, type RequestTarget, targetOf } from '../wire/http.ts'
import { scopeOf } from '../wire/sigv4.ts'
import { SERVICES } from '../aws/services.ts'

import { apiAddressOf } from './apigateway/address.ts'
import { functionUrlAddressOf } from './lambda/function-url-address.ts'
import { bucketOfHost } from './s3/address.ts'
import { boundaryOf } from './s3/form-parts.ts'

/** As IAM, credential scopes and host names call them. */
export type ServiceName =
  | 'apigateway'
  | 'cloudcontrolapi'
  | 'cloudformation'
  | 'dynamodb'
  | 'ecr'
  | 'events'
  | 'iam'
  | 'kms'
  | 'lambda'
  | 'logs'
  | 'monitoring'
  | 'pipes'
  | 's3'
  | 'scheduler'
  | 'secretsmanager'
  | 'sns'
  | 'sqs'
  | 'ssm'
  | 'states'
  | 'sts'
  | 'tagging'
/** Those whose requests are answered in this room. */
export type EmbeddedService = Exclude<ServiceName, 'states'>

/** What only the form in the body can tell: an unsigned Query call to `/`. */
export type Route = ServiceName | 'form'

interface Signs {
  /** What stands before the dot of `X-Amz-Target`. */
  readonly targets?: readonly string[]
  /** The API version that every SDK puts into Query forms. */
  readonly version?: string
  /** What tells an unsigned request: its path and query. */
  readonly isUnsigned?: (method: string, target: RequestTarget) => boolean
}

const LAMBDA_PATH =
  /^\/20\d\d-\d\d-\d\d\/(?:functions|event-source-mappings|layers|tags|account-settings|code-signing-configs)(?:\/|$)/
const QUEUE_PATH = /^\/(?:queue\/)?\d{12}\/[\w-]{1,80}(?:\.fifo)?\/?$/
/** The certificate of SNS's signatures (`SigningCertURL`). */
const SIGNING_KEY_PATH = /^\/SimpleNotificationService-[\w-]{1,64}\.pem$/
/** The links that SNS puts into its mails are followed unsigned. */
const LINKS: ReadonlySet<string | null> = new Set(['ConfirmSubscription', 'Unsubscribe'])

/** Doors that AWS does not have, under a name that no bucket can have. */
const OWN_PATH = '/_regente/'

/** Where clients that speak CBOR send CloudWatch's operations. */
export const METRICS_PATH = /^\/service\/GraniteServiceVersion20100801\/operation\/(\w+)$/
/** A registry of images, under a name that no bucket can have. */
const REGISTRY_PATH = /^\/v2(?:\/|$)/

/** How requests of each service are told apart, besides its name in scope and host. */
const SIGNS = {
  states: { targets: [SERVICES.sfn.target] },
  lambda: { isUnsigned: (_, { path }) => LAMBDA_PATH.test(path) || path.startsWith(`${OWN_PATH}lambda/`) },
  sqs: {
    targets: [SERVICES.sqs.target],
    version: '2012-11-05',
    isUnsigned: (method, { path, query }) =>
      path.startsWith(`${OWN_PATH}sqs/`) || (QUEUE_PATH.test(path) && (method === 'POST' || query.has('Action'))),
  },
  sns: {
    version: SERVICES.sns.version,
    isUnsigned: (_, { path, query }) => SIGNING_KEY_PATH.test(path) || (path === '/' && LINKS.has(query.get('Action'))),
  },
  cloudformation: {
    version: SERVICES.cloudformation.version,
    isUnsigned: (_, { path }) => path.startsWith(`${OWN_PATH}cloudformation/`),
  },
  cloudcontrolapi: { targets: [SERVICES.cloudcontrol.target] },
  iam: { version: SERVICES.iam.version },
  sts: { version: SERVICES.sts.version },
  tagging: { targets: [SERVICES.resourcegroupstaggingapi.target] },
  events: { targets: [SERVICES.eventbridge.target] },
  scheduler: {},
  pipes: {},
  secretsmanager: { targets: [SERVICES.secretsmanager.target] },
  ssm: { targets: [SERVICES.ssm.target] },
  kms: { targets: [SERVICES.kms.target] },
  monitoring: {
    targets: [SERVICES.cloudwatch.target],
    version: '2010-08-01',
    isUnsigned: (_, { path }) => METRICS_PATH.test(path),
  },
  ecr: { targets: [SERVICES.ecr.target], isUnsigned: (_, { path }) => REGISTRY_PATH.test(path) },
  apigateway: {},
  logs: { targets: [SERVICES.cloudwatchlogs.target] },
  dynamodb: { targets: [SERVICES.dynamodb.target, SERVICES.dynamodbstreams.target, 'DynamoDB_20111205'] },
  s3: {},
} as const satisfies Record<ServiceName, Signs>

export const SERVICE_NAMES = Object.keys(SIGNS) as readonly ServiceName[]
const ROWS = Object.entries(SIGNS) as (readonly [ServiceName, Signs])[]
export const isEmbedded = (name: string | undefined): name is EmbeddedService => isServiceName(name) && name !== 'states'
const isServiceName = (text: string | undefined): text is ServiceName => text !== undefined && Object.hasOwn(SIGNS, text)
const TARGETS: ReadonlyMap<string, ServiceName> = new Map(
  ROWS.flatMap(([name, { targets = [] }]) => targets.map((target) => [target, name] as const)),
)
const VERSIONS: ReadonlyMap<string, EmbeddedService> = new Map(
  ROWS.flatMap(([name, { version }]) => (version !== undefined && isEmbedded(name) ? [[version, name] as const] : [])),
)
const UNSIGNED = ROWS.flatMap(([name, { isUnsigned }]) => (isUnsigned === undefined ? [] : [{ name, isUnsigned }]))

/** The service of a Query form, by the API version that every SDK sends. */
export function serviceOfForm(form: string): EmbeddedService | undefined {
  for (const [name, value] of formPairs(form)) if (name === 'Version') return VERSIONS.get(value)
  return undefined
}

/** Undefined where the request is for none of them. Reads headers and the target only, never the body. */
export function serviceOf(req: IncomingMessage, endpointHost?: string): Route | undefined {
  if (isFunctionUrl(req)) return 'lambda'
  if (isApiCall(req)) return 'apigateway'
  const target = jsonTargetOf(req)
  if (target) return TARGETS.get(target.prefix)
  const scope = scopeOf(req)
  // `s3express` and `s3-outposts` are other services; `ec2`, `rds` and the rest are not here.
  if (scope) return isServiceName(scope.service) ? scope.service : undefined
  const host = hostService(headerOf(req.headers, 'host') ?? '')
  if (host) return host
  if (bucketOfHost(headerOf(req.headers, 'host') ?? '', endpointHost) !== undefined) return 's3'
  return unsignedService(req)
}

/** A function's URL takes whatever its callers send: nothing in the request tells of another service. */
export const isFunctionUrl = (req: IncomingMessage): boolean => functionUrlAddressOf(req) !== undefined

/** So does an API. */
export const isApiCall = (req: IncomingMessage): boolean => apiAddressOf(req) !== undefined

/** What anybody may call who knows its address. */
export const isPublic = (req: IncomingMessage): boolean => isFunctionUrl(req) || isApiCall(req)

/** A form that puts a file into a bucket, which holds its signature itself (`s3/post-object.ts`). */
export const isFormUpload = (req: IncomingMessage, endpointHost?: string): boolean =>
  req.method === 'POST' &&
  boundaryOf(req.headers['content-type']) !== undefined &&
  serviceOf(req, endpointHost) === 's3' &&
  isBucketTarget(req, endpointHost)

function isBucketTarget(req: IncomingMessage, endpointHost: string | undefined): boolean {
  const { path, query } = targetOf(req)
  const isNamedByHost = bucketOfHost(headerOf(req.headers, 'host') ?? '', endpointHost) !== undefined
  return query.size === 0 && (isNamedByHost ? path === '/' : /^\/[^/]+\/?$/.test(path))
}

/**
 * The service that a request is signed for, or the prefix of its target, where Regente has no such service: `ec2`, `rds`,
 * `AWSCognitoIdentityService`. Call where `serviceOf` found none.
 */
export function absentServiceOf(req: IncomingMessage): string | undefined {
  const signedFor = scopeOf(req)?.service
  const name = isServiceName(signedFor) ? jsonTargetOf(req)?.prefix : (signedFor ?? jsonTargetOf(req)?.prefix)
  return name !== undefined && /^[\w.-]{1,64}$/.test(name) ? name : undefined
}

/** `sqs.localhost`, `lambda.us-east-1.localhost`, `sns.us-east-1.amazonaws.com`; not a bucket of such a name. */
function hostService(host: string): ServiceName | undefined {
  const match = /^([a-z0-9]+)\.(?:[a-z]{2}-[a-z-]+-\d\.)?(?:localhost|amazonaws\.com)(?::\d+)?$/i.exec(host)
  const name = match?.[1]?.toLowerCase()
  return isServiceName(name) ? name : undefined
}

function unsignedService(req: IncomingMessage): Route | undefined {
  const target = targetOf(req)
  const method = req.method ?? 'GET'
  const found = UNSIGNED.find(({ isUnsigned }) => isUnsigned(method, target))
  if (found) return found.name
  if (target.path.startsWith(OWN_PATH)) return undefined
  if (target.path === '/' && target.query.has('Action')) return VERSIONS.get(target.query.get('Version') ?? '')
  if (target.path === '/' && method === 'POST') return isForm(req) ? 'form' : undefined
  return isS3Shape(method) ? 's3' : undefined
}

const isS3Shape = (method: string): boolean => ['GET', 'HEAD', 'PUT', 'DELETE', 'POST', 'OPTIONS'].includes(method)
