import { expect, test } from 'vitest'

import { hasPassword, hidePassword } from './url-password.ts'

test.each([
  ['postgres://me:pw@db:5432/regente', 'postgres://me:****@db:5432/regente'],
  ['postgres://me:p@s/s:w?rd@db/regente', 'postgres://me:****@db/regente'],
  ['postgres://:pw@db/regente', 'postgres://:****@db/regente'],
  ['postgres://db/regente?user=me&password=pw&sslmode=require', 'postgres://db/regente?user=me&password=****&sslmode=require'],
  ['postgres://db/r?sslpassword=pw#x', 'postgres://db/r?sslpassword=****#x'],
  ['smtp://me:pw@mail:25?from=me@example.org', 'smtp://me:****@example.org'],
  ['--store=postgres://me:pw@db/regente', '--store=postgres://me:****@db/regente'],
  ['mysql:me:pw@db', 'mysql:****@db'],
  ['me:pw@db/regente', 'me:****@db/regente'],
])('%s is shown as %s', (url, shown) => {
  expect(hidePassword(url)).toBe(shown)
  expect(hasPassword(url)).toBe(true)
})

test.each(['postgres://me@db:5432/regente', 'postgres:///regente?host=/run/postgresql', 'http://127.0.0.1:4566', 'dir:name', ''])(
  '%j has nothing to hide',
  (text) => {
    expect(hidePassword(text)).toBe(text)
    expect(hasPassword(text)).toBe(false)
  },
)
