/**
 * Secrets. A value in the template is put whenever it differs; one that is to be generated is drawn once, and kept, until the
 * template asks for another kind of it.
 * Source: CloudFormation, AWS::SecretsManager::Secret, AWS::SecretsManager::ResourcePolicy and
 * AWS::SecretsManager::SecretTargetAttachment.
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import { documentIn, isSameDocument } from './policy-document.ts'
import {
  changeOf,
  claim,
  type Declared,
  droppedFrom,
  objectAt,
  physicalName,
  PropertyError,
  requiredText,
  type ResourceType,
  textAt,
  textsAt,
} from './resource.ts'
import { changeTags, tagList, tagMapOf } from './tags.ts'
import { typedMembers } from './typed.ts'

const SECRETS = SERVICES.secretsmanager
const MISSING = 'ResourceNotFoundException'

export const secret: ResourceType = {
  ignores: ['ReplicaRegions', 'Type'],
  replacedBy: ['Name'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const name = textAt(properties, 'Name') ?? physicalName(context, id, 256)
    const asked = aws.json(SECRETS, 'DescribeSecret', { SecretId: name })
    const found = claim(await orUndefined(asked, MISSING), resource, name, context)
    const settings = textsAt(properties, ['Description', 'KmsKeyId'])
    if (found === undefined) {
      const SecretString = await newValue(properties, aws)
      const Tags = tagList(tagMapOf(properties))
      const value = SecretString === undefined ? {} : { SecretString }
      const input = { Name: name, ...settings, ...value, ...(Tags.length > 0 && { Tags }) }
      const arn = requiredText(await aws.json(SECRETS, 'CreateSecret', input), 'ARN')
      return { ref: arn, attributes: { Id: arn }, change: 'created' }
    }
    const arn = requiredText(found, 'ARN')
    const isChanged = [
      await changeSettings(arn, resource, found, settings, aws),
      await changeValue(arn, resource, aws),
      await changeSecretTags(resource, arn, aws),
    ]
    return { ref: arn, attributes: { Id: arn }, change: changeOf(found, ...isChanged) }
  },
  async remove(ref, aws) {
    const input = { SecretId: ref, ForceDeleteWithoutRecovery: true }
    await orUndefined(aws.json(SECRETS, 'DeleteSecret', input), MISSING)
    return undefined
  },
}

async function changeSettings(
  SecretId: string,
  resource: Declared,
  found: JsonObject,
  settings: Readonly<Record<string, string>>,
  aws: Aws,
): Promise<boolean> {
  const gone = droppedFrom(resource, ['Description', 'KmsKeyId']).map((name): [string, string] => [name, ''])
  const wanted = { ...Object.fromEntries(gone), ...settings }
  if (Object.entries(wanted).every(([name, value]) => (textAt(found, name) ?? '') === value)) return false
  await aws.json(SECRETS, 'UpdateSecret', { SecretId, ...wanted })
  return true
}

const GENERATE = 'GenerateSecretString'

async function changeValue(SecretId: string, { properties, before }: Declared, aws: Aws): Promise<boolean> {
  const wishes = stableJson(getOwn(properties, GENERATE) ?? null)
  const isOther = before !== undefined && wishes !== 'null' && wishes !== stableJson(getOwn(before.properties, GENERATE) ?? null)
  const wanted = isOther ? await newValue(properties, aws) : textAt(properties, 'SecretString')
  if (wanted === undefined) return false
  const value = await orUndefined(aws.json(SECRETS, 'GetSecretValue', { SecretId }), MISSING)
  if (textAt(value ?? {}, 'SecretString') === wanted) return false
  await aws.json(SECRETS, 'PutSecretValue', { SecretId, SecretString: wanted })
  return true
}

/** From the template, or drawn. Undefined where the secret is to have none. */
async function newValue(properties: JsonObject, aws: Aws): Promise<string | undefined> {
  const given = textAt(properties, 'SecretString')
  const wishes = objectAt(properties, GENERATE)
  if (given !== undefined && wishes !== undefined)
    throw new PropertyError('You can specify either SecretString or GenerateSecretString, but not both.', GENERATE)
  return wishes === undefined ? given : generated(wishes, aws)
}

const KINDS = {
  numbers: ['PasswordLength'],
  flags: [
    ...['ExcludeLowercase', 'ExcludeNumbers', 'ExcludePunctuation', 'ExcludeUppercase', 'IncludeSpace'],
    'RequireEachIncludedType',
  ],
}

async function generated(wishes: JsonObject, aws: Aws): Promise<string> {
  const { GenerateStringKey: _, SecretStringTemplate: __, ...asked } = typedMembers(wishes, KINDS)
  const password = requiredText(await aws.json(SECRETS, 'GetRandomPassword', asked), 'RandomPassword')
  const key = textAt(wishes, 'GenerateStringKey')
  return key === undefined ? password : JSON.stringify({ ...templateOf(wishes), [key]: password })
}

function templateOf(wishes: JsonObject): JsonObject {
  const text = textAt(wishes, 'SecretStringTemplate') ?? '{}'
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {}
  throw new PropertyError('SecretStringTemplate must be a JSON object.', GENERATE, 'SecretStringTemplate')
}

const changeSecretTags = (resource: Declared, SecretId: string, aws: Aws): Promise<boolean> =>
  changeTags(resource, {
    list: async () => tagMapOf(await aws.json(SECRETS, 'DescribeSecret', { SecretId })),
    put: (tags) => aws.json(SECRETS, 'TagResource', { SecretId, Tags: tagList(tags) }),
    remove: (TagKeys) => aws.json(SECRETS, 'UntagResource', { SecretId, TagKeys }),
  })

export const secretPolicy: ResourceType = {
  ignores: ['BlockPublicPolicy'],
  replacedBy: ['SecretId'],
  async deploy(resource, context) {
    const { aws } = context
    const SecretId = requiredText(resource.properties, 'SecretId')
    const ResourcePolicy = documentIn(resource.properties, 'ResourcePolicy')
    const told = await aws.json(SECRETS, 'GetResourcePolicy', { SecretId })
    const arn = requiredText(told, 'ARN')
    const found = claim(textAt(told, 'ResourcePolicy'), resource, arn, context)
    const isSame = isSameDocument(found, ResourcePolicy)
    if (!isSame) await aws.json(SECRETS, 'PutResourcePolicy', { SecretId, ResourcePolicy })
    return { ref: arn, attributes: { Id: arn }, change: changeOf(found, !isSame) }
  },
  async remove(ref, aws) {
    await orUndefined(aws.json(SECRETS, 'DeleteResourcePolicy', { SecretId: ref }), MISSING, 'InvalidRequestException')
    return undefined
  },
}

/** Others refer to the secret by way of it. There are no databases here whose address could go into the secret. */
export const secretTargetAttachment: ResourceType = {
  ignores: ['TargetId', 'TargetType'],
  replacedBy: ['SecretId'],
  async deploy({ properties, before }, { aws }) {
    const told = await aws.json(SECRETS, 'DescribeSecret', { SecretId: requiredText(properties, 'SecretId') })
    const arn = requiredText(told, 'ARN')
    const attributes: Record<string, Json> = { Id: arn }
    return { ref: arn, attributes, change: changeOf(before) }
  },
  remove: () => Promise.resolve(undefined),
}
