import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'

import { WireError } from '../../wire/errors.ts'

import type { Services } from '../services.ts'

import { pageOf } from './page.ts'
import { pageTokens } from './page-token.ts'
import { callSns, callSqs, startTestServices } from './testing/services.ts'

const refused = new WireError(400, 'Refused', 'no token of ours')
const tokens = pageTokens('some', () => refused)

describe('a page token', () => {
  it('carries the place where the next page begins', () => {
    for (const place of [['a'], ['grün/\u{1f600}"'], ['\ud800'], [17], [1_700_000_000_000, 3], ['']])
      expect(tokens.parse(tokens.print(place))).toEqual(place)
  })

  it('that was changed anywhere, cut, or made by hand is refused', () => {
    const token = tokens.print(['some name', 42])
    for (let i = 0; i < token.length; i++) {
      const other = token[i] === 'A' ? 'B' : 'A'
      expect(() => tokens.parse(token.slice(0, i) + other + token.slice(i + 1))).toThrow(refused)
      expect(() => tokens.parse(token.slice(0, i))).toThrow(refused)
    }
    const byHand = Buffer.from('["some name",42]').toString('base64url')
    for (const text of [byHand, `${token}A`, `${token}=`, 'e30', '\ud800', 'c29tZSBuYW1l'])
      expect(() => tokens.parse(text)).toThrow(refused)
  })

  it('of another service is refused', () => {
    expect(() => pageTokens('other', () => refused).parse(tokens.print(['a']))).toThrow(refused)
  })
})

test('pages of any size show all names once, in order', () => {
  const names = ['a', 'b', 'c', 'd', 'e']
  for (const size of [1, 2, 3, 5, 9]) {
    const seen: string[] = []
    let token: string | undefined
    do {
      const { items, next } = pageOf(names, { token, tokens, size, nameOf: (name) => name })
      seen.push(...items)
      token = next
    } while (token !== undefined)
    expect(seen).toEqual(names)
  }
})

describe('a token that was never given is refused by every service in its own words', () => {
  let local: Services
  beforeAll(() => {
    local = startTestServices()
  })
  afterAll(() => local.close())

  const made = Buffer.from('some-name').toString('base64url')
  it.each([
    ['SQS', 'InvalidParameterValueException', () => callSqs(local, 'ListQueues', { MaxResults: 1, NextToken: made })],
    ['SNS', 'InvalidParameter', () => callSns(local, 'ListTopics', { NextToken: made })],
    ['EventBridge', 'ValidationException', async () => local.events.service.listRules({ NextToken: made })],
    ['Scheduler', 'ValidationException', async () => local.events.scheduler.listSchedules({ NextToken: made })],
    ['Logs', 'InvalidParameterException', async () => local.logs.service.describeLogGroups({ nextToken: made })],
    ['Lambda', 'InvalidParameterValueException', async () => local.lambda.service.functions.list({ marker: made })],
  ])('%s', async (_, code, list) => {
    await expect(list()).rejects.toMatchObject({ status: 400, code })
  })
})
