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
      case 'GetQueueUrl':
        this.#get(`queue/${name}`, 'AWS.SimpleQueueService.NonExistentQueue')
        return { QueueUrl: `${this.address}/000000000000/${name}` }
      case 'CreateQueue':
        return this.#put(`queue/${name}`, { QueueUrl: `${this.address}/000000000000/${name}` })
      case 'CreateTable':
        return this.#put(`table/${name}`, { Table: { ...input, TableStatus: 'ACTIVE' } })
      case 'DescribeTable':
        return this.#get(`table/${name}`, 'ResourceNotFoundException')
      case 'CreateLogGroup':
        if (this.#things.has(`logs/${name}`)) throw new WireError(400, 'ResourceAlreadyExistsException', 'exists')
        return this.#put(`logs/${name}`, {})
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
      case 'GetTopicAttributes':
        return this.#get(`topic/${String(parameters['TopicArn'])}`, 'NotFound')
      case 'CreateTopic':
        return this.#put(topic, { Attributes: parameters['Attributes'] ?? {} })
      case 'ListSubscriptionsByTopic':
        return {}
      default:
        return { SubscriptionArn: `${String(parameters['TopicArn'])}:sub` }
    }
  }

  async rest(_: RestService, method: string, path: string, input: JsonObject = {}): Promise<JsonObject> {
    const name = path.split('/')[3] ?? String(input['FunctionName'])
    this.#note(`${method} ${path.split('/')[4] ?? 'function'}`, input)
    if (method === 'GET') return this.#get(`function/${name}`, 'ResourceNotFoundException')
    const found = (this.#things.get(`function/${name}`)?.['Configuration'] ?? {}) as JsonObject
    const zip = ((input['Code'] as JsonObject | undefined)?.['ZipFile'] ?? input['ZipFile']) as string | undefined
    const hash = zip && { CodeSha256: createHash('sha256').update(Buffer.from(zip, 'base64')).digest('base64') }
    return this.#put(`function/${name}`, { Configuration: { ...found, ...input, ...hash } as JsonObject })
  }

  async restXml(_: RestService, method: string, path: string) {
    this.#note(`${method} ${path}`, {})
    if (method === 'GET') throw new WireError(404, 'NoSuchKey', `${path} does not exist`)
    if (method === 'HEAD') this.#get(`bucket${path}`, 'NoSuchBucket')
    else this.#put(`bucket${path}`, {})
    return { status: 200, headers: {}, body: Buffer.alloc(0) }
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

export const asObject = (value: Json | undefined): JsonObject => (value ?? {}) as JsonObject
