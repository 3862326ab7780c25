/**
 * What makes Lambda poll a queue or the stream of a table for a function. Other sources are told: nothing comes from them here.
 * Source: CloudFormation, AWS::Lambda::EventSourceMapping.
 */
import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import { changeLambdaTags } from './function-tags.ts'
import {
  booleanAt,
  changeOf,
  claim,
  type Declared,
  droppedFrom,
  listAt,
  numbersAt,
  requiredText,
  type ResourceType,
  textAt,
  uuidOf,
  knownRef,
} from './resource.ts'
import { tagMapOf } from './tags.ts'
import { covers, typed } from './typed.ts'

const PATH = '/2015-03-31/event-source-mappings'
const POLLED = /^arn:[^:]+:(?:sqs:|dynamodb:[^/]+\/[^/]+\/stream\/)/
const NUMBERS = [
  ...['BatchSize', 'MaximumBatchingWindowInSeconds', 'MaximumRecordAgeInSeconds', 'MaximumRetryAttempts'],
  ...['ParallelizationFactor', 'TumblingWindowInSeconds'],
]
const PASSED_ON = [
  ...['DestinationConfig', 'FilterCriteria', 'FunctionResponseTypes', 'LoggingConfig', 'MetricsConfig'],
  ...['ProvisionedPollerConfig', 'ScalingConfig'],
]
const KINDS = { numbers: ['MaximumConcurrency', 'MaximumPollers', 'MinimumPollers'] }

export const eventSourceMapping: ResourceType = {
  ignores: ['DocumentDBEventSourceConfig', 'Queues', 'SourceAccessConfigurations', 'Topics'],
  replacedBy: [
    ...['AmazonManagedKafkaEventSourceConfig', 'EventSourceArn', 'SelfManagedEventSource', 'SelfManagedKafkaEventSourceConfig'],
    ...['StartingPosition', 'StartingPositionTimestamp'],
  ],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const EventSourceArn = textAt(properties, 'EventSourceArn') ?? ''
    const FunctionName = requiredText(properties, 'FunctionName')
    if (!POLLED.test(EventSourceArn)) {
      const source = EventSourceArn || 'such a source'
      context.warn(`${id}: nothing comes from ${source} here; only queues and streams of tables are polled.`)
      const ref = uuidOf(`${context.stackName}/${id}`)
      return { ref, attributes: { Id: ref }, change: 'recorded' }
    }
    const found = claim(await find(resource, FunctionName, EventSourceArn, aws), resource, FunctionName, context)
    const StartingPosition = textAt(properties, 'StartingPosition')
    if (found === undefined) {
      const Tags = tagMapOf(properties)
      const settings = settingsOf(resource)
      const where = { FunctionName, EventSourceArn, ...(StartingPosition !== undefined && { StartingPosition }) }
      const input = { ...where, ...settings, ...(Object.keys(Tags).length > 0 && { Tags }) }
      return deployed(await aws.rest(SERVICES.lambda, 'POST', PATH, input), 'created')
    }
    if (StartingPosition !== textAt(found, 'StartingPosition'))
      context.warn(`${id}: the mapping exists and goes on where it is; another StartingPosition does not bring it back.`)
    const settings = { ...settingsOf(resource), ...(isOfFunction(found, FunctionName) ? {} : { FunctionName }) }
    const isSame = Object.entries(settings).every(([name, value]) => covers(shown(found, name), value))
    const path = `${PATH}/${requiredText(found, 'UUID')}`
    const put = isSame ? found : await aws.rest(SERVICES.lambda, 'PUT', path, settings)
    const hasOtherTags = await changeLambdaTags(resource, textAt(found, 'EventSourceMappingArn') ?? '', aws)
    return deployed(put, changeOf(found, !isSame, hasOtherTags))
  },
  async remove(ref, aws) {
    await orUndefined(aws.rest(SERVICES.lambda, 'DELETE', `${PATH}/${ref}`), 'ResourceNotFoundException')
    return undefined
  },
}

/** A mapping has no name: it is known by its id, or else by what it maps to what. */
async function find(resource: Declared, FunctionName: string, EventSourceArn: string, aws: Aws): Promise<JsonObject | undefined> {
  const id = knownRef(resource)
  const known = id === undefined ? undefined : aws.rest(SERVICES.lambda, 'GET', `${PATH}/${id}`)
  const found = known && (await orUndefined(known, 'ResourceNotFoundException'))
  if (found !== undefined) return found
  const query = new URLSearchParams({ FunctionName, EventSourceArn })
  const list = await orUndefined(aws.rest(SERVICES.lambda, 'GET', PATH, undefined, query), 'ResourceNotFoundException')
  return listAt(list ?? {}, 'EventSourceMappings').find(isObject)
}

/** The template may name it by its name, or by its ARN. */
function isOfFunction(mapping: JsonObject, name: string): boolean {
  const arn = textAt(mapping, 'FunctionArn') ?? ''
  return arn === name || arn.endsWith(`:function:${name}`)
}

function deployed(mapping: JsonObject, change: 'created' | 'updated' | 'unchanged') {
  const id = requiredText(mapping, 'UUID')
  return { ref: id, attributes: { Id: id, EventSourceMappingArn: textAt(mapping, 'EventSourceMappingArn') ?? id }, change }
}

/** How what is said no more is written. */
const UNSET: JsonObject = {
  BisectBatchOnFunctionError: false,
  DestinationConfig: { OnFailure: {} },
  FilterCriteria: { Filters: [] },
  FunctionResponseTypes: [],
  KmsKeyArn: '',
  LoggingConfig: {},
  MaximumBatchingWindowInSeconds: 0,
  MaximumRecordAgeInSeconds: -1,
  MaximumRetryAttempts: -1,
  MetricsConfig: { Metrics: [] },
  ParallelizationFactor: 1,
  ProvisionedPollerConfig: {},
  ScalingConfig: {},
  TumblingWindowInSeconds: 0,
}

function settingsOf(resource: Declared): JsonObject {
  const { properties } = resource
  const settings: Record<string, Json> = { Enabled: textAt(properties, 'Enabled')?.toLowerCase() !== 'false' }
  const isQueue = textAt(properties, 'EventSourceArn')?.includes(':sqs:') === true
  const unset: JsonObject = { ...UNSET, BatchSize: isQueue ? 10 : 100 }
  for (const name of droppedFrom(resource, Object.keys(unset)))
    settings[name === 'KmsKeyArn' ? 'KMSKeyArn' : name] = unset[name] ?? null
  Object.assign(settings, numbersAt(properties, NUMBERS))
  const key = textAt(properties, 'KmsKeyArn')
  if (key !== undefined) settings['KMSKeyArn'] = key
  const bisects = booleanAt(properties, 'BisectBatchOnFunctionError')
  if (bisects !== undefined) settings['BisectBatchOnFunctionError'] = bisects
  for (const name of PASSED_ON) {
    const value = properties[name]
    if (isObject(value) || isArray(value)) settings[name] = typed(value, KINDS)
  }
  return settings
}

/** A mapping says whether it is enabled by its state. */
function shown(mapping: JsonObject, name: string): Json {
  if (name === 'Enabled') return ['Enabled', 'Enabling', 'Creating', 'Updating'].includes(textAt(mapping, 'State') ?? '')
  return mapping[name] ?? null
}
