/**
 * What symmetric keys encrypt: AES-256-GCM, with the key's id in front, so that Decrypt finds the key by itself. The encryption
 * context is authenticated with it, whatever the order of its pairs. No other KMS can read it, and this one reads no other's.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

import type { EncryptionContext } from './input.ts'

const VERSION = 1
/** UUIDs, and `mrk-` with 32 digits. */
const ID_BYTES = 36
const HEAD_BYTES = 1 + ID_BYTES + 4
const IV_BYTES = 12
const TAG_BYTES = 16

export interface Envelope {
  readonly keyId: string
  /** Of the key's materials. */
  readonly generation: number
  readonly bytes: Buffer
}

export function encrypt(
  plaintext: Buffer,
  key: { readonly keyId: string; readonly generation: number; readonly material: string },
  context: EncryptionContext,
): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt8(VERSION)
  head.write(key.keyId, 1, 'latin1')
  head.writeUInt32BE(key.generation, 1 + ID_BYTES)
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), iv).setAAD(authenticated(head, context))
  const content = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return Buffer.concat([head, iv, cipher.getAuthTag(), content])
}

/** Undefined where these are no bytes of ours. */
export function openEnvelope(bytes: Buffer): Envelope | undefined {
  if (bytes.length < HEAD_BYTES + IV_BYTES + TAG_BYTES || bytes[0] !== VERSION) return undefined
  const keyId = bytes.toString('latin1', 1, 1 + ID_BYTES)
  return { keyId, generation: bytes.readUInt32BE(1 + ID_BYTES), bytes }
}

/** Undefined where it was damaged, or encrypted with another key or context. */
export function decrypt({ bytes }: Envelope, material: string, context: EncryptionContext): Buffer | undefined {
  const iv = bytes.subarray(HEAD_BYTES, HEAD_BYTES + IV_BYTES)
  const tagEnd = HEAD_BYTES + IV_BYTES + TAG_BYTES
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(material, 'base64'), iv)
    .setAAD(authenticated(bytes.subarray(0, HEAD_BYTES), context))
    .setAuthTag(bytes.subarray(HEAD_BYTES + IV_BYTES, tagEnd))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()])
  } catch {
    return undefined
  }
}

const authenticated = (head: Buffer, context: EncryptionContext): Buffer => {
  const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))
  return Buffer.concat([head, Buffer.from(JSON.stringify(pairs))])
}
