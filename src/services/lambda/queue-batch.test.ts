import { expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { batchesOf, doneOf } from './queue-batch.ts'

const message = (id: string, body = 'b', more: JsonObject = {}): JsonObject => ({
  MessageId: id,
  ReceiptHandle: `r-${id}`,
  Body: body,
  MD5OfBody: 'm',
  Attributes: { ApproximateReceiveCount: '1' },
  ...more,
})

const PLACE = { queueArn: 'arn:aws:sqs:us-east-1:000000000000:q', region: 'us-east-1', bytesMax: 6_291_456 }

test('a message is told in the members that Lambda has for it', () => {
  const attributes = { a: { DataType: 'Number', StringValue: '7' } }
  const given = message('1', 'hello', { MessageAttributes: attributes, MD5OfMessageAttributes: 'd' })
  const [batch] = batchesOf([given], PLACE)
  expect(JSON.parse(batch?.event ?? '')).toEqual({
    Records: [
      {
        messageId: '1',
        receiptHandle: 'r-1',
        body: 'hello',
        attributes: { ApproximateReceiveCount: '1' },
        messageAttributes: { a: { stringValue: '7', stringListValues: [], binaryListValues: [], dataType: 'Number' } },
        md5OfMessageAttributes: 'd',
        md5OfBody: 'm',
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:q',
        awsRegion: 'us-east-1',
      },
    ],
  })
})

test('messages that are too much for one event go in several, in their order; a large one goes alone', () => {
  const messages = ['a', 'b', 'c', 'd', 'e'].map((id) => message(id, id === 'c' ? 'x'.repeat(2_000) : '\u00e9'.repeat(100)))
  const batches = batchesOf(messages, { ...PLACE, bytesMax: 1_200 })
  expect(batches.map((batch) => batch.messages.map((one) => one['MessageId']).join(''))).toEqual(['ab', 'c', 'de'])
  for (const { event } of [0, 2].flatMap((i) => batches[i] ?? [])) expect(Buffer.byteLength(event)).toBeLessThanOrEqual(1_200)
  expect(batchesOf([], PLACE)).toEqual([])
})

const BATCH = [message('1'), message('2'), message('3')]
test.each([
  ['without reports all are done', 'anything', false, ['1', '2', '3']],
  ['null reports nothing', 'null', true, ['1', '2', '3']],
  ['so does an object without failures', '{}', true, ['1', '2', '3']],
  ['an empty list', '{"batchItemFailures":[]}', true, ['1', '2', '3']],
  ['what is reported is not done', '{"batchItemFailures":[{"itemIdentifier":"2"}]}', true, ['1', '3']],
  ['an id of nothing fails all', '{"batchItemFailures":[{"itemIdentifier":"9"}]}', true, []],
  ['an empty id fails all', '{"batchItemFailures":[{"itemIdentifier":""}]}', true, []],
  ['a wrong member fails all', '{"batchItemFailures":[{"item":"2"}]}', true, []],
  ['no JSON fails all', '{', true, []],
])('%s', (_, answer, reports, done) => {
  expect(doneOf(BATCH, answer, reports).map((one) => one['MessageId'])).toEqual(done)
})
