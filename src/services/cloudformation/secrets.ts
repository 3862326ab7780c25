/**
 * Values that are not to be shown, in what is shown.
 * Source: CloudFormation user guide, "Parameters", NoEcho: "masked as asterisks for any calls that describe the stack or stack
 * events". Outputs and metadata are not.
 */
import { isArray, isObject, type Json, setOwn } from '../../base/json.ts'

import type { StackSettings } from './records.ts'

export const MASK = '****'

export const secretsOf = (...all: readonly (StackSettings | undefined)[]): readonly string[] =>
  all.flatMap((settings) =>
    (settings?.parameters ?? []).flatMap(({ value, resolved, isSecret }) =>
      isSecret ? [value, ...(resolved === undefined ? [] : [resolved])].filter((text) => text !== '') : [],
    ),
  )

/** Wherever one of them stands, the mask stands. */
export function masked<T extends Json>(value: T, secrets: readonly string[]): T
export function masked(value: Json, secrets: readonly string[]): Json {
  if (secrets.length === 0) return value
  if (typeof value === 'string') return secrets.reduce((text, secret) => text.replaceAll(secret, () => MASK), value)
  if (isArray(value)) return value.map((item) => masked(item, secrets))
  if (!isObject(value)) return secrets.includes(String(value)) ? MASK : value
  const shown: Record<string, Json> = {}
  for (const [name, member] of Object.entries(value)) setOwn(shown, name, masked(member, secrets))
  return shown
}
