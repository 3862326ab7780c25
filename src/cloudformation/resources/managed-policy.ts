/**
 * IAM's managed policies. Another document is another version; the oldest goes where there are too many.
 * Source: CloudFormation, AWS::IAM::ManagedPolicy; IAM user guide, "Versioning IAM policies".
 */
import { isObject, type JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import { documentIn, isSameDocument } from './policy-document.ts'
import {
  changeOf,
  claim,
  type Declared,
  listAt,
  objectAt,
  physicalName,
  requiredText,
  type ResourceType,
  textAt,
  textsAt,
  valuesAt,
} from './resource.ts'

const VERSIONS_MAX = 5
const ATTRIBUTES = [
  ...['AttachmentCount', 'CreateDate', 'DefaultVersionId', 'IsAttachable', 'PermissionsBoundaryUsageCount', 'PolicyId'],
  'UpdateDate',
]
/** Whom a policy is attached to: the property that names them, the word of the actions, the member of the answer. */
const HOLDERS = [
  { property: 'Roles', word: 'Role', member: 'PolicyRoles' },
  { property: 'Users', word: 'User', member: 'PolicyUsers' },
  { property: 'Groups', word: 'Group', member: 'PolicyGroups' },
] as const

export const managedPolicy: ResourceType = {
  replacedBy: ['Description', 'ManagedPolicyName', 'Path'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws, partition, account } = context
    const PolicyName = textAt(properties, 'ManagedPolicyName') ?? physicalName(context, id, 128)
    const Path = textAt(properties, 'Path') ?? '/'
    const PolicyDocument = documentIn(properties, 'PolicyDocument')
    const arn = `arn:${partition}:iam::${account}:policy${Path}${PolicyName}`
    const found = claim(await orUndefined(ask(aws, 'GetPolicy', arn), 'NoSuchEntity'), resource, PolicyName, context)
    if (found === undefined) {
      await aws.query(SERVICES.iam, 'CreatePolicy', {
        PolicyName,
        Path,
        PolicyDocument,
        ...textsAt(properties, ['Description']),
      })
    }
    if (found === undefined) context.made(resource, arn)
    const hasOtherDocument = found !== undefined && (await putVersion(arn, found, PolicyDocument, aws))
    const hasOtherHolders = await attach(arn, resource, aws)
    const policy = objectAt(await ask(aws, 'GetPolicy', arn), 'Policy') ?? {}
    const attributes = { PolicyArn: arn, ...valuesAt(policy, ATTRIBUTES) }
    return { ref: arn, attributes, change: changeOf(found, hasOtherDocument, hasOtherHolders) }
  },
  async remove(ref, aws) {
    const holders = await orUndefined(ask(aws, 'ListEntitiesForPolicy', ref), 'NoSuchEntity')
    if (holders === undefined) return undefined
    for (const { word, member } of HOLDERS)
      for (const name of namesIn(holders, member, word)) await ask(aws, `Detach${word}Policy`, ref, { [`${word}Name`]: name })
    for (const VersionId of await olderVersions(ref, aws)) await ask(aws, 'DeletePolicyVersion', ref, { VersionId })
    await orUndefined(ask(aws, 'DeletePolicy', ref), 'NoSuchEntity')
    return undefined
  },
}

const ask = (aws: Aws, action: string, PolicyArn: string, more: JsonObject = {}): Promise<JsonObject> =>
  aws.query(SERVICES.iam, action, { PolicyArn, ...more })

/** Whether the document is another one. */
async function putVersion(arn: string, found: JsonObject, PolicyDocument: string, aws: Aws): Promise<boolean> {
  const VersionId = requiredText(objectAt(found, 'Policy') ?? {}, 'DefaultVersionId')
  const version = objectAt(await ask(aws, 'GetPolicyVersion', arn, { VersionId }), 'PolicyVersion') ?? {}
  if (isSameDocument(textAt(version, 'Document'), PolicyDocument)) return false
  const older = await olderVersions(arn, aws)
  const [oldest] = older
  if (oldest !== undefined && older.length + 1 >= VERSIONS_MAX) await ask(aws, 'DeletePolicyVersion', arn, { VersionId: oldest })
  await ask(aws, 'CreatePolicyVersion', arn, { PolicyDocument, SetAsDefault: 'true' })
  return true
}

/** All but the one that counts, the oldest first. */
async function olderVersions(arn: string, aws: Aws): Promise<readonly string[]> {
  const versions = listAt(await ask(aws, 'ListPolicyVersions', arn), 'Versions').filter(isObject)
  return versions
    .filter((version) => textAt(version, 'IsDefaultVersion') !== 'true')
    .map((version) => requiredText(version, 'VersionId'))
    .sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)))
}

/** Whether there was one to attach it to, or to detach it from. */
async function attach(arn: string, { properties, before }: Declared, aws: Aws): Promise<boolean> {
  const attached = await ask(aws, 'ListEntitiesForPolicy', arn)
  let isChanged = false
  for (const { property, word, member } of HOLDERS) {
    const known = namesIn(attached, member, word)
    const wanted = listAt(properties, property).map(String)
    const held = listAt(before?.properties ?? {}, property).map(String)
    const missing = wanted.filter((one) => !known.includes(one))
    const surplus = held.filter((one) => !wanted.includes(one) && known.includes(one))
    for (const name of missing) await ask(aws, `Attach${word}Policy`, arn, { [`${word}Name`]: name })
    for (const name of surplus) await ask(aws, `Detach${word}Policy`, arn, { [`${word}Name`]: name })
    isChanged ||= missing.length + surplus.length > 0
  }
  return isChanged
}

const namesIn = (holders: JsonObject, member: string, word: string): readonly string[] =>
  listAt(holders, member).flatMap((one) => (isObject(one) ? [requiredText(one, `${word}Name`)] : []))
