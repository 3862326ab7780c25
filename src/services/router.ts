/**
 * Tells which service a request is for, as AWS's separate endpoints would: by the target of JSON protocols, by the
 * credential scope of the signature, by the host name, and for unsigned callers by path and form. What remains is S3.
 * Step Functions' own target is nobody's here.
 */
import type { IncomingMessage } from 'node:http'

import { jsonTargetOf } from '../wire/aws-json.ts'
import { formPairs } from '../wire/form.ts'
import { headerOf, targetOf } from '../wire/http.ts'
import { scopeOf } from '../wire/sigv4.ts'
import { SERVICES } from '../aws/services.ts'

import { bucketOfHost } from './s3/address.ts'

export type ServiceName = 'dynamodb' | 'events' | 'lambda' | 'logs' | 's3' | 'scheduler' | 'sns' | 'sqs'

const NAMES: ReadonlySet<string> = new Set<ServiceName>([
  ...(['dynamodb', 'events', 'lambda', 'logs', 's3', 'scheduler', 'sns', 'sqs'] as const),
])
const isServiceName = (text: string | undefined): text is ServiceName => text !== undefined && NAMES.has(text)

const TARGETS: ReadonlyMap<string, ServiceName> = new Map<string, ServiceName>([
  [SERVICES.sqs.target, 'sqs'],
  [SERVICES.eventbridge.target, 'events'],
  [SERVICES.cloudwatchlogs.target, 'logs'],
  [SERVICES.dynamodb.target, 'dynamodb'],
  ['DynamoDB_20111205', 'dynamodb'],
])

const LAMBDA_PATH =
  /^\/20\d\d-\d\d-\d\d\/(?:functions|event-source-mappings|layers|tags|account-settings|code-signing-configs)(?:\/|$)/
const QUEUE_PATH = /^\/(?:queue\/)?\d{12}\/[\w-]{1,80}(?:\.fifo)?\/?$/

/** Doors that AWS does not have, under a name that no bucket can have: for the console. */
const OWN_PATH = /^\/_regente\/(lambda|sqs)\//

/** What only the form in the body can tell: an unsigned Query call to `/`. */
export type Route = ServiceName | 'form'

const VERSIONS: ReadonlyMap<string, ServiceName> = new Map<string, ServiceName>([
  [SERVICES.sns.version, 'sns'],
  ['2012-11-05', 'sqs'],
])

/** The service of a Query form, by the API version that every SDK sends. */
export function serviceOfForm(form: string): ServiceName | undefined {
  for (const [name, value] of formPairs(form)) if (name === 'Version') return VERSIONS.get(value)
  return undefined
}

/** The public key of SNS's signatures (`SigningCertURL`). */
const SIGNING_KEY_PATH = /^\/SimpleNotificationService-[\w-]{1,64}\.pem$/

/** Undefined where the request is for none of them. Reads headers and the target only, never the body. */
export function serviceOf(req: IncomingMessage, endpointHost?: string): Route | undefined {
  const target = jsonTargetOf(req)
  if (target) return TARGETS.get(target.prefix)
  const scope = scopeOf(req)
  if (scope) return scopedService(scope.service)
  const host = hostService(headerOf(req.headers, 'host') ?? '')
  if (host) return host
  if (bucketOfHost(headerOf(req.headers, 'host') ?? '', endpointHost) !== undefined) return 's3'
  return unsignedService(req)
}

/** `s3express` and `s3-outposts` are other services; `monitoring`, `states` and the rest are not ours. */
const scopedService = (name: string): ServiceName | undefined => (isServiceName(name) ? name : undefined)

/** `sqs.localhost`, `lambda.us-east-1.localhost`, `sns.us-east-1.amazonaws.com`; not a bucket of such a name. */
function hostService(host: string): ServiceName | undefined {
  const match = /^([a-z0-9]+)\.(?:[a-z]{2}-[a-z-]+-\d\.)?(?:localhost|amazonaws\.com)(?::\d+)?$/i.exec(host)
  const name = match?.[1]?.toLowerCase()
  return isServiceName(name) ? name : undefined
}

function unsignedService(req: IncomingMessage): Route | undefined {
  const { path, query } = targetOf(req)
  const method = req.method ?? 'GET'
  if (LAMBDA_PATH.test(path)) return 'lambda'
  const own = OWN_PATH.exec(path)?.[1]
  if (own === 'lambda' || own === 'sqs') return own
  if (SIGNING_KEY_PATH.test(path)) return 'sns'
  if (QUEUE_PATH.test(path) && (method === 'POST' || query.has('Action'))) return 'sqs'
  const action = query.get('Action')
  if (path === '/' && action !== null) return VERSIONS.get(query.get('Version') ?? '') ?? actionService(action)
  if (path === '/' && method === 'POST') return isForm(req) ? 'form' : undefined
  return isS3Shape(method) ? 's3' : undefined
}

const isForm = (req: IncomingMessage): boolean =>
  headerOf(req.headers, 'content-type')?.startsWith('application/x-www-form-urlencoded') === true

/** The links that SNS puts into its mails are followed unsigned. */
const actionService = (action: string): ServiceName | undefined =>
  action === 'ConfirmSubscription' || action === 'Unsubscribe' ? 'sns' : undefined

const isS3Shape = (method: string): boolean => ['GET', 'HEAD', 'PUT', 'DELETE', 'POST', 'OPTIONS'].includes(method)
