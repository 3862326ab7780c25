/**
 * Between S3's request and response headers and what the service keeps: object headers, tags, checksums, preconditions.
 * Source: Amazon S3 API reference, PutObject and GetObject.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

import { AwsChunkedDecoder, contentEncodingOf, isAwsChunked } from '../../wire/aws-chunked.ts'
import { headerOf, RequestAbortedError } from '../../wire/http.ts'

import {
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  type ChecksumType,
  checksumBytes,
  checksumHeader,
  defaultChecksumType,
  isChecksumAlgorithm,
} from './checksum.ts'
import { encryptionHeaders, isEncryptionHeader, readCustomerKey, readEncryption } from './customer-key.ts'
import {
  invalidArgument,
  invalidDigest,
  invalidRequest,
  metadataTooLarge,
  missingContentLength,
  notImplemented,
} from './errors.ts'
import type { Incoming } from './intake.ts'
import type { Preconditions } from './preconditions.ts'
import type { ObjectHeaders, ObjectRecord, Tags } from './records.ts'
import { checkTags } from './tagging.ts'

type Headers = IncomingHttpHeaders

/** Object Lock: kept and told, not enforced. */
export const LOCK_HEADERS = ['x-amz-object-lock-mode', 'x-amz-object-lock-retain-until-date', 'x-amz-object-lock-legal-hold']
/** A copy has them from its own request alone. */
const OF_REQUEST = ['x-amz-website-redirect-location', 'x-amz-storage-class', ...LOCK_HEADERS]
const KEPT = ['cache-control', 'content-disposition', 'content-language', 'expires', ...OF_REQUEST]
const META = 'x-amz-meta-'
const METADATA_BYTES_MAX = 2048

/** What of the request's headers belongs to the object. Throws MetadataTooLarge. */
export function readObjectHeaders(req: Pick<IncomingMessage, 'headers'>): ObjectHeaders {
  const kept: [string, string][] = [['content-type', headerOf(req.headers, 'content-type') ?? 'binary/octet-stream']]
  const encoding = contentEncodingOf(req)
  if (encoding !== undefined) kept.push(['content-encoding', encoding])
  for (const name of KEPT) {
    const value = headerOf(req.headers, name)
    if (value !== undefined && value !== 'STANDARD') kept.push([name, value])
  }
  let metadataBytes = 0
  for (const name of Object.keys(req.headers)) {
    if (!name.startsWith(META)) continue
    const value = headerOf(req.headers, name) ?? ''
    metadataBytes += name.length - META.length + value.length
    kept.push([name, value])
  }
  if (metadataBytes > METADATA_BYTES_MAX) {
    throw metadataTooLarge({ Size: String(metadataBytes), MaxSizeAllowed: String(METADATA_BYTES_MAX) })
  }
  return [...kept, ...readCustomerKey(req.headers), ...readEncryption(req.headers)]
}

/** What a copy has that keeps the metadata of its source. */
export function copiedHeaders(source: ObjectHeaders, req: IncomingMessage): ObjectHeaders {
  const isOfRequest = ([name]: readonly [string, string]) => OF_REQUEST.includes(name) || isEncryptionHeader(name)
  return [...source.filter((header) => !isOfRequest(header)), ...readObjectHeaders(req).filter(isOfRequest)]
}

/** Whether a copy changes something, so that it may be made onto its source. */
export const changesInCopy = ({ headers }: IncomingMessage): boolean =>
  [...OF_REQUEST, 'x-amz-server-side-encryption', 'x-amz-server-side-encryption-customer-algorithm'].some(
    (name) => headers[name] !== undefined,
  )

export function readTagHeader(headers: Headers): Tags {
  const text = headerOf(headers, 'x-amz-tagging')
  return text === undefined ? [] : checkTags([...new URLSearchParams(text)], 10)
}

export function readPreconditions(headers: Headers, prefix = ''): Preconditions {
  return {
    ifMatch: headerOf(headers, `${prefix}if-match`),
    ifNoneMatch: headerOf(headers, `${prefix}if-none-match`),
    ifModifiedSince: headerOf(headers, `${prefix}if-modified-since`),
    ifUnmodifiedSince: headerOf(headers, `${prefix}if-unmodified-since`),
  }
}

/** The one `x-amz-checksum-*` value of a request. Throws InvalidRequest where there are several or one is malformed. */
export function readChecksumValue(headers: Headers): { algorithm: ChecksumAlgorithm; value: string } | undefined {
  const given = CHECKSUM_ALGORITHMS.filter((algorithm) => headerOf(headers, checksumHeader(algorithm)) !== undefined)
  if (given.length > 1) {
    throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.')
  }
  const [algorithm] = given
  if (algorithm === undefined) return undefined
  const value = headerOf(headers, checksumHeader(algorithm)) ?? ''
  checkChecksumValue(algorithm, value.replace(/-\d+$/, ''))
  return { algorithm, value }
}

function checkChecksumValue(algorithm: ChecksumAlgorithm, value: string): void {
  const bytes = Buffer.from(value, 'base64')
  if (bytes.length === checksumBytes(algorithm) && bytes.toString('base64') === value) return
  throw invalidRequest(`Value for ${checksumHeader(algorithm)} header is invalid.`)
}

/** `x-amz-checksum-algorithm` and its type, as CreateMultipartUpload and CopyObject send them. */
export function readChecksumChoice(headers: Headers): { algorithm: ChecksumAlgorithm; type: ChecksumType } | undefined {
  const algorithm = headerOf(headers, 'x-amz-checksum-algorithm')?.toUpperCase()
  if (algorithm === undefined) return undefined
  if (!isChecksumAlgorithm(algorithm)) {
    throw invalidRequest(
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
    )
  }
  const type = headerOf(headers, 'x-amz-checksum-type')?.toUpperCase() ?? defaultChecksumType(algorithm)
  if (type !== 'FULL_OBJECT' && type !== 'COMPOSITE') throw invalidArgument('Value for x-amz-checksum-type header is invalid.')
  if (type === 'FULL_OBJECT' ? algorithm.startsWith('SHA') : algorithm === 'CRC64NVME') {
    throw invalidRequest(`The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`)
  }
  return { algorithm, type }
}

/** The body of a PUT, undone from aws-chunked, with all that the caller says about it. */
export function readIncoming(req: IncomingMessage): Incoming {
  const { headers } = req
  const md5 = headerOf(headers, 'content-md5')
  if (md5 !== undefined && Buffer.from(md5, 'base64').length !== 16) throw invalidDigest({ 'Content-MD5': md5 })
  if (isAwsChunked(req)) return readChunked(req, md5)
  const length = headerOf(headers, 'content-length')
  if (length === undefined) {
    throw headers['transfer-encoding'] === undefined ? missingContentLength() : notImplemented({ Header: 'Transfer-Encoding' })
  }
  const sha256 = headerOf(headers, 'x-amz-content-sha256')?.toLowerCase()
  const given = readChecksumValue(headers)
  const algorithm = given?.algorithm ?? sdkAlgorithm(headers)
  return {
    body: bodyOf(req),
    bytes: Number(length),
    md5,
    sha256: sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined,
    checksum: algorithm && { algorithm, expected: () => given?.value },
  }
}

function readChunked(req: IncomingMessage, md5: string | undefined): Incoming {
  const decoded = headerOf(req.headers, 'x-amz-decoded-content-length')
  if (decoded === undefined || !/^\d{1,15}$/.test(decoded)) throw missingContentLength()
  const given = readChecksumValue(req.headers)
  const trailer = headerOf(req.headers, 'x-amz-trailer')?.toLowerCase()
  const announced = CHECKSUM_ALGORITHMS.find(
    (algorithm) =>
      trailer?.includes(checksumHeader(algorithm)) === true && `${trailer},`.includes(`${checksumHeader(algorithm)},`),
  )
  const algorithm = given?.algorithm ?? announced ?? sdkAlgorithm(req.headers)
  const decoder = new AwsChunkedDecoder()
  req.on('error', () => decoder.destroy(new RequestAbortedError()))
  req.on('close', () => req.readableEnded || decoder.destroy(new RequestAbortedError()))
  req.pipe(decoder)
  const expected = () => given?.value ?? (announced && decoder.trailers.get(checksumHeader(announced)))
  return {
    body: decoder.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>,
    bytes: Number(decoded),
    md5,
    checksum: algorithm && { algorithm, expected },
  }
}

const bodyOf = (req: IncomingMessage): AsyncIterable<Buffer> => req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>

function sdkAlgorithm(headers: Headers): ChecksumAlgorithm | undefined {
  const name = headerOf(headers, 'x-amz-sdk-checksum-algorithm')?.toUpperCase()
  return name !== undefined && isChecksumAlgorithm(name) ? name : undefined
}

export const quoted = (etag: string): string => `"${etag}"`
/** S3's own form in XML: `2026-11-23T07:00:00.000Z`. */
export const isoTime = (ms: number): string => new Date(ms).toISOString()

type HeaderValues = Record<string, string | number | undefined>

/** What PUT-like answers carry. */
export function writtenHeaders(record: Pick<ObjectRecord, 'etag' | 'checksum' | 'headers'>): HeaderValues {
  return { etag: quoted(record.etag), ...encryptionHeaders(record.headers), ...checksumHeaders(record) }
}

export function checksumHeaders({ checksum }: Pick<ObjectRecord, 'checksum'>): HeaderValues {
  return checksum ? { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type } : {}
}

const OVERRIDES = ['content-type', 'content-language', 'expires', 'cache-control', 'content-disposition', 'content-encoding']

/** What GET and HEAD carry, `response-*` parameters applied. */
export function readHeaders(record: ObjectRecord, query: URLSearchParams): HeaderValues {
  const values: HeaderValues = {
    'accept-ranges': 'bytes',
    etag: quoted(record.etag),
    'last-modified': new Date(record.modifiedMs).toUTCString(),
    ...encryptionHeaders(record.headers),
    ...Object.fromEntries(record.headers),
  }
  if (record.tags.length > 0) values['x-amz-tagging-count'] = record.tags.length
  for (const name of OVERRIDES) {
    const override = query.get(`response-${name}`)
    if (override === null) continue
    if (/[^\t\x20-\x7e\x80-\xff]/.test(override)) {
      throw invalidArgument('Header value cannot be represented using ISO-8859-1.', `response-${name}`, override)
    }
    values[name] = override
  }
  return values
}
