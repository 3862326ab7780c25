/**
 * S3's actions as tasks use them. A body is sent as JSON; one that comes back is text.
 * Source: Amazon S3 API reference; recorded cases aws-sdk-task-service-s3*.
 */
import { crc32 } from 'node:zlib'

import { getOwn, isArray, isObject, type Json, type JsonObject, setOwn } from '../../base/json.ts'
import { printInOrder } from '../../base/member-order.ts'

import { element, optionalElement, type XmlElement } from '../../wire/xml.ts'

import { asText } from '../parameters.ts'

import type { RestAction, RestResult } from './rest.ts'

const OBJECT_READ = {
  Range: 'range',
  IfMatch: 'if-match',
  IfNoneMatch: 'if-none-match',
  ExpectedBucketOwner: 'x-amz-expected-bucket-owner',
  ChecksumMode: 'x-amz-checksum-mode',
}
const OBJECT_WRITE = {
  ContentType: 'content-type',
  ContentEncoding: 'content-encoding',
  ContentDisposition: 'content-disposition',
  ContentLanguage: 'content-language',
  CacheControl: 'cache-control',
  IfMatch: 'if-match',
  IfNoneMatch: 'if-none-match',
  ACL: 'x-amz-acl',
  ServerSideEncryption: 'x-amz-server-side-encryption',
  SSEKMSKeyId: 'x-amz-server-side-encryption-aws-kms-key-id',
  StorageClass: 'x-amz-storage-class',
  Tagging: 'x-amz-tagging',
  ExpectedBucketOwner: 'x-amz-expected-bucket-owner',
}
const OWNER = { ExpectedBucketOwner: 'x-amz-expected-bucket-owner' }
const METADATA = ['Metadata', 'x-amz-meta-'] as const

const WRITTEN: NonNullable<RestResult['headers']> = {
  etag: ['ETag', 'text'],
  'x-amz-checksum-crc32': ['ChecksumCRC32', 'text'],
  'x-amz-checksum-type': ['ChecksumType', 'text'],
  'x-amz-server-side-encryption': ['ServerSideEncryption', 'text'],
  'x-amz-version-id': ['VersionId', 'text'],
}
const READ: NonNullable<RestResult['headers']> = {
  'accept-ranges': ['AcceptRanges', 'text'],
  'cache-control': ['CacheControl', 'text'],
  'content-disposition': ['ContentDisposition', 'text'],
  'content-encoding': ['ContentEncoding', 'text'],
  'content-language': ['ContentLanguage', 'text'],
  'content-length': ['ContentLength', 'number'],
  'content-range': ['ContentRange', 'text'],
  'content-type': ['ContentType', 'text'],
  etag: ['ETag', 'text'],
  'last-modified': ['LastModified', 'date'],
  'x-amz-server-side-encryption': ['ServerSideEncryption', 'text'],
  'x-amz-storage-class': ['StorageClass', 'text'],
  'x-amz-tagging-count': ['TagCount', 'number'],
  'x-amz-version-id': ['VersionId', 'text'],
}
const LISTING = {
  Prefix: 'prefix',
  Delimiter: 'delimiter',
  EncodingType: 'encoding-type',
  MaxKeys: 'max-keys',
}

export const S3_ACTIONS: ReadonlyMap<string, RestAction> = new Map<string, RestAction>([
  [
    'getObject',
    {
      method: 'GET',
      path: '/{Bucket}/{Key+}',
      query: { VersionId: 'versionId', PartNumber: 'partNumber', ResponseContentType: 'response-content-type' },
      headers: OBJECT_READ,
      result: { headers: READ, headerMap: METADATA, text: 'Body' },
    },
  ],
  [
    'headObject',
    {
      method: 'HEAD',
      path: '/{Bucket}/{Key+}',
      query: { VersionId: 'versionId', PartNumber: 'partNumber' },
      headers: OBJECT_READ,
      result: { headers: READ, headerMap: METADATA },
    },
  ],
  [
    'putObject',
    {
      method: 'PUT',
      path: '/{Bucket}/{Key+}',
      headers: { ...OBJECT_WRITE, ChecksumCRC32: 'x-amz-checksum-crc32' },
      headerMap: METADATA,
      body: { member: 'Body' },
      result: { headers: WRITTEN },
    },
  ],
  [
    'copyObject',
    {
      method: 'PUT',
      path: '/{Bucket}/{Key+}',
      headers: {
        ...OBJECT_WRITE,
        CopySource: 'x-amz-copy-source',
        MetadataDirective: 'x-amz-metadata-directive',
        TaggingDirective: 'x-amz-tagging-directive',
      },
      headerMap: METADATA,
      result: { headers: WRITTEN, body: (root) => ({ CopyObjectResult: readMembers(root) }) },
    },
  ],
  [
    'deleteObject',
    {
      method: 'DELETE',
      path: '/{Bucket}/{Key+}',
      query: { VersionId: 'versionId' },
      headers: OWNER,
      result: { headers: { 'x-amz-version-id': ['VersionId', 'text'], 'x-amz-delete-marker': ['DeleteMarker', 'boolean'] } },
    },
  ],
  [
    'deleteObjects',
    {
      method: 'POST',
      path: '/{Bucket}',
      fixedQuery: 'delete=',
      headers: { ...OWNER, ChecksumCRC32: 'x-amz-checksum-crc32' },
      body: renderDelete,
      result: { body: readMembers },
    },
  ],
  [
    'listObjectsV2',
    {
      method: 'GET',
      path: '/{Bucket}',
      fixedQuery: 'list-type=2',
      query: { ...LISTING, ContinuationToken: 'continuation-token', FetchOwner: 'fetch-owner', StartAfter: 'start-after' },
      headers: OWNER,
      result: { body: readMembers },
    },
  ],
  [
    'listObjects',
    { method: 'GET', path: '/{Bucket}', query: { ...LISTING, Marker: 'marker' }, headers: OWNER, result: { body: readMembers } },
  ],
  [
    'listObjectVersions',
    {
      method: 'GET',
      path: '/{Bucket}',
      fixedQuery: 'versions=',
      query: { ...LISTING, KeyMarker: 'key-marker', VersionIdMarker: 'version-id-marker' },
      headers: OWNER,
      result: { body: readMembers },
    },
  ],
  ['listBuckets', { method: 'GET', path: '/', query: { Prefix: 'prefix' }, result: { body: readMembers } }],
  [
    'createBucket',
    {
      method: 'PUT',
      path: '/{Bucket}',
      headers: { ACL: 'x-amz-acl' },
      body: renderBucketConfiguration,
      result: { headers: { location: ['Location', 'text'] } },
    },
  ],
  ['deleteBucket', { method: 'DELETE', path: '/{Bucket}', headers: OWNER, result: {} }],
  [
    'headBucket',
    {
      method: 'HEAD',
      path: '/{Bucket}',
      headers: OWNER,
      result: { headers: { 'x-amz-bucket-region': ['BucketRegion', 'text'] } },
    },
  ],
  [
    'getObjectTagging',
    {
      method: 'GET',
      path: '/{Bucket}/{Key+}',
      fixedQuery: 'tagging=',
      query: { VersionId: 'versionId' },
      headers: OWNER,
      result: { headers: { 'x-amz-version-id': ['VersionId', 'text'] }, body: readMembers },
    },
  ],
  [
    'putObjectTagging',
    {
      method: 'PUT',
      path: '/{Bucket}/{Key+}',
      fixedQuery: 'tagging=',
      query: { VersionId: 'versionId' },
      headers: { ...OWNER, ChecksumCRC32: 'x-amz-checksum-crc32' },
      body: renderTagging,
      result: { headers: { 'x-amz-version-id': ['VersionId', 'text'] } },
    },
  ],
  [
    'deleteObjectTagging',
    {
      method: 'DELETE',
      path: '/{Bucket}/{Key+}',
      fixedQuery: 'tagging=',
      query: { VersionId: 'versionId' },
      headers: OWNER,
      result: { headers: { 'x-amz-version-id': ['VersionId', 'text'] } },
    },
  ],
])

/** The SDK sends a CRC-32 with each object, and so S3 answers with one. */
export function withChecksum(action: string, parameters: JsonObject): JsonObject {
  if (action !== 'putObject') return parameters
  const body = getOwn(parameters, 'Body') ?? null
  // What is written is JSON, so that a text has its quotes.
  const Body = body === null ? '' : printInOrder(body)
  // As the Java SDK sends a text (recorded: aws-sdk-task-service-s3-put-object*).
  const typed = { ContentType: 'text/plain; charset=UTF-8', ...parameters, Body }
  return getOwn(parameters, 'ChecksumCRC32') !== undefined ? typed : { ...typed, ChecksumCRC32: crc32Base64(Body) }
}

/** What actions with an XML body must prove S3 that it arrived whole. */
export function crc32Base64(body: string | Uint8Array): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(body))
  return bytes.toString('base64')
}

function renderDelete(parameters: JsonObject) {
  const wanted = getOwn(parameters, 'Delete')
  const objects = isObject(wanted) ? getOwn(wanted, 'Objects') : undefined
  const quiet = isObject(wanted) ? asText(getOwn(wanted, 'Quiet')) : undefined
  const render = (object: Json) =>
    element(
      'Object',
      isObject(object) ? Object.entries(object).map(([name, value]) => element(name, asText(value) ?? '')) : undefined,
    )
  return element('Delete', [...(isArray(objects) ? objects.map(render) : []), optionalElement('Quiet', quiet)])
}

function renderTagging(parameters: JsonObject) {
  const tagging = getOwn(parameters, 'Tagging')
  const tags = isObject(tagging) ? getOwn(tagging, 'TagSet') : undefined
  const render = (tag: Json) =>
    element('Tag', isObject(tag) ? Object.entries(tag).map(([name, value]) => element(name, asText(value) ?? '')) : undefined)
  return element('Tagging', element('TagSet', isArray(tags) ? tags.map(render) : undefined))
}

function renderBucketConfiguration(parameters: JsonObject) {
  const configuration = getOwn(parameters, 'CreateBucketConfiguration')
  const location = isObject(configuration) ? asText(getOwn(configuration, 'LocationConstraint')) : undefined
  return location === undefined ? undefined : element('CreateBucketConfiguration', element('LocationConstraint', location))
}

/** Elements that repeat without a parent of their own, and the member they form. */
const FLAT_LISTS: ReadonlyMap<string, string> = new Map([
  ['CommonPrefixes', 'CommonPrefixes'],
  ['Contents', 'Contents'],
  ['Deleted', 'Deleted'],
  ['Error', 'Errors'],
  ['Version', 'Versions'],
  ['ChecksumAlgorithm', 'ChecksumAlgorithm'],
])
const WRAPPED_LISTS = new Set(['Buckets', 'TagSet'])
const NUMBERS = new Set(['KeyCount', 'MaxBuckets', 'MaxKeys', 'PartNumber', 'Size'])
const BOOLEANS = new Set(['IsLatest', 'IsTruncated'])
const DATES = new Set(['CreationDate', 'LastModified'])

function readMembers(root: XmlElement): JsonObject {
  const members: Record<string, Json> = {}
  for (const child of root.children) {
    const list =
      FLAT_LISTS.get(child.name) ?? (child.name === 'DeleteMarker' && child.children.length > 0 ? 'DeleteMarkers' : undefined)
    if (list === undefined) {
      setOwn(members, child.name, readValue(child))
      continue
    }
    const known = getOwn(members, list)
    setOwn(members, list, [...(isArray(known) ? known : []), readValue(child)])
  }
  return members
}

function readValue(element: XmlElement): Json {
  const { name, text, children } = element
  if (WRAPPED_LISTS.has(name)) return children.map(readMembers)
  if (children.length > 0) return readMembers(element)
  if (NUMBERS.has(name)) return Number(text)
  if (BOOLEANS.has(name) || name === 'DeleteMarker') return text === 'true'
  return DATES.has(name) ? text.replace('.000Z', 'Z') : text
}
