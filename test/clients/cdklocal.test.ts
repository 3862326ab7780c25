/** aws-cdk-local, which is for LocalStack, finds this server by its address alone: the same app as the CDK's own command. */
import { join } from 'node:path'

import { expect, test, vi } from 'vitest'

import { describeWithClientTools, useProject } from '../e2e/client-tools.ts'
import { type Inventory, takeInventory } from '../e2e/inventory.ts'
import { runWorkflow } from '../e2e/run-workflow.ts'
import { useServer } from '../e2e/use-server.ts'

vi.setConfig({ testTimeout: 300_000 })

describeWithClientTools('aws-cdk-local', () => {
  const server = useServer()
  // It wants to be told where S3 is wherever it is told where all else is.
  const settings = () => ({ AWS_ENDPOINT_URL_S3: server.url })
  const { run, read } = useProject('cdklocal', join(import.meta.dirname, 'cdk'), server, settings)
  const deploy = (...flags: readonly string[]) =>
    run('deploy', 'Shop', '--require-approval=never', '--no-notices', '--outputs-file=outputs.json', ...flags)
  const pay = () => runWorkflow(server.url, JSON.parse(read('outputs.json')).Shop.PayArn, { prices: [1, 2, 3] })
  let before: Inventory

  test('bootstraps and deploys, and then has nothing more to do', async () => {
    await run('bootstrap', '--force', '--no-notices')
    before = await takeInventory(server.url)
    await deploy()
    expect(await pay()).toEqual({ total: 6, greeting: 'one' })
    expect(await deploy()).toContain('(no changes)')
    expect(await run('diff', 'Shop', '--no-notices', '--app', 'cdk.out')).toContain('Number of stacks with differences: 0')
  })

  test('updates, and destroys all that it made', async () => {
    await deploy('-c', 'greeting=two')
    expect(await pay()).toEqual({ total: 6, greeting: 'two' })
    await run('destroy', '--all', '--force', '--no-notices', '--app', 'cdk.out')
    expect(await takeInventory(server.url)).toEqual(before)
  })
})
