/** What keys are put to: KMS's cryptographic actions. Source: AWS KMS API reference, "Cryptographic operations". */
import { createPrivateKey, randomBytes } from 'node:crypto'

import type { JsonObject } from '../../base/json.ts'

import { decrypt, encrypt, openEnvelope } from './ciphertext.ts'
import {
  constraintError,
  enumError,
  incorrectKey,
  invalidCiphertext,
  invalidKeyUsage,
  invalidMac,
  invalidSignature,
  unknownCiphertextKey,
  unsupported,
  validation,
} from './errors.ts'
import {
  type EncryptionContext,
  endDryRun,
  readBytes,
  readContext,
  readOneOf,
  readText,
  readWhole,
  requireText,
} from './input.ts'
import { algorithmsOf, isAsymmetric, KEY_SPECS, type KeyUsage, SYMMETRIC } from './key-specs.ts'
import type { KeyRow } from './key-store.ts'
import type { Keys } from './keys.ts'
import {
  decryptWithPrivateKey,
  encryptWithPublicKey,
  isMacOf,
  isSignatureOf,
  macOf,
  publicKeyOf,
  signMessage,
} from './signatures.ts'

const PLAINTEXT_BYTES_MAX = 4096
const CIPHERTEXT_BYTES_MAX = 6144
const RANDOM_BYTES_MAX = 1024
const DATA_KEY_BYTES = { AES_256: 32, AES_128: 16 } as const
const MESSAGE_TYPES = ['RAW', 'DIGEST'] as const

interface Opened {
  readonly key: KeyRow
  readonly plaintext: Buffer
  readonly algorithm: string
}

export class Cryptography {
  readonly #keys: Keys

  constructor(keys: Keys) {
    this.#keys = keys
  }

  encrypt(input: JsonObject): JsonObject {
    const plaintext = readBytes(input, 'Plaintext', PLAINTEXT_BYTES_MAX)
    const key = this.#keyFor(input, 'ENCRYPT_DECRYPT')
    const algorithm = algorithmIn(input, 'EncryptionAlgorithm', key)
    const context = readContext(input)
    endDryRun(input)
    return {
      CiphertextBlob: base64(this.#close(key, plaintext, algorithm, context)),
      ...this.#named(key),
      EncryptionAlgorithm: algorithm,
    }
  }

  decrypt(input: JsonObject): JsonObject {
    const { key, plaintext, algorithm } = this.#open(input, '')
    endDryRun(input)
    return { ...this.#named(key), Plaintext: base64(plaintext), EncryptionAlgorithm: algorithm }
  }

  reEncrypt(input: JsonObject): JsonObject {
    const from = this.#open(input, 'Source')
    const to = this.#keyFor(input, 'ENCRYPT_DECRYPT', 'DestinationKeyId')
    const algorithm = algorithmIn(input, 'DestinationEncryptionAlgorithm', to)
    const context = readContext(input, 'DestinationEncryptionContext')
    endDryRun(input)
    return {
      CiphertextBlob: base64(this.#close(to, from.plaintext, algorithm, context)),
      SourceKeyId: this.#keys.arnOf(from.key),
      ...this.#named(to),
      SourceEncryptionAlgorithm: from.algorithm,
      DestinationEncryptionAlgorithm: algorithm,
    }
  }

  generateDataKey(input: JsonObject): JsonObject {
    const { plaintext, answer } = this.#dataKey(input)
    return { ...answer, Plaintext: base64(plaintext) }
  }

  generateDataKeyWithoutPlaintext(input: JsonObject): JsonObject {
    return this.#dataKey(input).answer
  }

  async generateDataKeyPair(input: JsonObject): Promise<JsonObject> {
    const { privateKey, answer } = await this.#dataKeyPair(input)
    return { ...answer, PrivateKeyPlaintext: base64(privateKey) }
  }

  async generateDataKeyPairWithoutPlaintext(input: JsonObject): Promise<JsonObject> {
    return (await this.#dataKeyPair(input)).answer
  }

  generateRandom(input: JsonObject): JsonObject {
    const bytes = readWhole(input, 'NumberOfBytes', 1, RANDOM_BYTES_MAX)
    if (bytes === undefined) throw validation('NumberOfBytes is required.')
    return { Plaintext: base64(randomBytes(bytes)) }
  }

  sign(input: JsonObject): JsonObject {
    const message = readBytes(input, 'Message', PLAINTEXT_BYTES_MAX)
    const key = this.#keyFor(input, 'SIGN_VERIFY')
    const algorithm = algorithmIn(input, 'SigningAlgorithm', key)
    const type = readOneOf(input, 'MessageType', MESSAGE_TYPES) ?? 'RAW'
    endDryRun(input)
    const signature = signMessage(this.#newest(key), message, algorithm, type)
    return { ...this.#named(key), Signature: base64(signature), SigningAlgorithm: algorithm }
  }

  verify(input: JsonObject): JsonObject {
    const message = readBytes(input, 'Message', PLAINTEXT_BYTES_MAX)
    const signature = readBytes(input, 'Signature', CIPHERTEXT_BYTES_MAX)
    const key = this.#keyFor(input, 'SIGN_VERIFY')
    const algorithm = algorithmIn(input, 'SigningAlgorithm', key)
    const type = readOneOf(input, 'MessageType', MESSAGE_TYPES) ?? 'RAW'
    endDryRun(input)
    if (!isSignatureOf(this.#newest(key), message, signature, algorithm, type)) throw invalidSignature()
    return { ...this.#named(key), SignatureValid: true, SigningAlgorithm: algorithm }
  }

  getPublicKey(input: JsonObject): JsonObject {
    const key = this.#keys.usable(requireText(input, 'KeyId'))
    if (!isAsymmetric(key.spec)) throw unsupported(`${this.#keys.arnOf(key)} is not an asymmetric key.`)
    return {
      ...this.#named(key),
      PublicKey: base64(publicKeyOf(this.#newest(key))),
      CustomerMasterKeySpec: key.spec,
      KeySpec: key.spec,
      KeyUsage: key.keyUsage,
      ...algorithmsOf(key.spec, key.keyUsage),
    }
  }

  generateMac(input: JsonObject): JsonObject {
    const message = readBytes(input, 'Message', PLAINTEXT_BYTES_MAX)
    const key = this.#keyFor(input, 'GENERATE_VERIFY_MAC')
    const algorithm = algorithmIn(input, 'MacAlgorithm', key)
    endDryRun(input)
    return { ...this.#named(key), Mac: base64(macOf(this.#newest(key), message, algorithm)), MacAlgorithm: algorithm }
  }

  verifyMac(input: JsonObject): JsonObject {
    const message = readBytes(input, 'Message', PLAINTEXT_BYTES_MAX)
    const mac = readBytes(input, 'Mac', CIPHERTEXT_BYTES_MAX)
    const key = this.#keyFor(input, 'GENERATE_VERIFY_MAC')
    const algorithm = algorithmIn(input, 'MacAlgorithm', key)
    endDryRun(input)
    if (!isMacOf(this.#newest(key), message, mac, algorithm)) throw invalidMac()
    return { ...this.#named(key), MacValid: true, MacAlgorithm: algorithm }
  }

  // ---- shared ----

  #keyFor(input: JsonObject, usage: KeyUsage, member = 'KeyId'): KeyRow {
    const key = this.#keys.usable(requireText(input, member))
    if (key.keyUsage !== usage)
      throw invalidKeyUsage(`${this.#keys.arnOf(key)} key usage is ${key.keyUsage} which is not valid for this operation.`)
    return key
  }

  #newest(key: KeyRow): string {
    return this.#keys.store.newestMaterial(key).text
  }

  #named(key: KeyRow): JsonObject {
    return { KeyId: this.#keys.arnOf(key) }
  }

  #close(key: KeyRow, plaintext: Buffer, algorithm: string, context: EncryptionContext): Buffer {
    const { generation, text } = this.#keys.store.newestMaterial(key)
    if (algorithm === SYMMETRIC) return encrypt(plaintext, { keyId: key.id, generation, material: text }, context)
    const closed = encryptWithPublicKey(text, plaintext, algorithm)
    if (!closed) throw validation(`Plaintext is too long for ${algorithm} with a key of ${key.spec}.`)
    return closed
  }

  /** `prefix` stands before the members of ReEncrypt. */
  #open(input: JsonObject, prefix: '' | 'Source'): Opened {
    const bytes = readBytes(input, 'CiphertextBlob', CIPHERTEXT_BYTES_MAX)
    const keyId = readText(input, `${prefix}KeyId`)
    const algorithm = readText(input, `${prefix}EncryptionAlgorithm`) ?? SYMMETRIC
    const context = readContext(input, `${prefix}EncryptionContext`)
    return algorithm === SYMMETRIC
      ? this.#openSymmetric(bytes, keyId, context)
      : this.#openAsymmetric(bytes, keyId, algorithm, prefix)
  }

  #openSymmetric(bytes: Buffer, keyId: string | undefined, context: EncryptionContext): Opened {
    const wanted = keyId === undefined ? undefined : this.#keys.usable(keyId)
    const envelope = openEnvelope(bytes)
    if (!envelope) throw invalidCiphertext()
    if (wanted && wanted.id !== envelope.keyId) throw incorrectKey()
    const key = wanted ?? this.#keys.store.find(envelope.keyId)
    if (!key) throw unknownCiphertextKey()
    this.#keys.requireUsable(key)
    const material = this.#keys.store.material(key, envelope.generation)
    const plaintext = material && decrypt(envelope, material.text, context)
    if (!plaintext) throw invalidCiphertext()
    return { key, plaintext, algorithm: SYMMETRIC }
  }

  #openAsymmetric(bytes: Buffer, keyId: string | undefined, algorithm: string, prefix: string): Opened {
    if (keyId === undefined) throw validation('KeyId is required where a ciphertext was encrypted with an asymmetric key.')
    const key = this.#keyFor({ KeyId: keyId }, 'ENCRYPT_DECRYPT')
    algorithmIn({ Algorithm: algorithm }, 'Algorithm', key, `${prefix}EncryptionAlgorithm`)
    const plaintext = decryptWithPrivateKey(this.#newest(key), bytes, algorithm)
    if (!plaintext) throw invalidCiphertext()
    return { key, plaintext, algorithm }
  }

  #dataKey(input: JsonObject): { readonly plaintext: Buffer; readonly answer: JsonObject } {
    const key = this.#symmetric(input)
    const plaintext = randomBytes(dataKeyBytes(input))
    const context = readContext(input)
    endDryRun(input)
    return { plaintext, answer: { ...this.#named(key), CiphertextBlob: base64(this.#close(key, plaintext, SYMMETRIC, context)) } }
  }

  async #dataKeyPair(input: JsonObject): Promise<{ readonly privateKey: Buffer; readonly answer: JsonObject }> {
    const key = this.#symmetric(input)
    const spec = requireText(input, 'KeyPairSpec')
    const pairs = [...KEY_SPECS.keys()].filter(isAsymmetric)
    const known = isAsymmetric(spec) ? KEY_SPECS.get(spec) : undefined
    if (!known) throw enumError(spec, 'KeyPairSpec', pairs)
    const context = readContext(input)
    endDryRun(input)
    const pem = await known.generate()
    const privateKey = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' })
    const answer = {
      ...this.#named(key),
      PrivateKeyCiphertextBlob: base64(this.#close(key, privateKey, SYMMETRIC, context)),
      PublicKey: base64(publicKeyOf(pem)),
      KeyPairSpec: spec,
    }
    return { privateKey, answer }
  }

  #symmetric(input: JsonObject): KeyRow {
    const key = this.#keyFor(input, 'ENCRYPT_DECRYPT')
    if (key.spec !== SYMMETRIC)
      throw invalidKeyUsage(`${this.#keys.arnOf(key)} key spec is ${key.spec} which is not valid for this operation.`)
    return key
  }
}

const base64 = (bytes: Buffer): string => bytes.toString('base64')

/** The algorithm that is asked for, which the key must have. Symmetric keys have one alone. */
function algorithmIn(input: JsonObject, member: string, key: KeyRow, called = member): string {
  const algorithm = readText(input, member) ?? (member.includes('Encryption') ? SYMMETRIC : undefined)
  const known = Object.values(algorithmsOf(key.spec, key.keyUsage)).flat()
  if (algorithm === undefined) throw constraintError(undefined, called, 'Member must not be null')
  if (!known.includes(algorithm)) throw invalidKeyUsage(`Algorithm ${algorithm} is incompatible with key spec ${key.spec}.`)
  return algorithm
}

function dataKeyBytes(input: JsonObject): number {
  const spec = readOneOf(input, 'KeySpec', ['AES_256', 'AES_128'])
  const bytes = readWhole(input, 'NumberOfBytes', 1, RANDOM_BYTES_MAX)
  if ((spec === undefined) === (bytes === undefined)) throw validation('Please specify either number of bytes or key spec.')
  return spec === undefined ? (bytes ?? 0) : DATA_KEY_BYTES[spec]
}
