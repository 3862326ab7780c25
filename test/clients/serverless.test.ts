/**
 * Serverless 3 with its plugin for Step Functions: deploy, a second deploy, update, invoke, logs, a deployment past CloudFormation,
 * one without change sets, remove. Its SDK is too old for AWS_ENDPOINT_URL: the plugin serverless-localstack reads it.
 */
import { join } from 'node:path'

import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, test, vi } from 'vitest'

import { describeWithClientTools, useProject } from '../e2e/client-tools.ts'
import { type Inventory, takeInventory } from '../e2e/inventory.ts'
import { credentials, REGION } from '../e2e/server.ts'
import { useServer } from '../e2e/use-server.ts'

vi.setConfig({ testTimeout: 300_000 })

describeWithClientTools('Serverless', () => {
  const server = useServer()
  const { run, edit } = useProject('serverless', join(import.meta.dirname, 'serverless'), server)
  let before: Inventory

  /** By the tool itself, which follows the execution to its end. */
  async function order(data: object): Promise<unknown> {
    const told = await run('invoke', 'stepf', '--name', 'order', '--data', JSON.stringify(data))
    // It prints the answer of DescribeExecution as Node shows objects.
    const output = /^ +output: '(.*)',$/m.exec(told)?.[1] ?? 'null'
    return JSON.parse(output)
  }
  const outputOf = async (name: string) => new RegExp(`${name}: (\\S+)`).exec(await run('info', '--verbose'))?.[1]

  async function itemOf(id: string) {
    const client = new DynamoDBClient({ endpoint: server.url, region: REGION, credentials })
    const TableName = await outputOf('TableName')
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: { id: { S: id } }, ConsistentRead: true }))
    client.destroy()
    return Item
  }

  test('deploys, and tells what there is', async () => {
    before = await takeInventory(server.url)
    expect(await run('deploy')).toContain('Service deployed to stack till-dev')
    expect(await outputOf('OrderArn')).toMatch(/^arn:aws:states:.*:stateMachine:/)
  })

  test('the machine runs, and a function takes what it queued', async () => {
    expect(await order({ id: 'first', count: 3 })).toMatchObject({ price: { total: 21, greeting: 'one' } })
    await expect.poll(() => itemOf('first'), { timeout: 30_000, interval: 500 }).toMatchObject({ total: { N: '21' } })
    expect(await run('logs', '--function', 'price')).toMatch(/END Duration: [\d.]+ ms/)
  })

  test('has nothing to do when nothing has changed, and says so by a change set too', async () => {
    expect(await run('deploy')).toContain('No changes to deploy.')
    expect(await run('deploy', '--force')).toMatch(/deployed to stack|did not include any changes/)
  })

  test('updates', async () => {
    await run('deploy', '--param', 'greeting=two')
    expect(await order({ id: 'second', count: 1 })).toMatchObject({ price: { total: 7, greeting: 'two' } })
  })

  test('deploys one function past CloudFormation', async () => {
    edit('handler.js', (code) => code.replace('count * 7', 'count * 8'))
    expect(await run('deploy', 'function', '--function', 'price', '--param', 'greeting=two')).toContain('Function code deployed')
    expect(await order({ id: 'third', count: 1 })).toMatchObject({ price: { total: 8, greeting: 'two' } })
  })

  test('deploys without change sets', async () => {
    const direct = ['--param', 'method=direct', '--param', 'greeting=three']
    await run('deploy', ...direct)
    expect(await order({ id: 'fourth', count: 1 })).toMatchObject({ price: { total: 8, greeting: 'three' } })
  })

  test('removes all that it made', async () => {
    expect(await run('remove')).toContain('Service till has been successfully removed')
    expect(await takeInventory(server.url)).toEqual(before)
  })
})
