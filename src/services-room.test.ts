/** What a node says that has no services: to clients in the protocol that they speak, and to whoever asks for secrets. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { AWS_LIMITS } from './base/limits.ts'
import { silentLog } from './base/log.ts'

import { createDescribe } from './wire/describe.ts'
import { callFinder } from './services/actions.ts'

import { readConfig } from './config.ts'
import { NO_SERVICES, openServicesRoom, type ServicesRoom } from './services-room.ts'

let room: ServicesRoom
let server: Server
let url = ''

beforeAll(async () => {
  const config = readConfig({ store: 'postgres://me:secret@db/regente' })
  room = await openServicesRoom({ config, limits: AWS_LIMITS.services, url: () => url, log: silentLog })
  const { region, account } = config
  const describe = createDescribe({ account, callOf: callFinder(() => ({ region, account, endpointHost: '127.0.0.1' })) })
  server = createServer((req, res) => {
    describe(req)
    void room.handler(req, res)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await room.close()
  server.close()
})

test('a node without services tells every client how to give it some, once', async () => {
  const settings = { endpoint: url, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }
  const refused = { message: NO_SERVICES, $metadata: expect.objectContaining({ httpStatusCode: 501, attempts: 1 }) }
  const TopicArn = 'arn:aws:sns:us-east-1:000000000000:t'
  await expect(
    new S3Client({ ...settings, forcePathStyle: true }).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' })),
  ).rejects.toMatchObject(refused)
  await expect(
    new SQSClient(settings).send(new SendMessageCommand({ QueueUrl: `${url}/000000000000/q`, MessageBody: 'x' })),
  ).rejects.toMatchObject(refused)
  await expect(new LambdaClient(settings).send(new InvokeCommand({ FunctionName: 'f' }))).rejects.toMatchObject(refused)
  await expect(new SNSClient(settings).send(new PublishCommand({ TopicArn, Message: 'x' }))).rejects.toMatchObject(refused)
})

test('it publishes to nobody, has no secrets of connections, and nothing is wrong with it', async () => {
  await room.open()
  expect([room.link.hasListeners(), room.trouble(), room.place()]).toEqual([false, undefined, { endpoint: url }])
  await expect(room.link.authorize('arn:aws:events:us-east-1:000000000000:connection/c/1')).rejects.toThrow('--services-url')
})
