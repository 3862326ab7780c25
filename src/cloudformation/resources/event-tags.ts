/** Tags of EventBridge's rules and buses. */
import { SERVICES } from '../../aws/services.ts'

import type { Aws } from '../aws.ts'
import { type Declared, tagsOf } from './resource.ts'
import { changeTags, tagList } from './tags.ts'

export const changeEventTags = (resource: Declared, ResourceARN: string, aws: Aws): Promise<boolean> =>
  changeTags(resource, {
    async list() {
      const told = await aws.json(SERVICES.eventbridge, 'ListTagsForResource', { ResourceARN })
      return Object.fromEntries(tagsOf(told).map(({ key, value }) => [key, value]))
    },
    put: (tags) => aws.json(SERVICES.eventbridge, 'TagResource', { ResourceARN, Tags: tagList(tags) }),
    remove: (TagKeys) => aws.json(SERVICES.eventbridge, 'UntagResource', { ResourceARN, TagKeys }),
  })
