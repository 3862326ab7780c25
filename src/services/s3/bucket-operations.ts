/**
 * Operations on the service and on buckets: protocol only. Source: Amazon S3 API reference, the pages of the same names.
 */
import { malformedXml, parseRestXml } from '../../wire/rest-xml.ts'
import { childrenNamed, childText, element, optionalElement, type Xml } from '../../wire/xml.ts'

import { answerEmpty, answerXml, type Call, NAMESPACE, nameEncoder, readCount, readXmlBody } from './call.ts'
import { invalidArgument, keyTooLong } from './errors.ts'
import { isoTime, quoted } from './headers.ts'
import { CONTINUATION_TOKENS, type Listing, type ListRequest } from './listing.ts'
import type { ListedObject } from './records.ts'
import { readTagging, renderTagging } from './tagging.ts'

const xmlns = { xmlns: NAMESPACE }
const PAGE_MAX = 1000
const DELETE_MAX = 1000
const BUCKET_TAGS_MAX = 50

export function listBuckets(call: Call): void {
  const buckets = call.service
    .listBuckets()
    .map((one) => element('Bucket', [element('Name', one.name), element('CreationDate', isoTime(one.createdMs))]))
  answerXml(call, element('ListAllMyBucketsResult', [ownerXml(call, 'Owner'), element('Buckets', buckets)], xmlns))
}

export async function createBucket(call: Call): Promise<void> {
  const body = await readXmlBody(call)
  if (body.length > 0) parseRestXml(body, 'CreateBucketConfiguration')
  call.service.createBucket(call.bucket)
  answerEmpty(call, 200, { location: `/${call.bucket}` })
}

export function headBucket(call: Call): void {
  call.service.requireBucket(call.bucket)
  answerEmpty(call, 200, { 'x-amz-bucket-region': call.service.region, 'content-type': 'application/xml' })
}

export function deleteBucket(call: Call): void {
  call.service.deleteBucket(call.bucket)
  answerEmpty(call, 204)
}

/** us-east-1 is told as nothing. */
export function getBucketLocation(call: Call): void {
  call.service.requireBucket(call.bucket)
  const { region } = call.service
  answerXml(call, element('LocationConstraint', region === 'us-east-1' ? undefined : region, xmlns))
}

export function getBucketVersioning(call: Call): void {
  call.service.requireBucket(call.bucket)
  answerXml(call, element('VersioningConfiguration', undefined, xmlns))
}

export function getBucketTagging(call: Call): void {
  answerXml(call, renderTagging(call.service.bucketTags(call.bucket), NAMESPACE))
}

export async function putBucketTagging(call: Call): Promise<void> {
  call.service.setBucketTags(call.bucket, readTagging(await readXmlBody(call), BUCKET_TAGS_MAX))
  answerEmpty(call, 204)
}

export function deleteBucketTagging(call: Call): void {
  call.service.setBucketTags(call.bucket, undefined)
  answerEmpty(call, 204)
}

export function listObjectsV2(call: Call): void {
  const { query } = call
  const token = query.get('continuation-token')
  if (token === '') throw invalidArgument('The continuation token provided is incorrect', 'continuation-token')
  const startAfter = query.get('start-after') ?? ''
  const request = readListRequest(call, token === null ? startAfter : CONTINUATION_TOKENS.placeOf(token))
  const encode = nameEncoder(call)
  const page = call.service.listObjects(call.bucket, request)
  const root = element(
    'ListBucketResult',
    [
      element('Name', call.bucket),
      element('Prefix', encode(request.prefix)),
      optionalElement('StartAfter', startAfter === '' ? undefined : encode(startAfter)),
      optionalElement('ContinuationToken', token ?? undefined),
      optionalElement('NextContinuationToken', page.next === undefined ? undefined : CONTINUATION_TOKENS.print([page.next])),
      element('KeyCount', page.entries.length + page.commonPrefixes.length),
      element('MaxKeys', request.max),
      optionalElement('Delimiter', request.delimiter === '' ? undefined : encode(request.delimiter)),
      optionalElement('EncodingType', query.get('encoding-type') ?? undefined),
      element('IsTruncated', page.next !== undefined),
      contentsXml(call, page, encode, query.get('fetch-owner') === 'true'),
      prefixesXml(page, encode),
    ],
    xmlns,
  )
  answerXml(call, root, { 'x-amz-bucket-region': call.service.region })
}

export function listObjects(call: Call): void {
  const { query } = call
  const marker = query.get('marker') ?? ''
  const request = readListRequest(call, marker)
  const encode = nameEncoder(call)
  const page = call.service.listObjects(call.bucket, request)
  const root = element(
    'ListBucketResult',
    [
      element('Name', call.bucket),
      element('Prefix', encode(request.prefix)),
      element('Marker', encode(marker)),
      // Without a delimiter the last key is the next marker, and S3 does not repeat it.
      optionalElement('NextMarker', page.next === undefined || request.delimiter === '' ? undefined : encode(page.next)),
      element('MaxKeys', request.max),
      optionalElement('Delimiter', request.delimiter === '' ? undefined : encode(request.delimiter)),
      optionalElement('EncodingType', query.get('encoding-type') ?? undefined),
      element('IsTruncated', page.next !== undefined),
      contentsXml(call, page, encode, true),
      prefixesXml(page, encode),
    ],
    xmlns,
  )
  answerXml(call, root, { 'x-amz-bucket-region': call.service.region })
}

/** Deletes up to 1,000 keys; a key that is not there counts as deleted. */
export async function deleteObjects(call: Call): Promise<void> {
  const root = parseRestXml(await readXmlBody(call), 'Delete')
  const keys = childrenNamed(root, 'Object').map((one) => childText(one, 'Key') ?? '')
  if (keys.length === 0 || keys.length > DELETE_MAX || keys.includes('')) throw malformedXml()
  const [tooLong, deletable] = [keys.filter(isTooLong), keys.filter((key) => !isTooLong(key))]
  call.service.deleteObjects(call.bucket, deletable)
  const isQuiet = childText(root, 'Quiet') === 'true'
  const errors = tooLong.map((key) => {
    const error = keyTooLong(Buffer.byteLength(key))
    return element('Error', [element('Key', key), element('Code', error.code), element('Message', error.message)])
  })
  const deleted = isQuiet ? [] : deletable.map((key) => element('Deleted', element('Key', key)))
  answerXml(call, element('DeleteResult', [...deleted, ...errors], xmlns))
}

const isTooLong = (key: string): boolean => Buffer.byteLength(key) > 1024

export function ownerXml(call: Call, name: 'Owner' | 'Initiator'): Xml {
  return element(name, [element('ID', call.account.padStart(64, '0')), element('DisplayName', call.account)])
}

function readListRequest(call: Call, after: string): ListRequest {
  const { query } = call
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    after,
    max: readCount(call, 'max-keys', PAGE_MAX),
  }
}

function contentsXml(call: Call, page: Listing<ListedObject>, encode: (name: string) => string, withOwner: boolean): Xml[] {
  return page.entries.map((one) =>
    element('Contents', [
      element('Key', encode(one.key)),
      element('LastModified', isoTime(one.modifiedMs)),
      element('ETag', quoted(one.etag)),
      optionalElement('ChecksumAlgorithm', one.checksum?.algorithm),
      optionalElement('ChecksumType', one.checksum?.type),
      element('Size', one.bytes),
      withOwner ? ownerXml(call, 'Owner') : undefined,
      element('StorageClass', 'STANDARD'),
    ]),
  )
}

export function prefixesXml(page: Listing<unknown>, encode: (name: string) => string): Xml[] {
  return page.commonPrefixes.map((prefix) => element('CommonPrefixes', element('Prefix', encode(prefix))))
}
