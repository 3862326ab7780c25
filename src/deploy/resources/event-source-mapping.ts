/** What makes Lambda poll a queue for a function. Other sources than queues are told: nothing comes from them here. */
import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { listAt, requiredText, type ResourceType, textAt, uuidOf } from './resource.ts'

const PATH = '/2015-03-31/event-source-mappings'
const NUMBERS = ['BatchSize', 'MaximumBatchingWindowInSeconds']
const PASSED_ON = ['FilterCriteria', 'FunctionResponseTypes', 'ScalingConfig']

export const eventSourceMapping: ResourceType = {
  async deploy({ id, properties }, context) {
    const { aws } = context
    const EventSourceArn = textAt(properties, 'EventSourceArn') ?? ''
    const FunctionName = requiredText(properties, 'FunctionName')
    if (!/^arn:[^:]+:sqs:/.test(EventSourceArn)) {
      context.warn(`${id}: nothing comes from ${EventSourceArn || 'such a source'} here; only queues are polled.`)
      const ref = uuidOf(`${context.stackName}/${id}`)
      return { ref, attributes: { Id: ref }, change: 'recorded' }
    }
    const query = new URLSearchParams({ FunctionName, EventSourceArn })
    const list = await orUndefined(aws.rest(SERVICES.lambda, 'GET', PATH, undefined, query), 'ResourceNotFoundException')
    const [found] = listAt(list ?? {}, 'EventSourceMappings').filter(isObject)
    const settings = settingsOf(properties)
    if (found === undefined) {
      const made = await aws.rest(SERVICES.lambda, 'POST', PATH, { FunctionName, EventSourceArn, ...settings })
      return deployed(made, 'created')
    }
    const isSame = Object.entries(settings).every(([name, value]) => stableJson(shown(found, name)) === stableJson(value))
    if (isSame) return deployed(found, 'unchanged')
    return deployed(await aws.rest(SERVICES.lambda, 'PUT', `${PATH}/${requiredText(found, 'UUID')}`, settings), 'updated')
  },
  async remove(ref, aws) {
    await orUndefined(aws.rest(SERVICES.lambda, 'DELETE', `${PATH}/${ref}`), 'ResourceNotFoundException')
    return undefined
  },
}

function deployed(mapping: JsonObject, change: 'created' | 'updated' | 'unchanged') {
  const id = requiredText(mapping, 'UUID')
  return { ref: id, attributes: { Id: id, EventSourceMappingArn: textAt(mapping, 'EventSourceMappingArn') ?? id }, change }
}

function settingsOf(properties: JsonObject): JsonObject {
  const settings: Record<string, Json> = { Enabled: textAt(properties, 'Enabled')?.toLowerCase() !== 'false' }
  for (const name of NUMBERS) {
    const text = textAt(properties, name)
    if (text !== undefined) settings[name] = Number(text)
  }
  for (const name of PASSED_ON) {
    const value = properties[name]
    if (isObject(value) || isArray(value)) settings[name] = value
  }
  return settings
}

/** A mapping says whether it is enabled by its state. */
function shown(mapping: JsonObject, name: string): Json {
  if (name === 'Enabled') return ['Enabled', 'Enabling', 'Creating', 'Updating'].includes(textAt(mapping, 'State') ?? '')
  return mapping[name] ?? null
}
