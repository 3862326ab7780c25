/** Settings of buckets: protocol only. Source: Amazon S3 API reference, the pages of the same names. */
import { headerOf } from '../../wire/http.ts'
import { parseRestXml } from '../../wire/rest-xml.ts'
import { element } from '../../wire/xml.ts'

import { xmlOf } from './bucket-settings.ts'
import { checkPolicyDocument, isPublicPolicy } from './bucket-policy.ts'
import { answerEmpty, answerXml, type Call, NAMESPACE, type Operation, readXmlBody } from './call.ts'
import { accessDenied, invalidArgument, noSuchBucketPolicy } from './errors.ts'
import { completeNotifications, readNotifications } from './notification-rules.ts'
import { LISTED_KINDS, type ListedName, SETTING_KINDS, type SettingName } from './setting-kinds.ts'

const xmlns = { xmlns: NAMESPACE }

/** Lifecycle rules alone have a setting beside their document. */
const MINIMUM = 'x-amz-transition-default-minimum-object-size'

function get(name: SettingName): Operation {
  return (call) => {
    call.service.requireBucket(call.bucket)
    answerXml(call, call.service.settings.told(call.bucket, name), minimumHeader(call, name))
  }
}

function put(name: SettingName): Operation {
  return async (call) => {
    const { service, bucket } = call
    const { versioning } = service.requireBucket(bucket)
    const hasBucket = (other: string) => service.hasBucket(other)
    const body = await readXmlBody(call)
    service.settings.put(name, body, { bucket, isVersioned: versioning === 'Enabled', hasBucket })
    if (name === 'lifecycle')
      service.settings.setText(bucket, 'lifecycle-minimum', headerOf(call.req.headers, MINIMUM) ?? 'all_storage_classes_128K')
    answerEmpty(call, 200, minimumHeader(call, name))
  }
}

const minimumHeader = ({ service, bucket }: Call, name: SettingName) =>
  name === 'lifecycle' ? { [MINIMUM]: service.settings.text(bucket, 'lifecycle-minimum') ?? 'all_storage_classes_128K' } : {}

function remove(name: SettingName): Operation {
  return (call) => {
    call.service.requireBucket(call.bucket)
    call.service.settings.delete(call.bucket, name)
    answerEmpty(call, 204)
  }
}

const idOf = ({ query }: Call): string => query.get('id') ?? ''

function getListed(name: ListedName): Operation {
  return (call) => {
    const { service, bucket, query } = call
    service.requireBucket(bucket)
    const id = query.get('id')
    answerXml(call, id === null ? service.settings.list(bucket, name) : service.settings.toldOf(bucket, name, id))
  }
}

function putListed(name: ListedName): Operation {
  return async (call) => {
    call.service.requireBucket(call.bucket)
    call.service.settings.putListed(call.bucket, name, idOf(call), await readXmlBody(call))
    answerEmpty(call, 200)
  }
}

function removeListed(name: ListedName): Operation {
  return (call) => {
    call.service.requireBucket(call.bucket)
    call.service.settings.deleteListed(call.bucket, name, idOf(call))
    answerEmpty(call, 204)
  }
}

// ---- the policy

function getBucketPolicy(call: Call): void {
  const text = policyOf(call)
  call.res.setHeader('content-type', 'application/json')
  call.res.setHeader('x-amz-request-id', call.requestId)
  call.res.end(text)
}

async function putBucketPolicy(call: Call): Promise<void> {
  const { service, bucket } = call
  service.requireBucket(bucket)
  const text = (await readXmlBody(call)).toString('utf8')
  const policy = checkPolicyDocument(text, bucket)
  if (isPublicPolicy(policy) && isBlocked(call)) {
    throw accessDenied(
      {},
      `User: arn:aws:iam::${call.account}:root is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::${bucket}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`,
    )
  }
  service.settings.setText(bucket, 'policy', text)
  answerEmpty(call, 204)
}

function deleteBucketPolicy(call: Call): void {
  call.service.requireBucket(call.bucket)
  call.service.settings.remove(call.bucket, 'policy')
  answerEmpty(call, 204)
}

function getBucketPolicyStatus(call: Call): void {
  const isPublic = isPublicPolicy(checkPolicyDocument(policyOf(call), call.bucket))
  answerXml(call, element('PolicyStatus', element('IsPublic', isPublic), xmlns))
}

function policyOf({ service, bucket }: Call): string {
  service.requireBucket(bucket)
  const text = service.settings.text(bucket, 'policy')
  if (text === undefined) throw noSuchBucketPolicy(bucket)
  return text
}

/** As every bucket is until somebody says otherwise. */
function isBlocked({ service, bucket }: Call): boolean {
  if (service.settings.isRemoved(bucket, 'publicAccessBlock')) return false
  const { xml } = service.settings.told(bucket, 'publicAccessBlock')
  return xml.includes('<BlockPublicPolicy>true<')
}

// ---- notifications

function getBucketNotification(call: Call): void {
  call.service.requireBucket(call.bucket)
  const text = call.service.settings.text(call.bucket, 'notification')
  answerXml(call, text === undefined ? element('NotificationConfiguration', undefined, xmlns) : { xml: text })
}

/** Each queue and topic is told so, which proves that it can be told. */
async function putBucketNotification(call: Call): Promise<void> {
  const { service, bucket, req, requestId } = call
  service.requireBucket(bucket)
  const document = completeNotifications(parseRestXml(await readXmlBody(call), 'NotificationConfiguration'))
  if (headerOf(req.headers, 'x-amz-skip-destination-validation') !== 'true') {
    const refusal = await service.announcements.test(bucket, readNotifications(document), requestId)
    if (refusal)
      throw invalidArgument('Unable to validate the following destination configurations', refusal.target, refusal.reason)
  }
  if (document.children.length === 0) service.settings.remove(bucket, 'notification')
  else service.settings.setText(bucket, 'notification', xmlOf(document, xmlns).xml)
  answerEmpty(call, 200)
}

const names = Object.keys(SETTING_KINDS) as SettingName[]
const listed = Object.keys(LISTED_KINDS) as ListedName[]

/** By `METHOD subresource`. */
export const SETTING_OPERATIONS: readonly (readonly [string, Operation])[] = [
  ...names.flatMap((name): (readonly [string, Operation])[] => [
    [`GET ${name}`, get(name)],
    [`PUT ${name}`, put(name)],
    ...(SETTING_KINDS[name].isRemovable ? [[`DELETE ${name}`, remove(name)] as const] : []),
  ]),
  ...listed.flatMap((name): (readonly [string, Operation])[] => [
    [`GET ${name}`, getListed(name)],
    [`PUT ${name}`, putListed(name)],
    [`DELETE ${name}`, removeListed(name)],
  ]),
  ['GET policy', getBucketPolicy],
  ['PUT policy', putBucketPolicy],
  ['DELETE policy', deleteBucketPolicy],
  ['GET policyStatus', getBucketPolicyStatus],
  ['GET notification', getBucketNotification],
  ['PUT notification', putBucketNotification],
]
