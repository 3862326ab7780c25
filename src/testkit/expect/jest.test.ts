import { afterEach, expect, test, vi } from 'vitest'

import { workflow } from '../index.ts'
import { matchers } from './jest.ts'

const run = async () =>
  await (await workflow({ definition: { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } } })).run({ a: 1 })

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

/** As Jest has it: one for all of a test file. */
function jestExpect(toMatchSnapshot: (history: unknown, ...hint: readonly string[]) => void) {
  const extended: Record<string, unknown> = {}
  const jest = Object.assign(
    (value: unknown) => ({ toMatchSnapshot: (...hint: readonly string[]) => toMatchSnapshot(value, ...hint) }),
    {
      extend: (added: object) => Object.assign(extended, added),
    },
  )
  vi.stubGlobal('expect', jest)
  return extended
}

test('without a global expect there are no snapshots, and it is said', async () => {
  vi.stubGlobal('expect', undefined)
  const { matchers: apart } = await import('./jest.ts')
  const done = await run()
  expect(apart.toHaveSucceeded(done, { a: 1 }).pass).toBe(true)
  expect(() => apart.toMatchHistory.call({}, done)).toThrow("finds no global 'expect'")
  expect(apart.toMatchHistory.call({}, done, { events: [] }).pass).toBe(false)
})

test('the global expect gets all matchers', async () => {
  const extended = jestExpect(() => {})
  await import('./jest.ts')
  expect(Object.keys(extended).toSorted()).toEqual([
    'toHaveFailed',
    'toHaveRetried',
    'toHaveSucceeded',
    'toHaveThrown',
    'toHaveVisited',
    'toMatchHistory',
  ])
})

test("a history is kept among Jest's snapshots", async () => {
  const seen: unknown[] = []
  jestExpect((...given) => void seen.push(given))
  const { matchers: own } = await import('./jest.ts')
  const done = await run()
  expect(own.toMatchHistory.call({}, done).pass).toBe(true)
  expect(own.toMatchHistory.call({}, done, 'again').pass).toBe(true)
  expect(seen).toMatchObject([
    [{ events: [{ id: 1, timestamp: '+0s' }, {}, {}, {}] }],
    [{ events: [{ id: 1 }, {}, {}, {}] }, 'again'],
  ])
})

test('and fails with what Jest says of it', async () => {
  jestExpect(() => {
    throw new Error('1 snapshot failed')
  })
  const { matchers: own } = await import('./jest.ts')
  const check = own.toMatchHistory.call({}, await run())
  expect([check.pass, check.message()]).toEqual([false, '1 snapshot failed'])
})

test('a snapshot is not matched under not', async () => {
  const done = await run()
  expect(() => matchers.toMatchHistory.call({ isNot: true }, done)).toThrow('not.toMatchHistory() takes a history')
})
