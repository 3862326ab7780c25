/**
 * What a deployment spends here: a stack such as the CDK makes (a machine, three functions, a bucket, a table, a topic, a queue, with
 * their roles and policies), the same again without a change, 200 resources, and how long a template of 1 MB is read. Each call is
 * one that the CDK makes, in its order; what the CDK itself spends is not in it. With each the CPU time of the server, which says more
 * where others use the machine.
 * Run: node_modules/.bin/node bench/cloudformation.ts [rounds=N]
 */
import type { JsonObject } from '../src/base/json.ts'

import { callQuery } from '../src/aws/call.ts'
import { endpointsAt } from '../src/aws/endpoints.ts'
import { orThrow } from '../src/aws/failure.ts'
import { SERVICES } from '../src/aws/services.ts'
import { zipOf } from '../src/services/lambda/testing/zip.ts'

import { type Bench, cpuMs, startBench } from './workload.ts'

const rounds = Number(process.argv.find((arg) => arg.startsWith('rounds='))?.slice(7) ?? 5)
const ASSETS = 'assets'
const PAUSE_MS = 20

const roleFor = (service: string) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: `${service}.amazonaws.com` }, Action: 'sts:AssumeRole' }],
    },
  },
})
const policyOf = (role: string, Action: string, Resource: object) => ({
  Type: 'AWS::IAM::Policy',
  Properties: {
    PolicyName: `${role}Default`,
    Roles: [{ Ref: role }],
    PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] },
  },
})
const functionOf = (name: string): Record<string, object> => ({
  [`${name}Role`]: roleFor('lambda'),
  [name]: {
    Type: 'AWS::Lambda::Function',
    DependsOn: [`${name}Role`],
    Properties: {
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: { 'Fn::GetAtt': [`${name}Role`, 'Arn'] },
      Code: { S3Bucket: ASSETS, S3Key: 'code.zip' },
      Environment: { Variables: { TABLE: { Ref: 'Orders' } } },
    },
  },
})
const attribute = (id: string, name: string) => ({ 'Fn::GetAtt': [id, name] })
const task = (id: string, then: object) => ({ Type: 'Task', Resource: `\${${id}}`, ...then })

const SHOP = {
  Resources: {
    ...functionOf('Price'),
    ...functionOf('Total'),
    ...functionOf('Take'),
    Site: { Type: 'AWS::S3::Bucket' },
    Orders: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      },
    },
    Sold: { Type: 'AWS::SNS::Topic' },
    Work: { Type: 'AWS::SQS::Queue' },
    OrderRole: roleFor('states'),
    OrderPolicy: policyOf('OrderRole', 'lambda:InvokeFunction', attribute('Price', 'Arn')),
    TakePolicy: policyOf('TakeRole', 'dynamodb:PutItem', attribute('Orders', 'Arn')),
    Order: {
      Type: 'AWS::StepFunctions::StateMachine',
      DependsOn: ['OrderPolicy'],
      Properties: {
        RoleArn: attribute('OrderRole', 'Arn'),
        DefinitionString: JSON.stringify({
          StartAt: 'Price',
          States: { Price: task('PriceArn', { Next: 'Total' }), Total: task('TotalArn', { End: true }) },
        }),
        DefinitionSubstitutions: { PriceArn: attribute('Price', 'Arn'), TotalArn: attribute('Total', 'Arn') },
      },
    },
  },
  Outputs: { OrderArn: { Value: { Ref: 'Order' } } },
}

/** A fifth of each: what stands alone, and what refers to its neighbour. */
const MANY = {
  Resources: Object.fromEntries(
    Array.from({ length: 40 }, (_, n) => [
      [`Queue${n}`, { Type: 'AWS::SQS::Queue' }],
      [`Topic${n}`, { Type: 'AWS::SNS::Topic', Properties: { DisplayName: attribute(`Queue${n}`, 'QueueName') } }],
      [`Role${n}`, roleFor('lambda')],
      [`Parameter${n}`, { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: { Ref: `Topic${n}` } } }],
      [`Logs${n}`, { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 7 } }],
    ]).flat(),
  ),
}

const LARGE = JSON.stringify({
  Resources: Object.fromEntries(
    Array.from({ length: 450 }, (_, n) => [
      `Queue${n}`,
      { Type: 'AWS::SQS::Queue', Metadata: { Text: 'x'.repeat(2_100), Of: { Ref: `Queue${Math.max(0, n - 1)}` } } },
    ]),
  ),
})

function openStacks({ url }: Bench) {
  const endpoints = endpointsAt(() => ({ endpoint: url, region: 'us-east-1' }))
  const ask = async (action: string, input: JsonObject): Promise<JsonObject> =>
    orThrow(await callQuery(endpoints, SERVICES.cloudformation, action, input)).body
  const put = async (key: string, body: string | Buffer): Promise<string> => {
    const address = `${url}/${ASSETS}/${key}`
    const { status } = await fetch(address, { method: 'PUT', body: new Uint8Array(Buffer.from(body)) })
    if (status !== 200) throw new Error(`${key} could not be put: ${status}`)
    return address
  }

  async function statusOf(StackName: string): Promise<string> {
    const { Stacks } = await ask('DescribeStacks', { StackName })
    return String((Stacks as readonly JsonObject[])[0]?.['StackStatus'])
  }

  /** Milliseconds in this server, of a deployment by a change set. */
  async function deploy(StackName: string, template: object, ChangeSetType: 'CREATE' | 'UPDATE'): Promise<number> {
    const begun = performance.now()
    const TemplateURL = await put(`${StackName}.json`, JSON.stringify(template))
    const named = { StackName, ChangeSetName: 'deploy' }
    await ask('DescribeStacks', { StackName }).catch(() => {})
    await ask('DeleteChangeSet', named).catch(() => {})
    await ask('CreateChangeSet', { ...named, ChangeSetType, TemplateURL, Capabilities: ['CAPABILITY_IAM'] })
    const { Status } = await ask('DescribeChangeSet', named)
    if (Status === 'FAILED') {
      await ask('DeleteChangeSet', named)
      return performance.now() - begun
    }
    await ask('ExecuteChangeSet', named)
    while ((await statusOf(StackName)).endsWith('IN_PROGRESS')) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    const status = await statusOf(StackName)
    if (!/^(?:CREATE|UPDATE)_COMPLETE$/.test(status)) throw new Error(`${StackName} is ${status}`)
    return performance.now() - begun
  }

  async function timed(action: string, input: JsonObject): Promise<number> {
    const begun = performance.now()
    await ask(action, input)
    return performance.now() - begun
  }
  return { deploy, timed, put }
}

const figures = new Map<string, { readonly ms: number[]; readonly cpu: number[] }>()

async function note(server: Bench, name: string, work: Promise<number>): Promise<void> {
  const { ms, cpu } = figures.get(name) ?? { ms: [], cpu: [] }
  figures.set(name, { ms, cpu })
  const before = cpuMs(server)
  ms.push(await work)
  cpu.push(cpuMs(server) - before)
}

for (let round = 0; round < rounds; round++) {
  const server = await startBench()
  try {
    const { deploy, timed, put } = openStacks(server)
    await fetch(`${server.url}/${ASSETS}`, { method: 'PUT' })
    await put('code.zip', zipOf({ 'index.js': 'exports.handler = async (event) => event' }))
    await note(
      server,
      'a stack of a machine, three functions, a bucket, a table, a topic, a queue',
      deploy('shop', SHOP, 'CREATE'),
    )
    await note(server, 'the same, without a change', deploy('shop', SHOP, 'UPDATE'))
    await note(server, '200 resources', deploy('many', MANY, 'CREATE'))
    await note(server, '200 resources, without a change', deploy('many', MANY, 'UPDATE'))
    await note(server, '200 resources deleted', timed('DeleteStack', { StackName: 'many' }))
    const TemplateURL = await put('large.json', LARGE)
    await note(
      server,
      `a template of ${(LARGE.length / 1_048_576).toFixed(2)} MB judged`,
      timed('ValidateTemplate', { TemplateURL }),
    )
  } finally {
    await server.stop()
  }
}

const medianOf = (values: readonly number[]): string =>
  (values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN).toFixed(0)
for (const [name, { ms, cpu }] of figures)
  console.log(`${name}: ${medianOf(ms)} ms (best ${Math.min(...ms).toFixed(0)} ms of ${rounds}), CPU ${medianOf(cpu)} ms`)
