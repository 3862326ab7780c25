/** The routes that events add to an API, and what they become: the paths of an OpenAPI document. */
import type { Json, JsonObject } from '../../base/json.ts'

export interface Route {
  readonly path: string
  /** As OpenAPI names it. */
  readonly method: string
  readonly operation: JsonObject
  /** Of the resource that is called: the route is there with it. */
  readonly condition: string | undefined
  readonly auth: Json | undefined
}

/** Of events that name no API. */
export const IMPLICIT_REST_API = 'ServerlessRestApi'
export const IMPLICIT_HTTP_API = 'ServerlessHttpApi'

/** By path and method. `secured`: an operation with what its route says of authorization. */
export function pathsOf(routes: readonly Route[], secured: (route: Route) => JsonObject): JsonObject {
  const paths = new Map<string, Record<string, Json>>()
  for (const route of routes) {
    const methods = paths.get(route.path) ?? {}
    const operation = secured(route)
    methods[route.method] =
      route.condition === undefined ? operation : { 'Fn::If': [route.condition, operation, { Ref: 'AWS::NoValue' }] }
    paths.set(route.path, methods)
  }
  return Object.fromEntries(paths)
}
