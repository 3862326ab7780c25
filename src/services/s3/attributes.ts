/** GetObjectAttributes: what is known of an object without reading it. Source: Amazon S3 API reference. */
import { headerOf } from '../../wire/http.ts'
import { element, optionalElement, type Xml } from '../../wire/xml.ts'

import { answerXml, type Call, NAMESPACE, nameOf } from './call.ts'
import { checksumElement } from './checksum.ts'
import { checkCustomerKey, readCustomerKey } from './customer-key.ts'
import { invalidArgument } from './errors.ts'
import { versionHeader } from './object-operations.ts'
import type { StoredObject } from './records.ts'

const PARTS_MAX = 1000

/** In the order in which S3 tells them. */
const ATTRIBUTES: Readonly<Record<string, (record: StoredObject, call: Call) => Xml | undefined>> = {
  ETag: ({ etag }) => element('ETag', etag),
  Checksum: ({ checksum }) =>
    checksum &&
    element('Checksum', [element(checksumElement(checksum.algorithm), checksum.value), element('ChecksumType', checksum.type)]),
  ObjectParts: partsXml,
  StorageClass: () => element('StorageClass', 'STANDARD'),
  ObjectSize: ({ bytes }) => element('ObjectSize', bytes),
}

export function getObjectAttributes(call: Call): void {
  const record = call.service.headObject(call.bucket, nameOf(call))
  checkCustomerKey(record.headers, readCustomerKey(call.req.headers))
  const wanted = (headerOf(call.req.headers, 'x-amz-object-attributes') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (wanted.length === 0)
    throw invalidArgument(
      'The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty',
      'x-amz-object-attributes',
    )
  if (wanted.some((name) => !Object.hasOwn(ATTRIBUTES, name)))
    throw invalidArgument('Invalid attribute name specified.', 'x-amz-object-attributes', wanted.join(','))
  const told = Object.entries(ATTRIBUTES).map(([name, tell]) => (wanted.includes(name) ? tell(record, call) : undefined))
  answerXml(call, element('GetObjectAttributesResponse', told, { xmlns: NAMESPACE }), {
    'last-modified': new Date(record.modifiedMs).toUTCString(),
    ...versionHeader(call, record),
  })
}

/** Of an upload in parts. */
function partsXml({ partBytes }: StoredObject, { req }: Call): Xml | undefined {
  if (partBytes.length === 0) return undefined
  const max = Math.min(Number(headerOf(req.headers, 'x-amz-max-parts') ?? PARTS_MAX), PARTS_MAX)
  const after = Number(headerOf(req.headers, 'x-amz-part-number-marker') ?? 0)
  const parts = partBytes.map((bytes, at) => ({ number: at + 1, bytes })).slice(after, after + max)
  const isTruncated = after + parts.length < partBytes.length
  return element('ObjectParts', [
    element('PartsCount', partBytes.length),
    element('PartNumberMarker', after),
    optionalElement('NextPartNumberMarker', isTruncated ? parts.at(-1)?.number : undefined),
    element('MaxParts', max),
    element('IsTruncated', isTruncated),
    parts.map(({ number, bytes }) => element('Part', [element('PartNumber', number), element('Size', bytes)])),
  ])
}
