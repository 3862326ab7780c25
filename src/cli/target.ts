/** Which server a command talks to, and with which keys. */
import { CliError } from './cli-error.ts'
import { StatesApi, type Target } from './states-api.ts'

/** Of commands that talk to a server that is up. */
export interface ServerTarget {
  readonly endpoint?: string
  readonly region?: string
}

/** `arn`: what is asked about, which names its region. */
export function apiAt({ endpoint = defaultEndpoint(), region }: ServerTarget, arn = ''): StatesApi {
  return new StatesApi(targetAt(endpoint, region ?? /^arn:[^:]+:[^:]+:([^:]+):/.exec(arn)?.[1]))
}

/** AWS's own variables, or the keys that a local server takes. Throws CliError where the endpoint is no URL. */
export function targetAt(endpoint: string, region?: string): Target {
  if (!/^https?:\/\/./i.test(endpoint) || !URL.canParse(endpoint))
    throw new CliError(`The endpoint must be a URL such as ${USUAL_ENDPOINT}, not ${endpoint}.`)
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_DEFAULT_REGION } = process.env
  return {
    endpoint,
    region: region ?? AWS_REGION ?? AWS_DEFAULT_REGION ?? 'us-east-1',
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID ?? 'test',
      secretAccessKey: AWS_SECRET_ACCESS_KEY ?? 'test',
      ...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }),
    },
  }
}

const USUAL_ENDPOINT = 'http://127.0.0.1:4566'

export const defaultEndpoint = (): string => process.env['AWS_ENDPOINT_URL'] ?? USUAL_ENDPOINT
