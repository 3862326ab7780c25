/**
 * What asymmetric and HMAC keys do, by the algorithms' names in the API.
 * Source: AWS KMS API reference, Sign (MessageType, SigningAlgorithm), Encrypt, GenerateMac; RFC 8017, appendix A.2.4 (DigestInfo).
 */
import {
  constants,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  privateDecrypt,
  privateEncrypt,
  publicDecrypt,
  publicEncrypt,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'

import { validation } from './errors.ts'

export type MessageType = 'RAW' | 'DIGEST'

/** In front of a digest, where PKCS #1 v1.5 signs it. */
const DIGEST_INFO: Readonly<Record<string, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
}

const hashOf = (algorithm: string): string => `sha${/SHA_(\d+)$/.exec(algorithm)?.[1] ?? ''}`

const signingKey = (key: KeyObject, algorithm: string) => ({
  key,
  ...(algorithm.startsWith('RSASSA_PSS') && {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  }),
})

export function signMessage(pem: string, message: Buffer, algorithm: string, type: MessageType): Buffer {
  const key = createPrivateKey(pem)
  if (algorithm === 'ED25519_SHA_512') return sign(null, rawOnly(message, type), key)
  const hash = hashOf(algorithm)
  if (type === 'RAW') return sign(hash, message, signingKey(key, algorithm))
  checkDigest(message, hash)
  if (algorithm.startsWith('RSASSA_PKCS1'))
    return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo(message, hash))
  throw validation(digestText(algorithm))
}

export function isSignatureOf(pem: string, message: Buffer, signature: Buffer, algorithm: string, type: MessageType): boolean {
  const key = createPublicKey(pem)
  if (algorithm === 'ED25519_SHA_512') return verify(null, rawOnly(message, type), key, signature)
  const hash = hashOf(algorithm)
  if (type === 'RAW') return verify(hash, message, signingKey(key, algorithm), signature)
  checkDigest(message, hash)
  if (!algorithm.startsWith('RSASSA_PKCS1')) throw validation(digestText(algorithm))
  try {
    return publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature).equals(digestInfo(message, hash))
  } catch {
    return false
  }
}

const digestInfo = (digest: Buffer, hash: string): Buffer => Buffer.concat([Buffer.from(DIGEST_INFO[hash] ?? '', 'hex'), digest])

function checkDigest(digest: Buffer, hash: string): void {
  if (digest.length !== createHash(hash).digest().length)
    throw validation(`Digest is invalid length for algorithm ${hash.replace('sha', 'SHA_')}.`)
}

function rawOnly(message: Buffer, type: MessageType): Buffer {
  if (type === 'DIGEST') throw validation('MessageType DIGEST is not supported with ED25519_SHA_512.')
  return message
}
const digestText = (algorithm: string): string =>
  `The local KMS signs digests with RSASSA_PKCS1_V1_5 alone, not with ${algorithm}: send the message, with MessageType RAW.`

/** The public half as DER, as GetPublicKey gives it. */
export const publicKeyOf = (pem: string): Buffer => createPublicKey(pem).export({ type: 'spki', format: 'der' })

const padded = (key: KeyObject, algorithm: string) => ({
  key,
  padding: constants.RSA_PKCS1_OAEP_PADDING,
  oaepHash: algorithm === 'RSAES_OAEP_SHA_1' ? 'sha1' : 'sha256',
})

/** Undefined where the plaintext is longer than the key takes. */
export function encryptWithPublicKey(pem: string, plaintext: Buffer, algorithm: string): Buffer | undefined {
  try {
    return publicEncrypt(padded(createPublicKey(pem), algorithm), plaintext)
  } catch {
    return undefined
  }
}

export function decryptWithPrivateKey(pem: string, ciphertext: Buffer, algorithm: string): Buffer | undefined {
  try {
    return privateDecrypt(padded(createPrivateKey(pem), algorithm), ciphertext)
  } catch {
    return undefined
  }
}

export const macOf = (material: string, message: Buffer, algorithm: string): Buffer =>
  createHmac(hashOf(algorithm), Buffer.from(material, 'base64')).update(message).digest()

export const isMacOf = (material: string, message: Buffer, mac: Buffer, algorithm: string): boolean => {
  const right = macOf(material, message, algorithm)
  return mac.length === right.length && timingSafeEqual(mac, right)
}
