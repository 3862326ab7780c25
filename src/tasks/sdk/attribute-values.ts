/**
 * DynamoDB's attribute values as aws-sdk tasks show them: those within maps and lists are spelled as the Java SDK names them
 * (`Bool`, `Nul`, `Ss`), those at the top as DynamoDB does; both spellings are taken.
 * Source: aws/aws-sdk-js#4294, aws/aws-sdk-js-v3#5423, boto/boto3#4253.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject, setOwn } from '../../base/json.ts'

import { loadModel } from '../api-models/model.ts'
import type { Model, Shape } from '../api-models/shape.ts'
import { pascal, renameMembers } from '../casing.ts'
import { objectOf } from '../parameters.ts'

const JAVA_NAMES = { BOOL: 'Bool', NULL: 'Nul', SS: 'Ss', NS: 'Ns', BS: 'Bs' } as const
const TO_JAVA: ReadonlyMap<string, string> = new Map(Object.entries(JAVA_NAMES))
const TO_WIRE: ReadonlyMap<string, string> = new Map(Object.entries(JAVA_NAMES).map(([wire, java]) => [java, wire]))
const VALUE = 'AttributeValue'

export function attributesToWire(action: string, parameters: JsonObject): JsonObject {
  const model = loadModel('dynamodb')
  return model ? respell(parameters, model, model.inputs[pascal(action)], (name) => TO_WIRE.get(name)) : parameters
}

export function attributesToResult(action: string, result: JsonObject): JsonObject {
  const model = loadModel('dynamodb')
  if (!model) return result
  return respell(result, model, model.operations[pascal(action)], javaNameWithin)
}

/** Of an item in the record of a stream; by their names on the wire, in small letters. */
const IMAGES: ReadonlySet<string> = new Set(['keys', 'newimage', 'oldimage'])

/** What DynamoDB's streams answer: their records name their members in camelCase, and hold items. */
export function recordsToResult(action: string, result: JsonObject): JsonObject {
  const model = loadModel('dynamodb')
  if (action !== 'getRecords' || !model) return result
  const imagesIn = (value: Json): Json => {
    if (isArray(value)) return value.map(imagesIn)
    if (!isObject(value)) return value
    const shown: Record<string, Json> = {}
    for (const [name, member] of Object.entries(value)) {
      const isImage = IMAGES.has(name.toLowerCase()) && isObject(member)
      setOwn(shown, name, isImage ? respell(member, model, 'AttributeMap', javaNameWithin) : imagesIn(member))
    }
    return shown
  }
  return objectOf(imagesIn(renameMembers(result, pascal, IMAGES)))
}

type Rename = (name: string, isNested: boolean) => string | undefined

const javaNameWithin: Rename = (name, isNested) => (isNested ? TO_JAVA.get(name) : undefined)

function respell(members: JsonObject, model: Model, shape: string | null | undefined, rename: Rename): JsonObject {
  const visit = (value: Json, shapeName: string, isNested: boolean): Json => {
    const shape = getOwn(model.shapes, shapeName) as Shape | undefined
    if (typeof shape !== 'object') return value
    if (shape.type === 'list') return isArray(value) ? value.map((item) => visit(item, shape.member, isNested)) : value
    if (!isObject(value) || (shape.type !== 'structure' && shape.type !== 'map')) return value
    const isValue = shapeName === VALUE
    const visited: Record<string, Json> = {}
    for (const [key, member] of Object.entries(value)) {
      const name = (isValue ? rename(key, isNested) : undefined) ?? key
      const inner = shape.type === 'map' ? shape.value : shape.members[key]
      setOwn(visited, name, inner === undefined ? member : visit(member, inner, isNested || isValue))
    }
    return visited
  }
  const visited = typeof shape === 'string' ? visit(members, shape, false) : members
  return isObject(visited) ? visited : members
}
