/**
 * Hashes by the names that Step Functions gives them, of a text's UTF-8 bytes, in lower-case hexadecimal. Not by the platform:
 * expressions run in browsers too and do not wait, where Web Crypto makes everybody wait and has no MD5.
 */
import { md5, sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

const HASHES: ReadonlyMap<string, (message: Uint8Array) => Uint8Array> = new Map([
  ['MD5', md5],
  ['SHA-1', sha1],
  ['SHA-256', sha256],
  ['SHA-384', sha384],
  ['SHA-512', sha512],
])

/** Undefined when there is no such algorithm. */
export function hashText(text: string, algorithm: string): string | undefined {
  const hash = HASHES.get(algorithm)
  return hash && bytesToHex(hash(new TextEncoder().encode(text)))
}
