/**
 * Objects under a key that the customer keeps (SSE-C): they are read with that key alone. The key is asked for and not used: the
 * bytes lie here as they came, beside the MD5 of the key.
 * Source: Amazon S3 user guide, "Using server-side encryption with customer-provided keys".
 */
import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

import { headerOf } from '../../wire/http.ts'
import { child, childText, type XmlElement } from '../../wire/xml.ts'

import { accessDenied, invalidArgument, invalidEncryptionAlgorithm, invalidRequest } from './errors.ts'
import type { ObjectHeaders } from './records.ts'

const ENCRYPTION = 'x-amz-server-side-encryption'
const ALGORITHM = 'x-amz-server-side-encryption-customer-algorithm'
const KEY = 'x-amz-server-side-encryption-customer-key'
const KEY_MD5 = 'x-amz-server-side-encryption-customer-key-md5'
const KEY_BYTES = 32

const isCustomerKeyHeader = (name: string): boolean => name === ALGORITHM || name === KEY_MD5
/** Whatever an object is told to be encrypted by. */
export const isEncryptionHeader = (name: string): boolean => name.startsWith(ENCRYPTION)

/** What the object keeps of the key, and is told again. `of`: `source` reads the headers about the source of a copy. */
export function readCustomerKey(headers: IncomingHttpHeaders, of: 'object' | 'source' = 'object'): ObjectHeaders {
  const read = (name: string) => headerOf(headers, of === 'object' ? name : name.replace('x-amz-', 'x-amz-copy-source-'))
  const [algorithm, text, md5] = [read(ALGORITHM), read(KEY), read(KEY_MD5)]
  if (algorithm === undefined && text === undefined && md5 === undefined) return []
  const refuse = (message: string, value = 'null') => invalidArgument(message, ENCRYPTION, value)
  const other = of === 'object' ? headerOf(headers, ENCRYPTION) : undefined
  if (other !== undefined)
    throw refuse('Server Side Encryption with Customer provided key is incompatible with the encryption method specified', other)
  const wanted = (what: string) =>
    refuse(`Requests specifying Server Side Encryption with Customer provided keys must provide ${what}.`)
  if (algorithm === undefined) throw wanted('a valid encryption algorithm')
  if (text === undefined) throw wanted('an appropriate secret key')
  if (algorithm !== 'AES256') throw invalidEncryptionAlgorithm({ ArgumentName: ENCRYPTION, ArgumentValue: algorithm })
  const key = Buffer.from(text, 'base64')
  const digest = createHash('md5').update(key).digest('base64')
  if (md5 !== undefined && md5 !== digest)
    throw refuse('The calculated MD5 hash of the key did not match the hash that was provided.')
  if (key.length !== KEY_BYTES) throw refuse('The secret key was invalid for the specified algorithm.')
  return [
    [ALGORITHM, algorithm],
    [KEY_MD5, digest],
  ]
}

const md5Of = (headers: ObjectHeaders): string | undefined => headers.find(([name]) => name === KEY_MD5)?.[1]

/** Whoever reads an object shows the key under which it was written, and none where there was none. */
export function checkCustomerKey(stored: ObjectHeaders, shown: ObjectHeaders): void {
  const [wanted, given] = [md5Of(stored), md5Of(shown)]
  if (wanted === given) return
  if (wanted === undefined) throw invalidRequest('The encryption parameters are not applicable to this object.')
  if (given === undefined)
    throw invalidRequest(
      'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
    )
  throw accessDenied(
    {},
    'Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key.',
  )
}

/** All parts of an upload come under the key with which it was begun, if any. */
export function checkPartKey(upload: ObjectHeaders, shown: ObjectHeaders): void {
  const [wanted, given] = [md5Of(upload), md5Of(shown)]
  if (wanted === given) return
  throw invalidRequest(
    wanted === undefined || given === undefined
      ? 'The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.'
      : 'The provided encryption parameters did not match the ones used originally.',
  )
}

/** How the object is kept, as answers tell it. */
export function encryptionHeaders(stored: ObjectHeaders): Readonly<Record<string, string>> {
  const own = stored.filter(([name]) => isCustomerKeyHeader(name) || name.startsWith(ENCRYPTION))
  return own.length === 0 ? { [ENCRYPTION]: 'AES256' } : Object.fromEntries(own)
}

const KMS_KEY = 'x-amz-server-side-encryption-aws-kms-key-id'
const BUCKET_KEY = 'x-amz-server-side-encryption-bucket-key-enabled'

/** What a request says of a key of KMS: it is kept and told, the bytes lie in the clear. */
export function readEncryption(headers: IncomingHttpHeaders): ObjectHeaders {
  const algorithm = headerOf(headers, ENCRYPTION)
  if (algorithm === undefined || algorithm === 'AES256') return []
  if (algorithm !== 'aws:kms' && algorithm !== 'aws:kms:dsse')
    throw invalidArgument('The encryption method specified is not supported', ENCRYPTION, algorithm)
  return [[ENCRYPTION, algorithm], ...keptOf(headers, KMS_KEY), ...keptOf(headers, BUCKET_KEY)]
}

function keptOf(headers: IncomingHttpHeaders, name: string): ObjectHeaders {
  const value = headerOf(headers, name)
  return value === undefined ? [] : [[name, value]]
}

/** What an object has under its bucket's default encryption, where its own request named none. */
export function withEncryption(headers: ObjectHeaders, setting: XmlElement | undefined): ObjectHeaders {
  if (headers.some(([name]) => name === ENCRYPTION || isCustomerKeyHeader(name))) return headers
  const rule = setting && child(setting, 'Rule')
  const byDefault = rule && child(rule, 'ApplyServerSideEncryptionByDefault')
  const algorithm = byDefault && childText(byDefault, 'SSEAlgorithm')
  if (!byDefault || algorithm === undefined || algorithm === 'AES256') return headers
  const key = childText(byDefault, 'KMSMasterKeyID')
  return [...headers, [ENCRYPTION, algorithm], ...(key === undefined ? [] : [[KMS_KEY, key] as const])]
}

/** At the end of an upload nothing is told of the customer's key, which nobody has shown again. */
export const uploadedHeaders = (stored: ObjectHeaders): Readonly<Record<string, string>> =>
  md5Of(stored) === undefined ? encryptionHeaders(stored) : {}
