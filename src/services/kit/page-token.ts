/**
 * Page tokens: opaque texts that carry the place where the next page begins. A checksum tells a text that was never given, or
 * given by another service, from one of ours. It keeps no secret and proves nothing: whoever may list may begin anywhere.
 */
import { crc32 } from 'node:zlib'

import { isArray, type Json } from '../../base/json.ts'
import { jsonOf } from '../../base/json-text.ts'

import type { WireError } from '../../wire/errors.ts'

export type PlacePart = string | number

export interface PageTokens {
  print(place: readonly PlacePart[]): string
  /** What `print` was given. Throws what the service says of a token that is not its own. */
  parse(token: string): readonly PlacePart[]
  /** Of a place that is one name; no token, or an empty one, is the beginning. */
  placeOf(token: string | undefined): string
}

/** `refuse` makes the error of the service whose name is given. */
export function pageTokens(service: string, refuse: () => WireError): PageTokens {
  const print = (place: readonly PlacePart[]): string =>
    Buffer.from(JSON.stringify([crc32(service + JSON.stringify(place)), ...place])).toString('base64url')
  const parse = (token: string): readonly PlacePart[] => {
    const place = partsOf(token)
    if (place === undefined || print(place) !== token) throw refuse()
    return place
  }
  return {
    print,
    parse,
    placeOf: (token) => (token === undefined || token === '' ? '' : String(parse(token)[0])),
  }
}

function partsOf(token: string): readonly PlacePart[] | undefined {
  const parts = jsonOf(Buffer.from(token, 'base64url').toString('utf8'))
  return isArray(parts) && parts.every(isPart) ? parts.slice(1) : undefined
}

const isPart = (part: Json): part is PlacePart => typeof part === 'string' || typeof part === 'number'
