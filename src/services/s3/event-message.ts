/**
 * What is told of an object: the message for queues, topics and functions, and the event for EventBridge.
 * Source: Amazon S3 user guide, "Event message structure"; EventBridge reference, "Amazon S3 events".
 */
import type { JsonObject } from '../../base/json.ts'

import type { ServiceEvent } from '../../aws/service-events.ts'

/** What happened, and by which request. */
export interface Cause {
  /** `ObjectCreated:Put`. */
  readonly event: EventName
  readonly requestId: string
  readonly sourceIp: string
}

export type EventName =
  | `ObjectCreated:${'Put' | 'Post' | 'Copy' | 'CompleteMultipartUpload'}`
  | `ObjectRemoved:${'Delete' | 'DeleteMarkerCreated'}`
  | `LifecycleExpiration:${'Delete' | 'DeleteMarkerCreated'}`
  | `ObjectTagging:${'Put' | 'Delete'}`
  | 'ObjectAcl:Put'

export interface EventObject {
  readonly key: string
  readonly bytes: number
  readonly etag: string
  /** Undefined where the bucket has no versions. */
  readonly version: string | undefined
  /** Orders the events of one key. */
  readonly sequence: number
}

export interface EventPlace {
  readonly region: string
  readonly account: string
  readonly bucket: string
  readonly atMs: number
}

/** Of what is gone nothing is told but its name. */
const isGone = (event: EventName): boolean => event.startsWith('ObjectRemoved') || event.startsWith('LifecycleExpiration')
const sequencer = (sequence: number): string => sequence.toString(16).toUpperCase().padStart(16, '0')

/** As S3 writes keys in messages: a form's spelling, slashes as they are. */
const keyInMessage = (key: string): string => new URLSearchParams([['', key]]).toString().slice(1).replaceAll('%2F', '/')

export function eventMessage(
  { region, account, bucket, atMs }: EventPlace,
  { event, requestId, sourceIp }: Cause,
  object: EventObject,
  configurationId: string,
): JsonObject {
  const { key, bytes, etag, version, sequence } = object
  const record = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: region,
    eventTime: new Date(atMs).toISOString(),
    eventName: event,
    userIdentity: { principalId: `AWS:${account}` },
    requestParameters: { sourceIPAddress: sourceIp },
    responseElements: { 'x-amz-request-id': requestId, 'x-amz-id-2': 'local' },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: { name: bucket, ownerIdentity: { principalId: account }, arn: `arn:aws:s3:::${bucket}` },
      object: {
        key: keyInMessage(key),
        ...(!isGone(event) && { size: bytes, eTag: etag }),
        ...(version !== undefined && { versionId: version }),
        sequencer: sequencer(sequence),
      },
    },
  }
  return { Records: [record] }
}

/** What a queue or topic is sent when a bucket is set to tell it. */
export const testMessage = (bucket: string, requestId: string, atMs: number): JsonObject => ({
  Service: 'Amazon S3',
  Event: 's3:TestEvent',
  Time: new Date(atMs).toISOString(),
  Bucket: bucket,
  RequestId: requestId,
  HostId: 'local',
})

const DETAIL_TYPES: readonly (readonly [start: string, type: string])[] = [
  ['ObjectCreated:', 'Object Created'],
  ['ObjectRemoved:', 'Object Deleted'],
  ['LifecycleExpiration:', 'Object Deleted'],
  ['ObjectTagging:Put', 'Object Tags Added'],
  ['ObjectTagging:Delete', 'Object Tags Deleted'],
  ['ObjectAcl:Put', 'Object ACL Updated'],
]

const REASONS: Partial<Record<EventName, string>> = {
  'ObjectCreated:Put': 'PutObject',
  'ObjectCreated:Post': 'POST Object',
  'ObjectCreated:Copy': 'CopyObject',
  'ObjectCreated:CompleteMultipartUpload': 'CompleteMultipartUpload',
  'ObjectRemoved:Delete': 'DeleteObject',
  'ObjectRemoved:DeleteMarkerCreated': 'DeleteObject',
  'LifecycleExpiration:Delete': 'Lifecycle Expiration',
  'LifecycleExpiration:DeleteMarkerCreated': 'Lifecycle Expiration',
}

export function busEvent(
  { account, bucket }: EventPlace,
  { event, requestId, sourceIp }: Cause,
  { key, bytes, etag, version, sequence }: EventObject,
): ServiceEvent {
  const reason = REASONS[event]
  const isLifecycle = event.startsWith('LifecycleExpiration')
  const deletionType = event.endsWith('DeleteMarkerCreated') ? 'Delete Marker Created' : 'Permanently Deleted'
  return {
    source: 'aws.s3',
    detailType: DETAIL_TYPES.find(([start]) => event.startsWith(start))?.[1] ?? event,
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: {
        key,
        ...(event.startsWith('ObjectCreated:') && { size: bytes }),
        ...(!isGone(event) && { etag }),
        ...(version !== undefined && { 'version-id': version }),
        sequencer: sequencer(sequence),
      },
      'request-id': requestId,
      requester: isLifecycle ? 's3.amazonaws.com' : account,
      ...(!isLifecycle && { 'source-ip-address': sourceIp }),
      ...(reason !== undefined && { reason }),
      ...(isGone(event) && { 'deletion-type': deletionType }),
    },
  }
}
