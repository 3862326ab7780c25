/**
 * Operations on the service and on buckets: protocol only. Source: Amazon S3 API reference, the pages of the same names.
 */
import { WireError } from '../../wire/errors.ts'
import { headerOf } from '../../wire/http.ts'
import { malformedXml, parseRestXml } from '../../wire/rest-xml.ts'
import { child, childrenNamed, childText, element, optionalElement, type Xml } from '../../wire/xml.ts'

import { aclOfHeaders } from './acl-operations.ts'
import { answerEmpty, answerXml, type Call, causeOf, NAMESPACE, nameEncoder, ownerId, readCount, readXmlBody } from './call.ts'
import { invalidArgument, keyTooLong } from './errors.ts'
import { isoTime, quoted } from './headers.ts'
import { CONTINUATION_TOKENS, type Listing, type ListRequest } from './listing.ts'
import type { ListedObject } from './records.ts'
import { checkTags, readTagging, renderTagging } from './tagging.ts'
import type { ListedVersion } from './version-records.ts'
import { NULL_VERSION, numberOfVersionId, type Removal } from './versions.ts'

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
  const configuration = body.length > 0 ? parseRestXml(body, 'CreateBucketConfiguration') : undefined
  const list = configuration && child(configuration, 'Tags')
  const tags =
    list && childrenNamed(list, 'Tag').map((tag) => [childText(tag, 'Key') ?? '', childText(tag, 'Value') ?? ''] as const)
  const { service } = call
  service.createBucket(call.bucket, (name) => {
    if (tags) service.setBucketTags(name, checkTags(tags, BUCKET_TAGS_MAX))
    setAtCreation(call, name)
  })
  answerEmpty(call, 200, { location: `/${call.bucket}` })
}

/** What the headers of CreateBucket set. A list of rights needs a bucket that takes one. */
function setAtCreation(call: Call, bucket: string): void {
  const { service, req } = call
  const around = { bucket, isVersioned: true, hasBucket: () => true }
  const ownership = headerOf(req.headers, 'x-amz-object-ownership')
  if (ownership !== undefined) {
    const controls = element('OwnershipControls', element('Rule', element('ObjectOwnership', ownership)))
    service.settings.put('ownershipControls', Buffer.from(controls.xml), around)
  }
  const canned = headerOf(req.headers, 'x-amz-acl')
  const acl = canned === 'private' ? undefined : aclAtCreation(call)
  if (acl !== undefined) service.settings.setText(bucket, 'acl', acl)
  if (headerOf(req.headers, 'x-amz-bucket-object-lock-enabled')?.toLowerCase() !== 'true') return
  service.setVersioning(bucket, 'Enabled')
  const lock = element('ObjectLockConfiguration', element('ObjectLockEnabled', 'Enabled'))
  service.settings.put('object-lock', Buffer.from(lock.xml), around)
}

function aclAtCreation(call: Call): string | undefined {
  try {
    return aclOfHeaders(call)
  } catch (error) {
    if (!(error instanceof WireError) || error.code !== 'AccessControlListNotSupported') throw error
    throw new WireError(
      400,
      'InvalidBucketAclWithObjectOwnership',
      "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    )
  }
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
  const { versioning } = call.service.requireBucket(call.bucket)
  answerXml(call, element('VersioningConfiguration', optionalElement('Status', versioning), xmlns))
}

export async function putBucketVersioning(call: Call): Promise<void> {
  call.service.requireBucket(call.bucket)
  const root = parseRestXml(await readXmlBody(call), 'VersioningConfiguration')
  const status = childText(root, 'Status')
  if (status !== 'Enabled' && status !== 'Suspended') throw malformedXml()
  call.service.setVersioning(call.bucket, status)
  answerEmpty(call, 200)
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
  const names = childrenNamed(root, 'Object').map((one) => ({
    key: childText(one, 'Key') ?? '',
    version: childText(one, 'VersionId'),
  }))
  if (names.length === 0 || names.length > DELETE_MAX || names.some(({ key }) => key === '')) throw malformedXml()
  const faults = names.map(faultOf)
  const deletable = names.filter((_, at) => faults[at] === undefined)
  const removals = call.service.deleteObjects(call.bucket, deletable, causeOf(call, 'ObjectRemoved:Delete'))
  const isQuiet = childText(root, 'Quiet') === 'true'
  const errors = names.flatMap(({ key, version }, at) => {
    const fault = faults[at]
    if (!fault) return []
    const told = [element('Code', fault.code), element('Message', fault.message)]
    return [element('Error', [element('Key', key), optionalElement('VersionId', version), ...told])]
  })
  const deleted = isQuiet ? [] : removals.map((removal, at) => deletedXml(deletable[at], removal))
  answerXml(call, element('DeleteResult', [...deleted, ...errors], xmlns))
}

interface Named {
  readonly key: string
  readonly version: string | undefined
}

function faultOf({ key, version }: Named): WireError | undefined {
  if (Buffer.byteLength(key) > 1024) return keyTooLong(Buffer.byteLength(key))
  if (version === undefined || version === NULL_VERSION || numberOfVersionId(version) !== undefined) return undefined
  return new WireError(404, 'NoSuchVersion', 'The specified version does not exist.')
}

function deletedXml(name: Named | undefined, { removed, marker }: Removal): Xml {
  const shown = marker ?? (removed?.isMarker === true ? removed : undefined)
  return element('Deleted', [
    element('Key', name?.key),
    optionalElement('VersionId', name?.version),
    optionalElement('DeleteMarker', shown && true),
    optionalElement('DeleteMarkerVersionId', shown?.version),
  ])
}

export function ownerXml(call: Call, name: 'Owner' | 'Initiator'): Xml {
  return element(name, [element('ID', ownerId(call)), element('DisplayName', call.account)])
}

export function listObjectVersions(call: Call): void {
  const { query } = call
  const [keyMarker, idMarker] = [query.get('key-marker') ?? '', query.get('version-id-marker') ?? '']
  if (idMarker !== '' && keyMarker === '')
    throw invalidArgument('A version-id marker cannot be specified without a key marker.', 'version-id-marker', idMarker)
  const request = { ...readListRequest(call, keyMarker), afterVersion: idMarker }
  const encode = nameEncoder(call)
  const page = call.service.listVersions(call.bucket, request)
  const last = page.entries.at(-1)
  const root = element(
    'ListVersionsResult',
    [
      element('Name', call.bucket),
      element('Prefix', encode(request.prefix)),
      element('KeyMarker', encode(keyMarker)),
      element('VersionIdMarker', idMarker),
      optionalElement('NextKeyMarker', page.next === undefined ? undefined : encode(page.next)),
      optionalElement('NextVersionIdMarker', last && page.next === last.key ? last.version : undefined),
      element('MaxKeys', request.max),
      optionalElement('Delimiter', request.delimiter === '' ? undefined : encode(request.delimiter)),
      optionalElement('EncodingType', query.get('encoding-type') ?? undefined),
      element('IsTruncated', page.next !== undefined),
      page.entries.map((one) => versionXml(call, one, encode)),
      prefixesXml(page, encode),
    ],
    xmlns,
  )
  answerXml(call, root)
}

function versionXml(call: Call, one: ListedVersion, encode: (name: string) => string): Xml {
  const common = [
    element('Key', encode(one.key)),
    element('VersionId', one.version),
    element('IsLatest', one.isLatest),
    element('LastModified', isoTime(one.modifiedMs)),
  ]
  if (one.isMarker) return element('DeleteMarker', [...common, ownerXml(call, 'Owner')])
  return element('Version', [
    ...common,
    element('ETag', quoted(one.etag)),
    optionalElement('ChecksumAlgorithm', one.checksum?.algorithm),
    optionalElement('ChecksumType', one.checksum?.type),
    element('Size', one.bytes),
    element('StorageClass', 'STANDARD'),
    ownerXml(call, 'Owner'),
  ])
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
