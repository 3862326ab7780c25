/**
 * KMS's keys. They have no name of their own: a tag says which resource of which stack a key is.
 * Source: CloudFormation, AWS::KMS::Key; KMS API reference.
 */
import { isObject, type JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import { documentIn, isSameDocument } from './policy-document.ts'
import {
  arnOf,
  booleanAt,
  changeOf,
  type Declared,
  type DeployContext,
  droppedFrom,
  listAt,
  numberAt,
  objectAt,
  requiredText,
  type ResourceType,
  tagsOf,
  textAt,
  textsAt,
  knownRef,
} from './resource.ts'
import { changeTags } from './tags.ts'

const OWNER_TAG = 'regente:resource'
const SYMMETRIC = 'SYMMETRIC_DEFAULT'

export const key: ResourceType = {
  ignores: ['BypassPolicyLockoutSafetyCheck'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const owner = `${context.stackName}/${id}/${context.suffixOf(id)}`
    const found = await find(resource, owner, aws)
    const made = found ?? objectAt(await aws.json(SERVICES.kms, 'CreateKey', inputOf(properties, owner)), 'KeyMetadata') ?? {}
    const keyId = requiredText(made, 'KeyId')
    if (found === undefined) context.made(resource, keyId)
    const spec = textAt(properties, 'KeySpec') ?? SYMMETRIC
    if (textAt(made, 'KeySpec') !== spec) context.warn(`${id}: the key exists with another KeySpec, and keeps it.`)
    const isEnabled = booleanAt(properties, 'Enabled') ?? true
    // Rotation is changed of a key that is enabled alone.
    const isChanged = [
      isEnabled && (await enable(keyId, true, made, aws)),
      found !== undefined && (await describe(keyId, properties, found, aws)),
      found !== undefined && (await putPolicy(keyId, resource, context)),
      spec === SYMMETRIC && (await rotate(keyId, properties, aws)),
      !isEnabled && (await enable(keyId, false, made, aws)),
      found !== undefined && (await changeKeyTags(resource, keyId, aws)),
    ]
    const attributes = { Arn: arnOf(context, 'kms', `key/${keyId}`), KeyId: keyId }
    return { ref: keyId, attributes, change: changeOf(found, ...isChanged) }
  },
  async remove(ref, aws, { properties = {} } = {}) {
    const days = numberAt(properties, 'PendingWindowInDays')
    const asked = ask(aws, 'ScheduleKeyDeletion', ref, days === undefined ? {} : { PendingWindowInDays: days })
    await orUndefined(asked, 'NotFoundException', 'KMSInvalidStateException')
    return undefined
  },
}

const ask = (aws: Aws, action: string, KeyId: string, more: JsonObject = {}): Promise<JsonObject> =>
  aws.json(SERVICES.kms, action, { KeyId, ...more })

/** By its id, where that is known; or else by its tag: it may have been made before anybody could write that down. */
async function find(resource: Declared, owner: string, aws: Aws): Promise<JsonObject | undefined> {
  const id = knownRef(resource)
  const known = id === undefined ? undefined : await orUndefined(ask(aws, 'DescribeKey', id), 'NotFoundException')
  const described = known && objectAt(known, 'KeyMetadata')
  const isThere = described !== undefined && textAt(described, 'KeyState') !== 'PendingDeletion'
  return isThere ? described : findOwned(owner, aws)
}

/** One that is to be deleted is nobody's any more. */
async function findOwned(owner: string, aws: Aws): Promise<JsonObject | undefined> {
  for (let marker: string | undefined = ''; marker !== undefined; ) {
    const page: JsonObject = await aws.json(SERVICES.kms, 'ListKeys', marker === '' ? {} : { Marker: marker })
    for (const listed of listAt(page, 'Keys').filter(isObject)) {
      const keyId = requiredText(listed, 'KeyId')
      const tags = listAt(await ask(aws, 'ListResourceTags', keyId), 'Tags').filter(isObject)
      if (!tags.some((tag) => tag['TagKey'] === OWNER_TAG && tag['TagValue'] === owner)) continue
      const described = objectAt(await ask(aws, 'DescribeKey', keyId), 'KeyMetadata') ?? {}
      if (textAt(described, 'KeyState') !== 'PendingDeletion') return described
    }
    marker = textAt(page, 'NextMarker')
  }
  return undefined
}

function inputOf(properties: JsonObject, owner: string): JsonObject {
  const isMultiRegion = booleanAt(properties, 'MultiRegion') === true
  return {
    ...textsAt(properties, ['Description', 'KeySpec', 'KeyUsage', 'Origin']),
    ...(isMultiRegion && { MultiRegion: true }),
    ...(Object.hasOwn(properties, 'KeyPolicy') && { Policy: documentIn(properties, 'KeyPolicy') }),
    Tags: [...tagsOf(properties), { key: OWNER_TAG, value: owner }].map((tag) => ({ TagKey: tag.key, TagValue: tag.value })),
  }
}

// ---- each answers whether there was something to change

async function describe(keyId: string, properties: JsonObject, found: JsonObject, aws: Aws): Promise<boolean> {
  const Description = textAt(properties, 'Description') ?? ''
  if (Description === (textAt(found, 'Description') ?? '')) return false
  await ask(aws, 'UpdateKeyDescription', keyId, { Description })
  return true
}

/** A key that was given a policy, and is given none, has the one that a new key has. */
async function putPolicy(keyId: string, resource: Declared, context: DeployContext): Promise<boolean> {
  const { aws } = context
  const isDropped = droppedFrom(resource, ['KeyPolicy']).length > 0
  if (!Object.hasOwn(resource.properties, 'KeyPolicy') && !isDropped) return false
  const Policy = isDropped ? defaultPolicy(context) : documentIn(resource.properties, 'KeyPolicy')
  const told = await ask(aws, 'GetKeyPolicy', keyId, { PolicyName: 'default' })
  if (isSameDocument(textAt(told, 'Policy'), Policy)) return false
  await ask(aws, 'PutKeyPolicy', keyId, { PolicyName: 'default', Policy })
  return true
}

/** Source: KMS developer guide, "Default key policy". */
const defaultPolicy = ({ partition, account }: DeployContext): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: `arn:${partition}:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  })

const ROTATION_DAYS = 365

async function rotate(keyId: string, properties: JsonObject, aws: Aws): Promise<boolean> {
  const isWanted = booleanAt(properties, 'EnableKeyRotation') ?? false
  const RotationPeriodInDays = numberAt(properties, 'RotationPeriodInDays') ?? ROTATION_DAYS
  const told = await ask(aws, 'GetKeyRotationStatus', keyId)
  const isRotated = booleanAt(told, 'KeyRotationEnabled') ?? false
  const isSamePeriod = (numberAt(told, 'RotationPeriodInDays') ?? ROTATION_DAYS) === RotationPeriodInDays
  if (isWanted === isRotated && (!isWanted || isSamePeriod)) return false
  if (isWanted) await ask(aws, 'EnableKeyRotation', keyId, { RotationPeriodInDays })
  else await ask(aws, 'DisableKeyRotation', keyId)
  return true
}

const changeKeyTags = (resource: Declared, KeyId: string, aws: Aws): Promise<boolean> =>
  changeTags(resource, {
    async list() {
      const tags = listAt(await ask(aws, 'ListResourceTags', KeyId), 'Tags').filter(isObject)
      return Object.fromEntries(tags.map((tag) => [requiredText(tag, 'TagKey'), textAt(tag, 'TagValue') ?? '']))
    },
    put: (tags) => {
      const Tags = Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }))
      return ask(aws, 'TagResource', KeyId, { Tags })
    },
    remove: (TagKeys) => ask(aws, 'UntagResource', KeyId, { TagKeys }),
  })

async function enable(keyId: string, isWanted: boolean, made: JsonObject, aws: Aws): Promise<boolean> {
  if (isWanted === booleanAt(made, 'Enabled')) return false
  await ask(aws, isWanted ? 'EnableKey' : 'DisableKey', keyId)
  return true
}
