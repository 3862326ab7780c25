/** Hashes by the names that Step Functions gives them, of a text's UTF-8 bytes, in lower-case hexadecimal. */
import { md5 } from './md5.ts'
import { sha1 } from './sha1.ts'
import { sha256 } from './sha256.ts'
import { sha384, sha512 } from './sha512.ts'

export const HASHES: ReadonlyMap<string, (message: Uint8Array) => string> = new Map([
  ['MD5', md5],
  ['SHA-1', sha1],
  ['SHA-256', sha256],
  ['SHA-384', sha384],
  ['SHA-512', sha512],
])

/** Undefined when there is no such algorithm. */
export function hashText(text: string, algorithm: string): string | undefined {
  return HASHES.get(algorithm)?.(new TextEncoder().encode(text))
}
