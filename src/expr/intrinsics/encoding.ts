/** Base64 and hashes. Source: AWS developer guide, "Intrinsics for data encoding and decoding", "Intrinsic for hash". */
import { printsWithin } from '../../base/json-size.ts'
import { printInOrder } from '../../base/member-order.ts'

import { hashText } from '../hash.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { boundedStringArg, ENCODED_CHARS_MAX, type IntrinsicFunction, PRINTED_CHARS_MAX, refuse, stringArg } from './function.ts'

/** Malformed UTF-8 becomes U+FFFD, as in Java's `new String(bytes, UTF_8)`. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

export const base64Encode: IntrinsicFunction = {
  argsMin: 1,
  argsMax: 1,
  call: (args) => encodeBase64(new TextEncoder().encode(boundedStringArg(args, 0))),
}

export const base64Decode: IntrinsicFunction = {
  argsMin: 1,
  argsMax: 1,
  call(args) {
    const bytes = decodeBase64(boundedStringArg(args, 0))
    return bytes === undefined ? refuse('argument 1 is not a base64 text') : decoder.decode(bytes)
  },
}

/** Data that is not a string is hashed by its JSON text. */
export const hash: IntrinsicFunction = {
  argsMin: 2,
  argsMax: 2,
  call(args) {
    const data = args[0] ?? null
    if (!printsWithin(data, PRINTED_CHARS_MAX)) refuse('argument 1 is too long')
    const text = typeof data === 'string' ? data : printInOrder(data)
    if (text.length > ENCODED_CHARS_MAX) refuse(`argument 1 is longer than ${ENCODED_CHARS_MAX} characters`)
    return hashText(text, stringArg(args, 1)) ?? refuse('argument 2 must be MD5, SHA-1, SHA-256, SHA-384 or SHA-512')
  },
}
