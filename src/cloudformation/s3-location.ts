/** What a template takes from a bucket. */
import { getOwn, isObject, type Json } from '../base/json.ts'

import { WireError } from '../wire/errors.ts'
import { objectPath } from '../aws/paths.ts'
import { SERVICES } from '../aws/services.ts'

import { type Aws, orUndefined } from './aws.ts'

export interface S3Location {
  readonly bucket: string
  readonly key: string
  /** The newest where it is not told. */
  readonly version?: string
}

/** `s3://bucket/key`, or the members that the properties of CloudFormation and SAM have for it. */
export function locationIn(value: Json | undefined): S3Location | undefined {
  if (typeof value === 'string') {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/i.exec(value) ?? []
    return bucket !== undefined && key !== undefined ? { bucket, key } : undefined
  }
  if (!isObject(value)) return undefined
  const bucket = getOwn(value, 'Bucket') ?? getOwn(value, 'S3Bucket')
  const key = getOwn(value, 'Key') ?? getOwn(value, 'S3Key')
  const version = getOwn(value, 'Version') ?? getOwn(value, 'S3ObjectVersion')
  if (typeof bucket !== 'string' || typeof key !== 'string') return undefined
  return { bucket, key, ...(typeof version === 'string' && version !== '' && { version }) }
}

/**
 * Of `s3://bucket/key` and of S3's addresses: `https://bucket.s3.region.amazonaws.com/key`, `https://s3.region.amazonaws.com/bucket/key`,
 * and the same of an endpoint of one's own. Undefined where it is none.
 */
export function locationOf(address: string): S3Location | undefined {
  const stored = locationIn(address)
  if (stored !== undefined || !URL.canParse(address)) return stored
  const { protocol, hostname, pathname } = new URL(address)
  if (!/^https?:$/.test(protocol)) return undefined
  const path = decoded(pathname.slice(1))
  const [, virtual] = /^(.+)\.s3[.-]/i.exec(hostname) ?? []
  if (virtual !== undefined) return path === undefined || path === '' ? undefined : { bucket: virtual, key: path }
  const [, bucket, key] = /^([^/]+)\/(.+)$/s.exec(path ?? '') ?? []
  return bucket !== undefined && key !== undefined ? { bucket, key } : undefined
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

/** Undefined where the endpoint has no such bucket or object. */
export async function readObject(location: S3Location, aws: Aws): Promise<Buffer | undefined> {
  const answer = get(location, aws)
  const found = await orUndefined(answer, 'NoSuchKey', 'NoSuchBucket', 'NoSuchVersion', 'NotFound', 'AccessDenied').catch(
    (error: unknown) => {
      if (error instanceof WireError && error.status === 404) return undefined
      throw error
    },
  )
  return found?.body
}

/** Where the endpoint has no such bucket or object, throws what Lambda says of it. */
export async function readStoredCode(location: S3Location, aws: Aws): Promise<Buffer> {
  try {
    return (await get(location, aws)).body
  } catch (error) {
    if (!(error instanceof WireError) || error.status >= 500) throw error
    const text = `Error occurred while GetObject. S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`
    throw new WireError(400, 'InvalidParameterValueException', text)
  }
}

const get = ({ bucket, key, version }: S3Location, aws: Aws) => {
  const query = version === undefined ? undefined : new URLSearchParams({ versionId: version })
  return aws.restXml(SERVICES.s3, 'GET', objectPath(bucket, key), query)
}
