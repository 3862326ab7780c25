import { expect, test } from 'vitest'

import { isLoopback } from './host.ts'

test.each([
  ['127.0.0.1', true],
  ['127.8.9.10', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.0.4', false],
  ['127.0.0.1.evil.example', false],
])('%s: only this machine reaches it: %s', (host, expected) => expect(isLoopback(host)).toBe(expected))
