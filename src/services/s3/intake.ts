/**
 * Takes in one body: streams it to the content store while it is hashed, and compares what arrived with everything the
 * caller said about it (length, Content-MD5, the signed SHA-256, a checksum in a header or a trailer).
 */
import { createHash } from 'node:crypto'

import { badDigest, contentSha256Mismatch, entityTooLarge, incompleteBody } from './errors.ts'
import { type Checksum, type ChecksumAlgorithm, DEFAULT_ALGORITHM, newChecksum } from './checksum.ts'
import type { ContentStore, FreshSegment } from './content.ts'

export interface Incoming {
  readonly body: AsyncIterable<Buffer>
  /** Length of the decoded body, where the caller said it. */
  readonly bytes?: number | undefined
  /** Base64. */
  readonly md5?: string | undefined
  /** Hexadecimal. */
  readonly sha256?: string | undefined
  /** `expected` is asked after the body has ended: trailers are known by then. */
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly expected: () => string | undefined } | undefined
}

export interface Taken {
  readonly segment: FreshSegment
  readonly bytes: number
  /** MD5, hexadecimal. */
  readonly etag: string
  readonly checksum: Checksum
}

const BYTES_MAX = 5 * 1024 ** 3

/** Throws WireError (BadDigest, EntityTooLarge, IncompleteBody, …) and then has kept nothing. */
export async function takeIn(incoming: Incoming, content: ContentStore): Promise<Taken> {
  const md5 = createHash('md5')
  const sha256 = incoming.sha256 === undefined ? undefined : createHash('sha256')
  const algorithm = incoming.checksum?.algorithm ?? DEFAULT_ALGORITHM
  const checksum = newChecksum(algorithm)
  let bytes = 0
  const segment = await content.write(incoming.body, (piece) => {
    bytes += piece.length
    if (bytes > BYTES_MAX) throw entityTooLarge()
    md5.update(piece)
    sha256?.update(piece)
    checksum.update(piece)
  })
  const digest = md5.digest()
  const value = checksum.value()
  const expected = incoming.checksum?.expected()
  const fault =
    incoming.bytes !== undefined && incoming.bytes !== bytes
      ? incompleteBody()
      : incoming.md5 !== undefined && incoming.md5 !== digest.toString('base64')
        ? badDigest('Content-MD5')
        : sha256 !== undefined && incoming.sha256 !== sha256.digest('hex')
          ? contentSha256Mismatch()
          : expected !== undefined && expected !== value
            ? badDigest(algorithm)
            : undefined
  if (fault) {
    content.discard(segment)
    throw fault
  }
  return {
    segment,
    bytes,
    etag: digest.toString('hex'),
    checksum: { algorithm, value, type: 'FULL_OBJECT' },
  }
}
