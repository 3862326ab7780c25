/**
 * What a target is given: the event, a constant (`Input`), a part of it (`InputPath`) or a template (`InputTransformer`). Numbers are
 * spelled and members ordered as they came.
 * Source: EventBridge user guide, "Amazon EventBridge input transformation".
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { jsonOf } from '../../base/json-text.ts'
import { printInOrder } from '../../base/member-order.ts'

import { atEventPath, isEventPath } from '../kit/event-path.ts'

import { invalidParameter } from './errors.ts'

export interface RuleOfInput {
  readonly arn: string
  readonly name: string
}

/** The text that is sent. */
export function targetInput(target: JsonObject, event: JsonObject, rule: RuleOfInput): string {
  const input = getOwn(target, 'Input')
  if (typeof input === 'string') return input
  const path = getOwn(target, 'InputPath')
  if (typeof path === 'string') return printInOrder(atEventPath(event, path) ?? {})
  const transformer = getOwn(target, 'InputTransformer')
  return isObject(transformer) ? transform(transformer, event, rule) : printInOrder(event)
}

/** Throws WireError ValidationException where a target's input cannot be made. */
export function checkTargetInput(target: JsonObject): void {
  const given = ['Input', 'InputPath', 'InputTransformer'].filter((name) => (getOwn(target, name) ?? null) !== null)
  if (given.length > 1)
    throw invalidParameter(
      `Only one of Input, InputPath, or InputTransformer must be provided for target ${String(target['Id'])}.`,
    )
  const input = getOwn(target, 'Input')
  if (typeof input === 'string' && jsonOf(input) === undefined) throw invalidParameter('JSON syntax error in input for target')
  const paths = [getOwn(target, 'InputPath'), ...Object.values(pathsOf(getOwn(target, 'InputTransformer')))]
  for (const path of paths)
    if (typeof path === 'string' && !isEventPath(path)) throw invalidParameter(`Invalid InputPath for target: ${path}`)
}

const pathsOf = (transformer: Json | undefined): JsonObject => {
  const paths = isObject(transformer) ? getOwn(transformer, 'InputPathsMap') : undefined
  return isObject(paths) ? paths : {}
}

/** Puts a value for each `<name>`: as JSON where the template stands outside of quotes, as text within them. */
function transform(transformer: JsonObject, event: JsonObject, rule: RuleOfInput): string {
  const paths = pathsOf(transformer)
  const template = getOwn(transformer, 'InputTemplate')
  let isQuoted = false
  return String(template ?? '').replace(/\\.|"|<([\w.-]+)>/g, (found: string, name: string | undefined) => {
    if (found === '"') isQuoted = !isQuoted
    if (name === undefined) return found
    const path = getOwn(paths, name)
    if (typeof path !== 'string' && !name.startsWith('aws.events.')) return found
    const value = typeof path === 'string' ? atEventPath(event, path) : reserved(name, event, rule)
    if (!isQuoted) return printInOrder(value ?? null)
    if (value === undefined) return ''
    return JSON.stringify(typeof value === 'string' ? value : printInOrder(value)).slice(1, -1)
  })
}

function reserved(name: string, event: JsonObject, rule: RuleOfInput): Json | undefined {
  switch (name) {
    case 'aws.events.rule-arn':
      return rule.arn
    case 'aws.events.rule-name':
      return rule.name
    case 'aws.events.event.ingestion-time':
      return getOwn(event, 'time')
    case 'aws.events.event.json':
      return event
    case 'aws.events.event':
      return Object.fromEntries(Object.entries(event).filter(([member]) => member !== 'detail'))
    default:
      return undefined
  }
}
