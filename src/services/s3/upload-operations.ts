/**
 * Operations on multipart uploads: protocol only. Source: Amazon S3 API reference, the pages of the same names.
 */
import { headerOf, schemeOf } from '../../wire/http.ts'
import { malformedXml, parseRestXml } from '../../wire/rest-xml.ts'
import { childrenNamed, childText, element, optionalElement, type Xml, type XmlElement } from '../../wire/xml.ts'

import { ownerXml, prefixesXml } from './bucket-operations.ts'
import { aclOfHeaders } from './acl-operations.ts'
import { answerEmpty, answerXml, type Call, causeOf, NAMESPACE, nameEncoder, readCount, readXmlBody } from './call.ts'
import { CHECKSUM_ALGORITHMS, checksumElement } from './checksum.ts'
import { openCopySource } from './copy-source.ts'
import { encryptionHeaders, readCustomerKey, uploadedHeaders } from './customer-key.ts'
import { invalidArgument } from './errors.ts'
import {
  isoTime,
  quoted,
  readChecksumChoice,
  readChecksumValue,
  readIncoming,
  readObjectHeaders,
  readPreconditions,
  readTagHeader,
  writtenHeaders,
} from './headers.ts'
import type { Incoming } from './intake.ts'
import { encrypted, versionHeader } from './object-operations.ts'
import { readCopyRange } from './range.ts'
import type { PartRecord } from './records.ts'
import type { CompletedPart } from './uploads.ts'

const xmlns = { xmlns: NAMESPACE }
const PAGE_MAX = 1000
const PARTS_MAX = 10_000

export function createMultipartUpload(call: Call): void {
  const { headers } = call.req
  const upload = call.service.uploads.create(call.bucket, call.key, {
    headers: encrypted(call, readObjectHeaders(call.req)),
    tags: readTagHeader(headers),
    acl: aclOfHeaders(call),
    checksum: readChecksumChoice(headers),
  })
  const root = element(
    'InitiateMultipartUploadResult',
    [element('Bucket', call.bucket), element('Key', call.key), element('UploadId', upload.id)],
    xmlns,
  )
  answerXml(call, root, {
    ...encryptionHeaders(upload.headers),
    'x-amz-checksum-algorithm': upload.checksum?.algorithm,
    'x-amz-checksum-type': upload.checksum?.type,
  })
}

export async function uploadPart(call: Call): Promise<void> {
  const part = await putPart(call, readIncoming(call.req))
  const { 'x-amz-checksum-type': _, ...headers } = writtenHeaders({ ...part, headers: readCustomerKey(call.req.headers) })
  answerEmpty(call, 200, headers)
}

export async function uploadPartCopy(call: Call): Promise<void> {
  const source = openCopySource(call)
  try {
    const { bytes } = source.record
    const range = readCopyRange(headerOf(call.req.headers, 'x-amz-copy-source-range'), bytes) ?? { start: 0, end: bytes }
    const part = await putPart(call, { body: source.read(range.start, range.end), bytes: range.end - range.start })
    const result = [element('LastModified', isoTime(part.modifiedMs)), element('ETag', quoted(part.etag)), checksumXml(part)]
    answerXml(call, element('CopyPartResult', result, xmlns))
  } finally {
    source.close()
  }
}

function putPart(call: Call, incoming: Incoming): Promise<PartRecord> {
  const place = { bucket: call.bucket, key: call.key, id: uploadId(call), number: partNumber(call) }
  return call.service.uploads.putPart(place, incoming, readCustomerKey(call.req.headers))
}

export async function completeMultipartUpload(call: Call): Promise<void> {
  const root = parseRestXml(await readXmlBody(call), 'CompleteMultipartUpload')
  const parts = childrenNamed(root, 'Part').map(readCompletedPart)
  if (parts.length === 0 || parts.length > PARTS_MAX) throw malformedXml()
  const size = headerOf(call.req.headers, 'x-amz-mp-object-size')
  const record = call.service.uploads.complete(call.bucket, call.key, uploadId(call), {
    parts,
    preconditions: readPreconditions(call.req.headers),
    expected: readChecksumValue(call.req.headers),
    expectedBytes: size === undefined ? undefined : Number(size),
    cause: causeOf(call, 'ObjectCreated:CompleteMultipartUpload'),
  })
  const host = headerOf(call.req.headers, 'host') ?? 'localhost'
  const result = [
    element('Location', `${schemeOf(call.req)}://${host}/${call.bucket}/${encodeURIComponent(call.key)}`),
    element('Bucket', call.bucket),
    element('Key', call.key),
    element('ETag', quoted(record.etag)),
    checksumXml(record),
    optionalElement('ChecksumType', record.checksum?.type),
  ]
  answerXml(call, element('CompleteMultipartUploadResult', result, xmlns), {
    ...uploadedHeaders(record.headers),
    ...versionHeader(call, record),
  })
}

export function abortMultipartUpload(call: Call): void {
  call.service.uploads.abort(call.bucket, call.key, uploadId(call))
  answerEmpty(call, 204)
}

export function listParts(call: Call): void {
  const id = uploadId(call)
  const max = readCount(call, 'max-parts', PAGE_MAX)
  const after = call.query.has('part-number-marker') ? readCount(call, 'part-number-marker', PARTS_MAX) : 0
  const upload = call.service.uploads.require(call.bucket, call.key, id)
  const found = call.service.uploads.parts(call.bucket, call.key, id, after, max + 1)
  const parts = found.slice(0, max)
  const isTruncated = found.length > max
  const encode = nameEncoder(call)
  const result = [
    element('Bucket', call.bucket),
    element('Key', encode(call.key)),
    element('UploadId', id),
    ownerXml(call, 'Initiator'),
    ownerXml(call, 'Owner'),
    element('StorageClass', 'STANDARD'),
    optionalElement('ChecksumAlgorithm', upload.checksum?.algorithm),
    optionalElement('ChecksumType', upload.checksum?.type),
    element('PartNumberMarker', after),
    optionalElement('NextPartNumberMarker', isTruncated ? (parts.at(-1)?.number ?? after) : undefined),
    element('MaxParts', max),
    element('IsTruncated', isTruncated),
    parts.map((part) =>
      element('Part', [
        element('PartNumber', part.number),
        element('LastModified', isoTime(part.modifiedMs)),
        element('ETag', quoted(part.etag)),
        element('Size', part.bytes),
        checksumXml(part),
      ]),
    ),
  ]
  answerXml(call, element('ListPartsResult', result, xmlns))
}

export function listMultipartUploads(call: Call): void {
  const { query } = call
  const request = {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    after: query.get('key-marker') ?? '',
    max: readCount(call, 'max-uploads', PAGE_MAX),
  }
  const idMarker = query.get('upload-id-marker') ?? ''
  const encode = nameEncoder(call)
  const page = call.service.uploads.list(call.bucket, request, idMarker)
  const last = page.entries.at(-1)
  const result = [
    element('Bucket', call.bucket),
    element('KeyMarker', encode(request.after)),
    element('UploadIdMarker', idMarker),
    optionalElement('NextKeyMarker', page.next === undefined ? undefined : encode(page.next)),
    optionalElement('NextUploadIdMarker', page.next !== undefined && last?.key === page.next ? last.id : undefined),
    element('Prefix', encode(request.prefix)),
    optionalElement('Delimiter', request.delimiter === '' ? undefined : encode(request.delimiter)),
    element('MaxUploads', request.max),
    element('IsTruncated', page.next !== undefined),
    page.entries.map((upload) =>
      element('Upload', [
        element('Key', encode(upload.key)),
        element('UploadId', upload.id),
        ownerXml(call, 'Initiator'),
        ownerXml(call, 'Owner'),
        element('StorageClass', 'STANDARD'),
        element('Initiated', isoTime(upload.initiatedMs)),
        optionalElement('ChecksumAlgorithm', upload.checksum?.algorithm),
      ]),
    ),
    prefixesXml(page, encode),
  ]
  answerXml(call, element('ListMultipartUploadsResult', result, xmlns))
}

const uploadId = (call: Call): string => call.query.get('uploadId') ?? ''

function partNumber(call: Call): number {
  const text = call.query.get('partNumber') ?? ''
  if (!/^\d{1,5}$/.test(text)) {
    throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', text)
  }
  return Number(text)
}

function readCompletedPart(part: XmlElement): CompletedPart {
  const number = Number(childText(part, 'PartNumber'))
  const etag = childText(part, 'ETag')
  if (!Number.isInteger(number) || etag === undefined) throw malformedXml()
  const checksums = CHECKSUM_ALGORITHMS.flatMap((algorithm) => {
    const value = childText(part, checksumElement(algorithm))
    return value === undefined ? [] : [[algorithm, value] as const]
  })
  return { number, etag, checksums: new Map(checksums) }
}

const checksumXml = ({ checksum }: Pick<PartRecord, 'checksum'>): Xml | undefined =>
  checksum && element(checksumElement(checksum.algorithm), checksum.value)
