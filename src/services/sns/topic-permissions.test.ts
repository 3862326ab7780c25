import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { SNS } from '@aws-sdk/client-sns'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'

import { openServicesDatabase } from '../kit/database.ts'
import { openSeal } from '../seal.ts'

import { createSns, type Sns } from './handler.ts'

let server: Server
let sns: Sns
let topics: SNS
let TopicArn: string

beforeAll(async () => {
  let endpoint = ''
  sns = createSns({
    database: openServicesDatabase(),
    region: 'us-east-1',
    account: '000000000000',
    endpoint: () => endpoint,
    log: silentLog,
    seal: openSeal(undefined),
    clock: systemClock,
  })
  server = createServer((req, res) => void sns.handler(req, res))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  topics = new SNS({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 })
  TopicArn = (await topics.createTopic({ Name: 'shared' })).TopicArn ?? ''
})
afterAll(async () => {
  topics.destroy()
  await sns.close()
  server.closeAllConnections()
  server.close()
})

test('permissions are statements of the topic’s policy, by their labels', async () => {
  const policy = async () => JSON.parse((await topics.getTopicAttributes({ TopicArn })).Attributes?.['Policy'] ?? '{}')
  const before = await policy()
  const permission = { TopicArn, Label: 'one', AWSAccountId: ['111122223333'], ActionName: ['Publish', 'Subscribe'] }
  await topics.addPermission(permission)
  expect((await policy()).Statement).toEqual([
    ...before.Statement,
    {
      Sid: 'one',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111122223333:root' },
      Action: ['SNS:Publish', 'SNS:Subscribe'],
      Resource: TopicArn,
    },
  ])
  await expect(topics.addPermission(permission)).rejects.toThrow('Statement already exists')
  await topics.removePermission({ TopicArn, Label: 'one' })
  expect(await policy()).toEqual(before)
})

test('settings of text messages are kept; nobody has opted out', async () => {
  await topics.setSMSAttributes({ attributes: { DefaultSMSType: 'Transactional', DefaultSenderID: 'me' } })
  expect((await topics.getSMSAttributes({})).attributes).toEqual({ DefaultSMSType: 'Transactional', DefaultSenderID: 'me' })
  expect((await topics.getSMSAttributes({ attributes: ['DefaultSenderID'] })).attributes).toEqual({ DefaultSenderID: 'me' })
  await expect(topics.setSMSAttributes({ attributes: { Other: 'x' } })).rejects.toThrow('Other is not a valid attribute')
  expect((await topics.checkIfPhoneNumberIsOptedOut({ phoneNumber: '+4912345' })).isOptedOut).toBe(false)
  expect((await topics.listPhoneNumbersOptedOut({})).phoneNumbers).toEqual([])
  await topics.optInPhoneNumber({ phoneNumber: '+4912345' })
})
