/** Reads the members of a Query request: texts, and maps given as `entry.N.key` and `entry.N.value`. */
import { getOwn, type JsonObject } from '../../base/json.ts'

import { objectList } from '../kit/input.ts'

import { invalidParameter } from './errors.ts'

export function optionalText(input: JsonObject, name: string): string | undefined {
  const value = getOwn(input, name)
  return typeof value === 'string' ? value : undefined
}

export function requiredText(input: JsonObject, name: string): string {
  const value = optionalText(input, name)
  if (value === undefined || value === '') throw noValue(name)
  return value
}

const noValue = (name: string) => invalidParameter(`${name} Reason: no value for required parameter`)

/** An ARN of SNS; the text of the refusal counts its parts as AWS does. */
export function requiredArn(input: JsonObject, name: string): string {
  const arn = optionalText(input, name)
  if (arn === undefined) throw noValue(name)
  const parts = arn.split(':').length
  if (parts < 6) throw invalidParameter(`${name} Reason: An ARN must have at least 6 elements, not ${parts}`)
  return arn
}

/** Throws InvalidParameter where a key is given twice. */
export function readTags(input: JsonObject): ReadonlyMap<string, string> {
  const tags = textMap(input, 'Tags', 'Key', 'Value')
  if (tags.size < objectList(input, 'Tags').length) throw invalidParameter('Duplicated keys are not allowed.')
  return tags
}

export function textMap(input: JsonObject, name: string, key = 'key', value = 'value'): ReadonlyMap<string, string> {
  const entries = objectList(input, name).map((entry) => [optionalText(entry, key), optionalText(entry, value)] as const)
  return new Map(entries.filter((entry): entry is [string, string] => entry[0] !== undefined && entry[1] !== undefined))
}
