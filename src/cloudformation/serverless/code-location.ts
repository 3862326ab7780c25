/**
 * Where code, content and definitions lie: in a bucket, or beside the template where that is kept.
 * Source: AWS SAM specification, FunctionCode, LayerContent, "DefinitionUri".
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { locationOf as s3LocationOf } from '../s3-location.ts'
import { present, type SamResource } from './draft.ts'

export interface Location {
  readonly bucket: Json
  readonly key: Json
  readonly version: Json | undefined
}

/** The path itself where it is kept; undefined where it is refused. */
export function locationOf(resource: SamResource, property: string): Location | string | undefined {
  const given = resource.draft.known(resource.at(property))
  if (isObject(given)) {
    const [bucket, key] = [getOwn(given, 'Bucket'), getOwn(given, 'Key')]
    if (bucket !== undefined && key !== undefined) return { bucket, key, version: getOwn(given, 'Version') }
    resource.refuse(`'${property}' requires Bucket and Key properties to be specified.`, property)
    return undefined
  }
  const text = String(given)
  const [, bucket, key, version] = /^s3:\/\/([^/?]+)\/([^?]+)(?:\?versionId=(.+))?$/i.exec(text) ?? []
  if (bucket !== undefined && key !== undefined) return { bucket, key, version }
  const stored = /^https?:/.test(text) ? s3LocationOf(text) : undefined
  if (stored !== undefined) return { ...stored, version: undefined }
  if (resource.draft.options.keepsPaths && typeof given === 'string') return given
  resource.refuse(
    `'${property}' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter.`,
    property,
  )
  return undefined
}

/** As functions and layers have it. */
export const inBucket = ({ bucket, key, version }: Location): JsonObject =>
  present({ S3Bucket: bucket, S3Key: key, S3ObjectVersion: version })
