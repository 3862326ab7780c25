/** Unique ids, by whose prefix the kind is told. Source: IAM user guide, "IAM identifiers". */
import { createHash, randomBytes } from 'node:crypto'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const CHARS = 17

/** `AROA` and 17 characters. */
export const newUniqueId = (prefix: string): string => prefix + lettersOf(randomBytes(CHARS), CHARS)

/** Always the same for the same text. */
export const uniqueIdOf = (prefix: string, text: string): string =>
  prefix + lettersOf(createHash('sha256').update(text).digest(), CHARS)

/** 20 characters in all. */
export const newAccessKeyId = (): string => `AKIA${lettersOf(randomBytes(16), 16)}`
export const newSecretAccessKey = (): string => randomBytes(30).toString('base64')

const lettersOf = (bytes: Buffer, count: number): string =>
  Array.from(bytes.subarray(0, count), (byte) => ALPHABET[byte % ALPHABET.length]).join('')
