import { clock, mock, workflow } from 'regente/testing'
import { expect, test } from 'vitest'

const INPUT = { topic: 'arn:aws:sns:us-east-1:000000000000:reminders', message: 'Hello', timer_seconds: 86_400 }

test('a day passes in no time, then the message is sent', async () => {
  const sent: unknown[] = []
  const wf = await workflow({
    template: './template.yaml',
    mocks: {
      Reminders: (parameters) => {
        sent.push(parameters)
        return { MessageId: 'm-1' }
      },
    },
  })
  const run = await wf.run(INPUT)
  expect(run.output).toEqual({ MessageId: 'm-1' })
  expect(sent).toEqual([{ TopicArn: INPUT.topic, Message: 'Hello' }])
  const { startAt, endAt = 0 } = run.state('Wait for Timestamp')
  expect(endAt - startAt).toBe(86_400_000)
})

test('nothing is sent before', async () => {
  const wf = await workflow({
    template: './template.yaml',
    clock: clock.manual(),
    mocks: { 'Send SNS Message': mock.return({ MessageId: 'm-1' }) },
  })
  const run = await wf.start(INPUT)
  await run.advance('23 hours')
  expect(run.states('Send SNS Message')).toEqual([])
  await run.advance('1 hour')
  expect(run.status).toBe('SUCCEEDED')
})
