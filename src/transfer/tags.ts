/** Tags as CloudFormation writes them. Those that AWS puts itself cannot be put by anybody else. */
import type { JsonObject } from '../base/json.ts'

import { tagsOf } from '../cloudformation/resources/resource.ts'

/** `told`: a list of Key and Value, or a map, under `member`. */
export function tagsIn(told: JsonObject, member = 'Tags'): JsonObject {
  const tags = tagsOf({ Tags: told[member] ?? [] }).filter(({ key }) => !key.startsWith('aws:'))
  return tags.length === 0 ? {} : { Tags: tags.map(({ key, value }) => ({ Key: key, Value: value })) }
}
