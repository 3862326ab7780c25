import { describe, expect, test } from 'vitest'

import { ARN, openService } from '../runtime/testing/world.ts'

const NEW = {
  name: 'm',
  definition: '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}',
  roleArn: 'arn:aws:iam::000000000000:role/r',
}
const M = `${ARN}:stateMachine:m`
const A = `${ARN}:activity:a`
const TOO_MANY = { code: 'TooManyTags', status: 400, message: 'Too many tags' }
const tagsOf = (count: number, first = 0) => Array.from({ length: count }, (_, i) => ({ key: `k${first + i}`, value: 'v' }))

async function opened() {
  const { control } = await openService()
  await control.machines.create({ ...NEW, publish: true })
  await control.activities.create('a', undefined, undefined)
  return control
}

describe.each([
  ['a state machine', M],
  ['an activity', A],
])('%s', (_, arn) => {
  test('has the tags that it was given, the last value of each, in the order of their keys', async () => {
    const { tags } = await opened()
    await tags.put(arn, [
      { key: 'b', value: '1' },
      { key: 'a', value: '' },
    ])
    await tags.put(arn, [
      { key: 'c', value: '3' },
      { key: 'b', value: '2' },
    ])
    expect([...(await tags.list(arn))]).toEqual([
      ['b', '2'],
      ['a', ''],
      ['c', '3'],
    ])
    await tags.remove(arn, ['a', 'never'])
    expect([...(await tags.list(arn)).keys()]).toEqual(['b', 'c'])
  })

  test('has fifty tags at most: one more is refused, and none of that call is put', async () => {
    const { tags } = await opened()
    await tags.put(arn, tagsOf(49))
    await expect(tags.put(arn, tagsOf(2, 49))).rejects.toMatchObject(TOO_MANY)
    expect((await tags.list(arn)).size).toBe(49)
    await tags.put(arn, tagsOf(1, 49))
    await expect(tags.put(arn, tagsOf(1, 50))).rejects.toMatchObject(TOO_MANY)
    // Values of keys that are there can still be changed.
    await tags.put(arn, [{ key: 'k0', value: 'changed' }])
    expect((await tags.list(arn)).get('k0')).toBe('changed')
  })

  test('keeps a tag whose key JavaScript has a meaning for', async () => {
    const { tags } = await opened()
    await tags.put(arn, [{ key: '__proto__', value: 'constructor' }])
    expect([...(await tags.list(arn))]).toEqual([['__proto__', 'constructor']])
  })
})

test.each([`${ARN}:stateMachine:none`, `${ARN}:activity:none`, `${M}:1`, `${ARN}:execution:m:e`, `${ARN}:mapRun:m/l:id`])(
  '%s has no tags: there is no such resource',
  async (arn) => {
    const { tags } = await opened()
    const none = { code: 'ResourceNotFound', message: `Resource not found: '${arn}'` }
    await expect(tags.list(arn)).rejects.toMatchObject(none)
    await expect(tags.put(arn, tagsOf(1))).rejects.toMatchObject(none)
    await expect(tags.remove(arn, ['k'])).rejects.toMatchObject(none)
  },
)

test.each(['', 'm', 'arn:aws:s3:::bucket', `${ARN}:`])('%j is no ARN of ours', async (arn) => {
  const { tags } = await opened()
  await expect(tags.list(arn)).rejects.toMatchObject({ code: 'InvalidArn', message: `Invalid Arn: 'Invalid ARN prefix: ${arn}'` })
})

test.each(['aws:x', 'AWS:x'])("the key %s is refused wherever tags are given: such are AWS's own", async (key) => {
  const { tags, machines, activities } = await opened()
  const given = [{ key, value: 'v' }]
  const refused = { code: 'ValidationException', message: 'aws: prefixed tag key names are not allowed for external use.' }
  await expect(tags.put(M, given)).rejects.toMatchObject(refused)
  await expect(machines.create({ ...NEW, name: 'other', tags: given })).rejects.toMatchObject(refused)
  await expect(activities.create('other', given, undefined)).rejects.toMatchObject(refused)
  expect((await tags.list(M)).size).toBe(0)
})
