/**
 * Secrets. A value in the template is put whenever it differs; one that is to be generated is drawn once, and kept.
 * Source: CloudFormation, AWS::SecretsManager::Secret, GenerateSecretString.
 */
import { randomInt } from 'node:crypto'

import { isObject, type JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import {
  booleanAt,
  numberAt,
  objectAt,
  physicalName,
  PropertyError,
  requiredText,
  type ResourceType,
  textAt,
} from './resource.ts'

const SECRETS = SERVICES.secretsmanager

export const secret: ResourceType = {
  ignores: ['ReplicaRegions', 'KmsKeyId'],
  async deploy({ id, properties }, context) {
    const { aws } = context
    const name = textAt(properties, 'Name') ?? physicalName(context, id, 256)
    const found = await orUndefined(aws.json(SECRETS, 'DescribeSecret', { SecretId: name }), 'ResourceNotFoundException')
    const given = textAt(properties, 'SecretString')
    const description = textAt(properties, 'Description')
    if (found === undefined) {
      const SecretString = given ?? generated(objectAt(properties, 'GenerateSecretString'))
      const input = {
        Name: name,
        ...(SecretString !== undefined && { SecretString }),
        ...(description !== undefined && { Description: description }),
      }
      const arn = requiredText(await aws.json(SECRETS, 'CreateSecret', input), 'ARN')
      return { ref: arn, attributes: { Id: arn }, change: 'created' }
    }
    const arn = requiredText(found, 'ARN')
    const value = await orUndefined(aws.json(SECRETS, 'GetSecretValue', { SecretId: name }), 'ResourceNotFoundException')
    const isSame = given === undefined || textAt(value ?? {}, 'SecretString') === given
    if (!isSame) await aws.json(SECRETS, 'PutSecretValue', { SecretId: name, SecretString: given })
    return { ref: arn, attributes: { Id: arn }, change: isSame ? 'unchanged' : 'updated' }
  },
  async remove(ref, aws) {
    const input = { SecretId: ref, ForceDeleteWithoutRecovery: true }
    await orUndefined(aws.json(SECRETS, 'DeleteSecret', input), 'ResourceNotFoundException')
    return undefined
  },
}

const KINDS: readonly (readonly [exclude: string, characters: string])[] = [
  ['ExcludeLowercase', 'abcdefghijklmnopqrstuvwxyz'],
  ['ExcludeUppercase', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'],
  ['ExcludeNumbers', '0123456789'],
  ['ExcludePunctuation', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'],
]

function generated(wishes: JsonObject | undefined): string | undefined {
  if (wishes === undefined) return undefined
  const excluded = new Set(textAt(wishes, 'ExcludeCharacters') ?? '')
  const allowed = KINDS.filter(([exclude]) => booleanAt(wishes, exclude) !== true).map(([, characters]) => characters)
  if (booleanAt(wishes, 'IncludeSpace') === true) allowed.push(' ')
  const characters = allowed
    .join('')
    .split('')
    .filter((one) => !excluded.has(one))
  if (characters.length === 0) throw new PropertyError('All characters are excluded.', 'GenerateSecretString')
  const length = numberAt(wishes, 'PasswordLength') ?? 32
  const password = Array.from({ length }, () => characters[randomInt(characters.length)]).join('')
  const key = textAt(wishes, 'GenerateStringKey')
  return key === undefined ? password : JSON.stringify({ ...templateOf(wishes), [key]: password })
}

function templateOf(wishes: JsonObject): JsonObject {
  const text = textAt(wishes, 'SecretStringTemplate') ?? '{}'
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {}
  throw new PropertyError('SecretStringTemplate must be a JSON object.', 'GenerateSecretString', 'SecretStringTemplate')
}
