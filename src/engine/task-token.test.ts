import { expect, test } from 'vitest'

import { asId } from '../base/id-in-test.ts'

import { newTaskToken, readTaskToken } from './task-token.ts'

test('a token says where its task waits', () => {
  const arn = 'arn:aws:states:us-east-1:000000000000:execution:höher:läuft'
  expect(readTaskToken(newTaskToken(asId(arn), asId(7), 'secret'))).toEqual({ executionArn: arn, frame: 7 })
})

test('any other text is no token', () => {
  for (const text of ['', 'AQCs', 'AQCs!!!', 'AQCsAAAA', btoa('7 x arn:aws')]) expect(readTaskToken(text)).toBeUndefined()
})
