import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { WireError } from '../../wire/errors.ts'

import { readTagging } from '../s3/tagging.ts'
import type { Services } from '../services.ts'

import { addTags, NO_TAGS, removeTags, type TagErrors } from './tags.ts'
import { callSns, callSqs, startTestServices } from './testing/services.ts'

const error = (code: string) => () => new WireError(400, code, code)
const errors: TagErrors = {
  tooMany: error('tooMany'),
  badKey: error('badKey'),
  badValue: error('badValue'),
  reserved: error('reserved'),
}
const many = (count: number) => new Map(Array.from({ length: count }, (_, i) => [`key${i}`, 'v']))

describe('tags', () => {
  it('are added to those that are there, or take their place, and are removed by their keys', () => {
    const known = addTags(
      NO_TAGS,
      new Map([
        ['a', '1'],
        ['b', '2'],
      ]),
      errors,
    )
    expect([
      ...addTags(
        known,
        new Map([
          ['b', '3'],
          ['c', ''],
        ]),
        errors,
      ),
    ]).toEqual([
      ['a', '1'],
      ['b', '3'],
      ['c', ''],
    ])
    expect([...removeTags(known, ['a', 'nothing'])]).toEqual([['b', '2']])
  })

  it.each([
    ['a key of 128 characters', 'k'.repeat(128), 'v', undefined],
    ['a key of 129 characters', 'k'.repeat(129), 'v', 'badKey'],
    ['no key', '', 'v', 'badKey'],
    ['a value of 256 characters', 'k', 'v'.repeat(256), undefined],
    ['a value of 257 characters', 'k', 'v'.repeat(257), 'badValue'],
    ['a key of AWS', 'aws:cloudformation:stack-name', 'v', 'reserved'],
    ['a key of AWS in large letters', 'AWS:x', 'v', 'reserved'],
    ['a key that only looks like it', 'awsome:x', 'v', undefined],
  ])('%s', (_, key, value, refusal) => {
    const add = () => addTags(NO_TAGS, new Map([[key, value]]), errors)
    if (refusal === undefined) expect(add().get(key)).toBe(value)
    else expect(add).toThrow(refusal)
  })

  it('are at most 50, also when one more takes the place of another', () => {
    const fifty = addTags(NO_TAGS, many(50), errors)
    expect(addTags(fifty, new Map([['key0', 'new']]), errors).size).toBe(50)
    expect(() => addTags(fifty, new Map([['one more', 'v']]), errors)).toThrow('tooMany')
  })
})

describe('every service refuses tags in its own words', () => {
  let local: Services
  beforeAll(async () => {
    local = startTestServices()
    await callSqs(local, 'CreateQueue', { QueueName: 'q' })
    await callSns(local, 'CreateTopic', { Name: 't' })
    local.logs.service.createLogGroup({ logGroupName: 'g' })
  })
  afterAll(() => local.close())

  const members = (tags: ReadonlyMap<string, string>) => [...tags].map(([Key, Value]) => ({ Key, Value }))
  const cases: [string, string, string, (tags: ReadonlyMap<string, string>) => Promise<unknown>][] = [
    [
      'SQS',
      'InvalidParameterValueException',
      'InvalidParameterValueException',
      (tags) => callSqs(local, 'TagQueue', { QueueUrl: 'q', Tags: Object.fromEntries(tags) }),
    ],
    [
      'SNS',
      'TagLimitExceeded',
      'InvalidParameter',
      (tags) => callSns(local, 'TagResource', { ResourceArn: 'arn:aws:sns:us-east-1:123456789012:t', Tags: members(tags) }),
    ],
    [
      'EventBridge',
      'LimitExceededException',
      'ValidationException',
      async (tags) =>
        local.events.service.tagResource({
          ResourceARN: 'arn:aws:events:us-east-1:123456789012:event-bus/default',
          Tags: members(tags),
        }),
    ],
    [
      'Logs',
      'TooManyTagsException',
      'InvalidParameterException',
      async (tags) => local.logs.service.tagLogGroup({ logGroupName: 'g', tags: Object.fromEntries(tags) }),
    ],
    [
      'S3',
      'InvalidTag',
      'InvalidTag',
      async (tags) => {
        const set = [...tags].map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`)
        readTagging(Buffer.from(`<Tagging><TagSet>${set.join('')}</TagSet></Tagging>`), 50)
      },
    ],
  ]
  it.each(cases)('%s', async (_, tooMany, reserved, tag) => {
    await tag(many(50))
    await expect(tag(many(51))).rejects.toMatchObject({ status: 400, code: tooMany })
    await expect(tag(new Map([['aws:x', 'v']]))).rejects.toMatchObject({ status: 400, code: reserved })
  })
})
