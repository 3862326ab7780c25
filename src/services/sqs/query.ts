/**
 * The old Query protocol of SQS, translated to and from the shapes of the JSON protocol.
 * Lists are flattened under singular names (`AttributeName.1`), maps are lists of Name and Value.
 * Source: Amazon SQS API reference of 2012-11-05, "Making Query API requests".
 */
import { getOwn, isArray, isObject, type Json, type JsonObject, setOwn } from '../../base/json.ts'

import { element, type Xml } from '../../wire/xml.ts'

export const SQS_NAMESPACE = 'http://queue.amazonaws.com/doc/2012-11-05/'

const LISTS: ReadonlyMap<string, string> = new Map([
  ['AttributeName', 'AttributeNames'],
  ['MessageAttributeName', 'MessageAttributeNames'],
  ['MessageSystemAttributeName', 'MessageSystemAttributeNames'],
  ['TagKey', 'TagKeys'],
  ['AWSAccountId', 'AWSAccountIds'],
  ['ActionName', 'Actions'],
])
const ENTRIES = /^(SendMessage|DeleteMessage|ChangeMessageVisibility)BatchRequestEntry$/
const MAPS: ReadonlyMap<string, string> = new Map([
  ['Attribute', 'Attributes'],
  ['MessageAttribute', 'MessageAttributes'],
  ['MessageSystemAttribute', 'MessageSystemAttributes'],
  ['Tag', 'Tags'],
])

/** The nested form of a Query request to the input of the JSON action. */
export function queryToJson(input: JsonObject): JsonObject {
  const output: Record<string, Json> = {}
  for (const [name, value] of Object.entries(input)) {
    const list = LISTS.get(name)
    const map = MAPS.get(name)
    const items = isArray(value) ? value : [value]
    if (list !== undefined) output[list] = items
    else if (map !== undefined) output[map] = mapOf(items)
    else if (ENTRIES.test(name)) output['Entries'] = items.map((item) => (isObject(item) ? queryToJson(item) : item))
    else setOwn(output, name, value)
  }
  return output
}

function mapOf(items: readonly Json[]): JsonObject {
  const map: Record<string, Json> = {}
  for (const item of items) {
    if (!isObject(item)) continue
    const name = getOwn(item, 'Name') ?? getOwn(item, 'Key')
    const value = getOwn(item, 'Value')
    if (typeof name === 'string' && value !== undefined) setOwn(map, name, value)
  }
  return map
}

/** The elements inside `<ActionResult>`; undefined for an action that answers with nothing. */
export function jsonToQuery(action: string, output: JsonObject): readonly Xml[] | undefined {
  const elements = Object.entries(output).flatMap(([name, value]) => renderMember(action, name, value))
  return elements.length === 0 && !ALWAYS_ANSWER.has(action) ? undefined : elements
}

const ALWAYS_ANSWER = new Set([
  'ListQueues',
  'ReceiveMessage',
  'GetQueueAttributes',
  'ListQueueTags',
  'ListDeadLetterSourceQueues',
  'ListMessageMoveTasks',
])

function renderMember(action: string, name: string, value: Json): readonly Xml[] {
  switch (name) {
    case 'QueueUrls':
    case 'queueUrls':
      return listOf(value, (url) => element('QueueUrl', String(url)))
    case 'Messages':
      return listOf(value, (message) => element('Message', fieldsOf(action, message)))
    case 'Results':
      return listOf(value, (task) => element(`${action}ResultEntry`, fieldsOf(action, task)))
    case 'Successful':
      return listOf(value, (entry) => element(`${action}ResultEntry`, fieldsOf(action, entry)))
    case 'Failed':
      return listOf(value, (entry) => element('BatchResultErrorEntry', fieldsOf(action, entry)))
    case 'Attributes':
      return pairsOf(value, 'Attribute', 'Name', (text) => [element('Value', String(text))])
    case 'Tags':
      return pairsOf(value, 'Tag', 'Key', (text) => [element('Value', String(text))])
    case 'MessageAttributes':
      return pairsOf(value, 'MessageAttribute', 'Name', (attribute) => [element('Value', fieldsOf(action, attribute))])
    default:
      return [element(name, isObject(value) || isArray(value) ? JSON.stringify(value) : String(value))]
  }
}

const listOf = (value: Json, render: (item: Json) => Xml): readonly Xml[] => (isArray(value) ? value.map(render) : [])

const fieldsOf = (action: string, value: Json): readonly Xml[] =>
  isObject(value) ? Object.entries(value).flatMap(([name, member]) => renderMember(action, name, member)) : []

const pairsOf = (value: Json, name: string, key: string, render: (value: Json) => readonly Xml[]): readonly Xml[] =>
  isObject(value) ? Object.entries(value).map(([item, member]) => element(name, [element(key, item), ...render(member)])) : []
