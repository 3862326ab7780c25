/**
 * `{{resolve:secretsmanager:…}}`, `{{resolve:ssm:…}}` and `{{resolve:ssm-secure:…}}` within values: what the secret or the parameter
 * holds when the resource is deployed. References to other services stay as they are written, and are told.
 * Source: CloudFormation user guide, "Get values stored in other services using dynamic references".
 */
import { getOwn, isArray, isObject, type Json, setOwn } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import type { Aws } from '../aws.ts'
import { objectAt, PropertyError, requiredText, textAt } from '../resources/resource.ts'

const REFERENCE = /\{\{resolve:([a-z-]+):([^{}]+)\}\}/g
/** By name or ARN; then the key within it, and which version. */
const SECRET = /^(arn:(?:[^:]*:){5}[^:]+|[^:]+)(?::SecretString(?::([^:]*)(?::([^:]*)(?::([^:]*))?)?)?)?$/

/** Throws PropertyError for what is not there, WireError for what the service refuses. */
export async function withStored(value: Json, aws: Aws, warn: (message: string) => void): Promise<Json> {
  if (typeof value === 'string') return value.includes('{{resolve:') ? replaced(value, aws, warn) : value
  if (isArray(value)) {
    const items: Json[] = []
    for (const item of value) items.push(await withStored(item, aws, warn))
    return items
  }
  if (!isObject(value)) return value
  const object: Record<string, Json> = {}
  for (const [name, member] of Object.entries(value)) setOwn(object, name, await withStored(member, aws, warn))
  return object
}

async function replaced(text: string, aws: Aws, warn: (message: string) => void): Promise<string> {
  const parts: string[] = []
  let end = 0
  for (const match of text.matchAll(REFERENCE)) {
    const [whole, service, reference = ''] = match
    parts.push(text.slice(end, match.index))
    end = match.index + whole.length
    if (service === 'secretsmanager') parts.push(await secretAt(reference, whole, aws))
    else if (service === 'ssm' || service === 'ssm-secure') parts.push(await parameterAt(reference, service, whole, aws))
    else {
      warn(`${whole} stays as it is: nothing is resolved from ${service} here.`)
      parts.push(whole)
    }
  }
  return [...parts, text.slice(end)].join('')
}

/** By name or ARN, and which version. */
async function parameterAt(Name: string, service: 'ssm' | 'ssm-secure', whole: string, aws: Aws): Promise<string> {
  const isSecure = service === 'ssm-secure'
  const answer = await aws.json(SERVICES.ssm, 'GetParameter', { Name, ...(isSecure && { WithDecryption: true }) })
  const parameter = objectAt(answer, 'Parameter') ?? {}
  if (isSecure !== (textAt(parameter, 'Type') === 'SecureString'))
    throw new PropertyError(
      isSecure
        ? `${whole}: the parameter is no SecureString; {{resolve:ssm:${Name}}} reads it.`
        : `${whole}: the parameter is a SecureString; {{resolve:ssm-secure:${Name}}} reads it.`,
    )
  return requiredText(parameter, 'Value')
}

async function secretAt(reference: string, whole: string, aws: Aws): Promise<string> {
  const [, SecretId, key = '', stage = '', version = ''] = SECRET.exec(reference) ?? []
  if (SecretId === undefined) throw new PropertyError(`${whole} is no reference to a secret.`)
  const secret = await aws.json(SERVICES.secretsmanager, 'GetSecretValue', {
    SecretId,
    ...(stage !== '' && { VersionStage: stage }),
    ...(version !== '' && { VersionId: version }),
  })
  const text = textAt(secret, 'SecretString')
  if (text === undefined) throw new PropertyError(`${whole}: the secret holds no text.`)
  return key === '' ? text : memberOf(text, key, whole)
}

function memberOf(text: string, key: string, whole: string): string {
  const value = objectIn(text)
  const member = isObject(value) ? getOwn(value, key) : undefined
  if (member === undefined) throw new PropertyError(`${whole}: the secret has no key ${key}.`)
  return typeof member === 'string' ? member : JSON.stringify(member)
}

function objectIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
