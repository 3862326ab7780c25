/**
 * The AWS CDK, unmodified: bootstrap, deploy, diff, update, hotswap, watch, direct deployments, a deployment that fails, destroy.
 * The app (`cdk/`) has what CDK apps have: functions of every kind, two machines, custom resources, exports between stacks.
 */
import { request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import { describeWithClientTools, useProject } from '../e2e/client-tools.ts'
import { type Inventory, takeInventory } from '../e2e/inventory.ts'
import { runWorkflow } from '../e2e/run-workflow.ts'
import { credentials, REGION } from '../e2e/server.ts'
import { useServer } from '../e2e/use-server.ts'

vi.setConfig({ testTimeout: 300_000 })

/** What was synthesized last, without doing it again. */
const AS_BEFORE = ['--app', 'cdk.out']

describeWithClientTools('the AWS CDK', () => {
  const server = useServer()
  const { run, start, read, edit } = useProject('cdk', join(import.meta.dirname, 'cdk'), server)
  const deploy = (...flags: readonly string[]) =>
    run('deploy', '--all', '--require-approval=never', '--no-notices', '--outputs-file=outputs.json', ...flags)
  const outputs = () => JSON.parse(read('outputs.json')) as { Shop: Record<string, string>; Door: Record<string, string> }
  const pay = () => runWorkflow(server.url, outputs().Shop['PayArn'], { prices: [1, 2, 3] })

  let dynamodb: DynamoDBClient
  let before: Inventory
  beforeAll(() => {
    dynamodb = new DynamoDBClient({ endpoint: server.url, region: REGION, credentials })
  })
  afterAll(() => dynamodb?.destroy())
  async function itemOf(id: string) {
    const Key = { id: { S: id } }
    return (await dynamodb.send(new GetItemCommand({ TableName: outputs().Shop['TableName'], Key, ConsistentRead: true }))).Item
  }

  test('bootstraps, over the bootstrap that is there from the first start', async () => {
    expect(await run('bootstrap', '--no-notices')).toMatch(/Environment aws:\/\/\d{12}\/[\w-]+ bootstrapped/)
    before = await takeInventory(server.url)
  })

  test('deploys two stacks, of which one takes what the other exports', async () => {
    await deploy()
    expect(outputs()).toMatchObject({ Shop: { PaidIn: 'EUR' }, Door: { ApiUrl: expect.stringMatching(/^https?:/) } })
  })

  test('what it deployed works: machines, functions of each kind, a queue with a function behind it', async () => {
    expect(await pay()).toEqual({ total: 6, greeting: 'one' })
    const input = { id: 'first', count: 3 }
    const { AgainArn } = outputs().Door
    expect(await runWorkflow(server.url, AgainArn, input)).toHaveProperty('ExecutionArn')
    await expect.poll(() => itemOf('taken-first'), { timeout: 30_000 }).toMatchObject({ total: { N: '21' } })
    expect(await itemOf('first')).toMatchObject({ state: { S: 'priced' } })

    const sqs = new SQSClient({ endpoint: server.url, region: REGION, credentials })
    const receive = new ReceiveMessageCommand({ QueueUrl: outputs().Shop['ToldUrl'], WaitTimeSeconds: 20 })
    expect(JSON.parse((await sqs.send(receive)).Messages?.[0]?.Body ?? '{}')).toMatchObject({ Message: 'first' })
    sqs.destroy()
  })

  test('its custom resources have done their work: a call of the SDK, files in a bucket', async () => {
    expect(await itemOf('seed')).toMatchObject({ note: { S: 'from the stack' } })
    const s3 = new S3Client({ endpoint: server.url, region: REGION, credentials, forcePathStyle: true })
    const page = await s3.send(new GetObjectCommand({ Bucket: outputs().Shop['BucketName'], Key: 'index.html' }))
    expect(await page.Body?.transformToString()).toContain('The shop')
    s3.destroy()
  })

  test('its API runs an Express machine', async () => {
    expect(await open(server.url, outputs().Door['ApiUrl'])).toMatchObject({ greeting: 'hello' })
  })

  test('has nothing to do when nothing has changed, and says so by a change set too', async () => {
    expect((await deploy()).match(/\(no changes\)/g)).toHaveLength(2)
    expect((await deploy('--force', ...AS_BEFORE)).match(/\(no changes\)/g)).toHaveLength(2)
    expect(await run('diff', '--no-notices', ...AS_BEFORE)).toContain('Number of stacks with differences: 0')
  })

  test('tells what would change, and changes that alone', async () => {
    const [was, change] = [outputs(), ['-c', 'greeting=two']]
    const diff = await run('diff', 'Shop', '--no-notices', ...change)
    expect(diff).toMatch(/\[~\] AWS::Lambda::Function Total/)
    expect(diff).toContain('Number of stacks with differences: 1')
    await deploy(...change, '--parameters=Shop:Currency=USD')
    expect(outputs()).toEqual({ ...was, Shop: { ...was.Shop, PaidIn: 'USD' } })
    expect(await pay()).toEqual({ total: 6, greeting: 'two' })
  })

  test('swaps code and definitions past CloudFormation', async () => {
    edit('functions/total/sum.js', (code) => code.replace(', 0)', ', 100)'))
    edit('pay.asl.json', (definition) => definition.replace('"End": true', '"Next": "Done"').replace(/\}\s*\}\s*$/, DONE))
    expect(await deploy('-c', 'greeting=two', '--hotswap')).toContain('hotswapped!')
    expect(await pay()).toEqual({ done: { total: 106, greeting: 'two' } })
  })

  test('watches, and swaps what is saved', async () => {
    const watching = await start(/Triggering initial 'cdk deploy'/, 'watch', 'Shop', '--no-notices', '-c', 'greeting=two')
    try {
      await watching.told(/Deployment time/)
      edit('functions/total/sum.js', (code) => code.replace(', 100)', ', 200)'))
      await expect.poll(pay, { timeout: 90_000, interval: 500 }).toEqual({ done: { total: 206, greeting: 'two' } })
    } finally {
      await watching.stop()
    }
  })

  test('deploys without change sets', async () => {
    const direct = ['-c', 'greeting=three', '--method=direct']
    await deploy(...direct)
    expect(await pay()).toEqual({ done: { total: 206, greeting: 'three' } })
    expect((await deploy(...direct, '--force', ...AS_BEFORE)).match(/\(no changes\)/g)).toHaveLength(2)
  })

  test('a deployment that fails names the resource and leaves all as it was', async () => {
    const failure = deploy('-c', 'greeting=four', '-c', 'broken=yes')
    await expect(failure).rejects.toThrow(/CREATE_FAILED[\s\S]*Broken[\s\S]*UPDATE_ROLLBACK_COMPLET/)
    expect(await pay()).toEqual({ done: { total: 206, greeting: 'three' } })
    expect((await deploy('-c', 'greeting=three')).match(/\(no changes\)/g)).toHaveLength(2)
  })

  test('destroys all that it made, the objects in its bucket too', async () => {
    await run('destroy', '--all', '--force', '--no-notices', ...AS_BEFORE)
    expect(await takeInventory(server.url)).toEqual(before)
  })
})

/** In place of the braces that end the states and the definition. */
const DONE = `,
    "Done": { "Type": "Pass", "Parameters": { "done.$": "$" }, "End": true }
  }
}
`

/** By the host of the URL, which not every machine can resolve. */
async function open(serverUrl: string, url = ''): Promise<unknown> {
  const { host, pathname: path } = new URL(url)
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    request({ host: '127.0.0.1', port: new URL(serverUrl).port, path, headers: { host } }, resolve)
      .on('error', reject)
      .end()
  })
  return JSON.parse(await text(response))
}
