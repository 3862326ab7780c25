/**
 * Where each service is reached: the variable of the service, then the setting for all, then Regente itself, whose embedded
 * services speak the same protocols. `aws` as a value means the real AWS with the credentials of the usual chain.
 * The names of the variables are those of the AWS SDKs: `AWS_ENDPOINT_URL_SQS`. Their `AWS_ENDPOINT_URL` is not read: in a shell
 * it says where a client finds this very server, or another one, and must not send a server's own calls there.
 * Source: AWS SDKs and tools reference guide, "Service-specific endpoints".
 */
import type { Transport } from '../wire/client.ts'
import type { Credentials } from '../wire/sigv4.ts'

import { SERVICES, serviceNamed } from './services.ts'

export interface ServiceEndpoint {
  readonly url: string
  /** Where a connection is made, where that is not the URL's host. */
  readonly socketPath?: string | undefined
  /** What takes requests with whole bodies, instead of a connection. */
  readonly transport?: Transport | undefined
  readonly region: string
  readonly credentials: () => Promise<Credentials | undefined>
  /** True for the real AWS, which knows regions and DNS names of its own. */
  readonly isAws: boolean
  /** True for Regente's own Step Functions, which keeps what it is asked where whoever asks is kept. */
  readonly isOwn?: boolean
}

export interface Endpoints {
  /** `service` as aws-sdk ARNs name it: `sqs`, `sfn`, `cloudwatchlogs`. */
  endpointFor(service: string): ServiceEndpoint
}

export interface EndpointSettings {
  /** Regente's own URL, where Step Functions is. */
  readonly ownUrl: () => string
  /** What takes calls of our own to it instead of a connection, where something does. */
  readonly ownTransport?: (() => Transport | undefined) | undefined
  /** Where the embedded services are. At the own URL where nothing is said. */
  readonly services?: (() => Pick<Place, 'endpoint' | 'socketPath' | 'transport'>) | undefined
  readonly region: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** For services that no variable names: a URL, or `aws`. Without it, Regente itself. */
  readonly others?: string | undefined
  /** For calls to Regente itself, where it demands signatures. */
  readonly ownCredentials?: (() => Credentials) | undefined
  /** What the environment held, where it is kept elsewhere now. A profile that is named there goes first, as in the SDKs. */
  readonly awsCredentials?: Credentials | undefined
  /** The profile whose credentials are taken, whatever the environment says. */
  readonly profile?: string | undefined
}

/** The variable's middle, where it is not simply the name in capitals. */
const VARIABLE_NAMES: ReadonlyMap<string, string> = new Map([
  ['apigateway', 'API_GATEWAY'],
  ['cloudwatchlogs', 'CLOUDWATCH_LOGS'],
  ['dynamodbstreams', 'DYNAMODB_STREAMS'],
  ['resourcegroupstaggingapi', 'RESOURCE_GROUPS_TAGGING_API'],
  ['secretsmanager', 'SECRETS_MANAGER'],
])

const ANY: Credentials = { accessKeyId: 'regente', secretAccessKey: 'regente' }

export interface Place {
  readonly endpoint: string
  readonly socketPath?: string | undefined
  readonly transport?: Transport | undefined
  readonly region: string
  /** Where none are given the other side checks none: any will do. */
  readonly credentials?: Credentials | undefined
}

/** All services at one place, which is asked for at each call. */
export function endpointsAt(place: () => Place): Endpoints {
  return {
    endpointFor() {
      const { endpoint, socketPath, transport, region, credentials = ANY } = place()
      return { url: endpoint, socketPath, transport, region, credentials: async () => credentials, isAws: false }
    },
  }
}

export function createEndpoints(settings: EndpointSettings): Endpoints {
  // Regente's own port may not be known before it listens, so its URL is asked for each time.
  const { ownUrl, ownTransport, region, ownCredentials } = settings
  const own = endpointsAt(() => ({
    endpoint: ownUrl(),
    transport: ownTransport?.(),
    region,
    credentials: ownCredentials?.(),
  }))
  const { services = () => ({ endpoint: ownUrl() }) } = settings
  const embedded = endpointsAt(() => ({ ...services(), region, credentials: ownCredentials?.() }))
  const known = new Map<string, ServiceEndpoint>()
  return {
    endpointFor(service) {
      const setting = settingOf(settings, service)
      if (setting === undefined && service === 'sfn') return { ...own.endpointFor(service), isOwn: true }
      if (setting === undefined && serviceNamed(service)) return embedded.endpointFor(service)
      const found = known.get(service) ?? makeEndpoint(settings, service, setting ?? 'aws')
      known.set(service, found)
      return found
    },
  }
}

const settingOf = ({ env, others }: EndpointSettings, service: string): string | undefined =>
  env[endpointVariableOf(service)] || others

const VARIABLE_PREFIX = 'AWS_ENDPOINT_URL_'

const variables = new Map(Object.keys(SERVICES).map((service) => [service, variableOf(service)]))

/** The variable that says where a service is called. */
export const endpointVariableOf = (service: string): string => variables.get(service) ?? variableOf(service)

function variableOf(service: string): string {
  return `${VARIABLE_PREFIX}${VARIABLE_NAMES.get(service) ?? service.toUpperCase().replaceAll('-', '_')}`
}

/** The variables that send calls elsewhere, with their values, by name. */
export const endpointVariables = (env: EndpointSettings['env']): readonly (readonly [name: string, value: string])[] =>
  Object.entries(env)
    .flatMap(([name, value]) => (name.startsWith(VARIABLE_PREFIX) && value ? [[name, value] as const] : []))
    .sort(([a], [b]) => (a < b ? -1 : 1))

function makeEndpoint(settings: EndpointSettings, service: string, setting: string): ServiceEndpoint {
  const { region, env, profile } = settings
  const first = (profile ?? env['AWS_PROFILE']) ? undefined : settings.awsCredentials
  const chainOr = (fallback: Credentials | undefined) => (first ? async () => first : awsChain(fallback, profile))
  if (setting !== 'aws')
    return { url: setting, region, credentials: chainOr(ANY), isAws: /\.amazonaws\.com(\.cn)?/.test(setting) }
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  const { host = service, isGlobal = false } = serviceNamed(service) ?? {}
  if (isGlobal && domain === 'amazonaws.com')
    return { url: `https://${host}.${domain}`, region: 'us-east-1', credentials: chainOr(undefined), isAws: true }
  return { url: `https://${host}.${region}.${domain}`, region, credentials: chainOr(undefined), isAws: true }
}

/** The usual chain (environment, profile, container, instance …), loaded when first needed; without any, what is given. */
function awsChain(fallback: Credentials | undefined, profile: string | undefined): () => Promise<Credentials | undefined> {
  let provider: Promise<() => Promise<Credentials>> | undefined
  return async () => {
    provider ??= import('@aws-sdk/credential-provider-node').then(({ defaultProvider }) =>
      defaultProvider(profile === undefined ? {} : { profile }),
    )
    try {
      return await (await provider)()
    } catch (error) {
      provider = undefined
      if (fallback) return fallback
      throw error
    }
  }
}
