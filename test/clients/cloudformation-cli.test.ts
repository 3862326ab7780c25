/**
 * CloudFormation by the AWS CLI, unmodified: `package` and `deploy` of a plain template (a nested stack, code and definition from
 * files) and of a SAM template, whose transform is the server's; and the operations that these do not call.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import { type Inventory, takeInventory } from '../e2e/inventory.ts'
import { runWorkflow } from '../e2e/run-workflow.ts'
import { credentials, REGION } from '../e2e/server.ts'
import { aws, describeWithEndpointVariable } from '../e2e/tools.ts'
import { useServer } from '../e2e/use-server.ts'

const BUCKET = 'parcels'
/** The transform makes roles. */
const SAM = ['--capabilities', 'CAPABILITY_IAM']

vi.setConfig({ testTimeout: 300_000 })

describeWithEndpointVariable('the AWS CLI over CloudFormation', () => {
  const server = useServer()
  const folder = mkdtempSync(join(tmpdir(), 'regente-cloudformation-'))
  const cloudformation = (...args: readonly string[]) => aws(server.url, 'cloudformation', ...args)
  let before: Inventory

  beforeAll(async () => {
    for (const project of ['cloudformation', 'sam'])
      cpSync(join(import.meta.dirname, project), join(folder, project), { recursive: true })
    const layer = join(folder, 'sam/layer/nodejs/node_modules/prices')
    mkdirSync(layer, { recursive: true })
    writeFileSync(join(layer, 'index.js'), 'exports.each = 7\n')
    await aws(server.url, 's3', 'mb', `s3://${BUCKET}`)
    await aws(server.url, 'ssm', 'put-parameter', '--name', '/shop/tier', '--type', 'String', '--value', 'gold')
    before = await takeInventory(server.url)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const packed = (project: string) => join(folder, project, 'packed.yaml')
  const pack = (project: string) =>
    cloudformation(
      'package',
      '--template-file',
      join(folder, project, 'template.yaml'),
      '--s3-bucket',
      BUCKET,
      '--output-template-file',
      packed(project),
    )
  const deploy = (project: string, ...flags: readonly string[]) =>
    cloudformation('deploy', '--stack-name', project, '--template-file', packed(project), ...flags)
  async function outputsOf(stack: string): Promise<Readonly<Record<string, string>>> {
    const { Stacks } = (await cloudformation('describe-stacks', '--stack-name', stack)) as {
      Stacks: { Outputs: { OutputKey: string; OutputValue: string }[] }[]
    }
    return Object.fromEntries((Stacks[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]))
  }
  const order = async (stack: string, input: unknown) => runWorkflow(server.url, (await outputsOf(stack))['OrderArn'], input)

  test('packs code, definition and nested stack, and deploys them', async () => {
    await pack('cloudformation')
    const flags = ['--capabilities', 'CAPABILITY_IAM', '--parameter-overrides', 'Stage=test']
    expect(await deploy('cloudformation', ...flags)).toContain('Successfully created/updated stack - cloudformation')
    expect(await order('cloudformation', { count: 3 })).toEqual({ total: 21, greeting: `one in ${REGION}`, tier: 'gold' })
    expect((await outputsOf('cloudformation'))['TopicArn']).toMatch(/:cloudformation-Parts-.*Sold/)
  })

  test('refuses what makes roles unless it may', async () => {
    await expect(deploy('cloudformation')).rejects.toThrow(/InsufficientCapabilities.*Requires capabilities : \[CAPABILITY_IAM\]/)
  })

  const again = ['--capabilities', 'CAPABILITY_IAM', '--no-fail-on-empty-changeset']
  test('has nothing to do when nothing has changed', async () => {
    expect(await deploy('cloudformation', ...again)).toContain('No changes to deploy. Stack cloudformation is up to date')
    const update = ['--stack-name', 'cloudformation', '--use-previous-template', '--capabilities', 'CAPABILITY_IAM']
    const parameters = ['--parameters', 'ParameterKey=Stage,UsePreviousValue=true']
    await expect(cloudformation('update-stack', ...update, ...parameters)).rejects.toThrow(
      'An error occurred (ValidationError) when calling the UpdateStack operation: No updates are to be performed.',
    )
  })

  test('updates what depends on a parameter, and leaves the others as they were', async () => {
    await deploy('cloudformation', ...again, '--parameter-overrides', 'Stage=live', 'Greeting=two')
    expect(await order('cloudformation', { count: 3 })).toEqual({ total: 210, greeting: `two in ${REGION}`, tier: 'gold' })
    expect(await outputsOf('cloudformation')).toHaveProperty('AuditUrl')
    await deploy('cloudformation', ...again, '--parameter-overrides', 'Greeting=three')
    expect(await order('cloudformation', { count: 1 })).toEqual({ total: 70, greeting: `three in ${REGION}`, tier: 'gold' })
  })

  test('a change set tells what it would do, and does it once', async () => {
    const named = ['--stack-name', 'cloudformation', '--change-set-name', 'quiet']
    const parameters = ['ParameterKey=Stage,ParameterValue=test', 'ParameterKey=Greeting,UsePreviousValue=true']
    const create = ['--use-previous-template', '--capabilities', 'CAPABILITY_IAM', '--parameters', ...parameters]
    await cloudformation('create-change-set', ...named, ...create)
    await cloudformation('wait', 'change-set-create-complete', ...named)
    const { Changes } = (await cloudformation('describe-change-set', ...named)) as { Changes: { ResourceChange: object }[] }
    expect(Changes.map(({ ResourceChange }) => ResourceChange)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ Action: 'Remove', LogicalResourceId: 'Audit', ResourceType: 'AWS::SQS::Queue' }),
        expect.objectContaining({ Action: 'Modify', LogicalResourceId: 'Price', Replacement: 'False' }),
      ]),
    )
    await cloudformation('execute-change-set', ...named)
    await cloudformation('wait', 'stack-update-complete', '--stack-name', 'cloudformation')
    expect(await outputsOf('cloudformation')).not.toHaveProperty('AuditUrl')
    await expect(cloudformation('execute-change-set', ...named)).rejects.toThrow(/InvalidChangeSetStatus/)
  })

  test('a stack that is protected stays', async () => {
    const protect = ['update-termination-protection', '--stack-name', 'cloudformation']
    await cloudformation(...protect, '--enable-termination-protection')
    await expect(cloudformation('delete-stack', '--stack-name', 'cloudformation')).rejects.toThrow(
      /TerminationProtection is enabled/,
    )
    await cloudformation(...protect, '--no-enable-termination-protection')
  })

  async function itemOf(id: string) {
    const client = new DynamoDBClient({ endpoint: server.url, region: REGION, credentials })
    const { TableName } = await outputsOf('sam')
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: { id: { S: id } }, ConsistentRead: true }))
    client.destroy()
    return Item
  }

  test('a SAM template must be allowed to expand where no change set shows what it became, and deploys', async () => {
    await pack('sam')
    const create = ['create-stack', '--stack-name', 'sam', '--template-body', `file://${packed('sam')}`]
    await expect(cloudformation(...create, '--capabilities', 'CAPABILITY_IAM')).rejects.toThrow(
      /InsufficientCapabilities.*Requires capabilities : \[CAPABILITY_AUTO_EXPAND\]/,
    )
    await deploy('sam', ...SAM)
    expect(await order('sam', { id: 'first', count: 3 })).toMatchObject({ price: { total: 21, greeting: 'one' } })
    await expect.poll(() => itemOf('first'), { timeout: 30_000, interval: 500 }).toMatchObject({ total: { N: '21' } })
  })

  test('new code is a new version, to which the alias moves; the machine runs on an event', async () => {
    const code = join(folder, 'sam/code/index.js')
    writeFileSync(code, readFileSync(code, 'utf8').replace('count * each', 'count * each + 1'))
    await pack('sam')
    await deploy('sam', ...SAM)
    const entry = [{ Source: 'shop', DetailType: 'sold', Detail: JSON.stringify({ id: 'event', count: 2 }) }]
    await aws(server.url, 'events', 'put-events', '--entries', JSON.stringify(entry))
    await expect.poll(() => itemOf('event'), { timeout: 30_000, interval: 500 }).toMatchObject({ total: { N: '15' } })
  })

  test('deletes all that it made', async () => {
    for (const stack of ['sam', 'cloudformation']) {
      await cloudformation('delete-stack', '--stack-name', stack)
      await cloudformation('wait', 'stack-delete-complete', '--stack-name', stack)
    }
    await expect(outputsOf('cloudformation')).rejects.toThrow('Stack with id cloudformation does not exist')
    expect(await takeInventory(server.url)).toEqual(before)
  })
})
