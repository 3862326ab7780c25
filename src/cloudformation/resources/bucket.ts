/**
 * S3 buckets with their settings (`bucket-settings.ts`), and their policies. What is in them is never touched.
 * Source: CloudFormation, AWS::S3::Bucket and AWS::S3::BucketPolicy.
 */
import { parseXml, child, childText } from '../../wire/xml.ts'
import { WireError } from '../../wire/errors.ts'
import { objectPath } from '../../aws/paths.ts'
import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import { type BucketSetting, isSameXml, listedSettingsOf, printXml, settingsOf } from './bucket-settings.ts'
import { documentIn, isSameDocument } from './policy-document.ts'
import {
  booleanAt,
  changeOf,
  claim,
  type Declared,
  type DeployContext,
  droppedFrom,
  physicalName,
  requiredText,
  type ResourceType,
  textAt,
} from './resource.ts'

export const bucket: ResourceType = {
  ignores: ['AbacStatus', 'MetadataConfiguration', 'MetadataTableConfiguration'],
  replacedBy: ['BucketName', 'BucketNamePrefix', 'BucketNamespace', 'ObjectLockEnabled'],
  async deploy(resource, context) {
    const { properties } = resource
    const { aws, region } = context
    // The stack is often part of it, and here the stack is called as the folder is.
    const name = (textAt(properties, 'BucketName') ?? physicalName(context, resource.id, 63)).toLowerCase()
    const asked = aws.restXml(SERVICES.s3, 'HEAD', objectPath(name))
    const found = await orUndefined(asked, 'NoSuchBucket', 'NotFound', '404', 'NotFoundException')
    claim(found, resource, name, context)
    if (found === undefined) {
      await create(name, region, aws)
      context.made(resource, name)
    }
    const isLocked = booleanAt(properties, 'ObjectLockEnabled') === true
    const isChanged = [
      found === undefined && isLocked && (await lockObjects(name, aws)),
      await putSettings(resource, name, context),
      await putList(name, resource, aws),
    ]
    const attributes = {
      Arn: `arn:${context.partition}:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
    }
    return { ref: name, attributes, change: changeOf(found, ...isChanged) }
  },
  async remove(ref, aws, { withData = false } = {}) {
    try {
      await orUndefined(aws.restXml(SERVICES.s3, 'DELETE', objectPath(ref)), 'NoSuchBucket')
      return undefined
    } catch (error) {
      if (!withData && error instanceof WireError && error.code === 'BucketNotEmpty') return 'it is not empty'
      throw error
    }
  },
}

export const bucketPolicy: ResourceType = {
  replacedBy: ['Bucket'],
  async deploy(resource, context) {
    const { properties } = resource
    const name = requiredText(properties, 'Bucket')
    const policy = documentIn(properties, 'PolicyDocument')
    const asked = call(context.aws, 'GET', name, { query: 'policy' })
    const found = claim(await orUndefined(asked, 'NoSuchBucketPolicy'), resource, name, context)
    const isSame = isSameDocument(found, policy)
    if (!isSame) await call(context.aws, 'PUT', name, { query: 'policy' }, policy)
    return { ref: name, attributes: {}, change: changeOf(found, !isSame) }
  },
  async remove(ref, aws) {
    await orUndefined(call(aws, 'DELETE', ref, { query: 'policy' }), 'NoSuchBucket', 'NoSuchBucketPolicy')
    return undefined
  },
}

/** With the body as a text. */
async function call(
  aws: Aws,
  method: string,
  bucketName: string,
  { query, id }: Pick<BucketSetting, 'query' | 'id'>,
  body?: string,
): Promise<string> {
  const asked = new URLSearchParams({ [query]: '', ...(id !== undefined && { id }) })
  const type = query === 'policy' ? 'application/json' : 'application/xml'
  const answer = await aws.restXml(SERVICES.s3, method, objectPath(bucketName), asked, body, type)
  return answer.body.toString('utf8')
}

async function create(name: string, region: string, aws: Aws): Promise<void> {
  const place = region === 'us-east-1' ? '' : printXml('CreateBucketConfiguration', { LocationConstraint: region }).xml
  await orUndefined(aws.restXml(SERVICES.s3, 'PUT', objectPath(name), undefined, place), 'BucketAlreadyOwnedByYou')
}

/** Objects can be locked where there are versions of them. */
async function lockObjects(name: string, aws: Aws): Promise<boolean> {
  const versioning = printXml('VersioningConfiguration', { Status: 'Enabled' }).xml
  const lock = printXml('ObjectLockConfiguration', { ObjectLockEnabled: 'Enabled' }).xml
  await call(aws, 'PUT', name, { query: 'versioning' }, versioning)
  await call(aws, 'PUT', name, { query: 'object-lock' }, lock)
  return true
}

/** Whether there was one to put or to take away. */
async function putSettings(resource: Declared, name: string, context: DeployContext): Promise<boolean> {
  const { properties, before } = resource
  const wanted = settingsOf(properties, name)
  const gone = settingsOf(before?.properties ?? {}, name).flatMap((old) => (old.document === undefined ? [] : [old.property]))
  const listed = listedSettingsOf(properties)
  const surplus = listedSettingsOf(before?.properties ?? {}).filter(
    (old) => !listed.some(({ query, id }) => query === old.query && id === old.id),
  )
  const told: boolean[] = []
  for (const setting of wanted) {
    const document = setting.document ?? (gone.includes(setting.property) ? setting.unset : undefined)
    if (document !== undefined) told.push(await put(setting, document, name, context))
    else if (gone.includes(setting.property)) told.push(await take(setting, name, context))
  }
  for (const setting of listed) told.push(await put(setting, setting.document ?? '', name, context))
  for (const setting of surplus) told.push(await take(setting, name, context))
  return told.includes(true)
}

async function put(setting: BucketSetting, document: string, name: string, { aws, warn }: DeployContext): Promise<boolean> {
  const told = await call(aws, 'GET', name, setting).catch((error: unknown) => {
    if (error instanceof WireError && (error.status === 404 || error.code === 'NotImplemented')) return undefined
    throw error
  })
  if (told !== undefined && told.trim() !== '' && isSameXml(told, document)) return false
  const done = await orUndefined(call(aws, 'PUT', name, setting, document), 'NotImplemented')
  if (done === undefined) warn(`${name}: the property ${setting.property} has no effect on this S3 endpoint.`)
  return done !== undefined
}

async function take(setting: BucketSetting, name: string, { aws }: DeployContext): Promise<boolean> {
  await orUndefined(call(aws, 'DELETE', name, setting), 'NoSuchConfiguration')
  return true
}

// ---- the list of rights that has a name

const GROUPS = 'http://acs.amazonaws.com/groups'
const EVERYBODY = `${GROUPS}/global/AllUsers`
const CANNED: Readonly<Record<string, readonly (readonly [uri: string, permission: string])[]>> = {
  AuthenticatedRead: [[`${GROUPS}/global/AuthenticatedUsers`, 'READ']],
  LogDeliveryWrite: [
    [`${GROUPS}/s3/LogDelivery`, 'WRITE'],
    [`${GROUPS}/s3/LogDelivery`, 'READ_ACP'],
  ],
  PublicRead: [[EVERYBODY, 'READ']],
  PublicReadWrite: [
    [EVERYBODY, 'READ'],
    [EVERYBODY, 'WRITE'],
  ],
}

/** What is not of buckets says nothing more than that they are their owner's. */
async function putList(name: string, resource: Declared, aws: Aws): Promise<boolean> {
  const canned = textAt(resource.properties, 'AccessControl')
  if (canned === undefined && droppedFrom(resource, ['AccessControl']).length === 0) return false
  const told = await call(aws, 'GET', name, { query: 'acl' })
  const owner = child(parseXml(told), 'Owner')
  const ID = (owner && childText(owner, 'ID')) ?? ''
  const groups = (CANNED[canned ?? 'Private'] ?? []).map(([URI, Permission]) => ({ Grantee: { URI }, Permission }))
  const Grant = [{ Grantee: { ID }, Permission: 'FULL_CONTROL' }, ...groups]
  const document = printXml('AccessControlPolicy', { Owner: { ID }, AccessControlList: { Grant } }).xml
  if (grantsIn(told).join() === grantsIn(document).join()) return false
  await call(aws, 'PUT', name, { query: 'acl' }, document)
  return true
}

/** Groups and what they may, in one order. */
function grantsIn(document: string): readonly string[] {
  const list = child(parseXml(document), 'AccessControlList')
  return (list?.children ?? [])
    .flatMap((grant) => {
      const grantee = child(grant, 'Grantee')
      const uri = grantee && childText(grantee, 'URI')
      return uri === undefined ? [] : [`${uri} ${childText(grant, 'Permission')}`]
    })
    .sort()
}
