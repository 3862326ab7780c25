/** What is in a server, by kind: all that a deployment may have made there, and a destroy has to take away. */
import { callAws } from '../../src/wire/client.ts'

import { credentials, REGION } from './server.ts'

interface List {
  readonly service: string
  /** A Query form, the target of a JSON operation, or a path. */
  readonly form?: string
  readonly target?: string
  readonly path?: string
  /** What its answer names each by. */
  readonly names: RegExp
}

const LISTS: Readonly<Record<string, List>> = {
  stacks: { service: 'cloudformation', form: 'Action=DescribeStacks&Version=2010-05-15', names: /<StackName>([^<]+)/g },
  exports: { service: 'cloudformation', form: 'Action=ListExports&Version=2010-05-15', names: /<Name>([^<]+)/g },
  roles: { service: 'iam', form: 'Action=ListRoles&Version=2010-05-08', names: /<RoleName>([^<]+)/g },
  policies: { service: 'iam', form: 'Action=ListPolicies&Scope=Local&Version=2010-05-08', names: /<PolicyName>([^<]+)/g },
  topics: { service: 'sns', form: 'Action=ListTopics&Version=2010-03-31', names: /<TopicArn>([^<]+)/g },
  subscriptions: { service: 'sns', form: 'Action=ListSubscriptions&Version=2010-03-31', names: /<SubscriptionArn>([^<]+)/g },
  buckets: { service: 's3', path: '/', names: /<Bucket>.*?<Name>([^<]+)/gs },
  functions: { service: 'lambda', path: '/2015-03-31/functions/', names: /"FunctionName":"([^"]+)/g },
  layers: { service: 'lambda', path: '/2018-10-31/layers', names: /"LayerName":"([^"]+)/g },
  eventSources: { service: 'lambda', path: '/2015-03-31/event-source-mappings/', names: /"UUID":"([^"]+)/g },
  stateMachines: { service: 'states', target: 'AWSStepFunctions.ListStateMachines', names: /"stateMachineArn":"([^"]+)/g },
  activities: { service: 'states', target: 'AWSStepFunctions.ListActivities', names: /"activityArn":"([^"]+)/g },
  tables: { service: 'dynamodb', target: 'DynamoDB_20120810.ListTables', names: /"([^"]+)"(?=[,\]])/g },
  queues: { service: 'sqs', target: 'AmazonSQS.ListQueues', names: /"(http[^"]+)"/g },
  rules: { service: 'events', target: 'AWSEvents.ListRules', names: /"Name":"([^"]+)/g },
  logGroups: { service: 'logs', target: 'Logs_20140328.DescribeLogGroups', names: /"logGroupName":"([^"]+)/g },
  parameters: { service: 'ssm', target: 'AmazonSSM.DescribeParameters', names: /"Name":"([^"]+)/g },
  apis: { service: 'apigateway', path: '/restapis', names: /"id":"([^"]+)/g },
}
/** Functions make these for what they print, and they outlive them, as on AWS. */
const OF_FUNCTIONS = /^\/aws\/lambda\//

export type Inventory = Readonly<Record<string, readonly string[]>>

export async function takeInventory(url: string): Promise<Inventory> {
  const lists = Object.entries(LISTS).map(async ([kind, list]) => [kind, await namesOf(url, list)] as const)
  const all = Object.fromEntries(await Promise.all(lists))
  return { ...all, logGroups: all['logGroups']?.filter((name) => !OF_FUNCTIONS.test(name)) ?? [] }
}

async function namesOf(endpoint: string, { service, form, target, path, names }: List): Promise<readonly string[]> {
  const place = { endpoint, region: REGION, service, credentials }
  const { status, body } = await callAws({
    ...place,
    method: path === undefined ? 'POST' : 'GET',
    ...(path !== undefined && { path }),
    ...(form !== undefined && { body: form, headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    ...(target !== undefined && {
      body: '{}',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
    }),
  })
  if (status !== 200) throw new Error(`${service} ${form ?? target ?? path}: ${body}`)
  return [...body.toString().matchAll(names)].map(([, name = '']) => name).toSorted()
}
