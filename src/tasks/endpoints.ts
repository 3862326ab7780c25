/**
 * Where each service is reached: the setting of the service, then the setting for all, then Regente itself, whose embedded
 * neighbours speak the same protocols. `aws` as a setting means the real AWS with the credentials of the usual chain.
 * The names of the settings are those of the AWS SDKs: `AWS_ENDPOINT_URL_SQS`, `AWS_ENDPOINT_URL`.
 * Source: AWS SDKs and tools reference guide, "Service-specific endpoints".
 */
import type { Credentials } from '../wire/sigv4.ts'

import type { Endpoints, ServiceEndpoint } from './connector.ts'
import { wireServiceOf } from './wire-services.ts'

export interface EndpointSettings {
  /** Regente's own URL. */
  readonly ownUrl: () => string
  readonly region: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** For calls to Regente itself, where it demands signatures. */
  readonly ownCredentials?: () => Credentials
  /** What the environment held, where it is kept elsewhere now. A profile that is named there goes first, as in the SDKs. */
  readonly awsCredentials?: Credentials | undefined
}

const ANY: Credentials = { accessKeyId: 'regente', secretAccessKey: 'regente' }

/** The variable's middle, where it is not simply the name in capitals. */
const VARIABLE_NAMES: ReadonlyMap<string, string> = new Map([['cloudwatchlogs', 'CLOUDWATCH_LOGS']])

export function createEndpoints(settings: EndpointSettings): Endpoints {
  const known = new Map<string, ServiceEndpoint>()
  return {
    endpointFor(service) {
      const setting = settingOf(settings.env, service)
      // Regente's own port may not be known before it listens, so its URL is asked for each time.
      if (setting === undefined && wireServiceOf(service)) return ownEndpoint(settings)
      const found = known.get(service) ?? makeEndpoint(settings, service, setting ?? 'aws')
      known.set(service, found)
      return found
    },
  }
}

function settingOf(env: EndpointSettings['env'], service: string): string | undefined {
  const name = VARIABLE_NAMES.get(service) ?? service.toUpperCase().replaceAll('-', '_')
  return env[`AWS_ENDPOINT_URL_${name}`] || env['AWS_ENDPOINT_URL'] || undefined
}

function ownEndpoint(settings: EndpointSettings): ServiceEndpoint {
  const credentials = async () => settings.ownCredentials?.() ?? ANY
  return { url: settings.ownUrl(), region: settings.region, credentials, isAws: false }
}

function makeEndpoint(settings: EndpointSettings, service: string, setting: string): ServiceEndpoint {
  const { region, env } = settings
  const first = env['AWS_PROFILE'] ? undefined : settings.awsCredentials
  const chainOr = (fallback: Credentials | undefined) => (first ? async () => first : awsChain(fallback))
  if (setting !== 'aws')
    return { url: setting, region, credentials: chainOr(ANY), isAws: /\.amazonaws\.com(\.cn)?/.test(setting) }
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  const host = wireServiceOf(service)?.host ?? service
  return { url: `https://${host}.${region}.${domain}`, region, credentials: chainOr(undefined), isAws: true }
}

/** The usual chain (environment, profile, container, instance …), loaded when first needed; without any, what is given. */
function awsChain(fallback: Credentials | undefined): () => Promise<Credentials | undefined> {
  let provider: Promise<() => Promise<Credentials>> | undefined
  return async () => {
    provider ??= import('@aws-sdk/credential-provider-node').then(({ defaultProvider }) => defaultProvider())
    try {
      return await (await provider)()
    } catch (error) {
      provider = undefined
      if (fallback) return fallback
      throw error
    }
  }
}
