import { expect, test } from 'vitest'

import { asId } from '../../../src/base/id-in-test.ts'
import { newTaskToken } from '../../../src/engine/task-token.ts'
import { history } from '../../../src/history/test-history.ts'
import { foldHistory } from '../../../src/history/visits.ts'
import { waitingOf } from './waiting.ts'

const TOKEN = newTaskToken(asId('arn:aws:states:us-east-1:000000000000:execution:m:e'), asId(3), 'secret')

const waiting = (
  parameters: string,
  resource = 'sendMessage.waitForTaskToken',
  ...more: readonly (readonly [string, number])[]
) =>
  waitingOf(
    foldHistory(history(['TaskStateEntered', 0, { name: 'Ask' }], ['TaskScheduled', 1, { resource, parameters }], ...more)),
  ).map(({ visit, token }) => [visit.name, token])

test('a running task tells its token wherever it was put', () => {
  expect(waiting(JSON.stringify({ MessageBody: { token: TOKEN } }))).toEqual([['Ask', TOKEN]])
  expect(
    waiting(JSON.stringify({ MessageBody: JSON.stringify({ link: `http://x/?t=${encodeURIComponent(TOKEN)}&ok=1` }) })),
  ).toEqual([['Ask', TOKEN]])
})

test('nobody is waited for without a token, in another way of calling, and after the answer', () => {
  expect(waiting('{"MessageBody":"AQCsomething"}')).toEqual([])
  expect(waiting(JSON.stringify({ t: TOKEN }), 'sendMessage')).toEqual([])
  expect(waiting(JSON.stringify({ t: TOKEN }), undefined, ['TaskSucceeded', 2])).toEqual([])
})
