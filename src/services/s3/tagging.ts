/**
 * Tag sets of buckets and objects, in XML and checked.
 * Source: Amazon S3 API reference, PutObjectTagging and PutBucketTagging.
 */
import { malformedXml, parseRestXml } from '../../wire/rest-xml.ts'
import { childrenNamed, childText, element, type Xml } from '../../wire/xml.ts'

import { checkTag, type TagErrors } from '../kit/tags.ts'

import { invalidTag } from './errors.ts'
import type { Tags } from './records.ts'

const TAG_ERRORS: Omit<TagErrors, 'tooMany'> = {
  badKey: () => invalidTag('The TagKey you have provided is invalid'),
  badValue: () => invalidTag('The TagValue you have provided is invalid'),
  reserved: () => invalidTag('System tags cannot be added/updated by requester'),
}

/** The tags themselves. Throws InvalidTag, or BadRequest where there are too many. */
export function checkTags(tags: Tags, countMax: number): Tags {
  if (tags.length > countMax) throw invalidTag(`Object tags cannot be greater than ${countMax}`)
  const seen = new Set<string>()
  for (const [key, value] of tags) {
    checkTag(key, value, TAG_ERRORS)
    if (seen.has(key)) throw invalidTag('Cannot provide multiple Tags with the same key')
    seen.add(key)
  }
  return tags
}

export function readTagging(body: Buffer, countMax: number): Tags {
  const [set] = childrenNamed(parseRestXml(body, 'Tagging'), 'TagSet')
  if (!set) throw malformedXml()
  const tags = childrenNamed(set, 'Tag').map((tag) => [childText(tag, 'Key') ?? '', childText(tag, 'Value') ?? ''] as const)
  return checkTags(tags, countMax)
}

export function renderTagging(tags: Tags, namespace: string): Xml {
  const set = tags.map(([key, value]) => element('Tag', [element('Key', key), element('Value', value)]))
  return element('Tagging', element('TagSet', set), { xmlns: namespace })
}
