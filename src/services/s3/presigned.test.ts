import { expect, it } from 'vitest'

import { checkLink } from './presigned.ts'

const now = Date.parse('2026-11-30T03:00:00Z')
const judge = (query: string) => {
  try {
    checkLink(new URLSearchParams(query), now)
    return 'passes'
  } catch (error) {
    return error
  }
}

it.each([
  'prefix=a',
  'X-Amz-Date=20261130T025900Z&X-Amz-Expires=60',
  'X-Amz-Date=20261123T030000Z&X-Amz-Expires=604800',
  `AWSAccessKeyId=a&Signature=b&Expires=${now / 1000}`,
  'Expires=1',
])('%s passes', (query) => expect(judge(query)).toBe('passes'))

it.each([
  ['X-Amz-Date=20261130T025859Z&X-Amz-Expires=60', { 'X-Amz-Expires': '60', Expires: '2026-11-30T02:59:59Z' }],
  [`Signature=b&Expires=${now / 1000 - 1}`, { Expires: '2026-11-30T02:59:59Z' }],
])('%s has expired', (query, detail) => {
  expect(judge(query)).toMatchObject({
    status: 403,
    code: 'AccessDenied',
    message: 'Request has expired',
    detail: { ...detail, ServerTime: '2026-11-30T03:00:00Z' },
  })
})

it.each([
  ['X-Amz-Date=20261130T025900Z&X-Amz-Expires=x', 'X-Amz-Expires should be a number'],
  ['X-Amz-Date=20261130T025900Z&X-Amz-Expires=-1', 'X-Amz-Expires must be non-negative'],
  ['X-Amz-Date=20261130T025900Z&X-Amz-Expires=604801', 'X-Amz-Expires must be less than a week'],
  ['X-Amz-Date=yesterday&X-Amz-Expires=1', 'X-Amz-Date must be in the ISO8601 Long Format'],
  ['X-Amz-Date=20261399T999999Z&X-Amz-Expires=1', 'X-Amz-Date must be in the ISO8601 Long Format'],
  [`Signature=b&Expires=${'9'.repeat(30)}`, 'Invalid date (should be seconds since epoch): 999'],
])('%s is refused', (query, text) => {
  const refusal = judge(query)
  expect(refusal).toHaveProperty('message', expect.stringContaining(text))
})
