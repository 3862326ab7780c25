/** Where an alias sends its starts: versions of one machine, by weight. Kept as JSON text. */
import { isVersionArn, type VersionArn } from '../base/arn.ts'
import { assert } from '../base/assert.ts'
import { isArray, isObject } from '../base/json.ts'
import { parseJson } from '../base/json-bounds.ts'

export interface Route {
  readonly stateMachineVersionArn: string
  readonly weight: number
}

interface CheckedRoute extends Route {
  readonly stateMachineVersionArn: VersionArn
}

/** The routes of an alias as they are kept. */
export function readRoutes(routing: string): readonly CheckedRoute[] {
  const routes = parseJson(routing)
  assert(isArray(routes), 'the routing of an alias is a list')
  return routes.map((route) => {
    assert(isObject(route), 'a route is an object')
    const { stateMachineVersionArn, weight } = route
    assert(typeof stateMachineVersionArn === 'string' && isVersionArn(stateMachineVersionArn), 'a route goes to a version')
    assert(typeof weight === 'number', 'a route has a weight')
    return { stateMachineVersionArn, weight }
  })
}

/** One of the routes, by weight. `at` is drawn from [0, 1). */
export function drawRoute(routes: readonly CheckedRoute[], at: number): VersionArn {
  let left = at * routes.reduce((sum, { weight }) => sum + weight, 0)
  const drawn =
    routes.find(({ weight }) => {
      left -= weight
      return left < 0
    }) ?? routes[0]
  assert(drawn, 'an alias has a route')
  return drawn.stateMachineVersionArn
}
