/** Terraform, unmodified, over Lambda and what stands around a function: it applies, plans nothing more, updates, and destroys. */
import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { InvokeCommand, LambdaClient, ListFunctionsCommand, ListLayersCommand } from '@aws-sdk/client-lambda'
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { beforeAll, expect, test } from 'vitest'

import { zipOf } from '../../src/services/lambda/testing/zip.ts'

import { credentials, REGION } from '../e2e/server.ts'
import { useTerraform } from '../e2e/terraform.ts'
import { describeWithTerraform } from '../e2e/tools.ts'
import { useServer } from '../e2e/use-server.ts'

const CODE = `const { mark } = require('tools')
exports.handler = async (event) => {
  if (event.Records) console.log(event.Records[0].body)
  return event.rawPath ? { statusCode: 200, body: mark + process.env.COMMENT } : { mark, event }
}`

describeWithTerraform('Terraform over Lambda', () => {
  const server = useServer()
  const { folder, run, plan, apply, outputs } = useTerraform(join(import.meta.dirname, 'terraform-lambda'), server)
  beforeAll(() => {
    writeFileSync(join(folder, 'code.zip'), zipOf({ 'index.js': CODE }))
    writeFileSync(join(folder, 'layer.zip'), zipOf({ 'nodejs/node_modules/tools/index.js': 'exports.mark = "layer "' }))
  })
  const config = () => ({ endpoint: server.url, region: REGION, credentials })

  /** By the host of the URL, which not every machine can resolve. */
  async function open(url: string) {
    const { host, port } = new URL(url)
    const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      request({ host: '127.0.0.1', port, headers: { host, origin: 'https://two.example' } }, resolve)
        .on('error', reject)
        .end()
    })
    return { text: await text(response), headers: response.headers }
  }

  test('applies, and then has nothing more to do', async () => {
    await run('init', '-input=false', '-no-color')
    expect(await apply()).toContain('Apply complete!')
    expect(await plan()).toContain('No changes.')
    expect((await open((await outputs())['url'] ?? '')).text).toBe('layer one')
  }, 240_000)

  async function left(sqs: SQSClient, QueueUrl: string | undefined) {
    const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }))
    return AttributeNames.map((name) => Attributes?.[name])
  }

  test('what it made works: messages are taken, results are told', async () => {
    const sqs = new SQSClient(config())
    const lambda = new LambdaClient(config())
    const urlOf = async (QueueName: string) => (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl
    const QueueUrl = await urlOf('tf-lambda-work')
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"kind":"order"}' }))
    await expect.poll(() => left(sqs, QueueUrl), { timeout: 20_000 }).toEqual(['0', '0'])
    await lambda.send(new InvokeCommand({ FunctionName: 'tf-f', InvocationType: 'Event', Payload: Buffer.from('{"n":1}') }))
    const receive = new ReceiveMessageCommand({ QueueUrl: await urlOf('tf-lambda-told'), WaitTimeSeconds: 20 })
    const told = JSON.parse((await sqs.send(receive)).Messages?.[0]?.Body ?? '{}')
    expect(told).toMatchObject({ requestContext: { condition: 'Success' }, responsePayload: { mark: 'layer ', event: { n: 1 } } })
    lambda.destroy()
    sqs.destroy()
  }, 60_000)

  test('updates in place, and destroys all that it made', async () => {
    const variables = ['-var', 'comment=two']
    expect(await apply(...variables)).toContain('Apply complete!')
    expect(await plan(...variables)).toContain('No changes.')
    const { url = '', version } = await outputs()
    expect(version).toBe('2')
    const page = await open(url)
    expect(page.text).toBe('layer two')
    expect(page.headers['access-control-allow-origin']).toBe('https://two.example')
    expect(await run('destroy', '-input=false', '-no-color', '-auto-approve', ...variables)).toContain('Destroy complete!')
    const lambda = new LambdaClient(config())
    expect((await lambda.send(new ListFunctionsCommand({}))).Functions).toEqual([])
    expect((await lambda.send(new ListLayersCommand({}))).Layers).toEqual([])
    lambda.destroy()
  }, 240_000)
})
