import { expect, test } from 'vitest'

import { takeAwsCredentials } from './own-keys.ts'

test('the keys are handed over, and the environment has them no more', () => {
  const env = {
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_SESSION_TOKEN: 'c',
    REGENTE_SMTP: 'smtp://u:p@h',
    REGENTE_STORE: 'postgres://u:p@h/d',
    HOME: '/h',
  }
  expect(takeAwsCredentials(env)).toEqual({ accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' })
  expect(env).toEqual({ HOME: '/h' })
})

test('half a pair is none', () => {
  expect(takeAwsCredentials({ AWS_ACCESS_KEY_ID: 'a' })).toBeUndefined()
})
