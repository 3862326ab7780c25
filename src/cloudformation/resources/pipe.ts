/**
 * Pipes. One that reads or calls what cannot be read or called here is told and left out.
 * Source: CloudFormation, AWS::Pipes::Pipe; EventBridge Pipes API reference.
 */
import type { Json, JsonObject } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'
import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import {
  arnOf,
  changeOf,
  claim,
  type Declared,
  droppedFrom,
  numberAt,
  objectAt,
  physicalName,
  requiredText,
  type ResourceType,
  textAt,
  textsAt,
  valuesAt,
} from './resource.ts'
import { changeTags, tagMapOf } from './tags.ts'
import { saysAll, typedMembers } from './typed.ts'

const PIPES = SERVICES.pipes
const TEXTS = ['Description', 'DesiredState', 'Enrichment', 'KmsKeyIdentifier', 'RoleArn', 'Target']
const OBJECTS = ['EnrichmentParameters', 'LogConfiguration', 'SourceParameters', 'TargetParameters']
/** How what is said no more is written. */
const UNSET: JsonObject = {
  Description: '',
  DesiredState: 'RUNNING',
  Enrichment: '',
  EnrichmentParameters: {},
  KmsKeyIdentifier: '',
  LogConfiguration: {},
  SourceParameters: { FilterCriteria: {}, SqsQueueParameters: {} },
  TargetParameters: {},
}
const KINDS = { numbers: ['BatchSize', 'MaximumBatchingWindowInSeconds'] }

export const pipe: ResourceType = {
  replacedBy: ['Name', 'Source'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const name = textAt(properties, 'Name') ?? physicalName(context, id, 64)
    const path = pathOf(name)
    const found = claim(await orUndefined(aws.rest(PIPES, 'GET', path), 'NotFoundException'), resource, name, context)
    const settings = settingsOf(resource)
    const isSame = found !== undefined && saysAll(found, settings)
    try {
      if (found === undefined) {
        const Tags = tagMapOf(properties)
        const input = { ...settings, Source: requiredText(properties, 'Source'), ...(Object.keys(Tags).length > 0 && { Tags }) }
        await aws.rest(PIPES, 'POST', path, input)
      } else if (!isSame) await aws.rest(PIPES, 'PUT', path, settings)
    } catch (error) {
      if (!(error instanceof WireError) || !error.message.startsWith("Regente's pipes")) throw error
      context.warn(`${id}: the pipe is left out: ${error.message}`)
      return {
        ref: name,
        attributes: { Arn: arnOf(context, 'pipes', `pipe/${name}`), CurrentState: 'STOPPED' },
        change: 'recorded',
      }
    }
    const shown = await aws.rest(PIPES, 'GET', path)
    const arn = requiredText(shown, 'Arn')
    const hasOtherTags = found !== undefined && (await changePipeTags(resource, arn, aws))
    const attributes = {
      Arn: arn,
      CreationTime: isoTime(shown, 'CreationTime'),
      CurrentState: requiredText(shown, 'CurrentState'),
      LastModifiedTime: isoTime(shown, 'LastModifiedTime'),
      StateReason: textAt(shown, 'StateReason') ?? '',
    }
    return { ref: name, attributes, change: changeOf(found, !isSame, hasOtherTags) }
  },
  async remove(ref, aws) {
    await orUndefined(aws.rest(PIPES, 'DELETE', pathOf(ref)), 'NotFoundException')
    return undefined
  },
}

const pathOf = (name: string): string => `/v1/pipes/${encodeURIComponent(name)}`
const isoTime = (pipeShown: JsonObject, name: string): string => new Date((numberAt(pipeShown, name) ?? 0) * 1000).toISOString()

/** An update says the whole of what it says; of the source's parameters, what is left out would stay. */
function settingsOf(resource: Declared): JsonObject {
  const { properties } = resource
  const gone = droppedFrom(resource, Object.keys(UNSET)).map((name): [string, Json] => [name, UNSET[name] ?? null])
  const objects = typedMembers(valuesAt(properties, OBJECTS), KINDS)
  const source = objectAt(objects, 'SourceParameters')
  const held = objectAt(resource.before?.properties ?? {}, 'SourceParameters') ?? {}
  const emptied = Object.keys(held).filter((name) => source !== undefined && !Object.hasOwn(source, name))
  const rest = Object.fromEntries(emptied.map((name) => [name, {}]))
  return {
    ...Object.fromEntries(gone),
    ...textsAt(properties, TEXTS),
    ...objects,
    ...(source && { SourceParameters: { ...rest, ...source } }),
  }
}

function changePipeTags(resource: Declared, arn: string, aws: Aws): Promise<boolean> {
  const path = `/tags/${encodeURIComponent(arn)}`
  return changeTags(resource, {
    async list() {
      const tags = objectAt(await aws.rest(PIPES, 'GET', path), 'tags') ?? {}
      return Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)]))
    },
    put: (tags) => aws.rest(PIPES, 'POST', path, { tags }),
    remove: (keys) => {
      const query = new URLSearchParams(keys.map((key): [string, string] => ['tagKeys', key]))
      return aws.rest(PIPES, 'DELETE', path, undefined, query)
    },
  })
}
