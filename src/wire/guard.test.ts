import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'

import { refusalOf } from './guard.ts'

const request = (headers: Record<string, string>, method = 'POST') => ({ method, headers }) as unknown as IncomingMessage
const refused = (host: string, allowed: readonly string[] = []) => refusalOf(request({ host }), new Set(allowed)) !== undefined

describe('a request', () => {
  test.each([
    '127.0.0.1:4566',
    '[::1]:4566',
    '10.1.2.3',
    'localhost:4566',
    'sync-localhost:4566',
    'bucket.s3.localhost:4566',
    'regente:4566',
    'host.docker.internal',
    'sqs.us-east-1.amazonaws.com',
  ])('to %s passes', (host) => expect(refused(host)).toBe(false))

  test.each(['evil.example', 'localhost.evil.example:4566', 'amazonaws.com.evil.example', '127.0.0.1.nip.io'])(
    'to %s, a name that anybody may have pointed at us, is refused',
    (host) => expect(refused(host)).toBe(true),
  )

  test('to a name of the settings passes', () => {
    expect(refused('flows.example.org:443', ['flows.example.org'])).toBe(false)
  })

  test('that a page of another site sends is refused; a link to us is not', () => {
    const crossSite = { host: 'localhost', 'sec-fetch-site': 'cross-site' }
    expect(refusalOf(request(crossSite), new Set())).toContain('other sites')
    expect(refusalOf(request({ ...crossSite, 'sec-fetch-mode': 'navigate' }, 'GET'), new Set())).toBeUndefined()
    expect(refusalOf(request({ host: 'localhost', 'sec-fetch-site': 'same-site' }), new Set())).toBeUndefined()
  })
})
