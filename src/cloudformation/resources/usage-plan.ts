/**
 * Keys of callers, and the plans by which they may call.
 * Source: CloudFormation, AWS::ApiGateway::ApiKey, AWS::ApiGateway::UsagePlan and AWS::ApiGateway::UsagePlanKey.
 */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'

import type { Aws } from '../aws.ts'
import {
  ask,
  changeGatewayTags,
  escaped,
  find,
  findOwned,
  gone,
  type Patch,
  patch,
  patchesOf,
  tagsWithOwner,
  toApi,
} from './gateway-call.ts'
import {
  changeOf,
  claim,
  type Declared,
  droppedFrom,
  listAt,
  objectAt,
  physicalName,
  requiredText,
  type ResourceType,
  textAt,
  valuesAt,
} from './resource.ts'

export const apiKey: ResourceType = {
  ignores: ['GenerateDistinctId'],
  replacedBy: ['GenerateDistinctId', 'Name', 'Value'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const found = await findOwned(resource, context, { path: '/apikeys', member: 'item', pages: 'position' })
    const name = textAt(properties, 'Name') ?? physicalName(context, id, 128)
    const members = toApi(valuesAt(properties, ['CustomerId', 'Description', 'Enabled', 'StageKeys', 'Value']))
    const create = () => ask(aws, 'POST', '/apikeys', { name, ...members, tags: tagsWithOwner(resource, context) })
    const key = requiredText(found ?? (await create()), 'id')
    if (found === undefined) context.made(resource, key)
    const stages = listAt(properties, 'StageKeys').filter(isObject)
    const stageKeys = stages.map((one) => `${requiredText(one, 'RestApiId')}/${requiredText(one, 'StageName')}`)
    const changeable = toApi(valuesAt(properties, ['CustomerId', 'Description', 'Enabled']))
    const wanted = { customerId: null, description: null, enabled: false, ...changeable, stageKeys }
    const isChanged = found !== undefined && (await patch(aws, `/apikeys/${key}`, patchesOf(found, wanted)))
    const hasOtherTags = found !== undefined && (await changeGatewayTags(resource, `/apikeys/${key}`, context))
    return { ref: key, attributes: { APIKeyId: key }, change: changeOf(found, isChanged, hasOtherTags) }
  },
  async remove(ref, aws) {
    await gone(aws, `/apikeys/${ref}`)
    return undefined
  },
}

export const usagePlan: ResourceType = {
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const found = await findOwned(resource, context, { path: '/usageplans', member: 'items', pages: 'position' })
    const name = textAt(properties, 'UsagePlanName') ?? physicalName(context, id, 128)
    const apiStages = listAt(properties, 'ApiStages').filter(isObject).map(stageOf)
    const members = toApi(valuesAt(properties, ['Description', 'Quota', 'Throttle']))
    const create = () => ask(aws, 'POST', '/usageplans', { name, ...members, apiStages, tags: tagsWithOwner(resource, context) })
    const plan = requiredText(found ?? (await create()), 'id')
    if (found === undefined) context.made(resource, plan)
    const path = `/usageplans/${plan}`
    const patches =
      found === undefined
        ? []
        : [...patchesOf(found, { ...goneFrom(resource), name, ...members }), ...stagePatches(found, apiStages)]
    const isChanged = await patch(aws, path, patches)
    const hasOtherTags = found !== undefined && (await changeGatewayTags(resource, path, context))
    return { ref: plan, attributes: { Id: plan }, change: changeOf(found, isChanged, hasOtherTags) }
  },
  /** A plan that has stages is not deleted. */
  async remove(ref, aws) {
    const found = await find(aws, `/usageplans/${ref}`)
    if (found === undefined) return undefined
    await patch(aws, `/usageplans/${ref}`, stagePatches(found, []))
    await gone(aws, `/usageplans/${ref}`)
    return undefined
  },
}

const goneFrom = (resource: Declared): JsonObject =>
  Object.fromEntries(
    droppedFrom(resource, ['Description', 'Quota', 'Throttle']).map((name): [string, Json] => [name.toLowerCase(), null]),
  )

interface PlanStage extends JsonObject {
  readonly apiId: string
  readonly stage: string
}

/** The limits of methods stand under their paths. */
function stageOf(given: JsonObject): PlanStage {
  const throttle = objectAt(given, 'Throttle')
  const limits = throttle && Object.entries(throttle).map(([path, limit]) => [path, isObject(limit) ? toApi(limit) : limit])
  return {
    apiId: requiredText(given, 'ApiId'),
    stage: requiredText(given, 'Stage'),
    ...(limits && { throttle: Object.fromEntries(limits) }),
  }
}

function stagePatches(found: JsonObject, wanted: readonly PlanStage[]): readonly Patch[] {
  const known = listAt(found, 'apiStages').filter(isObject)
  const named = (one: JsonObject): string => `${String(one['apiId'])}:${String(one['stage'])}`
  const surplus = known.filter((one) => !wanted.some((other) => named(other) === named(one)))
  return [
    ...surplus.map((one): Patch => ({ op: 'remove', path: '/apiStages', value: named(one) })),
    ...wanted.flatMap((one): readonly Patch[] => {
      const old = known.find((other) => named(other) === named(one))
      const added: readonly Patch[] = old === undefined ? [{ op: 'add', path: '/apiStages', value: named(one) }] : []
      const limits = patchesOf(
        { throttle: old?.['throttle'] ?? {} },
        { throttle: one['throttle'] ?? {} },
        `/apiStages/${escaped(named(one))}`,
      )
      return [...added, ...limits]
    }),
  ]
}

export const usagePlanKey: ResourceType = {
  replacedBy: ['KeyId', 'KeyType', 'UsagePlanId'],
  async deploy(resource, context) {
    const { properties } = resource
    const [keyId, plan] = [requiredText(properties, 'KeyId'), requiredText(properties, 'UsagePlanId')]
    const ref = `${keyId}:${plan}`
    const found = claim(await find(context.aws, pathOf(ref)), resource, ref, context)
    const input = { keyId, keyType: textAt(properties, 'KeyType') ?? 'API_KEY' }
    if (found === undefined) await ask(context.aws, 'POST', `/usageplans/${plan}/keys`, input)
    return { ref, attributes: { Id: ref }, change: changeOf(found) }
  },
  async remove(ref, aws: Aws) {
    await gone(aws, pathOf(ref))
    return undefined
  },
}

function pathOf(ref: string): string {
  const [key = '', plan = ''] = ref.split(':')
  return `/usageplans/${plan}/keys/${key}`
}
