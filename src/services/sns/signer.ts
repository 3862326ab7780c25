/**
 * Signs messages as SNS does, with a key of our own that lives in the database, and has a certificate for those who verify, at
 * `SigningCertURL`. Nobody but ourselves vouches for it.
 * Source: Amazon SNS developer guide, "Verifying the signatures of Amazon SNS messages".
 */
import { createPrivateKey, generateKeyPair, type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'

import type { ServicesDatabase } from '../kit/database.ts'
import { isSealed, type Seal } from '../seal.ts'

import { selfSignedCertificate } from './certificate.ts'

export const CERTIFICATE_PATH = '/SimpleNotificationService-regente.pem'
/** Whom SNS's own certificates are about. */
const COMMON_NAME = 'sns.amazonaws.com'

export interface Signer {
  /** PEM. */
  readonly certificate: string
  /** Base64. `version` 1 is SHA-1, 2 is SHA-256, both RSA. */
  sign(fields: readonly (readonly [string, string | undefined])[], version: string): string
}

/** The key is made once, off the event loop. */
export async function openSigner(database: ServicesDatabase, seal: Seal): Promise<Signer> {
  const key = readKey(database, seal) ?? (await makeKey(database, seal))
  return {
    certificate: selfSignedCertificate(key, COMMON_NAME),
    sign(fields, version) {
      const text = fields.map(([name, value]) => (value === undefined ? '' : `${name}\n${value}\n`)).join('')
      return sign(version === '2' ? 'RSA-SHA256' : 'RSA-SHA1', Buffer.from(text), key).toString('base64')
    },
  }
}

const PLACE = 'sns/signing-key'

function readKey(database: ServicesDatabase, seal: Seal): KeyObject | undefined {
  const row = database.prepare('SELECT pem FROM sns_key').get() as { pem: string } | undefined
  if (!row) return undefined
  if (isSealed(row.pem)) return createPrivateKey(seal.open(row.pem, PLACE))
  // Of an older version, which kept it in the clear.
  database.prepare('UPDATE sns_key SET pem = ?').run(seal.close(row.pem, PLACE))
  return createPrivateKey(row.pem)
}

async function makeKey(database: ServicesDatabase, seal: Seal): Promise<KeyObject> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  database.prepare('INSERT OR IGNORE INTO sns_key VALUES (1, ?)').run(seal.close(pem, PLACE))
  return readKey(database, seal) ?? privateKey
}
