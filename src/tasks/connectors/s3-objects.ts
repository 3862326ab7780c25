/**
 * Distributed Map's objects over S3's protocol: pages of a listing, bodies as streams, results written in one piece or,
 * when large, in parts. Errors of the service come back as values with S3's codes.
 * Source: Amazon S3 API reference, ListObjectsV2, GetObject, PutObject, CreateMultipartUpload.
 */
import { Readable } from 'node:stream'

import { err, ok, type Result } from '../../base/result.ts'

import type {
  ListOptions,
  ObjectBody,
  ObjectSource,
  ObjectSummary,
  OpenOptions,
  SourceError,
  WrittenObject,
} from '../../items/source.ts'

import { type AwsStreamResponse, collect, isShortage } from '../../wire/client.ts'
import { childText, childrenNamed, element, parseXml, xmlDocument } from '../../wire/xml.ts'
import { type AwsStreamRequest, callStream } from '../../aws/call.ts'
import type { Endpoints } from '../../aws/endpoints.ts'
import { toError } from '../../aws/failure.ts'
import { objectPath } from '../../aws/paths.ts'
import { SERVICES } from '../../aws/services.ts'

/** Above this, a body goes in parts: S3 takes up to 5 GiB at once, but a broken connection then costs everything. */
const SINGLE_BYTES_MAX = 64 * 1024 * 1024
const PART_BYTES = 8 * 1024 * 1024
const PARTS_MAX = 10_000
const TIMEOUT_MS = 60_000

interface S3Request extends Pick<AwsStreamRequest, 'method' | 'headers' | 'body'> {
  readonly bucket: string
  readonly key?: string
  readonly query?: Readonly<Record<string, string>>
}

export function createS3ObjectSource(endpoints: Endpoints): ObjectSource {
  const call = (request: S3Request) => callS3(endpoints, request)
  return {
    list: (bucket, options) => listPages(call, bucket, options),
    async open(bucket, key, options = {}) {
      const opened = await call({
        method: 'GET',
        bucket,
        key,
        headers: readHeaders(options),
        ...(options.versionId !== undefined && { query: { versionId: options.versionId } }),
      })
      if (!opened.ok) return opened
      const { headers, body } = opened.value
      return ok({ body, contentType: headers['content-type'], size: wholeSize(opened.value), etag: headers.etag })
    },
    async write(bucket, key, body, contentType) {
      const bytes = body instanceof Uint8Array ? body.length : body.bytes
      if (bytes > SINGLE_BYTES_MAX) return writeParts(call, bucket, key, body, bytes, contentType)
      const sent = body instanceof Uint8Array ? body : { stream: Readable.from(body.stream), bytes }
      const written = await call({ method: 'PUT', bucket, key, headers: { 'content-type': contentType }, body: sent })
      if (!written.ok) return written
      await drain(written.value)
      return ok({ etag: written.value.headers.etag, size: bytes })
    },
  }
}

type CallS3 = (request: S3Request) => Promise<Result<AwsStreamResponse, SourceError>>

/** Answers with a 2xx response whose body is still to be read. */
async function callS3(endpoints: Endpoints, request: S3Request): Promise<Result<AwsStreamResponse, SourceError>> {
  const { bucket, key, query, ...rest } = request
  const called = await callStream(endpoints, SERVICES.s3, {
    ...rest,
    path: objectPath(bucket, key),
    timeoutMs: TIMEOUT_MS,
    ...(query && { query: new URLSearchParams(query) }),
  })
  if (called.ok) return called
  const { error } = called
  if (error.kind === 'service') return err({ code: error.code, message: error.message, status: error.status })
  if (error.kind === 'credentials' || isShortage(error.error)) throw toError(error)
  return err({ code: 'SdkClientException', message: error.error.message })
}

async function* listPages(
  call: CallS3,
  bucket: string,
  options: ListOptions,
): AsyncGenerator<Result<readonly ObjectSummary[], SourceError>> {
  let token: string | undefined
  do {
    const page = await call({
      method: 'GET',
      bucket,
      query: {
        'list-type': '2',
        'encoding-type': 'url',
        ...(options.prefix !== undefined && { prefix: options.prefix }),
        ...(options.startAfter !== undefined && { 'start-after': options.startAfter }),
        ...(token !== undefined && { 'continuation-token': token }),
      },
      headers: ownerHeader(options.expectedBucketOwner),
    })
    if (!page.ok) {
      yield page
      return
    }
    const root = parseXml((await collect(page.value.body)).toString('utf8'))
    yield ok(childrenNamed(root, 'Contents').map(readSummary))
    token = childText(root, 'IsTruncated') === 'true' ? childText(root, 'NextContinuationToken') : undefined
  } while (token !== undefined)
}

function readSummary(contents: Parameters<typeof childText>[0]): ObjectSummary {
  return {
    key: decodeKey(childText(contents, 'Key') ?? ''),
    etag: childText(contents, 'ETag') ?? '',
    lastModified: Date.parse(childText(contents, 'LastModified') ?? '') / 1000,
    size: Number(childText(contents, 'Size') ?? 0),
    storageClass: childText(contents, 'StorageClass') ?? 'STANDARD',
  }
}

/** `encoding-type=url` protects keys that XML cannot hold; a space comes as `+`. */
function decodeKey(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

function readHeaders(options: OpenOptions): Record<string, string> {
  const { range, expectedBucketOwner } = options
  return { ...(range && { range: `bytes=${range.start}-${range.end}` }), ...ownerHeader(expectedBucketOwner) }
}

const ownerHeader = (owner: string | undefined): Record<string, string> =>
  owner === undefined ? {} : { 'x-amz-expected-bucket-owner': owner }

function wholeSize({ headers }: AwsStreamResponse): number {
  const total = headers['content-range']?.split('/')[1]
  return Number(total ?? headers['content-length'] ?? 0)
}

/** In parts, one after another. What was begun is given up when a part fails. */
async function writeParts(
  call: CallS3,
  bucket: string,
  key: string,
  body: ObjectBody,
  bytes: number,
  contentType: string,
): Promise<Result<WrittenObject, SourceError>> {
  const begun = await call({ method: 'POST', bucket, key, query: { uploads: '' }, headers: { 'content-type': contentType } })
  if (!begun.ok) return begun
  const uploadId = childText(parseXml((await collect(begun.value.body)).toString('utf8')), 'UploadId') ?? ''
  try {
    const etags = await sendParts(call, bucket, key, uploadId, body, bytes)
    if (!etags.ok) {
      await abort(call, bucket, key, uploadId)
      return etags
    }
    return await completeParts(call, bucket, key, uploadId, etags.value, bytes)
  } catch (error) {
    await abort(call, bucket, key, uploadId)
    throw error
  }
}

async function sendParts(
  call: CallS3,
  bucket: string,
  key: string,
  uploadId: string,
  body: ObjectBody,
  bytes: number,
): Promise<Result<readonly string[], SourceError>> {
  const partBytes = Math.max(PART_BYTES, Math.ceil(bytes / PARTS_MAX))
  const etags: string[] = []
  for await (const part of partsOf(body, partBytes)) {
    const query = { partNumber: String(etags.length + 1), uploadId }
    const sent = await call({ method: 'PUT', bucket, key, query, body: part })
    if (!sent.ok) return sent
    await drain(sent.value)
    etags.push(sent.value.headers.etag ?? '')
  }
  return ok(etags)
}

/** A part is overwritten when the next one is asked for. */
async function* partsOf(body: ObjectBody, partBytes: number): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) {
    for (let at = 0; at < body.length; at += partBytes) yield body.subarray(at, at + partBytes)
    return
  }
  const part = Buffer.allocUnsafe(partBytes)
  let held = 0
  for await (const piece of body.stream) {
    for (let at = 0; at < piece.length; ) {
      const taken = piece.subarray(at, at + partBytes - held)
      part.set(taken, held)
      held += taken.length
      at += taken.length
      if (held < partBytes) continue
      yield part
      held = 0
    }
  }
  if (held > 0) yield part.subarray(0, held)
}

/** S3 may begin its answer with 200 and then say in the body that it failed. */
async function completeParts(
  call: CallS3,
  bucket: string,
  key: string,
  uploadId: string,
  etags: readonly string[],
  bytes: number,
): Promise<Result<WrittenObject, SourceError>> {
  const parts = etags.map((etag, i) => element('Part', [element('PartNumber', i + 1), element('ETag', etag)]))
  const document = xmlDocument(element('CompleteMultipartUpload', parts, { xmlns: 'http://s3.amazonaws.com/doc/2006-03-01/' }))
  const headers = { 'content-type': 'application/xml' }
  const completed = await call({ method: 'POST', bucket, key, query: { uploadId }, headers, body: document })
  if (!completed.ok) return completed
  const root = parseXml((await collect(completed.value.body)).toString('utf8'))
  if (root.name === 'Error')
    return err({ code: childText(root, 'Code') ?? 'InternalError', message: childText(root, 'Message') ?? '' })
  return ok({ etag: childText(root, 'ETag'), size: bytes })
}

async function abort(call: CallS3, bucket: string, key: string, uploadId: string): Promise<void> {
  const aborted = await call({ method: 'DELETE', bucket, key, query: { uploadId } })
  if (aborted.ok) await drain(aborted.value)
}

async function drain(response: AwsStreamResponse): Promise<void> {
  for await (const _ of response.body);
}
