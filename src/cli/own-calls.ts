/** What a server that starts here calls elsewhere than at itself, and from which setting that comes. */
import { hidePassword } from '../base/url-password.ts'

import { endpointVariableOf, endpointVariables } from '../aws/endpoints.ts'
import type { Config } from '../config.ts'

type Env = Readonly<Record<string, string | undefined>>
type Calls = Partial<Pick<Config, 'awsEndpoint' | 'lambda' | 'nodeUrl' | 'servicesUrl' | 'store'>>

/** As people call them, and as aws-sdk ARNs do. */
const EMBEDDED = [
  ['S3', 's3'],
  ['Lambda', 'lambda'],
  ['SNS', 'sns'],
  ['SQS', 'sqs'],
  ['DynamoDB', 'dynamodb'],
  ['DynamoDB Streams', 'dynamodbstreams'],
  ['Logs', 'cloudwatchlogs'],
  ['EventBridge', 'eventbridge'],
  ['Scheduler', 'scheduler'],
  ['Secrets Manager', 'secretsmanager'],
  ['Parameter Store', 'ssm'],
  ['KMS', 'kms'],
  ['CloudWatch', 'cloudwatch'],
  ['ECR', 'ecr'],
  ['API Gateway', 'apigateway'],
  ['API Gateway v2', 'apigatewayv2'],
  ['IAM', 'iam'],
  ['STS', 'sts'],
  ['Resource Groups Tagging', 'resourcegroupstaggingapi'],
] as const

/** For a server that others use; on standard error. */
export function tellCalls(config: Calls, url: string): void {
  const { env } = process
  const lines = [...nodeLines(config, url), ...callsElsewhere(config, env), ...endpointOfClients(config, url, env)]
  process.stderr.write(lines.map((line) => `${line}\n`).join(''))
}

/** What a node shares with others, and by which name they know it. */
export function nodeLines({ store, nodeUrl }: Calls, url: string): string[] {
  if (store === undefined) return []
  const shown = `Executions are kept in ${hidePassword(store)} (--store).`
  return [`${shown} Other nodes reach this one at ${nodeUrl ?? url} (--node-url).`]
}

/** A line each; none where the server calls itself alone. */
export function callsElsewhere({ awsEndpoint, lambda, servicesUrl, store }: Calls, env: Env): string[] {
  const variables = endpointVariables(env).map(
    ([name, value]) => `${serviceOf(name)} is called at ${placeNamed(value)} (${name}).`,
  )
  return [
    ...(servicesUrl === undefined
      ? []
      : [
          `${listed(EMBEDDED.map(([name]) => name))} are those of ${servicesUrl} (--services-url).`,
          ...(lambda ? ['Their functions run here too (--lambda).'] : []),
        ]),
    ...variables,
    ...(store !== undefined && servicesUrl === undefined && awsEndpoint === undefined ? nowhereLines(env) : []),
    ...(awsEndpoint === undefined ? [] : [`All other services are called at ${placeNamed(awsEndpoint)} (--aws-endpoint).`]),
  ]
}

/** What has no place at all: a node has no services of its own. */
function nowhereLines(env: Env): string[] {
  const missing = EMBEDDED.filter(([, service]) => !env[endpointVariableOf(service)]).map(([name]) => name)
  if (missing.length === 0) return []
  const verb = missing.length === 1 ? 'is' : 'are'
  return [
    `WARNING: ${listed(missing)} ${verb} nowhere: a node with --store has no services of its own, and tasks that call them fail. Start \`regente services --port 4567\` and give all nodes --services-url http://HOST:4567, or say --aws-endpoint or AWS_ENDPOINT_URL_<SERVICE>.`,
  ]
}

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

/** Where the shell names another server, one could think that this one calls it. */
export function endpointOfClients({ awsEndpoint }: Calls, url: string, env: Env): string[] {
  const given = env['AWS_ENDPOINT_URL']
  if (awsEndpoint !== undefined || !given || URL.parse(given)?.host === URL.parse(url)?.host) return []
  return [`AWS_ENDPOINT_URL=${given} is for clients: this server calls itself. To send its calls there, say --aws-endpoint.`]
}

const serviceOf = (variable: string): string => variable.replace(/^AWS_ENDPOINT_URL_/, '').replaceAll('_', ' ')

const placeNamed = (value: string): string => (value === 'aws' ? 'AWS' : value)
