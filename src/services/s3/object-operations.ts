/**
 * Operations on single objects: protocol only. Source: Amazon S3 API reference, the pages of the same names.
 */
import { pipeline } from 'node:stream/promises'

import { closeUnlessRead, headerOf, setHeaders } from '../../wire/http.ts'
import { element, optionalElement } from '../../wire/xml.ts'

import { aclOfHeaders } from './acl-operations.ts'
import { answerEmpty, answerXml, type Call, causeOf, NAMESPACE, nameOf, readXmlBody } from './call.ts'
import { checksumElement } from './checksum.ts'
import { checkCustomerKey, encryptionHeaders, readCustomerKey, withEncryption } from './customer-key.ts'
import { openCopySource } from './copy-source.ts'
import { invalidRange, invalidRequest } from './errors.ts'
import {
  changesInCopy,
  checksumHeaders,
  copiedHeaders,
  isoTime,
  quoted,
  readChecksumChoice,
  readHeaders,
  readIncoming,
  readObjectHeaders,
  readPreconditions,
  readTagHeader,
  writtenHeaders,
} from './headers.ts'
import { checkReadPreconditions } from './preconditions.ts'
import { type ByteRange, partRange, readRange } from './range.ts'
import type { ObjectHeaders, StoredObject } from './records.ts'
import { readTagging, renderTagging } from './tagging.ts'

const OBJECT_TAGS_MAX = 10

export async function putObject(call: Call): Promise<void> {
  const { headers } = call.req
  const acl = aclOfHeaders(call)
  const record = await call.service.putObject(call.bucket, call.key, readIncoming(call.req), {
    headers: encrypted(call, readObjectHeaders(call.req)),
    tags: readTagHeader(headers),
    acl,
    preconditions: readPreconditions(headers),
    cause: causeOf(call, 'ObjectCreated:Put'),
  })
  answerEmpty(call, 200, { ...writtenHeaders(record), ...versionHeader(call, record) })
}

/** With what the bucket says of encryption, where the request says nothing. */
export function encrypted({ service, bucket }: Call, headers: ObjectHeaders): ObjectHeaders {
  return withEncryption(headers, service.settings.document(bucket, 'encryption'))
}

export const versionHeader = ({ service, bucket }: Call, { version }: Pick<StoredObject, 'version'>) => ({
  'x-amz-version-id': service.versionTold(bucket, version),
})

export async function copyObject(call: Call): Promise<void> {
  const { headers } = call.req
  const isReplaced = headerOf(headers, 'x-amz-metadata-directive')?.toUpperCase() === 'REPLACE'
  const isRetagged = headerOf(headers, 'x-amz-tagging-directive')?.toUpperCase() === 'REPLACE'
  const source = openCopySource(call)
  try {
    const isSame = source.bucket === call.bucket && source.record.key === call.key && !source.isVersionNamed
    if (isSame && !isReplaced && !changesInCopy(call.req)) {
      throw invalidRequest(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
      )
    }
    const { bytes, checksum } = source.record
    const algorithm = readChecksumChoice(headers)?.algorithm ?? checksum?.algorithm
    const incoming = {
      body: source.read(0, bytes),
      bytes,
      checksum: algorithm && { algorithm, expected: () => undefined },
    }
    const copied = isReplaced ? readObjectHeaders(call.req) : copiedHeaders(source.record.headers, call.req)
    const record = await call.service.putObject(call.bucket, call.key, incoming, {
      headers: encrypted(call, copied),
      tags: isRetagged ? readTagHeader(headers) : source.record.tags,
      acl: aclOfHeaders(call),
      preconditions: readPreconditions(headers),
      cause: causeOf(call, 'ObjectCreated:Copy'),
    })
    const result = [
      element('LastModified', isoTime(record.modifiedMs)),
      element('ETag', quoted(record.etag)),
      optionalElement('ChecksumType', record.checksum?.type),
      record.checksum && element(checksumElement(record.checksum.algorithm), record.checksum.value),
    ]
    answerXml(call, element('CopyObjectResult', result, { xmlns: NAMESPACE }), {
      ...encryptionHeaders(record.headers),
      ...versionHeader(call, record),
      'x-amz-copy-source-version-id': call.service.versionTold(source.bucket, source.record.version),
    })
  } finally {
    source.close()
  }
}

export async function getObject(call: Call): Promise<void> {
  const object = call.service.openObject(call.bucket, nameOf(call))
  try {
    const { record } = object
    const range = prepareRead(call, record)
    const whole = range ? undefined : object.readWhole()
    const { start, end } = range ?? { start: 0, end: record.bytes }
    if (whole) call.res.end(whole)
    else await pipeline(object.read(start, end), call.res)
  } finally {
    object.close()
  }
}

export function headObject(call: Call): void {
  prepareRead(call, call.service.headObject(call.bucket, nameOf(call)))
  call.res.end()
}

/** Status and headers of GET and HEAD; returns the range to send, undefined for all bytes. */
function prepareRead(call: Call, record: StoredObject): ByteRange | undefined {
  const { req, res, query } = call
  checkCustomerKey(record.headers, readCustomerKey(req.headers))
  checkReadPreconditions(record, readPreconditions(req.headers), call.service.nowMs())
  const range = chosenRange(call, record)
  const isChecksumWanted = headerOf(req.headers, 'x-amz-checksum-mode')?.toUpperCase() === 'ENABLED' && !range
  res.statusCode = range ? 206 : 200
  setHeaders(res, {
    'x-amz-request-id': call.requestId,
    ...readHeaders(record, query),
    ...versionHeader(call, record),
    ...(isChecksumWanted ? checksumHeaders(record) : {}),
    ...(range && { 'content-range': `bytes ${range.start}-${range.end - 1}/${record.bytes}` }),
    ...(query.has('partNumber') && record.partBytes.length > 0 && { 'x-amz-mp-parts-count': record.partBytes.length }),
    'content-length': range ? range.end - range.start : record.bytes,
  })
  closeUnlessRead(res)
  return range
}

function chosenRange(call: Call, record: StoredObject): ByteRange | undefined {
  const header = headerOf(call.req.headers, 'range')
  const partNumber = call.query.get('partNumber')
  if (partNumber === null) return readRange(header, record.bytes)
  if (header !== undefined) throw invalidRequest('Cannot specify both Range header and partNumber query parameter')
  const range = partRange(Number(partNumber), record.bytes, record.partBytes)
  if (!range) throw invalidRange(`part ${partNumber}`, record.bytes)
  return range.end > range.start ? range : undefined
}

export function deleteObject(call: Call): void {
  const ifMatch = headerOf(call.req.headers, 'if-match')
  const name = nameOf(call)
  const removal = call.service.deleteObject(call.bucket, name, causeOf(call, 'ObjectRemoved:Delete'), { ifMatch })
  const marker = removal.marker ?? (removal.removed?.isMarker === true ? removal.removed : undefined)
  answerEmpty(call, 204, {
    'x-amz-delete-marker': marker && 'true',
    'x-amz-version-id': marker?.version ?? (name.version === undefined ? undefined : name.version),
  })
}

export function getObjectTagging(call: Call): void {
  const record = call.service.headObject(call.bucket, nameOf(call))
  answerXml(call, renderTagging(record.tags, NAMESPACE), versionHeader(call, record))
}

export async function putObjectTagging(call: Call): Promise<void> {
  const tags = readTagging(await readXmlBody(call), OBJECT_TAGS_MAX)
  const record = call.service.changeObject(call.bucket, nameOf(call), { tags }, causeOf(call, 'ObjectTagging:Put'))
  answerEmpty(call, 200, versionHeader(call, record))
}

export function deleteObjectTagging(call: Call): void {
  const record = call.service.changeObject(call.bucket, nameOf(call), { tags: [] }, causeOf(call, 'ObjectTagging:Delete'))
  answerEmpty(call, 204, versionHeader(call, record))
}
