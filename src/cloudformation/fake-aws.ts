/** An Aws that remembers what it was told, for tests: machines, functions, queues, tables; and every call by name. */
import { createHash } from 'node:crypto'

import type { Json, JsonObject } from '../base/json.ts'

import { WireError } from '../wire/errors.ts'
import type { JsonService, QueryService, RestService } from '../aws/services.ts'

import type { Aws } from './aws.ts'

const PLACE = 'us-east-1:000000000000'

export class FakeAws implements Aws {
  /** Of its queues. */
  address = 'http://q'
  readonly calls: string[] = []
  readonly inputs: Record<string, JsonObject> = {}
  readonly #things = new Map<string, JsonObject>()

  async json(_: JsonService, action: string, input: JsonObject): Promise<JsonObject> {
    this.#note(action, input)
    const name = String(input['name'] ?? input['QueueName'] ?? input['TableName'] ?? input['logGroupName'] ?? '')
    const machine = String(input['stateMachineArn'] ?? `arn:aws:states:${PLACE}:stateMachine:${name}`)
    switch (action) {
      case 'CreateStateMachine':
        return this.#put(machine, input)
      case 'UpdateStateMachine':
        return this.#put(machine, { ...this.#things.get(machine), ...input })
      case 'DescribeStateMachine':
        return this.#get(machine, 'StateMachineDoesNotExist')
      case 'ListTagsForResource':
        return { tags: this.#things.get(String(input['resourceArn']))?.['tags'] ?? [] }
      case 'GetQueueUrl':
        this.#get(`queue/${name}`, 'AWS.SimpleQueueService.NonExistentQueue')
        return { QueueUrl: `${this.address}/000000000000/${name}` }
      case 'CreateQueue':
        return this.#put(`queue/${name}`, { QueueUrl: `${this.address}/000000000000/${name}` })
      case 'CreateTable':
        return this.#put(`table/${name}`, { Table: tableOf(name, input) })
      case 'DescribeTable':
        return this.#get(`table/${name}`, 'ResourceNotFoundException')
      case 'CreateLogGroup':
        if (this.#things.has(`logs/${name}`)) throw new WireError(400, 'ResourceAlreadyExistsException', 'exists')
        return this.#put(`logs/${name}`, {})
      case 'GetParameter':
        return this.#get(`parameter/${String(input['Name'])}`, 'ParameterNotFound')
      case 'PutParameter':
        return this.#put(`parameter/${String(input['Name'])}`, { Parameter: input })
      case 'CreateActivity':
        return { activityArn: `arn:aws:states:${PLACE}:activity:${name}` }
      case 'PublishStateMachineVersion':
        return { stateMachineVersionArn: `${machine}:1` }
      case 'DescribeStateMachineAlias':
        throw new WireError(400, 'ResourceNotFound', 'none')
      default:
        return {}
    }
  }

  async query(_: QueryService, action: string, parameters: JsonObject): Promise<JsonObject> {
    this.#note(action, parameters)
    const topic = `topic/arn:aws:sns:${PLACE}:${String(parameters['Name'])}`
    switch (action) {
      case 'GetRole':
        return this.#get(`role/${String(parameters['RoleName'])}`, 'NoSuchEntity')
      case 'CreateRole':
        return this.#put(`role/${String(parameters['RoleName'])}`, { Role: roleOf(parameters) })
      case 'ListRoleTags':
        return { Tags: asObject(this.#things.get(`role/${String(parameters['RoleName'])}`)?.['Role'])['Tags'] ?? [] }
      case 'ListAttachedRolePolicies':
        return { AttachedPolicies: this.#attached(parameters) }
      case 'AttachRolePolicy': {
        const attached = [...this.#attached(parameters), { PolicyArn: parameters['PolicyArn'] ?? null }]
        return this.#put(`attached/${String(parameters['RoleName'])}`, { attached })
      }
      case 'GetRolePolicy':
        return this.#get(inlineKey(parameters), 'NoSuchEntity')
      case 'PutRolePolicy':
        return this.#put(inlineKey(parameters), parameters)
      case 'GetTopicAttributes':
        return this.#get(`topic/${String(parameters['TopicArn'])}`, 'NotFound')
      case 'CreateTopic':
        return this.#put(topic, { Attributes: parameters['Attributes'] ?? {} })
      case 'Subscribe': {
        const SubscriptionArn = `${String(parameters['TopicArn'])}:sub`
        this.#put(`subscription/${SubscriptionArn}`, { ...parameters, SubscriptionArn })
        return { SubscriptionArn }
      }
      case 'ListSubscriptionsByTopic': {
        const found = this.#things.get(`subscription/${String(parameters['TopicArn'])}:sub`)
        return found ? { Subscriptions: [found] } : {}
      }
      default:
        return {}
    }
  }

  async rest({ id }: RestService, method: string, path: string, input: JsonObject = {}): Promise<JsonObject> {
    if (id === 'apigateway') return this.#gateway(method, path, input)
    const name = path.split('/')[3] ?? String(input['FunctionName'])
    if (path.split('/')[2] === 'tags') {
      const tagged = decodeURIComponent(name).split(':').at(-1)
      return { Tags: asObject(asObject(this.#things.get(`function/${tagged}`)?.['Configuration'])['Tags']) }
    }
    this.#note(`${method} ${path.split('/')[4] ?? 'function'}`, input)
    if (method === 'GET') return this.#get(`function/${name}`, 'ResourceNotFoundException')
    const found = (this.#things.get(`function/${name}`)?.['Configuration'] ?? {}) as JsonObject
    const zip = ((input['Code'] as JsonObject | undefined)?.['ZipFile'] ?? input['ZipFile']) as string | undefined
    const hash = zip && { CodeSha256: createHash('sha256').update(Buffer.from(zip, 'base64')).digest('base64') }
    return this.#put(`function/${name}`, { Configuration: { ...found, ...input, ...hash } as JsonObject })
  }

  /** It knows APIs, and nothing of what they are made of. */
  #gateway(method: string, path: string, input: JsonObject): JsonObject {
    this.#note(`${method} ${path}`, input)
    if (path === '/restapis' && method === 'POST')
      return this.#put('/restapis/api0000000', { ...input, id: 'api0000000', rootResourceId: 'root000000' })
    if (path === '/restapis') return {}
    if (method === 'GET') return this.#get(path, 'NotFoundException')
    if (path.endsWith('/stages')) this.#put(`${path}/${String(input['stageName'])}`, input)
    return { ...input, id: 'part00' }
  }

  async restXml(_: RestService, method: string, path: string) {
    this.#note(`${method} ${path}`, {})
    if (method === 'GET') throw new WireError(404, 'NoSuchKey', `${path} does not exist`)
    if (method === 'HEAD') this.#get(`bucket${path}`, 'NoSuchBucket')
    else this.#put(`bucket${path}`, {})
    return { status: 200, headers: {}, body: Buffer.alloc(0) }
  }

  #attached(parameters: JsonObject): readonly JsonObject[] {
    const found = this.#things.get(`attached/${String(parameters['RoleName'])}`)?.['attached'] ?? []
    return found as readonly JsonObject[]
  }

  #note(name: string, input: JsonObject): void {
    this.calls.push(name)
    this.inputs[name] = input
  }

  #put(key: string, value: JsonObject): JsonObject {
    this.#things.set(key, value)
    return value
  }

  #get(key: string, code: string): JsonObject {
    const found: JsonObject | undefined = this.#things.get(key)
    if (found === undefined) throw new WireError(400, code, `${key} does not exist`)
    return found
  }
}

const tableOf = (name: string, input: JsonObject): JsonObject => ({
  ...input,
  TableStatus: 'ACTIVE',
  BillingModeSummary: { BillingMode: input['BillingMode'] ?? 'PROVISIONED' },
  ...latestStream(name, input),
})

const latestStream = (table: string, input: JsonObject): JsonObject =>
  Object.hasOwn(input, 'StreamSpecification')
    ? { LatestStreamArn: `arn:aws:dynamodb:${PLACE}:table/${table}/stream/2026-01-01T00:00:00.000` }
    : {}

const inlineKey = ({ RoleName, PolicyName }: JsonObject): string => `inline/${String(RoleName)}/${String(PolicyName)}`

function roleOf(parameters: JsonObject): JsonObject {
  const Path = String(parameters['Path'] ?? '/')
  const Arn = `arn:aws:iam::000000000000:role${Path}${String(parameters['RoleName'])}`
  return { ...parameters, Path, Arn, RoleId: 'AROA0000000000000000' }
}

export const asObject = (value: Json | undefined): JsonObject => (value ?? {}) as JsonObject
