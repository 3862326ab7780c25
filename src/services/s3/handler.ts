/**
 * S3's protocol: finds the operation by method, target and subresource, and turns what it throws into S3's error XML.
 * Source: Amazon S3 API reference, request syntax of each operation.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Log } from '../../base/log.ts'

import { notImplemented, toWireError, WireError } from '../../wire/errors.ts'
import { drainBody, type Handler, setHeaders } from '../../wire/http.ts'
import { contextOf, requestFields } from '../../wire/request-context.ts'
import { newRestRequestId, sendRestError } from '../../wire/rest-xml.ts'
import { apiOf, operationAt, operationsHere, type RestRequest } from '../../aws/operations.ts'

import * as acls from './acl-operations.ts'
import { addressOf } from './address.ts'
import { getObjectAttributes } from './attributes.ts'
import * as buckets from './bucket-operations.ts'
import type { Operation } from './call.ts'
import { answerPreflight, shareAnswer } from './cors-operations.ts'
import { MarkedError, methodNotAllowed } from './errors.ts'
import * as locks from './lock-operations.ts'
import * as objects from './object-operations.ts'
import { postObject } from './post-object.ts'
import { checkLink } from './presigned.ts'
import { requestNameOf, subresourceOf } from './request-name.ts'
import { type S3Deps, S3Service } from './service.ts'
import * as settings from './setting-operations.ts'
import * as uploads from './upload-operations.ts'

export interface CreateS3Deps extends S3Deps {
  readonly publicUrl?: (() => string) | undefined
}

export interface LocalS3 {
  readonly handler: Handler
  readonly operations: () => Iterable<string>
  readonly service: S3Service
  close(): Promise<void>
}

/** Objects live under `directory`/s3 and in the database; without a directory, in a folder that is removed at the end. */
export function createS3(deps: CreateS3Deps): LocalS3 {
  const service = new S3Service(deps)
  const handler: Handler = async (req, res) => {
    setHeaders(res, APART)
    const requestId = contextOf(req)?.requestId ?? newRestRequestId()
    let path = '/'
    try {
      const address = addressOf(req, new URL((deps.publicUrl ?? deps.endpoint)()).hostname)
      path = address.path
      const { bucket = '', key = '', query } = address
      checkLink(query, deps.clock.now())
      const call = { service, account: deps.account, req, res, requestId, query, bucket, key }
      if (req.method === 'OPTIONS') return answerPreflight(call)
      shareAnswer(call)
      const operation = findOperation(service, req, { bucket, key, query })
      await operation(call)
    } catch (error) {
      await answerError(req, res, error, path, requestId, deps.log)
    }
  }
  return { handler, service, operations: namesHere, close: async () => service.close() }
}

/**
 * All services and the console share one origin here, unlike AWS's. So whatever of S3 a browser shows is put into an origin of
 * its own: its scripts run, but cannot use this server in the name of whoever looks. And no page of others may embed it, or
 * guess what it is.
 */
const APART = {
  'content-security-policy': 'sandbox allow-scripts allow-forms allow-popups allow-modals allow-downloads',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
}

/** A refused body is read up to here, so that the caller, who is still sending, gets to read why. */
const REFUSED_BYTES_MAX = 64 * 1024 * 1024

async function answerError(req: IncomingMessage, res: ServerResponse, error: unknown, path: string, requestId: string, log: Log) {
  if (req.destroyed && !req.complete) return
  if (!(error instanceof WireError) && !res.destroyed) log.error('an S3 request failed', { ...requestFields(req), path, error })
  if (res.headersSent) {
    res.destroy()
    return
  }
  for (const name of res.getHeaderNames()) if (!KEPT_HEADERS.test(name)) res.removeHeader(name)
  await drainBody(req, REFUSED_BYTES_MAX)
  const shown = toWireError(error, 'InternalError', 'We encountered an internal error. Please try again.')
  const headers = {
    'content-range': contentRangeOf(shown),
    etag: shown.status === 304 ? String(shown.detail['ETag']) : undefined,
    ...(error instanceof MarkedError && error.headers),
  }
  sendRestError(req, res, shown, { requestId, headers })
}

/** What the door and `APART` have set goes with errors too. */
const KEPT_HEADERS = /^(?:access-control-|vary$|connection$|content-security-policy$|x-content-type|cross-origin-)/

const contentRangeOf = (error: WireError) =>
  error.code === 'InvalidRange' ? `bytes */${error.detail['ActualObjectSize']}` : undefined

const API = apiOf('s3')
type Table = ReadonlyMap<string, Operation>

/** `METHOD` or `METHOD subresource`. */
const bucketOperations: Table = new Map<string, Operation>([
  ['GET', buckets.listObjects],
  ['GET list-type', buckets.listObjectsV2],
  ['GET location', buckets.getBucketLocation],
  ['GET versioning', buckets.getBucketVersioning],
  ['PUT versioning', buckets.putBucketVersioning],
  ['GET versions', buckets.listObjectVersions],
  ['GET acl', acls.getBucketAcl],
  ['PUT acl', acls.putBucketAcl],
  ...settings.SETTING_OPERATIONS,
  ['GET tagging', buckets.getBucketTagging],
  ['GET uploads', uploads.listMultipartUploads],
  ['PUT', buckets.createBucket],
  ['PUT tagging', buckets.putBucketTagging],
  ['HEAD', buckets.headBucket],
  ['DELETE', buckets.deleteBucket],
  ['DELETE tagging', buckets.deleteBucketTagging],
  ['POST', postObject],
  ['POST delete', buckets.deleteObjects],
])

const objectOperations: Table = new Map<string, Operation>([
  ['GET', objects.getObject],
  ['GET acl', acls.getObjectAcl],
  ['PUT acl', acls.putObjectAcl],
  ['GET attributes', getObjectAttributes],
  ['GET legal-hold', locks.getObjectLegalHold],
  ['PUT legal-hold', locks.putObjectLegalHold],
  ['GET retention', locks.getObjectRetention],
  ['PUT retention', locks.putObjectRetention],
  ['GET tagging', objects.getObjectTagging],
  ['GET uploadId', uploads.listParts],
  ['HEAD', objects.headObject],
  ['PUT', objects.putObject],
  ['PUT copy', objects.copyObject],
  ['PUT tagging', objects.putObjectTagging],
  ['PUT uploadId', uploads.uploadPart],
  ['PUT uploadId copy', uploads.uploadPartCopy],
  ['DELETE', objects.deleteObject],
  ['DELETE tagging', objects.deleteObjectTagging],
  ['DELETE uploadId', uploads.abortMultipartUpload],
  ['POST uploads', uploads.createMultipartUpload],
  ['POST uploadId', uploads.completeMultipartUpload],
])

/** They are asked of other hosts: those of directory buckets, and of Object Lambda. */
const ELSEWHERE: ReadonlySet<string> = new Set(['ListDirectoryBuckets', 'WriteGetObjectResponse'])

const namesHere = (): readonly string[] => operationsHere('s3', isHere).filter((name) => !ELSEWHERE.has(name))

function isHere({ method, path, query, headers }: RestRequest): boolean {
  const [, bucket = '', key = ''] = path.split('/')
  if (bucket === '') return method === 'GET'
  return (key === '' ? bucketOperations : objectOperations).has(requestNameOf({ method, headers }, key, query))
}

interface Asked {
  readonly bucket: string
  readonly key: string
  readonly query: URLSearchParams
}

/** Of what is not here, a missing bucket is told first. */
function findOperation(service: S3Service, req: IncomingMessage, { bucket, key, query }: Asked): Operation {
  const method = req.method ?? 'GET'
  if (bucket === '') {
    if (method === 'GET' && key === '') return buckets.listBuckets
    throw methodNotAllowed({ Method: method, ResourceType: 'SERVICE' })
  }
  const table = key === '' ? bucketOperations : objectOperations
  const name = requestNameOf(req, key, query)
  const operation = table.get(name)
  if (operation) return operation
  const subresource = subresourceOf(query)
  service.requireBucket(bucket)
  if (name === method) throw methodNotAllowed({ Method: method, ResourceType: key === '' ? 'BUCKET' : 'OBJECT' })
  const path = key === '' ? '/b' : '/b/k'
  const meant = operationAt('s3', { method, path, query, headers: req.headers })
  const isMeant = meant !== undefined && !namesHere().includes(meant)
  throw notImplemented(API.title, isMeant ? meant : `${method} ?${subresource ?? ''}`)
}
