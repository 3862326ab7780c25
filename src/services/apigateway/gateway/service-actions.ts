/**
 * The actions of AWS's services that routes of HTTP APIs may be handed to, by their subtypes, and the members of each call.
 * Source: API Gateway developer guide, "Integration subtype reference".
 */
import { isObject, type Json, type JsonObject } from '../../../base/json.ts'
import { jsonOf } from '../../../base/json-text.ts'

import { type AwsService, SERVICES } from '../../../aws/services.ts'

export interface ServiceAction {
  readonly service: AwsService
  readonly action: string
  /** Of the parameters, which come as texts. */
  readonly input: (parameters: Readonly<Record<string, string>>) => JsonObject
}

type Texts = Readonly<Record<string, string>>

const states = (action: string): ServiceAction => ({ service: SERVICES.sfn, action, input: withSmallLetters })
const sqs = (action: string, numbers: readonly string[] = []): ServiceAction => ({
  service: SERVICES.sqs,
  action,
  input: (given) => withoutRegion(given, (name, value) => typed(name, value, numbers)),
})

const ACTIONS: ReadonlyMap<string, ServiceAction> = new Map([
  ['StepFunctions-StartExecution', states('StartExecution')],
  ['StepFunctions-StartSyncExecution', states('StartSyncExecution')],
  ['StepFunctions-StopExecution', states('StopExecution')],
  ['SQS-SendMessage', sqs('SendMessage', ['DelaySeconds'])],
  ['SQS-ReceiveMessage', sqs('ReceiveMessage', ['MaxNumberOfMessages', 'VisibilityTimeout', 'WaitTimeSeconds'])],
  ['SQS-DeleteMessage', sqs('DeleteMessage')],
  ['SQS-PurgeQueue', sqs('PurgeQueue')],
  [
    'EventBridge-PutEvents',
    { service: SERVICES.eventbridge, action: 'PutEvents', input: (given) => ({ Entries: [busEntry(given)] }) },
  ],
])

export const serviceAction = (subtype: string): ServiceAction | undefined => ACTIONS.get(subtype)

function withoutRegion(given: Texts, read: (name: string, value: string) => Json): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (name === 'Region' ? [] : [[name, read(name, value)] as const])),
  )
}

/** Step Functions writes its members with small letters. */
function withSmallLetters(given: Texts): JsonObject {
  const members = Object.entries(withoutRegion(given, (_, value) => value))
  return Object.fromEntries(members.map(([name, value]) => [`${name.charAt(0).toLowerCase()}${name.slice(1)}`, value]))
}

/** Attributes and lists come as JSON. */
function typed(name: string, value: string, numbers: readonly string[]): Json {
  if (numbers.includes(name)) return Number(value)
  const json = /^[[{]/.test(value) && name !== 'MessageBody' ? jsonOf(value) : undefined
  return json ?? value
}

function busEntry(given: Texts): JsonObject {
  const entry = withoutRegion(given, (name, value) => {
    if (name !== 'Resources') return name === 'Time' && /^\d+$/.test(value) ? Number(value) : value
    const list = jsonOf(value)
    return Array.isArray(list) ? list : value.split(',')
  })
  return isObject(entry) ? entry : {}
}
