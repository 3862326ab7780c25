import { expect, test } from 'vitest'

import { drawRoute, readRoutes } from './alias-routing.ts'

const version = (n: number) => `arn:aws:states:us-east-1:000000000000:stateMachine:m:${n}`
const kept = (...routes: object[]) => JSON.stringify(routes)

test('a start goes to a version as often as its weight says', () => {
  const routes = readRoutes(
    kept({ stateMachineVersionArn: version(1), weight: 80 }, { stateMachineVersionArn: version(2), weight: 20 }),
  )
  expect([0, 0.79, 0.8, 0.99].map((at) => drawRoute(routes, at))).toEqual([version(1), version(1), version(2), version(2)])
})

test('a version of weight 0 is never drawn', () => {
  const routes = readRoutes(
    kept({ stateMachineVersionArn: version(1), weight: 0 }, { stateMachineVersionArn: version(2), weight: 100 }),
  )
  expect(drawRoute(routes, 0)).toBe(version(2))
})

test.each([
  ['no list', '{}'],
  ['a route that is no object', '[1]'],
  ['an alias in place of a version', kept({ stateMachineVersionArn: version(1).replace(/1$/, 'live'), weight: 100 })],
  ['no weight', kept({ stateMachineVersionArn: version(1) })],
])('what is kept with %s is not read', (_, routing) => {
  expect(() => readRoutes(routing)).toThrow('Assertion failed')
})
