/** ECR's repositories. Source: CloudFormation, AWS::ECR::Repository; ECR API reference. */
import { isObject, type JsonObject } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'
import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import { documentIn, isSameDocument } from './policy-document.ts'
import {
  booleanAt,
  changeOf,
  claim,
  type Declared,
  listAt,
  objectAt,
  physicalName,
  requiredText,
  type ResourceType,
  tagsOf,
  textAt,
} from './resource.ts'
import { changeTags, tagList, tagMapOf } from './tags.ts'

export const repository: ResourceType = {
  ignores: ['ImageTagMutabilityExclusionFilters'],
  replacedBy: ['EncryptionConfiguration', 'RepositoryName'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const name = textAt(properties, 'RepositoryName') ?? physicalName(context, id, 256).toLowerCase()
    const settings = {
      imageTagMutability: textAt(properties, 'ImageTagMutability') ?? 'MUTABLE',
      imageScanningConfiguration: {
        scanOnPush: booleanAt(objectAt(properties, 'ImageScanningConfiguration') ?? {}, 'ScanOnPush') ?? false,
      },
    }
    const found = claim(await describe(name, aws), resource, name, context)
    const made = found ?? (await create(name, { ...settings, ...encryptionIn(properties), ...tagsIn(properties) }, aws))
    if (found === undefined) context.made(resource, name)
    const isChanged = [
      await put(name, 'PutImageTagMutability', 'imageTagMutability', settings, made, aws),
      await put(name, 'PutImageScanningConfiguration', 'imageScanningConfiguration', settings, made, aws),
      await putLifecycle(name, objectAt(properties, 'LifecyclePolicy'), aws),
      await putPolicy(name, properties, aws),
      found !== undefined && (await changeRepositoryTags(resource, requiredText(found, 'repositoryArn'), aws)),
    ]
    const attributes = { Arn: requiredText(made, 'repositoryArn'), RepositoryUri: requiredText(made, 'repositoryUri') }
    return { ref: name, attributes, change: changeOf(found, ...isChanged) }
  },
  async remove(ref, aws, { withData = false, properties = {} } = {}) {
    const isEmptied = withData && booleanAt(properties, 'EmptyOnDelete') === true
    try {
      await orUndefined(ask(aws, 'DeleteRepository', ref, isEmptied ? { force: true } : {}), 'RepositoryNotFoundException')
      return undefined
    } catch (error) {
      const isFull = error instanceof WireError && error.code === 'RepositoryNotEmptyException'
      if (isFull && !withData) return 'it is not empty'
      throw error
    }
  },
}

const ask = (aws: Aws, action: string, repositoryName: string, more: JsonObject = {}): Promise<JsonObject> =>
  aws.json(SERVICES.ecr, action, { repositoryName, ...more })

async function describe(name: string, aws: Aws): Promise<JsonObject | undefined> {
  const described = aws.json(SERVICES.ecr, 'DescribeRepositories', { repositoryNames: [name] })
  const answer = await orUndefined(described, 'RepositoryNotFoundException')
  return listAt(answer ?? {}, 'repositories').find(isObject)
}

async function create(name: string, input: JsonObject, aws: Aws): Promise<JsonObject> {
  return objectAt(await ask(aws, 'CreateRepository', name, input), 'repository') ?? {}
}

function encryptionIn(properties: JsonObject): JsonObject {
  const given = objectAt(properties, 'EncryptionConfiguration')
  const kmsKey = given && textAt(given, 'KmsKey')
  if (given === undefined) return {}
  const encryptionType = requiredText(given, 'EncryptionType')
  return { encryptionConfiguration: { encryptionType, ...(kmsKey !== undefined && { kmsKey }) } }
}

function tagsIn(properties: JsonObject): JsonObject {
  const tags = tagList(tagMapOf(properties))
  return tags.length === 0 ? {} : { tags }
}

const changeRepositoryTags = (resource: Declared, resourceArn: string, aws: Aws): Promise<boolean> =>
  changeTags(resource, {
    async list() {
      const told = listAt(await aws.json(SERVICES.ecr, 'ListTagsForResource', { resourceArn }), 'tags')
      return Object.fromEntries(tagsOf({ Tags: told }).map(({ key, value }) => [key, value]))
    },
    put: (tags) => aws.json(SERVICES.ecr, 'TagResource', { resourceArn, tags: tagList(tags) }),
    remove: (tagKeys) => aws.json(SERVICES.ecr, 'UntagResource', { resourceArn, tagKeys }),
  })

/** Whether the setting was another one. */
async function put(
  name: string,
  action: string,
  setting: 'imageTagMutability' | 'imageScanningConfiguration',
  wanted: JsonObject,
  found: JsonObject,
  aws: Aws,
): Promise<boolean> {
  const value = wanted[setting] ?? null
  if (JSON.stringify(found[setting]) === JSON.stringify(value)) return false
  await ask(aws, action, name, { [setting]: value })
  return true
}

async function putLifecycle(name: string, policy: JsonObject | undefined, aws: Aws): Promise<boolean> {
  const text = policy && textAt(policy, 'LifecyclePolicyText')
  const found = await orUndefined(ask(aws, 'GetLifecyclePolicy', name), 'LifecyclePolicyNotFoundException')
  if (text === undefined && found === undefined) return false
  if (text === undefined) await ask(aws, 'DeleteLifecyclePolicy', name)
  else if (isSameDocument(textAt(found ?? {}, 'lifecyclePolicyText'), text)) return false
  else await ask(aws, 'PutLifecyclePolicy', name, { lifecyclePolicyText: text })
  return true
}

async function putPolicy(name: string, properties: JsonObject, aws: Aws): Promise<boolean> {
  const isWanted = Object.hasOwn(properties, 'RepositoryPolicyText')
  const found = await orUndefined(ask(aws, 'GetRepositoryPolicy', name), 'RepositoryPolicyNotFoundException')
  if (!isWanted && found === undefined) return false
  if (!isWanted) await ask(aws, 'DeleteRepositoryPolicy', name)
  else {
    const policyText = documentIn(properties, 'RepositoryPolicyText')
    if (isSameDocument(textAt(found ?? {}, 'policyText'), policyText)) return false
    await ask(aws, 'SetRepositoryPolicy', name, { policyText })
  }
  return true
}
