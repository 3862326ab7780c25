/** Templates in buckets, read where the buckets are. */
import type { S3Service } from '../s3/service.ts'

import { validationError } from './errors.ts'
import type { TemplateSource } from './template-source.ts'

export function createTemplateSource(s3: Pick<S3Service, 'openObject'>): TemplateSource {
  return {
    async readText({ bucket, key }, bytesMax) {
      const object = openedOrNone(s3, bucket, key)
      if (object === undefined) return undefined
      try {
        const bytes = object.record.segments.reduce((sum, segment) => sum + segment.bytes, 0)
        if (bytes > bytesMax) throw validationError(`Template may not exceed ${bytesMax} bytes in size.`)
        const whole = object.readWhole()
        if (whole !== undefined) return whole.toString('utf8')
        const parts: Buffer[] = []
        for await (const part of object.read(0, bytes)) parts.push(part)
        return Buffer.concat(parts).toString('utf8')
      } finally {
        object.close()
      }
    },
  }
}

function openedOrNone(s3: Pick<S3Service, 'openObject'>, bucket: string, key: string) {
  try {
    return s3.openObject(bucket, { key })
  } catch {
    return undefined
  }
}
