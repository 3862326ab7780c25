/** All services on a port, with clients of the real SDK, for tests of what Lambda does with the others. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'

import { silentLog } from '../../../base/log.ts'

import { handlerFor } from '../../kit/testing/services.ts'
import { startServices } from '../../services.ts'

import { ROLE } from './lambda.ts'
import { zipOf } from './zip.ts'

export async function startServed(directory?: string) {
  let endpoint = ''
  const open = () =>
    startServices({ directory, region: 'us-east-1', account: '000000000000', endpoint: () => endpoint, log: silentLog })
  let services = open()
  const server = createServer((req, res) => void handlerFor(services, req)?.(req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  endpoint = `http://127.0.0.1:${port}`
  services.resume()
  const config = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 }
  const lambda = new LambdaClient(config)
  const sqs = new SQSClient(config)

  const makeFunction = (FunctionName: string, code: string) =>
    lambda.send(
      new CreateFunctionCommand({
        FunctionName,
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: ROLE,
        Timeout: 20,
        Code: { ZipFile: zipOf({ 'index.mjs': code }) },
      }),
    )

  async function makeQueue(QueueName: string) {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName }))
    const input = { QueueUrl, WaitTimeSeconds: 20, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }
    /** As many messages as are asked for, deleted by nobody. */
    async function receive(count: number) {
      const found = []
      while (found.length < count) found.push(...((await sqs.send(new ReceiveMessageCommand(input))).Messages ?? []))
      return found
    }
    return { url: QueueUrl ?? '', arn: `arn:aws:sqs:us-east-1:000000000000:${QueueName}`, receive }
  }

  return {
    port,
    endpoint,
    config,
    lambda,
    sqs,
    makeFunction,
    makeQueue,
    get services() {
      return services
    },
    async restart() {
      await services.close()
      services = open()
      services.resume()
    },
    async close() {
      await services.close()
      server.closeAllConnections()
      server.close()
      lambda.destroy()
      sqs.destroy()
    },
  }
}
