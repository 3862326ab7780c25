/**
 * What the globals say of a resource, under what it says itself: maps are merged, lists go one behind the other, of all else the
 * resource's own counts.
 * Source: AWS SAM developer guide, "Globals section".
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import type { ResourceDeclaration } from '../template/template.ts'
import { isIntrinsic } from './draft.ts'

export function withGlobals(resource: ResourceDeclaration, globals: JsonObject): ResourceDeclaration {
  const common = commonTo(resource, globals)
  const properties = common === undefined ? undefined : merged(common, resource.properties)
  return isObject(properties) ? { ...resource, properties } : resource
}

/** The group of the globals that a resource is of. */
export const groupOf = ({ type }: Pick<ResourceDeclaration, 'type'>): string | undefined =>
  /^AWS::Serverless::(\w+)$/.exec(type)?.[1]

function commonTo(resource: ResourceDeclaration, globals: JsonObject): JsonObject | undefined {
  const group = groupOf(resource)
  const common = group === undefined ? undefined : getOwn(globals, group)
  return isObject(common) ? common : undefined
}

function merged(common: Json, own: Json): Json {
  if (isArray(common) && isArray(own)) return [...common, ...own]
  if (!isObject(common) || !isObject(own) || isIntrinsic(common) || isIntrinsic(own)) return own
  const inner = Object.entries(own).map(([key, value]): [string, Json] => {
    const inherited = getOwn(common, key)
    return [key, inherited === undefined ? value : merged(inherited, value)]
  })
  return Object.fromEntries([...Object.entries(common), ...inner])
}
