/**
 * Which bucket and key a request means: path style (`/bucket/key`) or virtual-host style (`bucket.s3.localhost/key`).
 * Source: Amazon S3 user guide, "Virtual hosting of general purpose buckets".
 */
import type { IncomingMessage } from 'node:http'

import { decodeSegment, targetOf } from '../../wire/http.ts'

import { invalidUri } from './errors.ts'

export interface Address {
  readonly bucket: string | undefined
  readonly key: string | undefined
  readonly query: URLSearchParams
  /** For error bodies: the path as it came. */
  readonly path: string
}

/** Names that stand before `.localhost` but are services, not buckets. */
const SERVICES = new Set(['s3', 'sqs', 'sns', 'lambda', 'dynamodb', 'logs', 'states', 'events', 'sts', 'iam', 'www'])

/** Throws InvalidURI where an escape is broken. */
export function addressOf(req: IncomingMessage, endpointHost?: string): Address {
  const { path, query } = targetOf(req)
  const hostBucket = bucketOfHost(req.headers.host ?? '', endpointHost)
  if (hostBucket !== undefined) return { bucket: hostBucket, key: decode(path.slice(1)), query, path }
  const slash = path.indexOf('/', 1)
  const bucket = decode(slash < 0 ? path.slice(1) : path.slice(1, slash))
  return { bucket, key: slash < 0 ? undefined : decode(path.slice(slash + 1)), query, path }
}

/** The bucket in a Host header, or undefined where the host is the service itself. `endpointHost`: our own name, if any. */
export function bucketOfHost(host: string, endpointHost?: string): string | undefined {
  const name = host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '')
  if (name.length > 253) return undefined
  const ofService = /^(?:(.+)\.)?s3[.-](?:[a-z0-9.-]+\.)?(?:localhost|amazonaws\.com(?:\.cn)?)$/.exec(name)
  if (ofService) return ofService[1]
  const ownName = endpointHost?.toLowerCase()
  for (const base of [ownName, 'localhost']) {
    if (base === undefined || !isHostName(base) || !name.endsWith(`.${base}`)) continue
    const front = name.slice(0, -base.length - 1)
    const bucket = front === 's3' || front.endsWith('.s3') ? front.slice(0, -3) : front
    return bucket === '' || SERVICES.has(bucket) ? undefined : bucket
  }
  return undefined
}

const isHostName = (text: string): boolean => /[a-z]/.test(text) && !text.includes(':')

function decode(text: string): string | undefined {
  if (text === '') return undefined
  const decoded = decodeSegment(text)
  if (decoded === undefined) throw invalidUri({ URI: text.slice(0, 1024) })
  return decoded
}
