/** Access control lists of buckets and objects: protocol only. Source: Amazon S3 API reference, GetBucketAcl to PutObjectAcl. */
import type { IncomingHttpHeaders } from 'node:http'

import { child, childText, element, type Xml } from '../../wire/xml.ts'

import { aclNotSupported, aclXml, type Grant, grantsOfBody, grantsOfHeaders, isOwnersOnly, ownerGrants } from './acl.ts'
import { answerEmpty, answerXml, type Call, causeOf, nameOf, ownerId, readXmlBody } from './call.ts'
import { invalidRequest } from './errors.ts'

export function getBucketAcl(call: Call): void {
  call.service.requireBucket(call.bucket)
  answerXml(call, aclXml(ownerXml(call), bucketGrants(call)))
}

export async function putBucketAcl(call: Call): Promise<void> {
  call.service.requireBucket(call.bucket)
  const grants = await readGrants(call)
  call.service.settings.setText(call.bucket, 'acl', JSON.stringify(grants))
  answerEmpty(call, 200)
}

export function getObjectAcl(call: Call): void {
  const { acl } = call.service.headObject(call.bucket, nameOf(call))
  answerXml(call, aclXml(ownerXml(call), acl === undefined ? ownerGrants(ownerId(call)) : (JSON.parse(acl) as Grant[])))
}

export async function putObjectAcl(call: Call): Promise<void> {
  call.service.headObject(call.bucket, nameOf(call))
  const acl = JSON.stringify(await readGrants(call))
  call.service.changeObject(call.bucket, nameOf(call), { acl }, causeOf(call, 'ObjectAcl:Put'))
  answerEmpty(call, 200)
}

/** What an object that is written gets; undefined where nothing is said. Throws where its bucket takes no such lists. */
export const aclOfHeaders = (call: Call): string | undefined => grantsTold(call, call.req.headers)

export function grantsTold(call: Call, headers: IncomingHttpHeaders): string | undefined {
  const grants = grantsOfHeaders(headers, ownerId(call))
  if (grants === undefined) return undefined
  checkTaken(call, grants, headers)
  return JSON.stringify(grants)
}

async function readGrants(call: Call): Promise<readonly Grant[]> {
  const { headers } = call.req
  const body = await readXmlBody(call)
  const told = grantsOfHeaders(headers, ownerId(call))
  if (told && body.length > 0) throw invalidRequest('This request does not support both header grants and a body')
  const grants = told ?? grantsOfBody(body)
  checkTaken(call, grants, headers)
  return grants
}

/** A bucket whose objects belong to its owner, as all do unless told otherwise, has no lists but the owner's own. */
function checkTaken(call: Call, grants: readonly Grant[], headers: IncomingHttpHeaders): void {
  call.service.requireBucket(call.bucket)
  if (ownershipOf(call) !== 'BucketOwnerEnforced') return
  const canned = headers['x-amz-acl']
  const isTaken = canned === undefined ? isOwnersOnly(grants, ownerId(call)) : canned === 'bucket-owner-full-control'
  if (!isTaken) throw aclNotSupported()
}

function ownershipOf({ service, bucket }: Call): string {
  if (service.settings.isRemoved(bucket, 'ownershipControls')) return 'ObjectWriter'
  const document = service.settings.document(bucket, 'ownershipControls')
  const rule = document && child(document, 'Rule')
  return (rule && childText(rule, 'ObjectOwnership')) ?? 'BucketOwnerEnforced'
}

function bucketGrants(call: Call): readonly Grant[] {
  const text = call.service.settings.text(call.bucket, 'acl')
  return text === undefined ? ownerGrants(ownerId(call)) : (JSON.parse(text) as Grant[])
}

const ownerXml = (call: Call): Xml => element('Owner', [element('ID', ownerId(call)), element('DisplayName', call.account)])
