/**
 * Signs messages as SNS does, with a key of our own that lives in the database. What SNS serves as a certificate is here
 * the public key in PEM at `SigningCertURL`: `crypto.verify` takes either.
 * Source: Amazon SNS developer guide, "Verifying the signatures of Amazon SNS messages".
 */
import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'

import type { LocalDatabase } from '../database.ts'

export const SIGNING_KEY_PATH = '/SimpleNotificationService-regente.pem'

export interface Signer {
  readonly publicPem: string
  /** Base64. `version` 1 is SHA-1, 2 is SHA-256, both RSA. */
  sign(fields: readonly (readonly [string, string | undefined])[], version: string): string
}

/** The key is made once, off the event loop. */
export async function openSigner(database: LocalDatabase): Promise<Signer> {
  database.exec('CREATE TABLE IF NOT EXISTS sns_key (one INTEGER PRIMARY KEY CHECK (one = 1), pem TEXT NOT NULL)')
  const key = readKey(database) ?? (await makeKey(database))
  const publicPem = createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string
  return {
    publicPem,
    sign(fields, version) {
      const text = fields.map(([name, value]) => (value === undefined ? '' : `${name}\n${value}\n`)).join('')
      return sign(version === '2' ? 'RSA-SHA256' : 'RSA-SHA1', Buffer.from(text), key).toString('base64')
    },
  }
}

function readKey(database: LocalDatabase): KeyObject | undefined {
  const row = database.prepare('SELECT pem FROM sns_key').get() as { pem: string } | undefined
  return row && createPrivateKey(row.pem)
}

async function makeKey(database: LocalDatabase): Promise<KeyObject> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
  database.prepare('INSERT OR IGNORE INTO sns_key VALUES (1, ?)').run(pem)
  return readKey(database) ?? privateKey
}
