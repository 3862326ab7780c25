/**
 * Temporary credentials, and who they stand for. The identity is the session token itself, so that it outlives the server;
 * whoever makes one up is believed, as any access key is here.
 * Source: IAM user guide, "IAM identifiers" (unique ID prefixes).
 */
import { createHash, randomBytes } from 'node:crypto'

import { getOwn } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

export interface Identity {
  readonly account: string
  readonly arn: string
  readonly userId: string
}

export interface SessionCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export function newCredentials(identity: Identity): SessionCredentials {
  return {
    accessKeyId: `ASIA${idOf(randomBytes(16), 16)}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: Buffer.from(JSON.stringify(identity)).toString('base64'),
  }
}

/** Undefined where the token is none of ours. */
export function identityOfToken(token: string): Identity | undefined {
  const value = objectOf(Buffer.from(token, 'base64').toString('utf8'))
  if (!value) return undefined
  const [account, arn, userId] = [getOwn(value, 'account'), getOwn(value, 'arn'), getOwn(value, 'userId')]
  if (typeof account !== 'string' || typeof arn !== 'string' || typeof userId !== 'string') return undefined
  return { account, arn, userId }
}

/** Always the same for the same role. */
export const roleIdOf = (roleArn: string): string => `AROA${idOf(createHash('sha256').update(roleArn).digest(), 17)}`

const idOf = (bytes: Buffer, length: number): string =>
  Array.from(bytes.subarray(0, length), (byte) => ALPHABET[byte % ALPHABET.length]).join('')
