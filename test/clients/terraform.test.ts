/** Terraform, unmodified, over one module: it applies, plans nothing more, updates, and destroys all that it made. */
import { join } from 'node:path'

import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn'
import { expect, test } from 'vitest'

import { ACCOUNT, credentials, REGION } from '../e2e/server.ts'
import { useTerraform } from '../e2e/terraform.ts'
import { describeWithTerraform } from '../e2e/tools.ts'
import { useServer } from '../e2e/use-server.ts'

describeWithTerraform('Terraform', () => {
  const server = useServer()
  const { run, plan, apply, outputs } = useTerraform(join(import.meta.dirname, 'terraform'), server)
  /** What a list of IAM shows in its members of that name. */
  async function listed(action: string, name: string): Promise<readonly string[]> {
    const scope = `${credentials.accessKeyId}/20261130/${REGION}/iam/aws4_request`
    const response = await fetch(server.url, {
      method: 'POST',
      body: new URLSearchParams({ Action: action, Version: '2010-05-08', ...(action === 'ListPolicies' && { Scope: 'Local' }) }),
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` },
    })
    expect(response.status).toBe(200)
    return [...(await response.text()).matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => text)
  }

  test('applies, and then has nothing more to do', async () => {
    await run('init', '-input=false', '-no-color')
    expect(await apply()).toContain('Apply complete!')
    expect(await plan()).toContain('No changes.')
    expect(await outputs()).toMatchObject({
      account: ACCOUNT,
      machine: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:machine`,
      role_id: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
    })
    expect(await listed('ListRoles', 'RoleName')).toContain('machine')
  }, 300_000)

  test('what it made runs', async () => {
    const client = new SFNClient({ endpoint: server.url, region: REGION, credentials })
    const { machine: stateMachineArn } = await outputs()
    const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn: `${stateMachineArn}:live` }))
    const status = async () => (await client.send(new DescribeExecutionCommand({ executionArn }))).status
    await expect.poll(status, { timeout: 20_000 }).toBe('SUCCEEDED')
  }, 60_000)

  test('updates in place, and then has nothing more to do', async () => {
    const before = await outputs()
    const told = await apply('-var', 'comment=two')
    expect(told).toMatch(/0 added, [1-9]\d* changed, 0 destroyed/)
    expect(await plan('-var', 'comment=two')).toContain('No changes.')
    expect(await outputs()).toEqual(before)
  }, 300_000)

  test('destroys, and nothing is left', async () => {
    expect(await run('destroy', '-input=false', '-no-color', '-auto-approve')).toContain('Destroy complete!')
    expect(await listed('ListRoles', 'RoleName')).toEqual([])
    expect(await listed('ListPolicies', 'PolicyName')).toEqual([])
    expect(await listed('ListUsers', 'UserName')).toEqual([])
    expect(await listed('ListInstanceProfiles', 'InstanceProfileName')).toEqual([])
  }, 300_000)
})
