/**
 * Parameters of the Parameter Store. One of another type is another parameter.
 * Source: CloudFormation, AWS::SSM::Parameter.
 */
import { isObject, type JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import {
  arnOf,
  changeOf,
  claim,
  type Declared,
  droppedFrom,
  listAt,
  objectAt,
  physicalName,
  PropertyError,
  requiredText,
  type ResourceType,
  tagsOf,
  textAt,
  textsAt,
} from './resource.ts'
import { changeTags, tagList, tagMapOf } from './tags.ts'

const SSM = SERVICES.ssm
const SETTINGS = ['AllowedPattern', 'DataType', 'Description', 'Policies', 'Tier']
/** How what is said no more is written; a tier cannot be given up. */
const UNSET: Readonly<Record<string, string>> = { AllowedPattern: '', DataType: 'text', Description: '', Policies: '[{}]' }

export const parameter: ResourceType = {
  replacedBy: ['Name'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const Name = textAt(properties, 'Name') ?? physicalName(context, id, 1011)
    const Type = requiredText(properties, 'Type')
    const Value = requiredText(properties, 'Value')
    if (Type === 'SecureString') throw new PropertyError('A template makes no SecureString: its value would stand in it.', 'Type')
    const gone = droppedFrom(resource, Object.keys(UNSET)).map((name): [string, string] => [name, UNSET[name] ?? ''])
    const settings = { ...Object.fromEntries(gone), ...textsAt(properties, SETTINGS) }
    const found = claim(await describe(Name, aws), resource, Name, context)
    const isOfType = found !== undefined && textAt(found, 'Type') === Type
    if (found !== undefined && !isOfType) await aws.json(SSM, 'DeleteParameter', { Name })
    const { Policies: _, ...shown } = settings
    const isSame = isOfType && isSameAs(found, { Value, ...shown }) && !hasOtherPolicies(resource)
    const input = { Name, Type, Value, ...settings }
    if (!isOfType) {
      const Tags = tagList(tagMapOf(properties))
      await aws.json(SSM, 'PutParameter', { ...input, ...(Tags.length > 0 && { Tags }) })
    } else if (!isSame) await aws.json(SSM, 'PutParameter', { ...input, Overwrite: true })
    const hasOtherTags = isOfType && (await changeParameterTags(resource, Name, aws))
    const attributes = { Arn: arnOf(context, 'ssm', `parameter${Name.startsWith('/') ? '' : '/'}${Name}`), Type, Value }
    return { ref: Name, attributes, change: changeOf(found, !isSame, hasOtherTags) }
  },
  async remove(ref, aws) {
    await orUndefined(aws.json(SSM, 'DeleteParameter', { Name: ref }), 'ParameterNotFound')
    return undefined
  },
}

const isSameAs = (found: JsonObject, wanted: Readonly<Record<string, string>>): boolean =>
  Object.entries(wanted).every(([name, value]) => (textAt(found, name) ?? UNSET[name] ?? '') === value)

/** They are told in another form than they are given. */
const hasOtherPolicies = ({ properties, before }: Declared): boolean =>
  before !== undefined && textAt(before.properties, 'Policies') !== textAt(properties, 'Policies')

/** Its value and what is said of it. */
async function describe(name: string, aws: Aws): Promise<JsonObject | undefined> {
  const value = await orUndefined(aws.json(SSM, 'GetParameter', { Name: name }), 'ParameterNotFound')
  if (value === undefined) return undefined
  const input = { ParameterFilters: [{ Key: 'Name', Values: [name] }] }
  const [described] = listAt(await aws.json(SSM, 'DescribeParameters', input), 'Parameters').filter(isObject)
  return { ...described, ...objectAt(value, 'Parameter') }
}

function changeParameterTags(resource: Declared, ResourceId: string, aws: Aws): Promise<boolean> {
  const which = { ResourceType: 'Parameter', ResourceId }
  return changeTags(resource, {
    async list() {
      const told = await aws.json(SSM, 'ListTagsForResource', which)
      return Object.fromEntries(tagsOf({ Tags: listAt(told, 'TagList') }).map(({ key, value }) => [key, value]))
    },
    put: (tags) => aws.json(SSM, 'AddTagsToResource', { ...which, Tags: tagList(tags) }),
    remove: (TagKeys) => aws.json(SSM, 'RemoveTagsFromResource', { ...which, TagKeys }),
  })
}
