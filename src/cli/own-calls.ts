/** What a server that starts here calls elsewhere than at itself, and from which setting that comes. */
import { endpointVariables } from '../aws/endpoints.ts'
import type { Config } from '../config.ts'

type Env = Readonly<Record<string, string | undefined>>
type Calls = Pick<Config, 'awsEndpoint' | 'servicesUrl'>

/** For a server that others use; on standard error. */
export function tellCalls(config: Calls, url: string): void {
  const lines = [...callsElsewhere(config, process.env), ...endpointOfClients(config, url, process.env)]
  process.stderr.write(lines.map((line) => `${line}\n`).join(''))
}

/** A line each; none where the server calls itself alone. */
export function callsElsewhere({ awsEndpoint, servicesUrl }: Calls, env: Env): string[] {
  const variables = endpointVariables(env).map(
    ([name, value]) => `${serviceOf(name)} is called at ${placeNamed(value)} (${name}).`,
  )
  return [
    ...(servicesUrl === undefined
      ? []
      : [
          `S3, Lambda, SNS, SQS, DynamoDB, Logs, EventBridge, Secrets Manager and STS are those of ${servicesUrl} (--services-url).`,
        ]),
    ...variables,
    ...(awsEndpoint === undefined ? [] : [`All other services are called at ${placeNamed(awsEndpoint)} (--aws-endpoint).`]),
  ]
}

/** Where the shell names another server, one could think that this one calls it. */
export function endpointOfClients({ awsEndpoint }: Calls, url: string, env: Env): string[] {
  const given = env['AWS_ENDPOINT_URL']
  if (awsEndpoint !== undefined || !given || URL.parse(given)?.host === URL.parse(url)?.host) return []
  return [`AWS_ENDPOINT_URL=${given} is for clients: this server calls itself. To send its calls there, say --aws-endpoint.`]
}

const serviceOf = (variable: string): string => variable.replace(/^AWS_ENDPOINT_URL_/, '').replaceAll('_', ' ')

const placeNamed = (value: string): string => (value === 'aws' ? 'AWS' : value)
