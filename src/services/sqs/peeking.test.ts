import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { SQS } from '@aws-sdk/client-sqs'
import { afterEach, beforeEach, expect, it } from 'vitest'

import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'

import { openServicesDatabase } from '../kit/database.ts'

import { createSqs, type Sqs } from './handler.ts'

interface Peeked {
  readonly messages: readonly { id: string; body: string; state: string; receiveCount: number; isCut: boolean }[]
  readonly next?: string
}

let server: Server
let sqs: Sqs
let endpoint: string
let client: SQS

beforeEach(async () => {
  const place = { region: 'us-east-1', account: '000000000000', endpoint: () => endpoint }
  sqs = createSqs({ ...place, database: openServicesDatabase(), log: silentLog, clock: systemClock })
  server = createServer((req, res) => void sqs.handler(req, res))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  client = new SQS({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 })
})
afterEach(() => {
  client.destroy()
  sqs.close()
  server.closeAllConnections()
  server.close()
})

const door = (query: Record<string, string>) => `${endpoint}/_regente/sqs/messages?${new URLSearchParams(query)}`
const peek = async (query: Record<string, string>) => (await (await fetch(door(query))).json()) as Peeked

it('shows messages without receiving them, in pages', async () => {
  const { QueueUrl = '' } = await client.createQueue({ QueueName: 'q' })
  for (let n = 1; n <= 21; n++) await client.sendMessage({ QueueUrl, MessageBody: `m${n}`, DelaySeconds: n === 2 ? 60 : 0 })
  const first = await peek({ QueueUrl: 'q' })
  expect(first.messages.map(({ body }) => body)).toEqual(Array.from({ length: 20 }, (_, n) => `m${n + 1}`))
  expect(first.messages.slice(0, 2).map(({ state }) => state)).toEqual(['available', 'delayed'])
  const second = await peek({ QueueUrl: 'q', after: first.next ?? '' })
  expect(second).toMatchObject({ messages: [{ body: 'm21', receiveCount: 0 }] })
  expect(second.next).toBeUndefined()
})

it('takes one message away, even one of a FIFO queue that nobody has received', async () => {
  const Attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true' }
  const { QueueUrl = '' } = await client.createQueue({ QueueName: 'q.fifo', Attributes })
  for (const MessageBody of ['a', 'b']) await client.sendMessage({ QueueUrl, MessageBody, MessageGroupId: 'g' })
  const [message] = (await peek({ QueueUrl })).messages
  await fetch(door({ QueueUrl, id: message?.id ?? '' }), { method: 'DELETE' })
  expect((await peek({ QueueUrl })).messages).toMatchObject([{ body: 'b', groupId: 'g' }])
})

it('cuts a long body and tells so; says which queue is missing', async () => {
  const { QueueUrl = '' } = await client.createQueue({ QueueName: 'long' })
  await client.sendMessage({ QueueUrl, MessageBody: 'x'.repeat(100_000) })
  const [message] = (await peek({ QueueUrl })).messages
  expect([message?.body.length, message?.isCut]).toEqual([65_536, true])
  const missing = await fetch(door({ QueueUrl: 'none' }))
  expect([missing.status, await missing.text()]).toEqual([400, expect.stringContaining('QueueDoesNotExist')])
})
