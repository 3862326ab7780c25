/** What a request to a REST API goes through with: what is deployed, and where the request has come to. */
import { isObject, type JsonObject } from '../../../base/json.ts'

import { memberList } from '../document.ts'
import { comparePatterns, type PathPattern, readPattern } from './path-pattern.ts'
import type { Placed } from './proxy-event.ts'
import type { GatewayRequest } from './request.ts'
import type { MappingSource } from './rest-mapping.ts'

/** A deployment, made ready to answer. */
export interface RestSnapshot {
  readonly resources: readonly { readonly pattern: PathPattern; readonly resource: JsonObject }[]
  readonly document: JsonObject
}

export interface RestStage {
  readonly name: string
  readonly variables: Readonly<Record<string, string>>
  readonly snapshot: RestSnapshot
}

export function readRestSnapshot(document: JsonObject): RestSnapshot {
  const resources = memberList(document, 'resources')
    .filter(isObject)
    .map((resource) => ({ pattern: readPattern(String(resource['path'])), resource }))
  return { document, resources: resources.sort((a, b) => comparePatterns(a.pattern, b.pattern)) }
}

/** One request on its way. */
export interface Turn {
  readonly request: GatewayRequest
  readonly stage: RestStage
  readonly method: JsonObject
  readonly integration: JsonObject
  readonly placed: Placed
  readonly context: JsonObject
}

export const sourceOf = ({ request, placed, stage, context }: Turn): MappingSource => ({
  request,
  pathParameters: placed.pathParameters,
  stageVariables: stage.variables,
  context,
})
