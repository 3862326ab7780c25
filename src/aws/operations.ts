/**
 * Which operations a service of AWS has, whether they are here or not; and which of them a request means where method and path
 * tell. Parsed when it is first asked for.
 * Source: AWS's API models (`scripts/aws-operations.mjs`); Smithy, "HTTP bindings", routing of conflicting requests.
 */
import { assert } from '../base/assert.ts'

import { OPERATION_NAMES } from './operation-names.ts'

export type ApiName = keyof typeof OPERATION_NAMES

export interface AwsApi {
  /** The service as people call it. */
  readonly title: string
  /** By the alphabet. */
  readonly names: readonly string[]
  readonly has: (operation: string) => boolean
}

/** What tells the operations of a REST service apart. */
export interface RestRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

const TITLES = {
  apigateway: 'API Gateway',
  cloudcontrolapi: 'Cloud Control API',
  cloudformation: 'CloudFormation',
  dynamodb: 'DynamoDB',
  ecr: 'ECR',
  events: 'EventBridge',
  iam: 'IAM',
  kms: 'KMS',
  lambda: 'Lambda',
  logs: 'CloudWatch Logs',
  monitoring: 'CloudWatch',
  pipes: 'EventBridge Pipes',
  s3: 'S3',
  scheduler: 'EventBridge Scheduler',
  secretsmanager: 'Secrets Manager',
  sns: 'SNS',
  sqs: 'SQS',
  ssm: 'Systems Manager',
  states: 'Step Functions',
  sts: 'STS',
  tagging: 'Resource Groups Tagging API',
} as const satisfies Record<ApiName, string>

/** They are written a line each. */
const REST: ReadonlySet<ApiName> = new Set(['apigateway', 'lambda', 'pipes', 's3', 'scheduler'])

export function apiOf(service: ApiName): AwsApi {
  let known: ReadonlySet<string> | undefined
  const names = (): ReadonlySet<string> =>
    (known ??= new Set(
      REST.has(service) ? requestsOf(service).map(({ name }) => name) : OPERATION_NAMES[service].trim().split(/\s+/),
    ))
  return {
    title: TITLES[service],
    get names() {
      return [...names()]
    },
    has: (operation) => names().has(operation),
  }
}

/** The operation that asks for most of what the request has; undefined where none is at this path. */
export function operationAt(service: ApiName, request: RestRequest): string | undefined {
  const meant = requestsOf(service).filter((one) => isMeant(one, request))
  return meant.toSorted((a, b) => b.needs - a.needs)[0]?.name
}

/** Those whose requests are answered by `isHere`. */
export const operationsHere = (service: ApiName, isHere: (request: RestRequest) => boolean): readonly string[] =>
  requestsOf(service).flatMap((one) => (isHere(sampleOf(one)) ? [one.name] : []))

interface Request {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly pattern: RegExp
  /** With a value that must be there, or undefined: any will do. */
  readonly parameters: readonly (readonly [name: string, value: string | undefined])[]
  readonly headers: readonly string[]
  readonly needs: number
}

const parsed = new Map<ApiName, readonly Request[]>()

function requestsOf(service: ApiName): readonly Request[] {
  const requests = parsed.get(service) ?? OPERATION_NAMES[service].trim().split('\n').map(parseLine)
  parsed.set(service, requests)
  return requests
}

function parseLine(line: string): Request {
  const [name, method, uri, ...headers] = line.trim().split(' ')
  assert(name !== undefined && method !== undefined && uri !== undefined, 'a request has a name, a method and a path')
  const [path = '', query = ''] = uri.split('?')
  const parameters = query === '' ? [] : query.split('&').map(parseParameter)
  const pattern = new RegExp(`^${path.replace(/\{[\w-]+\+\}/g, '.+').replace(/\{[\w-]+\}/g, '[^/]+')}/?$`)
  return { name, method, path, pattern, parameters, headers, needs: parameters.length + headers.length }
}

function parseParameter(text: string): readonly [string, string | undefined] {
  const [name = '', value] = text.split('=')
  return [name, value === '' ? undefined : (value ?? '')]
}

const isMeant = ({ method, pattern, parameters, headers }: Request, asked: RestRequest): boolean =>
  method === asked.method &&
  pattern.test(asked.path) &&
  parameters.every(([name, value]) =>
    value === undefined || value === '' ? asked.query.has(name) : asked.query.get(name) === value,
  ) &&
  headers.every((name) => asked.headers[name] !== undefined)

const sampleOf = ({ method, path, parameters, headers }: Request): RestRequest => ({
  method,
  path: path.replace(/\{[\w-]+\+?\}/g, 'x'),
  query: new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value ?? 'x'])),
  headers: Object.fromEntries(headers.map((name) => [name, 'x'])),
})
